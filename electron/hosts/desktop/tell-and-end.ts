import { app, dialog, shell } from 'electron';
import type { Failure } from '../../../shared/contract/failure.ts';
import { failureText } from '../../../shared/text/failure-text.ts';
import { pathOf } from '../node-ports/log-file.ts';

const SHOW_LOG = 1;

/**
 * Says in a dialog of the system what keeps the app from working, and ends it without asking whether to. The dialog holds the
 * whole process: nothing may go on after an error that nobody expected.
 */
export function tellAndEnd(failure: Failure): void {
  const { title, saved, next } = failureText(failure);
  if (failure.code !== 'BUG' || failure.log === '') {
    dialog.showErrorBox(title, `${saved} ${next}`);
    app.exit(1);
    return;
  }
  const chosen = dialog.showMessageBoxSync({
    type: 'error',
    message: title,
    detail: `${saved} ${next}`,
    buttons: ['Quit', 'Show Log'],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  });
  if (chosen !== SHOW_LOG) app.exit(1);
  // Ended at once, Windows would not get to it: it opens what is asked for on another thread.
  else void shell.openPath(pathOf(failure.log)).finally(() => app.exit(1));
}
