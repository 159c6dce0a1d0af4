import { repeatColumns, type ColumnMapping, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { rowKeyColumns } from '../../../shared/domain/row-keys.ts';

/** The mapping with only what tells which parents are found: a change elsewhere asks nothing anew. */
export function coveredBy(mapping: FieldMapping, { column, target }: ColumnMapping): FieldMapping {
  const second = target.kind === 'found' ? target.and?.column : undefined;
  const keys = target.kind === 'found' ? rowKeyColumns(mapping, target) : null;
  const own = keys === null ? [] : [...keys, ...repeatColumns(mapping)].map((one) => one.column);
  const wanted = new Set([column, second, ...own]);
  return {
    ...mapping,
    matchField: keys === null ? null : mapping.matchField,
    columns: mapping.columns.filter((one) => wanted.has(one.column)),
  };
}
