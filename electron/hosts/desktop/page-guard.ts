import { app, session } from 'electron';
import { isOurPage } from './app-protocol.ts';

/**
 * Every page of the app stays where it is, opens nothing and holds no other page, whatever made it (Electron's "Security", 11
 * to 14). Called before the app is ready, so that no page comes before it.
 */
export function guardPages(): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    // A person's or a script's way elsewhere, also in a frame, and a server's; `loadURL` raises none of these.
    contents.on('will-frame-navigate', (event) => event.preventDefault());
    contents.on('will-navigate', (event) => event.preventDefault());
    contents.on('will-redirect', (event) => {
      if (!isOurPage(event.url)) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
  });
}

/**
 * Nothing the window shows needs a camera, a place, a device or a notification of the web's ("Security", 5). Without the check
 * handler what asks without a prompt would be allowed ("session", `setPermissionCheckHandler`). Once the app is ready.
 */
export function refusePermissions(): void {
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  session.defaultSession.setDevicePermissionHandler(() => false);
}
