import { app, BrowserWindow, dialog, protocol, shell } from 'electron';
import { join } from 'node:path';
import { createBackend } from '../../backend/create-backend.ts';
import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import { failureText } from '../../../shared/text/failure-text.ts';
import { makeDataFolder } from '../node-ports/data-folder.ts';
import { HostNotices } from '../node-ports/host-notices.ts';
import { openLog } from '../node-ports/log-file.ts';
import { clock, environmentSession, random } from '../node-ports/system.ts';
import { incident, watchUnexpected } from '../node-ports/unexpected.ts';
import { APP_ORIGIN, APP_SCHEME, serveRenderer } from './app-protocol.ts';
import { fileChooser, fileSaver } from './file-dialogs.ts';
import { exposeBackend } from './ipc.ts';
import { openMainWindow } from './main-window.ts';
import { openSafeStorageVault } from './safe-storage-vault.ts';
import { openSettings } from './settings.ts';
import { systemProxy } from './system-proxy.ts';
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
// The window shows these when it asks.
const notices = new HostNotices(() => undefined);
const end = (failure: Failure): void => {
  const { title, saved, next } = failureText(failure);
  dialog.showErrorBox(title, `${saved} ${next}`);
  app.exit(1);
};
const made = await makeDataFolder(data).catch((error: unknown) => error);
const log = openLog(data, notices);
watchUnexpected(log, random, end);
if (made !== undefined)
  end(made instanceof FailureError ? made.failure : incident(log, random, 'the data folder was not made', made));
const settings = await openSettings({ log, notices });
const { vault, kind } = openSafeStorageVault(settings);
const backend = createBackend({
  info: { version: app.getVersion(), host: 'desktop', secretStore: kind },
  notices: () => notices.all(),
  paths: { data },
  clock,
  random,
  log,
  fileChooser,
  fileSaver,
  secrets: vault,
  settings,
  openExternal: (url) => shell.openExternal(url),
  systemProxy,
  spawnStaging,
  practiceOrg: { start: () => startPracticeOrg(join(data, 'practice-org')) },
  environmentSession: environmentSession(undefined),
});
serveRenderer();
exposeBackend(backend, (error) => incident(log, random, 'files were not handed over', error));
let closed = false;
// The window has left its place in the settings by now.
app.on('will-quit', (event) => {
  if (closed) return;
  event.preventDefault();
  void backend
    .close()
    .catch((error: unknown) => log.error('the backend did not close', error))
    .then(() => settings.flush())
    .then(() => {
      closed = true;
      app.quit();
    });
});
await openMainWindow(settings, `${APP_ORIGIN}/`);
