import { Notification, powerSaveBlocker } from 'electron';
import type { LoadId } from '../../../shared/domain/ids.ts';
import type { DeskSigns } from './loads-on-desk.ts';
import { mainWindow, showMainWindow } from './main-window.ts';

/** The signs of a running load, as Electron shows them. A click on a notification brings the window up with its load. */
export function deskSigns(open: (loadId: LoadId) => void): DeskSigns {
  // Electron lets go of a notification that nobody holds, and its click with it ("Notification").
  const shown = new Set<Notification>();
  return {
    progress: (share, mode) => mainWindow()?.setProgressBar(share, { mode: share < 0 ? 'none' : mode }),
    keepAwake: () => {
      const id = powerSaveBlocker.start('prevent-app-suspension');
      return () => void powerSaveBlocker.stop(id);
    },
    isAway: () => mainWindow()?.isFocused() !== true,
    notify: ({ title, body }, loadId) => {
      if (!Notification.isSupported()) return;
      const notification = new Notification({ title, body });
      shown.add(notification);
      notification.on('close', () => shown.delete(notification));
      notification.on('click', () => {
        shown.delete(notification);
        showMainWindow();
        open(loadId);
      });
      notification.show();
    },
  };
}
