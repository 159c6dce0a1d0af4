import { sentColumns, type FieldMapping, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import { fieldNamed, type SObjectDescribe } from '../../../shared/domain/sobject.ts';

/** How `planned` marks rows of which a person has said that they are records they resemble. */
export const DECIDED = 'resembles';
/** That, as SQL over a row of it. */
export const IS_DECIDED = `coalesce(p.decision = '${DECIDED}', false)`;

/**
 * What is sent of such rows: an update of the record by its Id, whatever the plan's operation, with the fields that can be updated. The
 * Ids lie in a column of `mapped` behind those of the file.
 */
export function decidedMapping(mapping: FieldMapping, describe: SObjectDescribe): FieldMapping {
  const place = Math.max(-1, ...mapping.columns.map(({ column }) => column)) + 1;
  const id: MappedColumn = {
    column: place,
    target: { kind: 'field', field: 'Id' },
    reason: 'chosen',
    format: {},
    replacements: {},
    fixes: [],
  };
  const columns = sentColumns(mapping).filter(({ target }) => fieldNamed(describe, target.field)?.updateable === true);
  return { ...mapping, operation: 'update', matchField: 'Id', columns: [id, ...columns] };
}
