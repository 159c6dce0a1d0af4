import { bulkHeader, mappedColumns, matchColumn } from '../../../shared/domain/field-mapping.ts';
import { MovedRow, type LoadPlan } from '../../../shared/domain/load-plan.ts';
import { textOf } from '../staging/staging-functions.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { cell, TABLE_NAMES, tablesOf } from '../tables/tables.ts';
import { hasTables } from './has-tables.ts';
import { FIRST_SHOWN } from './shown-fields.ts';

/** A page of the rows of a plan that no longer hold, with what is other, in file order; none if it was not looked or all holds. */
export async function movedRows(
  staging: Pick<StagingSql, 'query'>,
  { planId, mapping, shownFields }: LoadPlan,
  offset: number,
  limit: number,
): Promise<{ rows: MovedRow[]; total: number }> {
  const { planned, staged, moved, movedValue } = tablesOf(planId);
  if (!(await hasTables(staging, planId, TABLE_NAMES.moved))) return { rows: [], total: 0 };
  const key = matchColumn(mapping);
  const [counted] = await staging.query(`SELECT count(*) AS n FROM ${moved}`);
  const page = await staging.query(
    `SELECT d.row_number, d.what, p.id, ${key ? `s.${cell(key.column)}` : "''"} AS key_text FROM (SELECT * FROM ${moved} ORDER BY row_number LIMIT ${limit} OFFSET ${offset}) d
     JOIN ${planned} p USING (row_number) JOIN ${staged} s USING (row_number) ORDER BY d.row_number`,
  );
  const numbers = page.map((row) => Number(row['row_number']));
  const values = await staging.query(
    `SELECT * FROM ${movedValue} WHERE row_number IN (${numbers.join(',') || '-1'}) ORDER BY row_number, source_column`,
  );
  const fieldOf = (column: number) => {
    const target = mappedColumns(mapping).find((one) => one.column === column)?.target;
    return target ? bulkHeader(target) : (shownFields[column - FIRST_SHOWN] ?? '');
  };
  return {
    total: Number(counted?.['n'] ?? 0),
    rows: page.map((row) =>
      MovedRow.parse({
        row: Number(row['row_number']),
        key: textOf(row, 'key_text'),
        id: textOf(row, 'id'),
        what: row['what'],
        changes: values
          .filter((value) => value['row_number'] === row['row_number'])
          .map((value) => ({
            field: fieldOf(Number(value['source_column'])),
            before: textOf(value, 'before'),
            now: textOf(value, 'now'),
          })),
      }),
    ),
  };
}
