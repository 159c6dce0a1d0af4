import { join } from 'node:path';
import {
  matchColumn,
  sentColumns,
  type FieldMapping,
  type MappedColumn,
  type Operation,
} from '../../../shared/domain/field-mapping.ts';
import type { PlanId } from '../../../shared/domain/ids.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { foldKeySql } from '../match/match-sql.ts';
import type { StagingClient, StagingSql } from '../staging/staging-client.ts';
import { quoteText } from '../tables/quote.ts';
import {
  createTable,
  PAIRED,
  resultShape,
  resultText,
  sent,
  sentShape,
  tablesOf,
  type Step,
} from '../tables/tables.ts';
import { sentField } from '../validation/rule-field.ts';
import { RESULT_FILES, type ResultFile } from './ingest-job-client.ts';
import { readResultFile } from './read-result-file.ts';

export interface ReconcileInput {
  readonly planId: PlanId;
  readonly step?: Step;
  readonly mapping: FieldMapping;
  readonly describe: SObjectDescribe;
  /** Describes of parent objects, by name in lower case. */
  readonly parents: ReadonlyMap<string, SObjectDescribe>;
  readonly folder: string;
  readonly part: number;
  readonly jobId: string;
  /** The result files in the folder that are to be used. Rows that only others could tell of stay unknown. */
  readonly files: readonly ResultFile[];
}

/** How the result files and the rows that were sent go together. Nothing in it is guessed, so that a caller can judge the files. */
export interface Reconciled {
  /** Rows of each file; 0 for one that is not used, empty or unreadable. */
  readonly rows: Record<ResultFile, number>;
  /** Used files that are no result file of this upload: HTML, garbage, cut off, other columns. Nothing was taken from them. */
  readonly unreadable: readonly ResultFile[];
  /** Rows sent that a result tells of. */
  readonly matched: number;
  /** Results that tell of no row that was sent, or of one more often than it was sent, by the file they are in. */
  readonly foreign: Record<ResultFile, number>;
  /** Rows sent that no result tells of: their outcome is `unknown`. */
  readonly missing: number;
}

/**
 * Gives every row of a part exactly one outcome, in the place of any it had. Results come in any order and carry no row
 * number, so rows are found again by what identifies them: the match value (unique within a plan), or for inserts all cells,
 * as a multiset. Both sides are compared in canonical form, made in the same way from the text that was sent and from the
 * text that came back, because numbers come back re-serialised (Bulk API 2.0 guide). Where more results than rows
 * have one identity, none of them is used: which one is true can't be told.
 */
export async function reconcileResults(
  staging: Pick<StagingClient, 'until' | 'canonicalise'>,
  input: ReconcileInput,
  signal: AbortSignal,
): Promise<Reconciled> {
  const { planId, mapping, part, files, folder } = input;
  const { result, sentRows, paired } = tablesOf(planId);
  const [found, submitted, pairs] = [result(part), sentRows(part), paired(part)];
  const sql = staging.until(signal);
  const key = matchColumn(mapping);
  const columns = sentColumns(mapping);
  const compared = key ? [key] : columns;
  const places = compared.map(({ column }) => column);
  await sql.run(`${createTable(found, resultShape(places))}; ${createTable(pairs, PAIRED)}`);
  const rows = { ...NO_ROWS };
  const unreadable: ResultFile[] = [];
  for (const kind of RESULT_FILES.filter((one) => files.includes(one))) {
    const path = join(folder, `part-${part}-${kind}.csv`);
    const read = await readResultFile(sql, found, { sent: columns, kept: compared }, kind, path, signal);
    if (read === null) unreadable.push(kind);
    else rows[kind] = read;
  }
  await sql.run(takeSent(input, places));
  const fieldOf = (column: MappedColumn) => sentField(column, input.describe, input.parents);
  for (const [table, name] of [
    [submitted, sent],
    [found, resultText],
  ] as const) {
    const forms = compared.map((column) => ({ name: name(column.column), field: fieldOf(column) }));
    await staging.canonicalise(table, forms, signal);
  }
  const identity = (name: (column: number) => string, cell: (sql: string) => string) =>
    tuple(compared.map(({ column }) => cell(name(column))));
  for (const cell of key ? [(text: string) => foldKeySql(text, fieldOf(key))] : [asSent, asCleared])
    await sql.run(pairUp(submitted, found, pairs, identity(sent, cell), identity(resultText, cell)));
  await sql.run(writeOutcomes(input));
  const counted = await countPairs(sql, planId, part);
  await sql.run(`DROP TABLE ${pairs}; DROP TABLE ${submitted}; DROP TABLE ${found}`);
  return { rows, unreadable, ...counted };
}

const NO_ROWS: Readonly<Record<ResultFile, number>> = { successfulResults: 0, failedResults: 0, unprocessedrecords: 0 };

