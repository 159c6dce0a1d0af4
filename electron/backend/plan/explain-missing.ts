import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import { matchColumn, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import { fieldNamed } from '../../../shared/domain/sobject.ts';
import { foldKeySql } from '../match/match-sql.ts';
import { asFailure } from '../orgs/org-answers.ts';
import { quoteText } from '../tables/quote.ts';
import { canonical, createTable, tablesOf, WANTED } from '../tables/tables.ts';
import { ruleField } from '../validation/rule-field.ts';
import type { FetchTools } from './fetch-current-records.ts';
import { ASKED, deletedRequest, fetchDeleted } from './fetch-deleted.ts';
import { keyLists } from './fetch/key-lists.ts';
import type { PlanInput } from './plan-input.ts';
import { dropRecords } from './record-table.ts';

/** "A comma-delimited list" of Ids in the address (User Interface API Developer Guide, "Get a Batch of Records"). */
const BATCH = 200;
const DELETED = 'record_deleted';

/**
 * Tells of rows whose record was not found (RECORD_NOT_FOUND) why: it lies in the Recycle Bin (RECORD_DELETED), or there is one that this
 * user may not see (RECORD_NOT_VISIBLE). Queries answer as if there were none, UserRecordAccess filters such records out as well
 * (Object Reference, "UserRecordAccess"), and so the User Interface API is asked: 403 is "the context user has the appropriate
 * permissions" missing, 404 "the specified resource was not found" ("Status Codes and Error Responses"). It takes Ids only, by
 * which updates and deletes name their records. An org that refuses to answer leaves it open.
 */
export async function explainMissing(tools: FetchTools, input: PlanInput, signal: AbortSignal): Promise<void> {
  const { planId, mapping, describe } = input;
  const key = matchColumn(mapping);
  if (!key || fieldNamed(describe, 'IsDeleted') === undefined) return;
  const sql = tools.staging.until(signal);
  const wanted = tablesOf(planId).named('record_missing');
  const { mapped, rowIssue } = tablesOf(planId);
  await sql.run(
    `${createTable(wanted, WANTED)};
     INSERT INTO ${wanted} SELECT ${rowKey(input, key)} AS k, min(m.${canonical(key.column)}) FROM ${mapped} m
       JOIN ${rowIssue} i USING (row_number) WHERE i.code = 'RECORD_NOT_FOUND' GROUP BY 1`,
  );
  const [counted] = await sql.query(`SELECT count(*) AS n FROM ${wanted}`);
  const missing = Number(counted?.['n'] ?? 0);
  try {
    if (missing > 0) await tellDeleted(tools, input, key, { wanted, missing }, signal);
    if (missing > 0 && missing <= ASKED && key.target.field === 'Id')
      await tellHidden(tools, input, key, wanted, signal);
  } catch (error) {
    const failure = asFailure(error, tools.client.host);
    if (!(failure instanceof FailureError) || failure.failure.code !== 'ORG_REFUSED') throw failure;
  } finally {
    await sql.run(`DROP TABLE IF EXISTS ${wanted}`).catch(() => signal.throwIfAborted());
  }
}

/** The folded key of the row `m`. */
function rowKey({ describe, parents }: PlanInput, key: MappedColumn): string {
  return foldKeySql(`m.${canonical(key.column)}`, ruleField(key, describe, parents));
}

async function tellDeleted(
  tools: FetchTools,
  input: PlanInput,
  key: MappedColumn,
  { wanted, missing }: { readonly wanted: string; readonly missing: number },
  signal: AbortSignal,
): Promise<void> {
  const { planId, describe, parents, folder } = input;
  const keyField = ruleField(key, describe, parents);
  const request = deletedRequest({ planId, describe, folder }, keyField, DELETED);
  await fetchDeleted(tools, request, { wanted, count: missing }, signal);
  const { mapped, rowIssue, named } = tablesOf(planId);
  await tools.staging.until(signal).run(
    `UPDATE ${rowIssue} SET code = 'RECORD_DELETED', facts = json_object('record', d.id) FROM (
       SELECT m.row_number, min(g.id) AS id FROM ${mapped} m JOIN ${named(DELETED)} g ON g.k = ${rowKey(input, key)} GROUP BY 1) d
     WHERE d.row_number = ${rowIssue}.row_number AND ${rowIssue}.code = 'RECORD_NOT_FOUND';
     ${dropRecords(planId, DELETED)}`,
  );
}

const Batch = z.object({ results: z.array(z.object({ statusCode: z.number() })) });

async function tellHidden(
  tools: FetchTools,
  input: PlanInput,
  key: MappedColumn,
  wanted: string,
  signal: AbortSignal,
): Promise<void> {
  const { planId, describe } = input;
  const { mapped, rowIssue } = tablesOf(planId);
  const sql = tools.staging.until(signal);
  const ids: string[] = [];
  for await (const keys of keyLists(sql, wanted, { size: BATCH, measure: () => 1 }, (id) => id)) {
    const path = `ui-api/records/batch/${keys.join(',')}?fields=${describe.name}.Id`;
    const { results } = await tools.client.json('GET', path, Batch, signal);
    // In the order of what was asked.
    if (results.length === keys.length) ids.push(...keys.filter((_id, at) => results[at]?.statusCode === 403));
  }
  if (ids.length === 0) return;
  await sql.run(
    `UPDATE ${rowIssue} SET code = 'RECORD_NOT_VISIBLE' WHERE code = 'RECORD_NOT_FOUND' AND row_number IN (
       SELECT row_number FROM ${mapped} m WHERE m.${canonical(key.column)} IN (${ids.map(quoteText).join(', ')}))`,
  );
}
