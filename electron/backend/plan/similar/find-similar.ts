import { foldKeySql } from '../../match/match-sql.ts';
import { findResembling } from '../../duplicates/find-resembling.ts';
import type { ComparedRelation } from '../../duplicates/resemblance-work.ts';
import type { StagingClient } from '../../staging/staging-client.ts';
import { canonical, createTable, SIMILAR_CHOICE, SIMILAR_GROUP, SIMILAR_STATE, tablesOf } from '../../tables/tables.ts';
import { ruleField } from '../../validation/rule-field.ts';
import type { PlannedMapping } from '../plan-input.ts';
import { decideSimilar } from './decide-similar.ts';
import { comparedColumns, SIMILAR_PREFIX, writeState, type ComparedColumns } from './similar-state.ts';

/**
 * Compares the rows that would make new records with one another, as the mapping says, and keeps of those that resemble one another the
 * ones that its rule keeps. The pairs stay in the plan's database, where `decideSimilar` groups them anew. Every row has its place in `planned` by now.
 */
export async function findSimilar(
  staging: Pick<StagingClient, 'until' | 'append'>,
  input: PlannedMapping,
  signal: AbortSignal,
): Promise<void> {
  const { planId, mapping } = input;
  const sql = staging.until(signal);
  const { similarState, similarGroup, similarChoice, similarCells, similarRepeated, repeated, mapped } =
    tablesOf(planId);
  await sql.run(createTable(similarState, SIMILAR_STATE));
  const compared = comparedColumns(input);
  if (!compared || !mapping.similar) return;
  const request = {
    alias: planId,
    prefix: SIMILAR_PREFIX,
    rows: relationOf(input, compared),
    records: null,
    model: compared.model,
  };
  const { threshold, capped } = await findResembling(staging, request, signal, () => undefined);
  await sql.run(
    `${createTable(similarGroup, SIMILAR_GROUP)}; ${createTable(similarChoice, SIMILAR_CHOICE)};
     CREATE OR REPLACE TABLE ${similarCells} AS SELECT * FROM ${mapped} LIMIT 0;
     CREATE OR REPLACE TABLE ${similarRepeated} AS SELECT * FROM ${repeated}`,
  );
  const { keep, newestBy, threshold: wanted } = mapping.similar;
  await writeState(sql, planId, {
    threshold: wanted ?? threshold,
    keep,
    newestBy: newestBy ?? null,
    capped: capped.map(({ rule, pairs, lookedAt }) => ({ rule, pairs, lookedAt })),
  });
  await decideSimilar(sql, input, {});
}

/** The rows that would make new records, with what they are compared by. */
function relationOf(
  { planId, describe, parents }: PlannedMapping,
  { alike, equal }: ComparedColumns,
): ComparedRelation {
  const { planned, mapped } = tablesOf(planId);
  const filled = equal.map(({ column }) => `m.${canonical(column)} <> ''`);
  const keys = equal.map((column) => foldKeySql(`m.${canonical(column.column)}`, ruleField(column, describe, parents)));
  const key = `CASE WHEN ${filled.join(' AND ')} THEN concat_ws(chr(31), ${keys.join(', ')}) END AS equal_key`;
  const values = [...alike.map(({ column }) => `m.${canonical(column)}`), ...(equal.length > 0 ? [key] : [])];
  return {
    sql: `(SELECT m.row_number, ${values.join(', ')} FROM ${mapped} m JOIN ${planned} p USING (row_number) WHERE p.kind = 'insert')`,
    key: 'row_number',
    columns: Object.fromEntries(alike.map(({ kind, column }) => [kind, canonical(column)])),
    ...(equal.length > 0 ? { equal: 'equal_key' } : {}),
  };
}
