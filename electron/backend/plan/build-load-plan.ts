import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  bulkHeader,
  mappedColumns,
  matchColumn,
  sentColumns,
  type FieldMapping,
} from '../../../shared/domain/field-mapping.ts';
import { PlanId, type OrgId } from '../../../shared/domain/ids.ts';
import type { LoadPlan, PlanCounts } from '../../../shared/domain/load-plan.ts';
import {
  fieldNamed,
  isRequiredOnCreate,
  type FieldDescribe,
  type SObjectDescribe,
} from '../../../shared/domain/sobject.ts';
import { digestOf } from '../digest-of.ts';
import { foldKeySql, foldValueSql } from '../match/match-sql.ts';
import { ruleField } from '../validation/rule-field.ts';
import type { StagedSource } from '../source/staged-sources.ts';
import { quoteText } from '../tables/quote.ts';
import { createTable, PLANNED, tablesOf } from '../tables/tables.ts';
import { fetchCurrentRecords, soqlOf, type FetchTools } from './fetch-current-records.ts';

/** Raw bytes of one ingest job. Salesforce takes 150 MB of base64, about 112 MB raw, and advises 100 MB (Bulk API limits). */
export const JOB_BYTES = 90 * 1024 * 1024;

export interface PlanInput {
  readonly planId: PlanId;
  readonly orgId: OrgId;
  readonly source: StagedSource;
  readonly mapping: FieldMapping;
  readonly describe: SObjectDescribe;
  readonly parents: ReadonlyMap<string, SObjectDescribe>;
  /** Folder of the plan's own database and of query pages on their way into it. */
  readonly folder: string;
  readonly now: number;
}

/**
 * Works out what a load would do to every row of a checked source, and leaves it in the plan's own database:
 * `staged`, `mapped` and `row_issue` copied from the source, `current_record` as fetched, and
 * `planned(row_number, kind, id, of_row, decision, changed)`. Nothing is written to the org.
 */
export async function buildLoadPlan(
  tools: FetchTools,
  input: PlanInput,
  signal: AbortSignal,
  progress: (stage: 'fetching' | 'comparing', done: number) => void,
): Promise<LoadPlan> {
  const { staging } = tools;
  const { planId, source, mapping } = input;
  await mkdir(input.folder, { recursive: true, mode: 0o700 });
  const need = { columns: source.columns.length, joinedRows: source.rows };
  await staging.attach(planId, join(input.folder, 'plan.duckdb'), need);
  for (const table of ['staged', 'mapped', 'row_issue', 'repeated']) {
    await staging.run(`CREATE OR REPLACE TABLE ${planId}.${table} AS SELECT * FROM ${source.alias}.${table}`);
  }
  progress('fetching', 0);
  await blockMissingParents(tools, input, signal);
  await fetchMatches(tools, input, signal, (records) => progress('fetching', records));
  progress('comparing', 0);
  await blockUnmatched(tools, input);
  await classify(tools, input);

  const counts = await countKinds(tools, planId);
  const rowsDigest = await digestRows(tools, input);
  const facts = {
    orgId: input.orgId,
    sourceId: source.sourceId,
    sourceDigest: source.digest,
    mappingDigest: digestOf(mapping),
    describeDigest: digestOf(input.describe),
    mapping,
    currentRecordsFetchedAt: input.now,
    rows: source.rows,
    counts,
    changedFields: await countChanges(tools, input),
    jobs: await countJobs(tools, input),
  };
  return { planId, planDigest: digestOf([facts, rowsDigest]), ...facts };
}

/** Lookups by external id whose parent is not there (V29), or there more than once. */
async function blockMissingParents(tools: FetchTools, input: PlanInput, signal: AbortSignal): Promise<void> {
  const { planId, mapping, describe, parents } = input;
  for (const column of mappedColumns(mapping)) {
    const { target } = column;
    if (target.kind !== 'lookup' || mapping.operation === 'delete') continue;
    const parentField = ruleField(column, describe, parents);
    const table = `parent_${column.column}`;
    await fetchCurrentRecords(
      tools,
      {
        alias: planId,
        table,
        folder: input.folder,
        objectName: target.parentObject,
        keyField: parentField,
        keysSql: `SELECT DISTINCT v${column.column} AS k FROM ${planId}.mapped WHERE v${column.column} <> ''`,
        columns: [],
      },
      signal,
      () => undefined,
    );
    const facts = `json_object('parent', ${quoteText(target.parentObject)}, 'parentField', ${quoteText(target.parentField)}, 'value', a${column.column})`;
    await tools.staging.run(
      `INSERT INTO ${planId}.row_issue SELECT row_number, ${column.column}, CASE WHEN p.n IS NULL THEN 'LOOKUP_NOT_FOUND' ELSE 'LOOKUP_AMBIGUOUS' END, ${facts}
       FROM ${planId}.mapped m LEFT JOIN (SELECT ${foldKeySql('k', parentField)} AS k, count(*) AS n FROM ${planId}.${table} GROUP BY 1) p ON p.k = ${foldKeySql(`v${column.column}`, parentField)}
       WHERE v${column.column} <> '' AND (p.n IS NULL OR p.n > 1)
         AND row_number NOT IN (SELECT row_number FROM ${planId}.row_issue WHERE source_column = ${column.column})`,
    );
  }
}

