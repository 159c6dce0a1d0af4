import { isWritable, whyReadOnly } from '../../../shared/domain/field-access.ts';
import { bulkHeader, type ColumnMapping, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { placesByName } from '../../../shared/domain/column-places.ts';
import { newColumn, renumbered } from '../../../shared/domain/made-columns.ts';
import type { FormerMapping, MappingMisfit, SuggestedMapping } from '../../../shared/domain/mapping-file.ts';
import { fieldNamed, isMatchField, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import { columnLabel } from '../../../shared/text/counts.ts';
import { RESULT_COLUMNS } from './find-target.ts';
import { settleMapping } from './settle-mapping.ts';

/** An org's object and the objects its lookups lead to, by lower-case name. */
export interface Described {
  readonly describe: SObjectDescribe;
  readonly parents: ReadonlyMap<string, SObjectDescribe>;
}

/** Column names without those that only a result file has: an error file dropped back in is known by the columns it came from. */
export function ownNames(names: readonly string[]): string[] {
  return names.filter((name) => !RESULT_COLUMNS.has(name.toLowerCase()));
}

/**
 * A mapping of the columns `before` brought to those there are now: an entry for each of them, in their order. Columns of before that
 * filled a field and are not there, and columns that were not there before, are told.
 */
export function withColumnsNow(
  mapping: FieldMapping,
  before: readonly string[],
  places: readonly (number | null)[],
  now: readonly SourceColumn[],
): { mapping: FieldMapping; misfits: MappingMisfit[] } {
  const misfits: MappingMisfit[] = mapping.columns.flatMap(({ column, target }): MappingMisfit[] =>
    target.kind === 'ignored' || (places[column] ?? null) !== null
      ? []
      : [{ code: 'COLUMN_GONE', column: columnLabel(before[column], column), field: bulkHeader(target) }],
  );
  const moved = renumbered(mapping, (column) => places[column] ?? null);
  const byColumn = new Map(moved.columns.map((entry) => [entry.column, entry]));
  const fresh: string[] = [];
  const columns = now.map(({ index, name }): ColumnMapping => {
    const known = byColumn.get(index);
    if (known) return known;
    const isResult = RESULT_COLUMNS.has(name.toLowerCase());
    if (!isResult) fresh.push(columnLabel(name, index));
    return { ...newColumn(index, { kind: 'ignored' }), reason: isResult ? 'result-column' : 'no-match' };
  });
  if (fresh.length > 0) misfits.push({ code: 'COLUMNS_NEW', columns: fresh });
  return { mapping: { ...moved, columns }, misfits };
}

/** A mapping made before with what its object no longer has, or no longer lets be filled, taken out and told (M10). */
export function withoutStale(
  mapping: FieldMapping,
  { describe, parents }: Described,
  columns: readonly SourceColumn[],
): { mapping: FieldMapping; misfits: MappingMisfit[] } {
  const misfits: MappingMisfit[] = [];
  const settled = settleMapping(mapping, describe, parents, columns).mapping;
  const before = new Map(mapping.columns.map(({ column, target }) => [column, target]));
  const nameOf = (column: number) => columnLabel(columns[column]?.name, column);
  const matchField = settled.matchField;
  const kept = settled.columns.map((entry): ColumnMapping => {
    const was = before.get(entry.column);
    if (!was || was.kind === 'ignored') return entry;
    const column = nameOf(entry.column);
    const out: ColumnMapping = { ...newColumn(entry.column, { kind: 'ignored' }), reason: 'no-match' };
    if (entry.target.kind === 'ignored') {
      misfits.push({ code: 'FIELD_GONE', column, field: bulkHeader(was) });
      return out;
    }
    const field = fieldNamed(describe, entry.target.field);
    const isKey = field?.type === 'id' || field?.name === matchField;
    if (!field || isKey || isWritable(field, mapping.operation)) return entry;
    misfits.push({ code: 'FIELD_CLOSED', column, field: field.name, why: whyReadOnly(field) });
    return out;
  });
  const match = matchField === null ? undefined : fieldNamed(describe, matchField);
  if (mapping.operation !== 'insert' && mapping.matchField !== null && (!match || !isMatchField(match)))
    misfits.push({ code: 'MATCH_FIELD_GONE', field: mapping.matchField });
  return { mapping: { ...settled, columns: kept }, misfits };
}

/** A mapping of columns that have changed since, brought to those there are now. All that still fits stays as it is. */
export function fitFormer(
  { mapping, names }: FormerMapping,
  described: Described,
  columns: readonly SourceColumn[],
): SuggestedMapping {
  const places = placesByName(
    names,
    columns.map(({ name }) => name),
  );
  const placed = withColumnsNow(mapping, names, places, columns);
  const fitted = withoutStale(placed.mapping, described, columns);
  return { ...fitted.mapping, misfits: [...placed.misfits, ...fitted.misfits] };
}
