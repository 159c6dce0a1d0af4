import { BrowserWindow } from 'electron';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { SettingsStore } from '../../backend/ports.ts';

const Bounds = z.object({
  x: z.number().optional(),
  y: z.number().optional(),
  width: z.number().min(640),
  height: z.number().min(480),
  maximized: z.boolean(),
});
const DEFAULT = { width: 1360, height: 880, maximized: false };

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

/** Makes the one window, empty yet: sandboxed and isolated, where she left it. Its page is guarded as every page is. */
export function openMainWindow(settings: SettingsStore): BrowserWindow {
  const stored = Bounds.safeParse(settings.get('window'));
  const { maximized, ...bounds } = stored.success ? stored.data : DEFAULT;
  const window = new BrowserWindow({
    ...bounds,
    minWidth: 640,
    minHeight: 480,
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