async function fetchMatches(
  tools: FetchTools,
  input: PlanInput,
  signal: AbortSignal,
  progress: (records: number) => void,
): Promise<void> {
  const { planId, mapping, describe, parents } = input;
  const key = matchColumn(mapping);
  if (!key) {
    await tools.staging.run(`CREATE OR REPLACE TABLE ${planId}.current_record (k VARCHAR, id VARCHAR)`);
    return;
  }
  const others = mapping.operation === 'delete' ? [] : mappedColumns(mapping).filter((column) => column !== key);
  await fetchCurrentRecords(
    tools,
    {
      alias: planId,
      table: 'current_record',
      folder: input.folder,
      objectName: mapping.objectName,
      keyField: ruleField(key, describe, parents),
      keysSql: `SELECT DISTINCT v${key.column} AS k FROM ${planId}.mapped ANTI JOIN ${planId}.row_issue USING (row_number) WHERE v${key.column} <> ''`,
      columns: [
        ...others.map((column) => ({
          name: `o${column.column}`,
          soql: soqlOf(column.target),
          field: ruleField(column, describe, parents),
        })),
        ...stampColumn(describe),
      ],
    },
    signal,
    progress,
  );
}

/** When each record was last changed, by the org's own clock: how a later change is told from none. */
function stampColumn(describe: SObjectDescribe): { name: string; soql: string; field: FieldDescribe }[] {
  const field = fieldNamed(describe, 'SystemModstamp');
  return field ? [{ name: 'stamp', soql: field.name, field }] : [];
}

/** Rows that the org could not take: no record, several records, or a new record without what it must have. */
async function blockUnmatched(tools: FetchTools, input: PlanInput): Promise<void> {
  const { planId, mapping, describe, parents } = input;
  const { staging } = tools;
  const key = matchColumn(mapping);
  const fold = (sql: string) => (key ? foldKeySql(sql, ruleField(key, describe, parents)) : sql);
  await staging.run(
    `CREATE OR REPLACE TABLE ${planId}.matched AS SELECT ${fold('k')} AS k, count(*) AS n, min(id) AS id, string_agg(id, ', ') AS ids
     FROM ${planId}.current_record GROUP BY 1`,
  );
  if (!key) return;
  const rowKey = fold(`m.v${key.column}`);
  const open = `FROM ${planId}.mapped m ANTI JOIN ${planId}.row_issue USING (row_number)`;
  await staging.run(
    `INSERT INTO ${planId}.row_issue SELECT m.row_number, ${key.column}, 'MATCH_AMBIGUOUS', json_object('records', c.ids, 'count', c.n)
     ${open} JOIN ${planId}.matched c ON c.k = ${rowKey} WHERE c.n > 1`,
  );
  if (mapping.operation === 'update' || mapping.operation === 'delete') {
    await staging.run(
      `INSERT INTO ${planId}.row_issue SELECT m.row_number, ${key.column}, 'RECORD_NOT_FOUND', '{}' ${open} LEFT JOIN ${planId}.matched c ON c.k = ${rowKey} WHERE c.k IS NULL`,
    );
    return;
  }
  for (const field of describe.fields.filter(isRequiredOnCreate)) {
    const column = mappedColumns(mapping).find(({ target }) => target.field === field.name);
    const blank = column ? `m.a${column.column} IN ('', '#N/A')` : 'true';
    const facts = quoteText(JSON.stringify({ field: field.label, object: describe.labelPlural }));
    await staging.run(
      `INSERT INTO ${planId}.row_issue SELECT m.row_number, ${column?.column ?? -1}, 'REQUIRED_BLANK', ${facts} ${open}
       LEFT JOIN ${planId}.matched c ON c.k = ${rowKey} WHERE c.k IS NULL AND ${blank}`,
    );
  }
}

