import { repeatColumns, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import { canBeGivenLater } from '../../../shared/domain/hierarchy-fields.ts';
import { rowKeyColumns } from '../../../shared/domain/row-keys.ts';
import { fieldNamed } from '../../../shared/domain/sobject.ts';
import { foldKeySql } from '../match/match-sql.ts';
import { cell, tablesOf } from '../tables/tables.ts';
import { isOpenErrorSql } from '../validation/excel-errors.ts';
import { ruleField, secondField, type CheckInput } from '../validation/rule-field.ts';
import { placeOf, readColumn, type CoverTools } from './cover-keys.ts';
import type { FoundColumn } from './find-parents.ts';

/** How keys are joined to rows of the file, and what a joined key comes to: `inFile`, `several` or `none`. */
interface RowKeys {
  readonly join: string;
  readonly verdict: string;
}

/**
 * Leaves in `<scratch>_rows` by which keys rows of the file may be parents (`findRowParents`), and of how many records: rows that
 * repeat one another make one. Rows whose own key is not taken are none. `row` is SQL for the key looked for and its second value.
 * null where no row can be a parent, for the file lacks the field or the lookup can't be given later.
 */
export async function readRowKeys(
  tools: CoverTools,
  input: CheckInput,
  column: FoundColumn,
  row: { readonly key: string; readonly second: string },
  scratch: string,
  signal: AbortSignal,
): Promise<RowKeys | null> {
  const { source, mapping, describe, parents } = input;
  const keys = rowKeyColumns(mapping, column.target);
  if (keys === null || !canBeGivenLater(fieldNamed(describe, column.target.field))) return null;
  const { named, staged } = tablesOf(source.alias);
  const by = repeatColumns(mapping);
  const parts: OwnCell[] = [];
  for (const [index, one] of [...new Set([...keys, ...by])].entries()) {
    const into = placeOf(scratch, `own_${index}`);
    await readColumn(tools, input, { column: one, field: ruleField(one, describe, parents), into }, signal);
    parts.push(ownCell(input, one, into, `d${index}`));
  }
  const valueOf = (wanted: MappedColumn | undefined) => parts.find(({ column: one }) => one === wanted)?.value ?? "''";
  const same = recordSql(source, by.map(valueOf));
  await tools.staging.until(signal).run(
    `CREATE OR REPLACE TABLE ${named(`${scratch}_rows`)} AS SELECT k, w, count(DISTINCT same) AS n FROM (
       SELECT ${valueOf(keys[0])} AS k, ${valueOf(keys[1])} AS w, ${same} AS same
       FROM ${staged} s ${parts.map(({ join }) => join).join(' ')}
       WHERE s.problem IS NULL AND NOT (${parts.map(({ home }) => home).join(' OR ')})) WHERE k <> '' GROUP BY 1, 2`,
  );
  const pair = secondField(column, parents);
  const key = foldKeySql(row.key, ruleField(column, describe, parents));
  const several = column.target.whenSeveral === 'home' ? "WHEN r.n > 1 THEN 'several'" : '';
  return {
    join: `LEFT JOIN ${named(`${scratch}_rows`)} r ON r.k = ${key} AND r.w = ${pair ? foldKeySql(row.second, pair) : "''"}`,
    verdict: `CASE WHEN r.k IS NULL THEN 'none' ${several} ELSE 'inFile' END`,
  };
}

/** One of a row's own cells, of `staged` as `s`: its folded value, what is joined for it, and whether it keeps its row home. */
interface OwnCell {
  readonly column: MappedColumn;
  readonly value: string;
  readonly join: string;
  readonly home: string;
}

function ownCell(
  { source, describe, parents }: CheckInput,
  column: MappedColumn,
  { values, issues }: ReturnType<typeof placeOf>,
  name: string,
): OwnCell {
  const { named } = tablesOf(source.alias);
  const raw = `coalesce(s.${cell(column.column)}, '')`;
  const refused = `${raw} IN (SELECT raw FROM ${named(issues)} WHERE level = 'row')`;
  return {
    column,
    value: foldKeySql(`coalesce(${name}.canonical, ${raw})`, ruleField(column, describe, parents)),
    join: `LEFT JOIN ${named(values)} ${name} ON ${name}.raw = ${raw}`,
    home: `${refused} OR coalesce(${isOpenErrorSql(column)}, false)`,
  };
}

/** What rows have in common that make one record: the values by which they repeat one another (`findRepeats`), or every cell. */
function recordSql({ columns }: CheckInput['source'], values: readonly string[]): string {
  if (values.length === 0) return `hash(${columns.map(({ index }) => `s.${cell(index)}`).join(', ')})`;
  const blank = values.map((value) => `${value} = ''`).join(' OR ');
  return `CASE WHEN ${blank} THEN hash(s.row_number) ELSE hash(${values.join(', ')}) END`;
}
