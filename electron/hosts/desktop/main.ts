import { app, dialog, protocol } from 'electron';
import { dataFolder } from '../node-ports/data-folder.ts';
import { watchApp } from './app-events.ts';
import { APP_SCHEME } from './app-protocol.ts';
import { OutsideFiles } from './outside-files.ts';
import { guardPages } from './page-guard.ts';
import { readStartWords } from './start-words.ts';
import { start } from './start.ts';

/**
 * The product's face. Electron emits `ready` only after this module has been evaluated to its end
 * (https://www.electronjs.org/docs/latest/tutorial/esm, electron#40719): an `await` at its top level would wait for ever, and
 * the build refuses one. What must be done before `ready` is done here; all else begins in `start`.
 */
protocol.registerSchemesAsPrivileged([
  { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);

// In development Electron is told the folder of the app before anything else ("process", `defaultApp`).
const said = { own: process.defaultApp ? 2 : 1, workingDirectory: process.cwd() };
const given = readStartWords(process.argv, said);
if ('wrong' in given) {
  // May be asked for before `ready`; on Linux it is then written to stderr ("dialog", `showErrorBox`).
  dialog.showErrorBox('Longshore can’t be started like this.', given.wrong);
  app.exit(2);
} else if (app.requestSingleInstanceLock(given)) {
  const files = new OutsideFiles();
  const data = dataFolder(given.data);
  watchApp(files, data);
  files.add(given.files);
  guardPages();
  void app.whenReady().then(() => start(files, { data, isOwn: given.data === undefined }));
} else {
  // The first one is told by `second-instance`. `ready` may still come before this one has ended, and finds nothing to do.
  app.quit();
}