async function classify(tools: FetchTools, input: PlanInput): Promise<void> {
  const { planId, mapping, describe, parents } = input;
  const { planned } = tablesOf(planId);
  const key = matchColumn(mapping);
  const compared =
    key && mapping.operation !== 'delete' ? mappedColumns(mapping).filter((column) => column !== key) : [];
  // A blank cell is not sent, so it changes nothing; #N/A clears, so it changes what is not blank.
  const changes = compared.map((column) => {
    const n = column.column;
    const fold = (sql: string) => foldValueSql(sql, ruleField(column, describe, parents), column.target);
    return `CASE WHEN m.a${n} <> '' AND ${fold(`m.v${n}`)} <> ${fold(`coalesce(c.o${n}, '')`)} THEN ${n} END`;
  });
  const changed =
    changes.length > 0 ? `list_filter([${changes.join(', ')}], lambda x: x IS NOT NULL)` : '[]::INTEGER[]';
  const matches = key
    ? `LEFT JOIN ${planId}.matched g ON g.k = ${foldKeySql(`m.v${key.column}`, ruleField(key, describe, parents))} LEFT JOIN ${planId}.current_record c ON c.id = g.id`
    : 'LEFT JOIN (SELECT NULL::VARCHAR AS id) g ON false LEFT JOIN (SELECT NULL::VARCHAR AS id) c ON false';
  const whenMatched =
    mapping.operation === 'delete' ? "'delete'" : `CASE WHEN len(changed) = 0 THEN 'unchanged' ELSE 'update' END`;
  await tools.staging.run(
    `${createTable(planned, PLANNED)};
     INSERT INTO ${planned} WITH compared AS (
       SELECT s.row_number, g.id AS id, CASE WHEN g.id IS NULL THEN []::INTEGER[] ELSE ${changed} END AS changed
       FROM ${planId}.staged s LEFT JOIN ${planId}.mapped m USING (row_number) ${matches})
     SELECT row_number,
       CASE WHEN b.row_number IS NOT NULL THEN 'blocked' WHEN r.row_number IS NOT NULL THEN 'duplicate' WHEN id IS NULL THEN 'insert' ELSE ${whenMatched} END AS kind,
       id, r.of_row, r.decision, changed
     FROM compared LEFT JOIN (SELECT DISTINCT row_number FROM ${planId}.row_issue) b USING (row_number) LEFT JOIN ${planId}.repeated r USING (row_number)
     ORDER BY row_number`,
  );
}

async function countKinds(tools: FetchTools, planId: PlanId): Promise<PlanCounts> {
  const counts: PlanCounts = { insert: 0, update: 0, delete: 0, unchanged: 0, duplicate: 0, blocked: 0 };
  for (const row of await tools.staging.query(`SELECT kind, count(*) AS n FROM ${planId}.planned GROUP BY kind`)) {
    counts[String(row['kind']) as keyof PlanCounts] = Number(row['n']);
  }
  return counts;
}

async function countChanges(tools: FetchTools, input: PlanInput): Promise<LoadPlan['changedFields']> {
  const { planId, mapping } = input;
  const rows = await tools.staging.query(
    `SELECT source_column, count(*) AS n FROM (SELECT unnest(changed) AS source_column FROM ${planId}.planned WHERE kind = 'update') GROUP BY 1 ORDER BY n DESC`,
  );
  const changedFields: LoadPlan['changedFields'] = [];
  for (const row of rows) {
    const column = mappedColumns(mapping).find((candidate) => candidate.column === Number(row['source_column']));
    if (!column) continue;
    const [cleared] = await tools.staging.query(
      `SELECT count(*) AS n FROM ${planId}.planned p JOIN ${planId}.mapped m USING (row_number)
       WHERE p.kind = 'update' AND list_contains(p.changed, ${column.column}) AND m.a${column.column} = '#N/A'`,
    );
    changedFields.push({
      field: bulkHeader(column.target),
      rows: Number(row['n']),
      cleared: Number(cleared?.['n'] ?? 0),
    });
  }
  return changedFields;
}

async function countJobs(tools: FetchTools, input: PlanInput): Promise<number> {
  const bytes = sentColumns(input.mapping)
    .map(({ column }) => `strlen(m.a${column}) + 3`)
    .join(' + ');
  const [sum] = await tools.staging.query(
    `SELECT coalesce(sum(${bytes || '0'}), 0) AS bytes FROM ${input.planId}.planned p JOIN ${input.planId}.mapped m USING (row_number)
     WHERE p.kind IN ('insert', 'update', 'delete')`,
  );
  return Math.ceil(Number(sum?.['bytes'] ?? 0) / JOB_BYTES);
}

/** Order-free digest over what each row would do and send, so that a plan's digest covers every row. */
async function digestRows(tools: FetchTools, input: PlanInput): Promise<string> {
  const sent = sentColumns(input.mapping).map(({ column }) => `m.a${column}`);
  const [row] = await tools.staging.query(
    `SELECT sum(hash(${['p.row_number', 'p.kind', "coalesce(p.id, '')", ...sent].join(', ')})::HUGEINT)::VARCHAR AS digest
     FROM ${input.planId}.planned p LEFT JOIN ${input.planId}.mapped m USING (row_number)`,
  );
  return String(row?.['digest'] ?? '');
}
