import type { ColumnMapping, FieldMapping, MappedColumn } from '../../../shared/domain/field-mapping.ts';
import type { FieldDescribe } from '../../../shared/domain/sobject.ts';
import { cell, second, tablesOf } from '../tables/tables.ts';
import type { JoinedCells } from './join-in-steps.ts';
import { secondField, type CheckInput } from './rule-field.ts';

/** The second cell by which a lookup finds its parent, and where what is read of it lies. */
export interface SecondCell {
  /** Place of the lookup's own column. */
  readonly lookup: number;
  /** The column of the second cell, read as its own mapping says, whatever else it fills. */
  readonly column: ColumnMapping;
  readonly field: FieldDescribe;
  readonly into: { readonly values: string; readonly issues: string };
}

/** Of lookups found by two fields the second cells. A value that its field does not take is kept as it is: it finds nothing. */
export function secondCells(
  mapping: Pick<FieldMapping, 'columns'>,
  columns: readonly MappedColumn[],
  parents: CheckInput['parents'],
): SecondCell[] {
  return columns.flatMap((lookup): SecondCell[] => {
    const field = secondField(lookup, parents);
    if (lookup.target.kind !== 'found' || !lookup.target.and || !field) return [];
    const { column } = lookup.target.and;
    const own = mapping.columns.find((candidate) => candidate.column === column);
    const unmapped: ColumnMapping = {
      column,
      target: { kind: 'ignored' },
      reason: 'no-match',
      format: {},
      replacements: {},
      fixes: [],
    };
    const into = { values: `second_${lookup.column}`, issues: `second_issue_${lookup.column}` };
    return [{ lookup: lookup.column, column: own ?? unmapped, field, into }];
  });
}

/** What of a row of `staged`, named `s`, becomes `w<n>`, and what is joined for it. */
export function secondSql(alias: string, { lookup, column, into }: SecondCell): JoinedCells {
  const name = `e${lookup}`;
  const raw = `coalesce(s.${cell(column.column)}, '')`;
  return {
    names: [second(lookup)],
    selects: (isJoined) => [isJoined ? `coalesce(${name}.canonical, ${raw})` : raw],
    dictionary: { name, table: tablesOf(alias).named(into.values), on: `${name}.raw = ${raw}` },
  };
}
