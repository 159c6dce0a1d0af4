import { bulkHeader, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import type { FieldDescribe } from '../../../shared/domain/sobject.ts';
import { orgCanonical, orgRead, orgText } from '../tables/tables.ts';

/** Which records of the org are wanted, and which of their fields. */
export interface RecordRequest {
  readonly objectName: string;
  readonly keyField: FieldDescribe;
  /** Mapped columns and where their current value lies. */
  readonly columns: readonly { readonly column: number; readonly path: string; readonly field: FieldDescribe }[];
  /** Says when a record was last changed; null where the object has no such field. */
  readonly stamp: FieldDescribe | null;
  readonly wantsDeleted: boolean;
  /** SOQL that all of them fulfil besides; null where any record will do. */
  readonly condition: string | null;
  /** Values that are kept beside them as the org has them, not compared: the column's name, and where they lie. */
  readonly beside?: readonly { readonly name: string; readonly path: string }[];
}

/** Of a request for any records there are, of which nothing is compared: their key alone, unless it says what is kept beside. */
export const NOTHING_COMPARED = { columns: [], stamp: null, wantsDeleted: false, condition: null } as const;

/** One column of a table of records: the SOQL path it is filled from, and the field by whose rules it is made canonical, if it is. */
export interface RecordColumn {
  readonly name: string;
  readonly path: string;
  readonly canonicalBy: FieldDescribe | null;
  /** The column whose text it is the canonical form of, and where that is kept if it has to be read; null for one that comes from the org itself. */
  readonly of: { readonly text: string; readonly read: string } | null;
}

/**
 * Where a mapped column's current value lies, as SOQL. A lookup by external id is read through its relationship; one that may
 * lead to several objects by the id it holds, for through it only the fields of Name can be selected (SOQL and SOSL Reference,
 * "Understanding Relationship Fields and Polymorphic Fields", and "Name" in the Object Reference).
 */
export function currentValuePath({ target }: Pick<MappedColumn, 'target'>): string {
  return target.kind === 'lookup' && !target.polymorphic ? bulkHeader(target) : target.field;
}

/** The columns of a table of records, in order. */
export function recordColumns({ keyField, columns, stamp, wantsDeleted, beside = [] }: RecordRequest): RecordColumn[] {
  const id: FieldDescribe = { ...keyField, type: 'id' };
  return [
    { name: 'id', path: 'Id', canonicalBy: id, of: null },
    { name: 'k', path: keyField.name, canonicalBy: keyField, of: null },
    ...(stamp ? [{ name: 'stamp', path: stamp.name, canonicalBy: stamp, of: null }] : []),
    ...(wantsDeleted ? [{ name: 'deleted', path: 'IsDeleted', canonicalBy: null, of: null }] : []),
    ...columns.flatMap(({ column, path, field }) => [
      { name: orgText(column), path, canonicalBy: null, of: null },
      { name: orgCanonical(column), path, canonicalBy: field, of: { text: orgText(column), read: orgRead(column) } },
    ]),
    ...beside.map(({ name, path }) => ({ name, path, canonicalBy: null, of: null })),
  ];
}

/** The paths to select, none twice in whatever case: Salesforce refuses a field that is selected twice (INVALID_FIELD). */
export function selectedPaths(columns: readonly RecordColumn[]): string[] {
  const byName = new Map<string, string>();
  for (const { path } of columns) if (!byName.has(path.toLowerCase())) byName.set(path.toLowerCase(), path);
  return [...byName.values()];
}

/** SOQL up to its conditions. */
export function selectRecords(request: RecordRequest): string {
  return `SELECT ${selectedPaths(recordColumns(request)).join(', ')} FROM ${request.objectName}`;
}

/** A WHERE clause of a request's own condition and of one more; nothing where there is none. */
export function whereClause({ condition }: Pick<RecordRequest, 'condition'>, more: string | null = null): string {
  const conditions = [more, condition].filter((one) => one !== null);
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
}

export function soqlText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

const BARE_TYPES = new Set(['int', 'long', 'double', 'currency', 'percent', 'date', 'datetime', 'boolean']);

/** A canonical value as SOQL writes it. */
export function soqlLiteral(value: string, field: FieldDescribe): string {
  return BARE_TYPES.has(field.type) ? value : soqlText(value);
}

/** A value of a REST record by its SOQL path, as text; null along the way is blank. */
export function textAt(record: Record<string, unknown>, path: string): string {
  let value: unknown = record;
  for (const part of path.split('.'))
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : null;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
