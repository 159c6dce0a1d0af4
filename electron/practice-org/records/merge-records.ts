import { setReference, stamped } from './delete-records.ts';
import { idOf, type RecordTable, type StoredRecord } from './record-store.ts';
import { noteRollUps } from './roll-ups.ts';
import { refuse } from './save-error.ts';
import { existingById, refuseLoopOf, type SaveContext } from './save-record.ts';

export interface Merged {
  readonly mergedRecordIds: string[];
  readonly updatedRelatedIds: string[];
}

/**
 * Merges up to two records into a master: their children move over, they go to the recycle bin and point at the master (SOAP API guide,
 * "merge()"). The master's values are left to `saveRecord`. Throws `Refused`.
 */
export function mergeRecords(
  context: SaveContext,
  table: RecordTable,
  masterId: string,
  losers: readonly string[],
): Merged {
  if (losers.length === 0 || losers.length > 2)
    refuse('INVALID_NUMBER_OF_MERGE_RECORDS', 'a merge takes one or two records to merge');
  if (!context.session.profile.may(table.object, 'delete'))
    refuse('INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id');
  const merged: Merged = { mergedRecordIds: [], updatedRelatedIds: [] };
  for (const text of losers) {
    const loser = existingById(table, text);
    if (idOf(loser) === masterId) refuse('INVALID_ID_FIELD', 'the master record cannot be merged into itself');
    takeOverSuperior(context, table, masterId, loser);
    merged.updatedRelatedIds.push(...moveChildren(context, table, masterId, loser));
    bin(context, table, masterId, existingById(table, idOf(loser)));
    merged.mergedRecordIds.push(idOf(loser));
  }
  return merged;
}

/** "merge() tries to set the victims' ReportsToId value" for a master without one; a circle is an error ("merge()", Contacts Reports To). */
function takeOverSuperior(context: SaveContext, table: RecordTable, masterId: string, loser: StoredRecord): void {
  const field = table.object.name === 'Contact' ? table.field('ReportsToId') : undefined;
  const master = existingById(table, masterId);
  const superior = field ? (loser[field.slot] ?? null) : null;
  if (!field || typeof superior !== 'string' || (master[field.slot] ?? null) !== null) return;
  setReference(context, table, master, field, superior);
  refuseLoopOf(table, existingById(table, masterId), field);
}

/** Ids of the records that have the master for a parent now; an account hierarchy that would become a circle is an error ("merge()"). */
function moveChildren(context: SaveContext, table: RecordTable, masterId: string, loser: StoredRecord): string[] {
  const { data } = context;
  const moved: string[] = [];
  for (const { table: child, field } of data.rules(table).children) {
    if (field === table.field('MasterRecordId')) continue;
    for (const found of child.find(field, idOf(loser))) {
      setReference(context, child, found, field, masterId);
      const after = existingById(child, idOf(found));
      if (child === table) refuseLoopOf(table, after, field);
      moved.push(idOf(found));
      noteRollUps(context.dirtyMasters, data.rules(child), found, after);
    }
  }
  return moved;
}

function bin(context: SaveContext, table: RecordTable, masterId: string, loser: StoredRecord): void {
  const after = stamped(context, loser);
  const pointer = table.field('MasterRecordId');
  if (pointer) after[pointer.slot] = masterId;
  context.data.store.remove(table, after, {
    deletedAt: context.now,
    deletedBy: context.session.userId,
    because: idOf(loser),
    company: [],
  });
  noteRollUps(context.dirtyMasters, context.data.rules(table), loser, null);
}
