import { app, dialog, type BrowserWindow } from 'electron';
import type { Log } from '../../backend/ports.ts';
import { quitQuestion } from '../../../shared/text/desk-text.ts';

const QUIT = 1;

/**
 * A window does not close, and so the app does not quit, while loads run and it was not said that they may go on later:
 * `app.quit()` closes the windows first, and one that stays open calls it off ("app", `before-quit`; "BrowserWindow", `close`).
 */
export function askBeforeQuit(window: BrowserWindow, loads: { readonly running: number }, log: Log): void {
  let asking = false;
  let sure = false;
  const ask = async (): Promise<void> => {
    const { title, body, keep, quit } = quitQuestion(loads.running);
    const { response } = await dialog.showMessageBox(window, {
      type: 'question',
      message: title,
      detail: body,
      buttons: [keep, quit],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    });
    if (response !== QUIT) return;
    sure = true;
    app.quit();
  };
  window.on('close', (event) => {
    if (sure || loads.running === 0) return;
    event.preventDefault();
    if (asking) return;
    asking = true;
    void ask()
      .catch((error: unknown) => log.error('whether to quit could not be asked', error))
      .finally(() => {
        asking = false;
      });
  });
}
