import { dateTimeText } from './field-values.ts';
import type { OrgData } from './org-data.ts';
import { idOf, type BinnedRecord, type BinReference, type RecordTable, type StoredRecord } from './record-store.ts';
import { noteRollUps } from './roll-ups.ts';
import { refuse, type SaveResult } from './save-error.ts';
import { existingById, type SaveContext } from './save-record.ts';
import { asRecordId } from './record-ids.ts';
import { MODIFIED_BY, MODIFIED_DATE, MODSTAMP, type Field } from '../schema/schema.ts';
import { plainText } from '../http/plain-text.ts';

function nameOf(data: OrgData, table: RecordTable, record: StoredRecord): string {
  const field = data.rules(table).name;
  return plainText(field ? data.read(table, record, field) : null) || idOf(record);
}

function checkRestrictions(context: SaveContext, table: RecordTable, record: StoredRecord): void {
  const { data } = context;
  for (const { table: child, field } of data.rules(table).children) {
    const found = child.find(field, idOf(record));
    if (found.length === 0) continue;
    if (field.onDelete === 'restrict')
      refuse(
        'DELETE_FAILED',
        `Your attempt to delete ${nameOf(data, table, record)} could not be completed because it is associated with the following ${child.object.labelPlural.toLowerCase()}.: ${found
          .slice(0, 5)
          .map((one) => nameOf(data, child, one))
          .join(', ')}`,
      );
    if (field.onDelete === 'cascade') for (const one of found) checkRestrictions(context, child, one);
  }
}

function remove(
  context: SaveContext,
  table: RecordTable,
  record: StoredRecord,
  because: string,
  company: BinReference[],
): void {
  const { data } = context;
  for (const { table: child, field } of data.rules(table).children) {
    for (const found of child.find(field, idOf(record))) {
      if (field.onDelete === 'cascade') remove(context, child, found, because, company);
      else setReference(context, child, found, field, null);
    }
  }
  data.store.remove(table, stamped(context, record), {
    deletedAt: context.now,
    deletedBy: context.session.userId,
    because,
    company,
  });
  noteRollUps(context.dirtyMasters, data.rules(table), record, null);
}

export function stamped(context: SaveContext, record: StoredRecord): StoredRecord {
  const after = record.slice();
  const now = dateTimeText(context.stampedAt);
  after[MODIFIED_DATE] = now;
  after[MODIFIED_BY] = context.session.userId;
  after[MODSTAMP] = now;
  return after;
}

export function setReference(
  context: SaveContext,
  table: RecordTable,
  record: StoredRecord,
  field: Field,
  id: string | null,
): void {
  const after = stamped(context, record);
  after[field.slot] = id;
  context.data.store.put(table, after);
}

/** Deletes into the recycle bin, with details and without breaking what restricts it. Throws `Refused`. */
export function deleteRecord(context: SaveContext, table: RecordTable, text: string): SaveResult {
  if (text === '') refuse('MISSING_ARGUMENT', 'Id not specified in a delete call');
  const record = existingById(table, text);
  if (!context.session.profile.may(table.object, 'delete'))
    refuse('INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id');
  checkRestrictions(context, table, record);
  if (context.meetsLock())
    refuse('UNABLE_TO_LOCK_ROW', `unable to obtain exclusive access to this record or 1 records: ${idOf(record)}`);
  const id = idOf(record);
  remove(context, table, record, id, []);
  return { success: true, id, created: false };
}

/** Hard delete: nothing of it stays in the recycle bin. */
export function hardDeleteRecord(context: SaveContext, table: RecordTable, text: string): SaveResult {
  const result = deleteRecord(context, table, text);
  if (result.success) purgeTogether(context.data, table.bin.get(result.id));
  return result;
}

/** What went to the recycle bin together and is still there. */
function binnedTogether(asked: BinnedRecord): { table: RecordTable; binned: BinnedRecord }[] {
  return asked.company.flatMap(({ table, id }) => {
    const binned = table.bin.get(id);
    return binned?.company === asked.company ? [{ table, binned }] : [];
  });
}

function purgeTogether(data: OrgData, asked: BinnedRecord | undefined): void {
  if (asked) for (const { table, binned } of binnedTogether(asked)) data.store.purge(table, idOf(binned.record));
}

/**
 * Brings a record back with what its deletion took along; children that a merge gave to another stay with that one (SOAP API guide,
 * "undelete()"). Throws `Refused`.
 */
export function undeleteRecord(context: SaveContext, text: string): SaveResult {
  const { data } = context;
  const id = asRecordId(text);
  const table = id === null ? undefined : data.store.tableOfId(id);
  if (id === null || !table) refuse('MALFORMED_ID', `bad id ${text}`);
  const asked = table.bin.get(id);
  if (!asked)
    refuse(
      table.records.has(id) ? 'UNDELETE_FAILED' : 'INVALID_ID_FIELD',
      table.records.has(id) ? 'Entity is not in the recycle bin' : 'bad id',
    );
  if (asked.because !== id) refuse('UNDELETE_FAILED', 'Undelete the parent record instead');
  for (const { table: of, binned } of binnedTogether(asked)) {
    for (const field of data.rules(of).unique) {
      const clash = of.find(field, binned.record[field.slot] ?? null)[0];
      if (clash)
        refuse(
          'DUPLICATE_VALUE',
          `duplicate value found: ${field.name} duplicates value on record with id: ${idOf(clash).slice(0, 15)}`,
        );
    }
  }
  for (const { table: of, binned } of binnedTogether(asked)) {
    const record = stamped(context, binned.record);
    // Null again: it says of a deleted record that it was merged (Object Reference, "Account", MasterRecordId).
    const pointer = of.field('MasterRecordId');
    if (pointer) record[pointer.slot] = null;
    data.store.restore(of, binned, record);
    noteRollUps(context.dirtyMasters, data.rules(of), null, record);
  }
  return { success: true, id, created: false };
}

/** Removes deleted records for good (SOAP API guide, "emptyRecycleBin()"). Throws `Refused`. */
export function purgeRecord(context: SaveContext, text: string): SaveResult {
  const id = asRecordId(text);
  const asked = id === null ? undefined : context.data.store.tableOfId(id)?.bin.get(id);
  if (id === null || !asked) refuse('INVALID_ID_FIELD', 'Invalid record id; no such record in recycle bin');
  purgeTogether(context.data, asked);
  return { success: true, id, created: false };
}
