import { app, dialog } from 'electron';
import type { Failure } from '../../../shared/contract/failure.ts';
import { failureText } from '../../../shared/text/failure-text.ts';

/** Says in a dialog of the system what keeps the app from working, and ends it without asking anything. */
export function tellAndEnd(failure: Failure): void {
  const { title, saved, next } = failureText(failure);
  dialog.showErrorBox(title, `${saved} ${next}`);
  app.exit(1);
}
