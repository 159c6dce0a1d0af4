import { loadWay } from '../../../shared/domain/choose-way.ts';
import { bulkHeader, mappedColumns, sentColumns, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { Digest, PlanId } from '../../../shared/domain/ids.ts';
import { BATCH_BYTES, BATCH_ROWS, batchesOf } from '../../../shared/domain/load-forecast.ts';
import { PolicyCode } from '../../../shared/domain/field-issue.ts';
import { PlannedKind, type LoadPlan, type PlanCounts } from '../../../shared/domain/load-plan.ts';
import { digestOf } from '../digest-of.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { textOf } from '../staging/staging-functions.ts';
import { sumSql } from '../tables/sum-sql.ts';
import { POLICY_SQL, sent, SENT_KINDS, tablesOf } from '../tables/tables.ts';
import { IS_DECIDED } from './decided-rows.ts';
import { measureSimilar } from './similar/similar-state.ts';

/** What a plan is measured by. */
export interface PlanMeasures {
  readonly planId: PlanId;
  readonly mapping: FieldMapping;
  /** Of the source. */
  readonly rows: number;
  readonly jobBytes: number;
}

type Measured = Pick<
  LoadPlan,
  'counts' | 'changedFields' | 'leftOut' | 'decided' | 'similar' | 'secondStep' | 'jobs' | 'batches'
>;

/** Everything in a plan that follows from what its rows would do. */
export async function measurePlan(staging: StagingSql, measures: PlanMeasures): Promise<Measured> {
  return {
    counts: await countKinds(staging, measures),
    changedFields: await countChanges(staging, measures),
    leftOut: await countLeftOut(staging, measures),
    decided: await countDecided(staging, measures),
    similar: await measureSimilar(staging, measures),
    secondStep: await countSecondStep(staging, measures),
    ...(await countJobs(staging, measures)),
  };
}

/** A plan of which rows were changed, with all that follows from them. */
export async function measureAgain(staging: StagingSql, plan: LoadPlan): Promise<LoadPlan> {
  const { planId, planDigest: _digest, ...before } = plan;
  const { mapping, rows, jobBytes } = plan;
  const facts = { ...before, ...(await measurePlan(staging, { planId, mapping, rows, jobBytes })) };
  return { planId, planDigest: await digestPlan(staging, facts, planId), ...facts };
}

/** The digest that a plan of these facts and rows has. */
export async function digestPlan(
  staging: StagingSql,
  { carried: _carried, ...facts }: Omit<LoadPlan, 'planId' | 'planDigest'>,
  planId: PlanId,
): Promise<Digest> {
  return digestOf([facts, await digestRows(staging, { planId, mapping: facts.mapping })]);
}

/** Rows by kind. They are all of the source's, or it is a bug. */
async function countKinds(staging: StagingSql, { planId, rows: all }: PlanMeasures): Promise<PlanCounts> {
  const counts: PlanCounts = {
    insert: 0,
    update: 0,
    delete: 0,
    undelete: 0,
    unchanged: 0,
    duplicate: 0,
    leftOut: 0,
    blocked: 0,
  };
  const { planned } = tablesOf(planId);
  for (const row of await staging.query(`SELECT kind, count(*) AS n FROM ${planned} GROUP BY kind`))
    counts[PlannedKind.parse(row['kind'])] = Number(row['n']);
  const rows = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (rows !== all) throw new Error(`${rows} rows were planned of ${all}`);
  return counts;
}

/** How many rows would change each field, and how many of them fill or clear it; most changed first. */
async function countChanges(
  staging: StagingSql,
  { planId, mapping }: PlanMeasures,
): Promise<LoadPlan['changedFields']> {
  const { planned } = tablesOf(planId);
  const rowsBy = async (list: 'changed' | 'filled' | 'cleared') => {
    const found = await staging.query(
      `SELECT source_column, count(*) AS n FROM (SELECT unnest(${list}) AS source_column FROM ${planned} WHERE kind = 'update') GROUP BY 1`,
    );
    return new Map(found.map((row) => [Number(row['source_column']), Number(row['n'])]));
  };
  const [changed, filled, cleared] = [await rowsBy('changed'), await rowsBy('filled'), await rowsBy('cleared')];
  return mappedColumns(mapping)
    .map(({ column, target }) => ({
      field: bulkHeader(target),
      rows: changed.get(column) ?? 0,
      filled: filled.get(column) ?? 0,
      cleared: cleared.get(column) ?? 0,
    }))
    .filter(({ rows }) => rows > 0)
    .sort((one, other) => other.rows - one.rows);
}

async function countLeftOut(staging: StagingSql, { planId, mapping }: PlanMeasures): Promise<LoadPlan['leftOut']> {
  const found = await staging.query(
    `SELECT source_column, count(*) AS n FROM ${tablesOf(planId).leftOut} GROUP BY source_column`,
  );
  const rows = new Map(found.map((row) => [Number(row['source_column']), Number(row['n'])]));
  return {
    rows: rows.get(-1) ?? 0,
    fields: mappedColumns(mapping)
      .map(({ column, target }) => ({ field: bulkHeader(target), rows: rows.get(column) ?? 0 }))
      .filter((field) => field.rows > 0),
    policies: await countPolicies(staging, planId),
  };
}

/** Rows that the mapping's policies leave out, by which of them; a row that a person left out as well is counted as that. */
async function countPolicies(staging: StagingSql, planId: PlanId): Promise<LoadPlan['leftOut']['policies']> {
  const { planned, rowIssue } = tablesOf(planId);
  const found = await staging.query(
    `SELECT code, count(*) AS n FROM (SELECT row_number, any_value(code) AS code FROM ${rowIssue} GROUP BY row_number HAVING bool_and(code IN (${POLICY_SQL})))
     JOIN ${planned} USING (row_number) WHERE kind = 'leftOut' GROUP BY 1 ORDER BY 1`,
  );
  return found.map((row) => ({ code: PolicyCode.parse(row['code']), rows: Number(row['n']) }));
}

/** Rows by what comes of what was decided of them; with one that is skipped go those that it stands for. */
async function countDecided(staging: StagingSql, { planId }: PlanMeasures): Promise<LoadPlan['decided']> {
  const { rowDecision, rowIssue, planned } = tablesOf(planId);
  const of = (decision: string, kind: string) => `count(*) FILTER (d.decision = '${decision}' AND p.kind = '${kind}')`;
  const [counted] = await staging.query(
    `SELECT ${of('update', 'update')} AS updates, ${of('merge', 'update')} AS merged,
       ${of('update', 'unchanged')} + ${of('merge', 'unchanged')} AS same, ${of('create', 'insert')} AS created,
       (SELECT count(DISTINCT row_number) FROM ${rowIssue} JOIN ${planned} USING (row_number)
        WHERE code = 'LEFT_OUT_RESEMBLES' AND kind = 'leftOut') AS skipped
     FROM ${rowDecision} d JOIN ${planned} p USING (row_number)`,
  );
  const number = (name: string) => Number(counted?.[name] ?? 0);
  return {
    update: number('updates'),
    merge: number('merged'),
    unchanged: number('same'),
    skip: number('skipped'),
    create: number('created'),
  };
}

/**
 * How many jobs the rows will fill, level by level of parents within the file, by the most that their cells take when they are
 * written: every quote doubled, and three bytes around each; and the batches that these jobs take. Rows that a person has decided to be
 * records are in jobs of their own, with the Ids of these.
 */
async function countJobs(
  staging: StagingSql,
  { planId, mapping, jobBytes }: PlanMeasures,
): Promise<Pick<LoadPlan, 'jobs' | 'batches'>> {
  const { planned, mapped, level } = tablesOf(planId);
  const bytes = sentColumns(mapping).map(({ column }) => {
    const text = `m.${sent(column)}`;
    // Few cells have quotes, and to take them out of all is dear.
    const quotes = `CASE WHEN contains(${text}, '"') THEN strlen(${text}) - strlen(replace(${text}, '"', '')) ELSE 0 END`;
    return `strlen(${text}) + ${quotes} + 3`;
  });
  const levels = await staging.query(
    `SELECT coalesce(l.level, 0) AS level, count(*) AS n, sum(${sumSql(bytes)} + CASE WHEN ${IS_DECIDED} THEN ${ID_BYTES} ELSE 0 END) AS bytes FROM ${planned} p JOIN ${mapped} m USING (row_number)
     LEFT JOIN ${level} l USING (row_number) WHERE p.kind IN (${SENT_KINDS}) GROUP BY 1, ${IS_DECIDED}`,
  );
  const rowsOf = (row: { readonly n?: unknown }) => Number(row.n ?? 0);
  const isByBatch =
    loadWay(
      mapping,
      levels.reduce((sum, row) => sum + rowsOf(row), 0),
    ) === 'bulk-1';
  const steps = [...levels, await secondStepSize(staging, planId)].map((row) => {
    const inBytes = (most: number) => Math.ceil(Number(row['bytes'] ?? 0) / most);
    const jobs = isByBatch
      ? Math.max(inBytes(Math.min(jobBytes, BATCH_BYTES)), Math.ceil(Number(row['n'] ?? 0) / BATCH_ROWS))
      : inBytes(jobBytes);
    return { jobs, ...batchesOf(Number(row['n'] ?? 0), jobs) };
  });
  const sum = (of: 'jobs' | 'least' | 'most') => steps.reduce((all, step) => all + step[of], 0);
  return { jobs: sum('jobs'), batches: { least: sum('least'), most: sum('most') } };
}

/** An Id as a cell, and a blank one, by the measure of `countJobs`. */
const ID_BYTES = 21;
const BLANK_BYTES = 3;

/** What the second step takes at most: of each row its Id, and an Id or a blank for each lookup that any row is given then. */
async function secondStepSize(staging: StagingSql, planId: PlanId): Promise<{ n: number; bytes: number }> {
  const [counted] = await staging.query(
    `SELECT count(*) AS cells, count(DISTINCT row_number) AS n, count(DISTINCT source_column) AS columns FROM ${tablesOf(planId).laterCell}`,
  );
  const [cells = 0, rows = 0, columns = 0] = [counted?.['cells'], counted?.['n'], counted?.['columns']].map(Number);
  return { n: rows, bytes: ID_BYTES * (rows + cells) + BLANK_BYTES * (rows * columns - cells) };
}

/** Which lookups how many rows are given in a second step, when the rows that they name have their records. */
async function countSecondStep(
  staging: StagingSql,
  { planId, mapping }: PlanMeasures,
): Promise<LoadPlan['secondStep']> {
  const { laterCell } = tablesOf(planId);
  const [counted] = await staging.query(`SELECT count(DISTINCT row_number) AS n FROM ${laterCell}`);
  const found = await staging.query(
    `SELECT source_column, count(*) AS n FROM ${laterCell} GROUP BY 1 ORDER BY n DESC, 1`,
  );
  const fields = found.flatMap((row) => {
    const column = mappedColumns(mapping).find((candidate) => candidate.column === Number(row['source_column']));
    return column ? [{ field: bulkHeader(column.target), rows: Number(row['n']) }] : [];
  });
  return fields.length === 0 ? null : { rows: Number(counted?.['n'] ?? 0), fields };
}

/** Order-free digest over what each row would do and send, in both steps, so that a plan's digest covers every row. */
async function digestRows(
  staging: StagingSql,
  { planId, mapping }: Pick<PlanMeasures, 'planId' | 'mapping'>,
): Promise<string> {
  const { planned, mapped, laterCell } = tablesOf(planId);
  const cells = sentColumns(mapping).map(({ column }) => sent(column));
  const facts = ['p.row_number', 'p.kind', "coalesce(p.id, '')", 'coalesce(p.of_row, 0)', 'm.sent'];
  // What a row sends is one number before rows are joined: their cells would fill the engine's memory.
  const [row] = await staging.query(
    `SELECT sum(hash(${facts.join(', ')})::HUGEINT)::VARCHAR AS digest FROM ${planned} p
     LEFT JOIN (SELECT row_number, hash(${cells.join(', ')}) AS sent FROM ${mapped}) m USING (row_number)`,
  );
  const [later] = await staging.query(
    `SELECT coalesce(sum(hash(row_number, source_column, of_row, value)::HUGEINT), 0)::VARCHAR AS digest FROM ${laterCell}`,
  );
  return `${textOf(row, 'digest')} ${textOf(later, 'digest')}`;
}
