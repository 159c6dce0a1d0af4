import { assertNever } from '../domain/assert-never.ts';
import type { LoadBackup } from '../domain/load-results.ts';
import type { NotUndone, UndoWhat } from '../domain/undo.ts';
import { plural } from './counts.ts';

/** What a step of an undo does, over the rows of its file. */
export function undoStepText(what: UndoWhat, rows: number): string {
  switch (what) {
    case 'set-back':
      return `Set ${plural(rows, 'record')} back to the old values`;
    case 'remove':
      return `Delete ${plural(rows, 'record')} that the load created`;
    case 'recreate':
      return `Create ${plural(rows, 'deleted record')} again, with new Ids`;
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
      return `${plural(rows, 'record')} that the load deleted can’t be created again, because there is no backup. Restore them from the Recycle Bin in Salesforce.`;
    default:
      return assertNever(why);
  }
}

/** What no undo takes back. */
export const UNDO_CAVEAT =
  'Values and records that changed since the load stay as they are. So do emails that were sent, and what flows and triggers did elsewhere.';

/** Before deleted records are created again: the other way to have them back keeps more. */
export const RECREATE_CAVEAT =
  'For 15 days, the Recycle Bin in Salesforce restores deleted records with their Ids, their files, and the records below them. Records that are created again have none of these.';

/** What the backup of a delete holds, and what it can't. */
export function backupText({ records, fields, notKept }: LoadBackup): string {
  const without = notKept.length === 0 ? '' : ` Files can’t be kept: ${notKept.join(', ')}.`;
  return `${plural(records, 'record')} with ${plural(fields, 'field')} each, as they were before the delete.${without}`;
}
