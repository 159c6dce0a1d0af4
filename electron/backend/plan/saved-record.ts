import {
  type FieldMapping,
  type MappedColumn,
  matchColumn,
  onlyNames,
  sentColumns,
} from '../../../shared/domain/field-mapping.ts';
import { fieldNamed, type FieldDescribe, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { textOf, type SqlRow } from '../staging/staging-functions.ts';
import { sent } from '../tables/tables.ts';

/** A record as sObject Collections take it; of one that is there already by its Id. */
export type SavedRecord = Readonly<Record<string, unknown>> & { readonly id?: string };

/** What a record is read of, and its parents, by name in lower case. */
export interface RecordObjects {
  readonly describe: SObjectDescribe;
  readonly parents: ReadonlyMap<string, SObjectDescribe>;
}

const NUMBER_TYPES = new Set<FieldDescribe['type']>(['int', 'long', 'double', 'currency', 'percent']);

/**
 * A text of the load as JSON says it: Bulk API clears by `#N/A`, REST by null, and a checkbox is unchecked. A whole number that a double
 * can't hold goes as the text it is.
 */
function jsonValue(text: string, type: FieldDescribe['type'] | undefined): string | number | boolean | null {
  if (text === '#N/A') return type === 'boolean' ? false : null;
  if (type === 'boolean') return text === 'true';
  if (type === undefined || !NUMBER_TYPES.has(type)) return text;
  const value = Number(text);
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? text : value;
}

/** A row's cell as a part of its record: a lookup by a parent's external id is an object of its own (REST API Developer Guide). */
function part({ target }: MappedColumn, text: string, { describe, parents }: RecordObjects): [string, unknown] {
  if (target.kind !== 'lookup') return [target.field, jsonValue(text, fieldNamed(describe, target.field)?.type)];
  if (text === '#N/A') return [target.field, null];
  const parent = parents.get(target.parentObject.toLowerCase());
  const key = jsonValue(text, parent && fieldNamed(parent, target.parentField)?.type);
  const attributes = target.polymorphic ? { attributes: { type: target.parentObject } } : {};
  return [target.relationshipName, { ...attributes, [target.parentField]: key }];
}

/** The record that a row's cells, as they are sent, make; with its `id` where the row has one. */
export function recordOf(row: SqlRow, columns: readonly MappedColumn[], objects: RecordObjects): SavedRecord {
  const cells = columns.flatMap((column) => {
    const text = textOf(row, sent(column.column));
    return text === '' ? [] : [part(column, text, objects)];
  });
  const names = cells.map(([name]) => name);
  // One of the two would go unsent and nobody would know: mappings that name a field twice are refused before (FIELD_MAPPED_TWICE).
  if (new Set(names).size < names.length) throw new Error(`a record has one value for ${names.join(', ')}`);
  const id = textOf(row, 'id');
  return { attributes: { type: objects.describe.name }, ...(id === '' ? {} : { id }), ...Object.fromEntries(cells) };
}

/** What is sent of a row: whom an update is for it says by its Id alone, and a delete is nothing else. */
export function savedColumns(mapping: FieldMapping, kind: FieldMapping['operation']): MappedColumn[] {
  if (onlyNames(kind)) return [];
  const key = matchColumn(mapping);
  return sentColumns(mapping).filter(
    (column) => !(column === key && (kind === 'update' || column.target.field === 'Id')),
  );
}
