import { sentColumns } from '../../../shared/domain/field-mapping.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { canonical, second, sent, tablesOf } from '../tables/tables.ts';
import { secondCells } from '../validation/read-second.ts';
import type { PlannedMapping } from './plan-input.ts';

/**
 * Fills blank cells in `mapped` of rows that others were merged into: with the first that is not blank among theirs, in the order of
 * the file. A cell that clears its field has nothing to give, and is filled like a blank one.
 */
export async function mergeRepeated(staging: StagingSql, { planId, mapping, parents }: PlannedMapping): Promise<void> {
  if (mapping.duplicateKeys !== 'merge') return;
  const { mapped, repeated } = tablesOf(planId);
  const columns = sentColumns(mapping);
  const pairs = new Set(secondCells(mapping, columns, parents).map(({ lookup }) => lookup));
  for (const { column } of columns) {
    const says = (row: string) => `${row}.${sent(column)} NOT IN ('', '#N/A')`;
    const names = [sent(column), canonical(column), ...(pairs.has(column) ? [second(column)] : [])];
    const first = names.map((name) => `arg_min(m.${name}, m.row_number) FILTER (${says('m')}) AS ${name}`);
    await staging.run(
      `UPDATE ${mapped} SET ${names.map((name) => `${name} = g.${name}`).join(', ')}
       FROM (SELECT r.of_row, ${first.join(', ')} FROM ${repeated} r JOIN ${mapped} m USING (row_number) WHERE r.decision = 'merged' GROUP BY r.of_row) g
       WHERE ${mapped}.row_number = g.of_row AND g.${sent(column)} IS NOT NULL AND NOT (${says(mapped)})`,
    );
  }
}
