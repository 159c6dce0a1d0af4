import { assertNever } from '../domain/assert-never.ts';
import type { NotUndone, UndoWhat } from '../domain/undo.ts';
import { plural } from './counts.ts';

/** What a step of an undo does, over the rows of its file. */
export function undoStepText(what: UndoWhat, rows: number): string {
  switch (what) {
    case 'set-back':
      return `Set ${plural(rows, 'record')} back to the old values`;
    case 'remove':
      return `Delete ${plural(rows, 'record')} that the load created`;
    default:
      return assertNever(what);
  }
}

/** What of a load stays, and why. */
export function notUndoneText({ why, rows }: NotUndone): string {
  switch (why) {
    case 'unknown':
      return `${plural(rows, 'row')} can’t be undone, because their outcome is unknown. Look for their records in Salesforce.`;
    case 'raced':
      return `${plural(rows, 'row')} can’t be undone: somebody created their records during the load, and the old values are not known.`;
    case 'deleted':
      return `${plural(rows, 'record')} that the load deleted can’t be brought back here. Restore them from the recycle bin in Salesforce.`;
    default:
      return assertNever(why);
  }
}

/** What no undo takes back. */
export const UNDO_CAVEAT =
  'Values and records that changed since the load stay as they are. So do emails that were sent, and what flows and triggers did elsewhere.';
