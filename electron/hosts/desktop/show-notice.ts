import { Notification } from 'electron';
import { showMainWindow } from './main-window.ts';

/** Electron lets go of a notification that nobody holds, and its click with it ("Notification"). */
const shown = new Set<Notification>();

/** A notification of the system. A click on it brings the window up. */
export function showNotice(text: { readonly title: string; readonly body: string }): void {
  if (!Notification.isSupported()) return;
  const notification = new Notification(text);
  shown.add(notification);
  notification.on('close', () => shown.delete(notification));
  notification.on('click', () => {
    shown.delete(notification);
    showMainWindow();
  });
  notification.show();
}
