import { mappedColumns } from '../../../shared/domain/field-mapping.ts';
import { SourceRowNumber } from '../../../shared/domain/ids.ts';
import type { RepeatedGroup, RepeatedPage, RepeatedRow } from '../../../shared/domain/repeated-rows.ts';
import { textOf, type SqlRow } from '../staging/staging-functions.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { cell, tablesOf } from '../tables/tables.ts';
import { choicesOf } from './repeat-choices.ts';
import type { CheckInput } from './rule-field.ts';

/** Rows of one group that are shown side by side. */
const ROWS_SHOWN = 20;

/** A page of the groups of a checked source's rows that repeat one another but differ, in the order of the file. */
export async function repeatedPage(
  staging: Pick<StagingSql, 'query'>,
  { source, mapping }: Pick<CheckInput, 'source' | 'mapping'>,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<RepeatedPage> {
  const { repeatGroup } = tablesOf(source.alias);
  const found = await staging.query(
    `SELECT array_to_string(list_sort(array_agg(row_number)), ',') AS members FROM ${repeatGroup} GROUP BY first_row ORDER BY first_row LIMIT ${limit} OFFSET ${offset}`,
  );
  const [counted] = await staging.query(`SELECT count(DISTINCT first_row) AS n FROM ${repeatGroup}`);
  const groups = found.map((row) => textOf(row, 'members').split(',').map(Number));
  const columns = [...new Set(mappedColumns(mapping).map(({ column }) => column))];
  const shown = groups.flatMap((all) => all.slice(0, ROWS_SHOWN));
  const rows = await rowsOf(staging, source.alias, columns, shown);
  const choices = new Map(
    choicesOf({ source, mapping }).map((choice) => [
      [...choice.rows].sort((one, other) => one - other).join(),
      choice.keep,
    ]),
  );
  return {
    source: source.digest,
    columns,
    groups: groups.map((all): RepeatedGroup => ({
      all: all.map((row) => SourceRowNumber.parse(row)),
      rows: all.flatMap((row) => rows.get(row) ?? []),
      choice: choices.get(all.join()) ?? null,
    })),
    total: Number(counted?.['n'] ?? 0),
  };
}

async function rowsOf(
  staging: Pick<StagingSql, 'query'>,
  alias: string,
  columns: readonly number[],
  numbers: readonly number[],
): Promise<Map<number, RepeatedRow>> {
  if (numbers.length === 0) return new Map();
  const { staged, repeated, rowIssue } = tablesOf(alias);
  const found = await staging.query(
    `SELECT s.row_number, r.decision, s.row_number IN (SELECT row_number FROM ${rowIssue}) AS kept, ${columns.map((column) => `s.${cell(column)}`).join(', ')}
     FROM ${staged} s LEFT JOIN ${repeated} r USING (row_number) WHERE s.row_number IN (${numbers.join(', ')})`,
  );
  return new Map(
    found.map((row) => [
      Number(row['row_number']),
      {
        row: SourceRowNumber.parse(Number(row['row_number'])),
        values: columns.map((column) => textOf(row, cell(column))),
        what: whatOf(row),
      },
    ]),
  );
}

function whatOf({ decision, kept }: SqlRow): RepeatedRow['what'] {
  if (kept === true) return 'notSent';
  if (decision === null || decision === undefined) return 'sent';
  return decision === 'merged' ? 'merged' : 'replaced';
}
