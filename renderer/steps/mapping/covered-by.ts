import {
  foundTarget,
  repeatColumns,
  type ColumnMapping,
  type FieldMapping,
} from '../../../shared/domain/field-mapping.ts';
import { rowKeyColumns } from '../../../shared/domain/row-keys.ts';

/** The mapping with only what tells which parents are found: a change elsewhere asks nothing anew. */
export function coveredBy(mapping: FieldMapping, { column, target }: ColumnMapping): FieldMapping {
  const found = foundTarget(target);
  const second = found?.and?.column;
  const keys = found ? rowKeyColumns(mapping, found) : null;
  const own = keys === null ? [] : [...keys, ...repeatColumns(mapping)].map((one) => one.column);
  const wanted = new Set([column, second, ...own]);
  return {
    ...mapping,
    matchField: keys === null ? null : mapping.matchField,
    columns: mapping.columns.filter((one) => wanted.has(one.column)),
  };
}
