import {
  bulkHeader,
  mappedColumns,
  matchColumn,
  type ColumnMapping,
  type FieldMapping,
  type MappedColumn,
} from '../../../shared/domain/field-mapping.ts';
import type { LoadId } from '../../../shared/domain/ids.ts';
import { decidedUpdates } from '../../../shared/domain/load-plan.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import type { FieldDescribe } from '../../../shared/domain/sobject.ts';
import { backedUpFields, backupColumn } from '../load/back-up.ts';
import { comparedColumns } from '../plan/compare-rows.ts';
import { decidedMapping } from '../plan/decided-rows.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { Step } from '../tables/tables.ts';

/** Columns of a file of an undo that come before those of fields: the record, and the row of the load's file. */
const ID = 'Id';
const ROW = 'Row of the load';

/** Rows that changed records, and the columns by which they may have: those that the mapping matched, and those that a person decided to be records. */
interface ChangingRows {
  readonly step: Extract<Step, 'first' | 'decided'>;
  readonly columns: readonly MappedColumn[];
}

/** An insert matches no rows; and what names the records of an upsert is a value like any other where a person has named them. */
export function changingRows({ plan, describe }: Pick<StoredPlan, 'plan' | 'describe'>): ChangingRows[] {
  const { mapping } = plan;
  const decided = comparedColumns(decidedMapping(mapping, describe));
  return [
    ...(matchColumn(mapping) ? [{ step: 'first' as const, columns: comparedColumns(mapping) }] : []),
    ...(decidedUpdates(plan) > 0 ? [{ step: 'decided' as const, columns: decided }] : []),
  ];
}

/** The columns by which a load changed records. */
export function changedColumns(stored: Pick<StoredPlan, 'plan' | 'describe'>): MappedColumn[] {
  const changed = new Set(stored.plan.changedFields.map(({ field }) => field));
  const places = new Set(changingRows(stored).flatMap(({ columns }) => columns.map(({ column }) => column)));
  return mappedColumns(stored.plan.mapping).filter(
    ({ column, target }) => places.has(column) && changed.has(bulkHeader(target)),
  );
}

/** The header of the file by which records are set back: of each field what it held, and what it was given. */
export function setBackHeader(columns: readonly MappedColumn[]): string[] {
  return [ID, ROW, ...columns.flatMap(({ target }) => [target.field, `${target.field} (loaded)`])];
}

/** The header of a file whose rows only name records. */
export function idHeader(): string[] {
  return [ID, ROW];
}

/** The org's own text can be read in one way only. */
const ORG_FORMAT = { dateOrder: 'ymd', decimal: 'point' } as const;

/** A column that is read, not loaded. */
function asNote(column: number): ColumnMapping {
  return { ...newColumn(column, { kind: 'ignored' }), reason: 'result-column' };
}

const FIELD_AT = idHeader().length;

/** The fields that deleted records are created again with: those of their backup that can be given to a new record. */
function recreatedFields({ describe }: Pick<StoredPlan, 'describe'>): { field: FieldDescribe; place: number }[] {
  return backedUpFields(describe)
    .map((field, place) => ({ field, place }))
    .filter(({ field }) => field.createable);
}

export function recreateHeader(stored: Pick<StoredPlan, 'describe'>): string[] {
  return ['Id of the deleted record', ROW, ...recreatedFields(stored).map(({ field }) => field.name)];
}

/** Columns of `backup`, in the order of the header. */
export function recreateCells(stored: Pick<StoredPlan, 'describe'>): string[] {
  return recreatedFields(stored).map(({ place }) => backupColumn(place));
}

export function recreateMapping(undoOf: LoadId, stored: StoredPlan): FieldMapping {
  return {
    objectName: stored.plan.mapping.objectName,
    operation: 'insert',
    matchField: null,
    blankValues: 'leave',
    duplicateKeys: 'first',
    undoOf,
    columns: [
      asNote(0),
      asNote(1),
      ...recreatedFields(stored).map(({ field }, nth) => ({
        ...newColumn(FIELD_AT + nth, { kind: 'field', field: field.name }),
        format: ORG_FORMAT,
      })),
    ],
  };
}

const BY_ID = {
  matchField: 'Id',
  blankValues: 'leave',
  duplicateKeys: 'first',
} as const satisfies Partial<FieldMapping>;

/** Lookups are set back by the Id of the parent, however the load named it. */
export function setBackMapping(undoOf: LoadId, objectName: string, columns: readonly MappedColumn[]): FieldMapping {
  return {
    ...BY_ID,
    objectName,
    operation: 'update',
    undoOf,
    policies: { way: 'automatic' },
    columns: [
      newColumn(0, { kind: 'field', field: 'Id' }),
      asNote(1),
      ...columns.flatMap(({ target }, nth) => {
        const place = FIELD_AT + 2 * nth;
        const field = newColumn(place, { kind: 'field', field: target.field });
        return [{ ...field, format: ORG_FORMAT, expected: place + 1 }, asNote(place + 1)];
      }),
    ],
  };
}

/** Records that lie in the Recycle Bin when this is planned come back; others are not sent. */
export function undeleteMapping(undoOf: LoadId, objectName: string): FieldMapping {
  return {
    ...BY_ID,
    objectName,
    operation: 'undelete',
    undoOf,
    columns: [newColumn(0, { kind: 'field', field: 'Id' }), asNote(1)],
  };
}

/** Records that anybody changed since the load ended (milliseconds since the epoch, by the org's clock) stay. */
export function removeMapping(undoOf: LoadId, objectName: string, ended: number): FieldMapping {
  return {
    ...BY_ID,
    objectName,
    operation: 'delete',
    undoOf,
    policies: { unlessChangedSince: ended, way: 'automatic' },
    columns: [newColumn(0, { kind: 'field', field: 'Id' }), asNote(1)],
  };
}
