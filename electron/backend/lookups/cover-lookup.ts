import type { LookupCoverage } from '../../../shared/domain/planned-lookup.ts';
import { tablesOf } from '../tables/tables.ts';
import type { CheckInput } from '../validation/rule-field.ts';
import { CountedCalls } from './counted-calls.ts';
import { countKeys, dropScratch, readKeys, type CoverTools, type Place } from './cover-keys.ts';
import { readRowKeys } from './cover-rows.ts';
import { findParents, joinFound, verdictSql, type FoundColumn } from './find-parents.ts';
import { lookedForFacts } from './looked-for.ts';

/**
 * How many of a column's distinct values find their parent, by what the column's own mapping makes of them; pairs of values where
 * two fields find it. What the org does not have may be a row of the file itself. Values that the field does not take find nothing;
 * those of rows left out don't count. Leaves nothing behind.
 */
export async function coverLookup(
  tools: CoverTools,
  input: CheckInput,
  column: FoundColumn,
  { scratch, folder }: Place,
  signal: AbortSignal,
): Promise<LookupCoverage> {
  const { describe, parents, source } = input;
  const { alias } = source;
  const [keys, records, found] = [`${scratch}_keys`, `${scratch}_records`, `${scratch}_found`];
  const { named } = tablesOf(alias);
  const calls = new CountedCalls(tools.client);
  try {
    await readKeys(tools, input, column, scratch, signal);
    const search = { column, describe, parents, alias, records, found, folder };
    const wanted = `SELECT key AS k FROM ${named(keys)} WHERE usable`;
    await findParents({ ...tools, client: calls.client }, search, wanted, signal);
    const row = { key: 'v.key', second: 'v.second' };
    const rows = await readRowKeys(tools, input, column, row, scratch, signal);
    const inOrg = verdictSql(column.target);
    const verdict = rows ? `CASE WHEN f.k IS NULL AND v.usable THEN ${rows.verdict} ELSE ${inOrg} END` : inOrg;
    const judged = `SELECT v.raw, v.n, coalesce(${verdict}, 'found') AS verdict
      FROM ${named(keys)} v ${joinFound(search, named(found), row)} ${rows?.join ?? ''}`;
    return {
      ...lookedForFacts(column, input),
      ...(await countKeys(tools.staging.until(signal), judged)),
      apiCalls: calls.count,
    };
  } finally {
    await dropScratch(tools, alias, scratch);
  }
}
