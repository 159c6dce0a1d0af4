import { SourceRowNumber, type PlanId } from '../../../shared/domain/ids.ts';
import {
  OutcomeKind,
  type ErrorGroup,
  type ErrorReason,
  type OutcomeRow,
  type ReportFile,
} from '../../../shared/domain/load-results.ts';
import { FILE_OUTCOMES } from '../../../shared/domain/row-groups.ts';
import { REFUSAL } from '../load/failure-groups.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import { textOf } from '../staging/staging-functions.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { cell, tablesOf } from '../tables/tables.ts';

/** What became of the rows, with their kinds as they are told apart today: repeated rows of earlier loads are among the skipped. */
export function outcomeRows(planId: PlanId): string {
  const { outcome } = tablesOf(planId);
  return `(SELECT row_number, CASE WHEN kind = 'skipped' AND error LIKE 'Longshore:%' THEN 'repeated' ELSE kind END AS kind, id, error FROM ${outcome})`;
}

/** Which of those rows a result file holds. */
export function inFile(file: ReportFile): string {
  return `kind IN (${FILE_OUTCOMES[file].map((kind) => `'${kind}'`).join(', ')})`;
}

/** Of rows in the error file, what their reason is: its code, and the fields that Salesforce names. */
const REASON = {
  code: REFUSAL.code,
  fields: `CASE WHEN kind = 'failed' THEN ${REFUSAL.fields} ELSE '' END`,
} as const;

/** The rows of the error file grouped by their code: what one fix would mend. */
export async function errorGroups(staging: StagingClient, { plan }: StoredPlan): Promise<ErrorGroup[]> {
  const rows = await staging.query(
    `WITH coded AS (SELECT row_number, error, ${REASON.code} AS code, ${REASON.fields} AS fields FROM ${outcomeRows(plan.planId)} WHERE ${inFile('error')})
     SELECT code, fields, count(*) AS n, min(row_number) AS first_row, arg_min(error, row_number) AS message FROM coded GROUP BY code, fields ORDER BY n DESC LIMIT 200`,
  );
  return rows.map((row) => ({
    statusCode: String(row['code']),
    fields: textOf(row, 'fields'),
    rows: Number(row['n']),
    example: { row: SourceRowNumber.parse(Number(row['first_row'])), message: String(row['message']) },
  }));
}

/** Which rows are wanted: those of some kinds, or those of one error group. */
interface OutcomeFilter {
  readonly kinds: readonly OutcomeKind[];
  readonly reason: ErrorReason | null;
}

/** A page of rows by outcome, in file order, with their original cells. */
export async function outcomePage(
  staging: StagingClient,
  { plan, columns }: StoredPlan,
  { kinds, reason }: OutcomeFilter,
  offset: number,
  limit: number,
): Promise<{ rows: OutcomeRow[]; total: number; columns: string[] }> {
  const { staged } = tablesOf(plan.planId);
  const outcome = outcomeRows(plan.planId);
  const list = kinds.map((kind) => `'${OutcomeKind.parse(kind)}'`).join(', ') || "''";
  const wanted =
    reason === null ? `kind IN (${list})` : `${inFile('error')} AND ${REASON.code} = ? AND ${REASON.fields} = ?`;
  const given = reason === null ? [] : [reason.statusCode, reason.fields];
  // Which rows, before what is in them: whole rows of millions are never put beside one another.
  const from = `FROM ${outcome} WHERE ${wanted}`;
  const [counted] = await staging.query(`SELECT count(*) AS n ${from}`, given);
  const found = await staging.query(
    `SELECT row_number ${from} ORDER BY row_number LIMIT ${limit} OFFSET ${offset}`,
    given,
  );
  const inPage = `row_number IN (${found.map((row) => Number(row['row_number'])).join(',') || '-1'})`;
  const rows = await staging.query(
    `SELECT o.*, s.line, s.* EXCLUDE (row_number, line) FROM ${outcome} o JOIN ${staged} s USING (row_number)
     WHERE o.${inPage} AND s.${inPage} ORDER BY o.row_number`,
  );
  return {
    total: Number(counted?.['n'] ?? 0),
    columns,
    rows: rows.map((row) => ({
      row: SourceRowNumber.parse(Number(row['row_number'])),
      line: Number(row['line']),
      kind: OutcomeKind.parse(row['kind']),
      id: textOf(row, 'id'),
      error: textOf(row, 'error'),
      cells: columns.map((_, index) => textOf(row, cell(index))),
    })),
  };
}
