import { app, protocol } from 'electron';
import { watchApp } from './app-events.ts';
import { APP_SCHEME } from './app-protocol.ts';
import { filesIn, OutsideFiles, type SecondStart } from './outside-files.ts';
import { guardPages } from './page-guard.ts';
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
const given: SecondStart = { files: filesIn(process.argv, process.defaultApp ? 2 : 1, process.cwd()) };
if (app.requestSingleInstanceLock(given)) {
  const files = new OutsideFiles();
  watchApp(files);
  files.add(given.files);
  guardPages();
  void app.whenReady().then(() => start(files));
} else {
  // The first one is told by `second-instance`. `ready` may still come before this one has ended, and finds nothing to do.
  app.quit();
}
