import { BrowserWindow, screen } from 'electron';
import { fileURLToPath } from 'node:url';
import type { SettingsStore } from '../../backend/ports.ts';
import { MIN_SIZE, placeWindow } from './window-bounds.ts';

/** The one window; null before it is made and after it is closed. */
export function mainWindow(): BrowserWindow | null {
  return BrowserWindow.getAllWindows()[0] ?? null;
}

/** Brings the window before the person, if there is one. */
export function showMainWindow(): void {
  const window = mainWindow();
  if (window?.isMinimized()) window.restore();
  window?.show();
  window?.focus();
}

/** Makes the one window, empty yet: sandboxed and isolated, where it was left. Its page is guarded as every page is. */
export function openMainWindow(settings: SettingsStore): BrowserWindow {
  const main = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter(({ id }) => id !== main.id);
  const areas = [main.workArea, ...others.map(({ workArea }) => workArea)] as const;
  const { bounds, maximized } = placeWindow(settings.get('window'), areas);
  const window = new BrowserWindow({
    ...bounds,
    minWidth: MIN_SIZE.width,
    minHeight: MIN_SIZE.height,
    show: false,
    title: 'Longshore',
    webPreferences: {
      preload: fileURLToPath(new URL('./preload.cjs', import.meta.url)),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false,
    },
  });
  window.once('ready-to-show', () => {
    if (maximized) window.maximize();
    window.show();
  });
  window.on('close', () => settings.set('window', { ...window.getNormalBounds(), maximized: window.isMaximized() }));
  return window;
}
