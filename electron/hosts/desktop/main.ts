import { app, BrowserWindow, protocol, shell } from 'electron';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createBackend } from '../../backend/create-backend.ts';
import { clock, environmentSession, fileLog, random } from '../node-ports/system.ts';
import { APP_ORIGIN, APP_SCHEME, serveRenderer } from './app-protocol.ts';
import { fileChooser, fileSaver } from './file-dialogs.ts';
import { exposeBackend } from './ipc.ts';
import { openMainWindow } from './main-window.ts';
import { openSafeStorageVault } from './safe-storage-vault.ts';
import { openSettings } from './settings.ts';
import { startPracticeOrg, spawnStaging } from './utility-processes.ts';

/** The product's face: one window, one backend, everything else refused. */
protocol.registerSchemesAsPrivileged([
  { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);

if (!app.requestSingleInstanceLock()) app.quit();
app.on('second-instance', () => {
  const [window] = BrowserWindow.getAllWindows();
  if (window?.isMinimized()) window.restore();
  window?.focus();
});
app.on('window-all-closed', () => app.quit());

await app.whenReady();
const data = join(app.getPath('userData'), 'data');
await mkdir(data, { recursive: true, mode: 0o700 });
const settings = openSettings();
const { vault, kind } = openSafeStorageVault(settings);
const backend = createBackend({
  info: { version: app.getVersion(), host: 'desktop', secretStore: kind },
  paths: { data },
  clock,
  random,
  log: fileLog(data),
  fileChooser,
  fileSaver,
  secrets: vault,
  settings,
  openExternal: (url) => shell.openExternal(url),
  spawnStaging,
  practiceOrg: { start: () => startPracticeOrg(join(data, 'practice-org')) },
  environmentSession: environmentSession(undefined),
});
serveRenderer();
exposeBackend(backend);
app.on('before-quit', () => void backend.close());
await openMainWindow(settings, `${APP_ORIGIN}/`);
