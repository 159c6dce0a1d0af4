import { BrowserWindow, session } from 'electron';
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

/** Brings the window before the person, if there is one yet. */
export function showMainWindow(): void {
  const [window] = BrowserWindow.getAllWindows();
  if (window?.isMinimized()) window.restore();
  window?.show();
  window?.focus();
}

/** The one window: sandboxed and isolated, where she left it, and going nowhere but home. */
export async function openMainWindow(settings: SettingsStore, url: string): Promise<BrowserWindow> {
  const stored = Bounds.safeParse(settings.get('window'));
  const { maximized, ...bounds } = stored.success ? stored.data : DEFAULT;
  // Nothing the window shows needs a camera, a place or a notification.
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
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
  window.webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
  window.webContents.on('will-navigate', (event) => event.preventDefault());
  window.webContents.on('will-attach-webview', (event) => event.preventDefault());
  window.once('ready-to-show', () => {
    if (maximized) window.maximize();
    window.show();
  });
  window.on('close', () => settings.set('window', { ...window.getNormalBounds(), maximized: window.isMaximized() }));
  await window.loadURL(url);
  return window;
}
