import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { matchColumn, sentColumns, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { PlanId } from '../../../shared/domain/ids.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { foldKeySql } from '../match/match-sql.ts';
import { quoteText } from '../tables/quote.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { ruleField } from '../validation/rule-field.ts';
import { RESULT_FILES, type ResultFile } from './ingest-job-client.ts';

export interface ReconcileInput {
  readonly planId: PlanId;
  readonly mapping: FieldMapping;
  readonly describe: SObjectDescribe;
  readonly parents: ReadonlyMap<string, SObjectDescribe>;
  readonly folder: string;
  readonly part: number;
  readonly jobId: string;
  /** False if the job ended early: then rows in no file are unknown rather than an alarm. */
  readonly complete: boolean;
}

/**
 * Gives every row of a part its outcome from the three result files. They come in any order and carry no row number,
 * so rows are found again by what identifies them: the match value (unique among the rows of a plan), or for inserts
 * the whole row as submitted, as a multiset, in canonical form because numbers come back re-serialised.
 */
export async function reconcileResults(
  staging: StagingClient,
  input: ReconcileInput,
  signal: AbortSignal,
): Promise<void> {
  const { planId, mapping, part } = input;
  const sent = sentColumns(mapping);
  const names = sent.map(({ column }) => `r${column}`);
  const table = `${planId}.result_${part}`;
  await staging.run(
    `CREATE OR REPLACE TABLE ${table} (outcome VARCHAR, id VARCHAR, detail VARCHAR, ${names.map((name) => `${name} VARCHAR`).join(', ')})`,
  );
  for (const kind of RESULT_FILES)
    await importResults(staging, table, names, kind, join(input.folder, `part-${part}-${kind}.csv`));

  const fields = sent.map((column) => ({
    column: column.column,
    field: ruleField(column, input.describe, input.parents),
  }));
  const key = matchColumn(mapping);
  const compared = key ? fields.filter(({ column }) => column === key.column) : fields;
  await staging.canonicalise(
    table,
    compared.map(({ column, field }) => ({ name: `r${column}`, field })),
    signal,
  );
  // The same form for both sides: what is blank or #N/A was sent as such and comes back as such.
  const fold = (sql: string) => (key ? foldKeySql(sql, ruleField(key, input.describe, input.parents)) : sql);
  const rowIdentity = key
    ? fold(`m.v${key.column}`)
    : tuple(
        compared.map(({ column }) => `CASE WHEN m.a${column} IN ('', '#N/A') THEN m.a${column} ELSE m.v${column} END`),
      );
  const resultIdentity = key ? fold(`r${key.column}`) : tuple(compared.map(({ column }) => `r${column}`));
  const whenSucceeded =
    mapping.operation === 'delete' ? "'deleted'" : "CASE WHEN f.detail = 'true' THEN 'created' ELSE 'updated' END";
  await staging.run(
    `DELETE FROM ${planId}.outcome WHERE row_number IN (SELECT row_number FROM ${planId}.submission WHERE part = ${part});
     INSERT INTO ${planId}.outcome
     WITH submitted AS (
       SELECT s.row_number, ${rowIdentity} AS identity, row_number() OVER (PARTITION BY ${rowIdentity} ORDER BY s.row_number) AS nth
       FROM ${planId}.submission s JOIN ${planId}.mapped m USING (row_number) WHERE s.part = ${part}),
     found AS (
       SELECT outcome, id, detail, ${resultIdentity} AS identity, row_number() OVER (PARTITION BY ${resultIdentity} ORDER BY outcome DESC) AS nth FROM ${table})
     SELECT u.row_number,
       CASE WHEN f.outcome IS NULL THEN 'unknown' WHEN f.outcome = 'succeeded' THEN ${whenSucceeded} ELSE f.outcome END AS kind,
       coalesce(f.id, '') AS id,
       CASE WHEN f.outcome = 'failed' THEN f.detail WHEN f.outcome IS NULL THEN ${quoteText(`Longshore: no result for this row in job ${input.jobId}`)} ELSE '' END AS error
     FROM submitted u LEFT JOIN found f USING (identity, nth)`,
  );
}

function tuple(parts: string[]): string {
  return `concat_ws(chr(31), ${parts.join(', ')})`;
}

/** Reads one result file into the common table. Its header is ours, in our order, after the columns Salesforce adds. */
async function importResults(
  staging: StagingClient,
  table: string,
  names: string[],
  kind: ResultFile,
  file: string,
): Promise<void> {
  const size = await stat(file).then(
    (facts) => facts.size,
    () => 0,
  );
  // A job without rows has bodies without a header.
  if (size === 0) return;
  const lead = kind === 'unprocessedrecords' ? [] : ['sf_id', 'sf_detail'];
  const outcome = { successfulResults: 'succeeded', failedResults: 'failed', unprocessedrecords: 'unprocessed' }[kind];
  const columns = [...lead, ...names];
  const id = lead.length > 0 ? "coalesce(sf_id, '')" : "''";
  const detail = lead.length > 0 ? "coalesce(sf_detail, '')" : "''";
  await staging.run(
    `INSERT INTO ${table} SELECT '${outcome}', ${id}, ${detail}, ${names.map((name) => `coalesce(${name}, '')`).join(', ')}
     FROM read_csv(${quoteText(file)}, columns = {${columns.map((name) => `'${name}': 'VARCHAR'`).join(', ')}}, auto_detect = false, header = true,
       delim = ',', quote = '"', escape = '"', new_line = '\\n', buffer_size = 8388608, max_line_size = 2097152)`,
  );
}
