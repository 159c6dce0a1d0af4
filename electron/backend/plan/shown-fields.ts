import { matchColumn, mappedColumns, removes, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import {
  fieldNamed,
  type FieldDescribe,
  type FieldTypeName,
  type SObjectDescribe,
} from '../../../shared/domain/sobject.ts';

/**
 * Columns of records (`tables/`) that no column of the file stands for are numbered from here: no file has so many.
 */
export const FIRST_SHOWN = 100_000;

/** Compound values have parts of their own, and what is stored as bytes is nothing to look at. */
const NOT_SHOWN: ReadonlySet<FieldTypeName> = new Set(['address', 'location', 'base64', 'complexvalue', 'anyType']);

/**
 * What a person sees of the records that a delete would take away: their names, what the file says of them beside the key, when they
 * were last changed, and the fields that the mapping asks for. Nothing for any other operation.
 */
export function shownFields(mapping: FieldMapping, describe: SObjectDescribe): FieldDescribe[] {
  if (!removes(mapping.operation)) return [];
  const key = matchColumn(mapping);
  const names = [
    ...describe.fields.filter(({ nameField }) => nameField).map(({ name }) => name),
    ...mappedColumns(mapping)
      .filter((column) => column !== key)
      .map(({ target }) => target.field),
    ...(mapping.shownFields ?? []),
    'LastModifiedDate',
  ];
  const fields = names.flatMap((name) => fieldNamed(describe, name) ?? []);
  return [...new Set(fields)].filter(({ type }) => !NOT_SHOWN.has(type) && type !== 'id');
}