async function countPairs(
  sql: StagingSql,
  planId: PlanId,
  part: number,
): Promise<Pick<Reconciled, 'matched' | 'foreign' | 'missing'>> {
  const { result, sentRows, paired } = tablesOf(planId);
  const [of] = await sql.query(
    `SELECT (SELECT count(*) FROM ${paired(part)}) AS matched, (SELECT count(*) FROM ${sentRows(part)}) AS sent`,
  );
  const matched = Number(of?.['matched']);
  const foreign = { ...NO_ROWS };
  const left = await sql.query(
    `SELECT file, count(*) AS n FROM ${result(part)} f WHERE NOT EXISTS (SELECT 1 FROM ${paired(part)} p WHERE p.result_row = f.rowid) GROUP BY file`,
  );
  for (const { file, n } of left) {
    const kind = RESULT_FILES.find((one) => one === file);
    if (kind) foreign[kind] = Number(n);
  }
  return { matched, foreign, missing: Number(of?.['sent']) - matched };
}

function asSent(text: string): string {
  return text;
}

/** How a cleared cell comes back is not documented: as `#N/A`, which tells it from a blank one, or as nothing. */
function asCleared(text: string): string {
  return `CASE WHEN ${text} = '#N/A' THEN '' ELSE ${text} END`;
}

/** The cells as one number, each with its length so that no two rows run into one another; 128 bits, so that no two meet. */
function tuple(cells: string[]): string {
  return `md5_number(concat(${cells.map((cell) => `strlen(${cell}), ':', ${cell}`).join(', ')}))`;
}

function takeSent({ planId, part, step }: ReconcileInput, places: readonly number[]): string {
  const { sentRows, submission, mapped } = tablesOf(planId, step);
  return `${createTable(sentRows(part), sentShape(places))};
    INSERT INTO ${sentRows(part)} SELECT s.row_number, ${places.map((place) => `m.${sent(place)}`).join(', ')}
    FROM ${submission} s JOIN ${mapped} m USING (row_number) WHERE s.part = ${part}`;
}

/** Pairs rows and results of one identity that have no pair yet, the first with the first and so on. */
function pairUp(submitted: string, found: string, pairs: string, ofRow: string, ofResult: string): string {
  return `INSERT INTO ${pairs}
    WITH open_row AS (
      SELECT row_number, ${ofRow} AS identity FROM ${submitted} ANTI JOIN ${pairs} USING (row_number)),
    open_result AS (
      SELECT rowid AS result_row, ${ofResult} AS identity FROM ${found} f WHERE NOT EXISTS (SELECT 1 FROM ${pairs} p WHERE p.result_row = f.rowid)),
    nth_row AS (
      SELECT row_number, identity, row_number() OVER (PARTITION BY identity ORDER BY row_number) AS nth,
        count(*) OVER (PARTITION BY identity) AS n FROM open_row),
    nth_result AS (
      SELECT result_row, identity, row_number() OVER (PARTITION BY identity ORDER BY result_row) AS nth,
        count(*) OVER (PARTITION BY identity) AS n FROM open_result)
    SELECT u.row_number, f.result_row FROM nth_row u JOIN nth_result f USING (identity, nth) WHERE f.n <= u.n`;
}

/** What has become of rows that succeeded, as SQL; of an upsert it says whether the record was created. */
export function succeededSql(wasCreated: string): Readonly<Record<Operation, string>> {
  return {
    insert: "'created'",
    update: "'updated'",
    delete: "'deleted'",
    hardDelete: "'deleted'",
    undelete: "'undeleted'",
    upsert: `CASE WHEN ${wasCreated} THEN 'created' ELSE 'updated' END`,
  };
}

/** In one transaction: a part has all its old outcomes or all its new ones. */
function writeOutcomes({ planId, mapping, part, jobId, step }: ReconcileInput): string {
  const { outcome, submission, sentRows, paired, result } = tablesOf(planId, step);
  const succeeded = succeededSql("lower(f.detail) = 'true'")[mapping.operation];
  const unknown = quoteText(`Longshore: no result for this row in job ${jobId}`);
  return `BEGIN TRANSACTION;
    DELETE FROM ${outcome} WHERE row_number IN (SELECT row_number FROM ${submission} WHERE part = ${part});
    INSERT INTO ${outcome}
    SELECT u.row_number,
      CASE f.file WHEN 'successfulResults' THEN ${succeeded} WHEN 'failedResults' THEN 'failed' WHEN 'unprocessedrecords' THEN 'unprocessed' ELSE 'unknown' END,
      coalesce(f.id, ''),
      CASE WHEN f.file IS NULL THEN ${unknown} WHEN f.file = 'failedResults' THEN f.detail ELSE '' END
    FROM ${sentRows(part)} u LEFT JOIN ${paired(part)} p USING (row_number) LEFT JOIN ${result(part)} f ON f.rowid = p.result_row;
    COMMIT`;
}
