import { sentColumns } from '../../../shared/domain/field-mapping.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { canonical, second, sent, tablesOf } from '../tables/tables.ts';
import { writeMapped } from '../validation/mapped-view.ts';
import { mergesRepeated } from '../validation/repeat-choices.ts';
import { secondCells } from '../validation/read-second.ts';
import type { PlannedMapping } from './plan-input.ts';

/** Fills blank cells in `mapped` of rows that others of the same key were merged into. */
export async function mergeRepeated(staging: StagingSql, input: PlannedMapping): Promise<void> {
  if (!mergesRepeated(input.mapping)) return;
  const merged = `SELECT row_number, of_row FROM ${tablesOf(input.planId).repeated} WHERE decision = 'merged'`;
  await fillBlanks(staging, input, merged, () => 'false');
}

/** The columns of `mapped` that belong to each column that is sent. */
export function cellsOf({ mapping, parents }: PlannedMapping): { column: number; names: string[] }[] {
  const columns = sentColumns(mapping);
  const pairs = new Set(secondCells(mapping, columns, parents).map(({ lookup }) => lookup));
  return columns.map(({ column }) => ({
    column,
    names: [sent(column), canonical(column), ...(pairs.has(column) ? [second(column)] : [])],
  }));
}

/**
 * Fills blank cells in `mapped` of the rows `of_row` of `merged`: with the first that is not blank among those merged into them, in the
 * order of the file. A cell that clears its field has nothing to give, and is filled like a blank one; cells of `m` for which `isKept`
 * holds are not given.
 */
export async function fillBlanks(
  staging: StagingSql,
  input: PlannedMapping,
  merged: string,
  isKept: (column: number) => string,
): Promise<void> {
  const { mapped } = tablesOf(input.planId);
  for (const { column, names } of cellsOf(input)) {
    const says = (row: string) => `${row}.${sent(column)} NOT IN ('', '#N/A')`;
    const gives = `${says('m')} AND NOT (${isKept(column)})`;
    const first = names.map((name) => `arg_min(m.${name}, m.row_number) FILTER (${gives}) AS ${name}`);
    await writeMapped(
      staging,
      input.planId,
      names,
      `SELECT w.row_number, ${names.map((name) => `g.${name}`).join(', ')}
       FROM (SELECT r.of_row, ${first.join(', ')} FROM (${merged}) r JOIN ${mapped} m USING (row_number) GROUP BY r.of_row) g
       JOIN ${mapped} w ON w.row_number = g.of_row WHERE g.${sent(column)} IS NOT NULL AND NOT (${says('w')})`,
    );
  }
}
