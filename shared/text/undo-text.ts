import { assertNever } from '../domain/assert-never.ts';
import type { Operation } from '../domain/field-mapping.ts';
import type { LoadBackup } from '../domain/load-results.ts';
import type { NotUndone, UndoWhat } from '../domain/undo.ts';
import { plural } from './counts.ts';

/** What a step of an undo does, over the rows of its file. */
export function undoStepText(what: UndoWhat, rows: number, operation: Operation): string {
  switch (what) {
    case 'set-back':
      return `Set ${plural(rows, 'record')} back to the old values`;
    case 'remove':
      return `Delete ${plural(rows, 'record')} that the load ${operation === 'undelete' ? 'brought back' : 'created'}`;
    case 'undelete':
      return `Bring ${plural(rows, 'deleted record')} back from the Recycle Bin`;
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
      return `${plural(rows, 'record')} that the load deleted can’t come back: they are no longer in the Recycle Bin, and there is no backup.`;
    default:
      return assertNever(why);
  }
}

/** What no undo takes back. */
export const UNDO_CAVEAT =
  'Values and records that changed since the load stay as they are. So do emails that were sent, and what flows and triggers did elsewhere.';

/** Before records come back from the Recycle Bin. */
export const UNDELETE_CAVEAT =
  'Records from the Recycle Bin keep their Ids and their files, and the records that were deleted with them come back too. Salesforce keeps them there for 15 days.';

/** Before deleted records are created again. */
export const RECREATE_CAVEAT =
  'Records that are no longer in the Recycle Bin are created again from the backup, with new Ids. Their files, and the records that were below them, don’t come back.';

/** What the backup of a delete holds, and what it can't. */
export function backupText({ records, fields, notKept }: LoadBackup): string {
  const without = notKept.length === 0 ? '' : ` Files can’t be kept: ${notKept.join(', ')}.`;
  return `${plural(records, 'record')} with ${plural(fields, 'field')} each, as they were before the delete.${without}`;
}
