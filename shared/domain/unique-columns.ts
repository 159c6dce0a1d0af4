import { matchColumn, sentColumns, type FieldMapping } from './field-mapping.ts';
import { fieldNamed, type FieldDescribe, type SObjectDescribe } from './sobject.ts';

/** Mapped fields of which no two records may have the same value, but for the one that names the record. */
export function uniqueColumns(
  mapping: FieldMapping,
  describe: SObjectDescribe,
): { column: number; field: FieldDescribe }[] {
  const key = matchColumn(mapping);
  return sentColumns(mapping).flatMap((column) => {
    const field = column.target.kind === 'field' ? fieldNamed(describe, column.target.field) : undefined;
    return field?.unique && column !== key ? [{ column: column.column, field }] : [];
  });
}
