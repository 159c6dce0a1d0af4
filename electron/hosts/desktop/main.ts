import { app, protocol } from 'electron';
import { watchApp } from './app-events.ts';
import { APP_SCHEME } from './app-protocol.ts';
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

if (app.requestSingleInstanceLock()) {
  watchApp();
  guardPages();
  void app.whenReady().then(start);
} else {
  // The first one is told by `second-instance`. `ready` may still come before this one has ended, and finds nothing to do.
  app.quit();
}
