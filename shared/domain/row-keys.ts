import { mappedColumns, type FieldMapping, type FoundTarget, type MappedColumn } from './field-mapping.ts';

/**
 * The columns that give rows of the file what a lookup finds records of the file's own object by, so that these rows can be parents;
 * null where the file lacks one, makes no records, or the lookup leads to another object.
 */
export function rowKeyColumns(mapping: FieldMapping, target: FoundTarget): MappedColumn[] | null {
  if (target.parentObject !== mapping.objectName) return null;
  if (mapping.operation !== 'insert' && mapping.operation !== 'upsert') return null;
  const names = [target.parentField, ...(target.and ? [target.and.parentField] : [])];
  const columns = names.flatMap((name) => {
    const found = mappedColumns(mapping).find(
      (column) => column.target.kind === 'field' && column.target.field === name,
    );
    return found ? [found] : [];
  });
  return columns.length === names.length ? columns : null;
}
