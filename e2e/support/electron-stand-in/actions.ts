import { app } from './app.ts';
import { ElectronEvent, isPrevented, onMessage, post } from './channel.ts';
import { Menu, Notification } from './desk.ts';
import { powerMonitor } from './power-monitor.ts';
import { defaultSession } from './session.ts';
import { BrowserWindow } from './windows.ts';

/** What the person, the system and Chromium do, as Electron's objects tell of it. */
onMessage('act', ({ id, action }) => {
  const done = (value = true): void => post({ kind: 'done', id, value });
  const [window] = BrowserWindow.getAllWindows();
  const page = window?.webContents;
  switch (action.kind) {
    case 'quit':
      done();
      return app.quit();
    case 'close-window':
      done();
      return window?.close();
    case 'minimize-window':
      window?.minimize();
      return done();
    case 'activate':
      app.emit('activate', new ElectronEvent(), window?.isVisible() ?? false);
      return done();
    case 'focus-window':
      window?.focus();
      return done();
    case 'choose-menu':
      return done(Menu.getApplicationMenu()?.choose(action.path) ?? false);
    case 'click-notification':
      return done(Notification.clickLast());
    case 'open-file':
      return done(isPrevented(app, 'open-file', {}, action.path));
    case 'session-end':
      window?.emit('session-end', new ElectronEvent());
      return done();
    case 'shutdown':
      return done(isPrevented(powerMonitor, 'shutdown'));
    case 'page-loaded':
      page?.emit('did-finish-load');
      return done();
    case 'page-failed':
      page?.emit('did-fail-load', new ElectronEvent(), -2, action.description);
      return done();
    case 'page-gone':
      page?.gone(action.reason, action.exitCode);
      return done();
    case 'unresponsive':
    case 'responsive':
      page?.emit(action.kind);
      window?.emit(action.kind);
      return done();
    case 'navigate':
      return done(page?.mayNavigate(action.url, action.isMain) ?? false);
    case 'open-window':
      return done(page?.mayOpen(action.url) ?? false);
    case 'attach-webview':
      return done(page?.mayAttach(action.src) ?? false);
    case 'request-permission':
      return defaultSession.request(page, action.permission, action.url, done);
    case 'check-permission':
      return done(defaultSession.check(page, action.permission, action.origin));
  }
});
