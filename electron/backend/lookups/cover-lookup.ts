import type { LookupCoverage } from '../../../shared/domain/planned-lookup.ts';
import type { FetchTools } from '../plan/fetch-current-records.ts';
import { foldKeySql } from '../match/match-sql.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { textOf } from '../staging/staging-functions.ts';
import { cell, createTable, tablesOf, VALUE_ISSUE } from '../tables/tables.ts';
import { isOpenErrorSql } from '../validation/excel-errors.ts';
import { secondCells, type SecondCell } from '../validation/read-second.ts';
import { idPrefixes, ruleField, type CheckInput } from '../validation/rule-field.ts';
import { CountedCalls } from './counted-calls.ts';
import { findParents, joinFound, verdictSql, type FoundColumn } from './find-parents.ts';
import { lookedForFacts } from './looked-for.ts';

/** Values without a parent that are named. */
const MISSES = 5;

const NEVER = new AbortController().signal;

export interface CoverTools extends FetchTools {
  readonly staging: FetchTools['staging'] & Pick<StagingClient, 'checkColumn'>;
}

/** Where a coverage is worked out, beside the tables of checks: `scratch` begins the names of its tables, which no one else uses. */
interface Place {
  readonly scratch: string;
  /** Where pages lie on their way. */
  readonly folder: string;
}

/**
 * How many of a column's distinct values find their parent, by what the column's own mapping makes of them; pairs of values where
 * two fields find it. Values that the field does not take find nothing; those of rows left out don't count. Leaves nothing behind.
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
  const [keys, records, found] = ['keys', 'records', 'found'].map((name) => `${scratch}_${name}`) as [
    string,
    string,
    string,
  ];
  const { named } = tablesOf(alias);
  const [pair] = secondCells(input.mapping, [column], parents);
  const calls = new CountedCalls(tools.client);
  try {
    await readKeys(tools, input, column, pair, scratch, signal);
    const search = { column, describe, parents, alias, records, found, folder };
    const wanted = `SELECT key AS k FROM ${named(keys)} WHERE usable`;
    await findParents({ ...tools, client: calls.client }, search, wanted, signal);
    const staging = tools.staging.until(signal);
    const row = { key: 'v.key', second: 'v.second' };
    const judged = `SELECT v.raw, v.n, coalesce(${verdictSql(column.target)}, 'found') AS verdict FROM ${named(keys)} v ${joinFound(search, named(found), row)}`;
    const counted = await staging.query(`SELECT verdict, count(*) AS n FROM (${judged}) GROUP BY 1`);
    const missed = await staging.query(
      `SELECT raw FROM (${judged}) WHERE verdict = 'none' ORDER BY n DESC, raw LIMIT ${MISSES}`,
    );
    const count = new Map(counted.map((one) => [textOf(one, 'verdict'), Number(one['n'])]));
    const of = (verdict: string) => count.get(verdict) ?? 0;
    return {
      ...lookedForFacts(column, input),
      values: [...count.values()].reduce((sum, n) => sum + n, 0),
      found: of('found'),
      several: of('several'),
      inactive: of('inactive'),
      none: of('none'),
      misses: missed.map((one) => textOf(one, 'raw')),
      apiCalls: calls.count,
    };
  } finally {
    await dropAll(tools, alias, scratch);
  }
}

function placeOf(scratch: string, name: string): SecondCell['into'] {
  return { values: `${scratch}_${name}`, issues: `${scratch}_${name}_issues` };
}

/** Reads the column as its field, and leaves in `<scratch>_keys` each key once, with how many rows have it and how one writes it. */
async function readKeys(
  { staging }: CoverTools,
  input: CheckInput,
  column: FoundColumn,
  pair: SecondCell | undefined,
  scratch: string,
  signal: AbortSignal,
): Promise<void> {
  const { source, describe, parents, timeZone } = input;
  const { alias } = source;
  const { named, staged } = tablesOf(alias);
  const sql = staging.until(signal);
  const field = ruleField(column, describe, parents);
  const [first, second] = [placeOf(scratch, 'first'), placeOf(scratch, 'second')];
  for (const { issues } of pair ? [first, second] : [first]) await sql.run(createTable(named(issues), VALUE_ISSUE));
  const keyPrefixes = idPrefixes(column, input);
  await staging.checkColumn({ alias, column, field, keyPrefixes, timeZone, into: first }, signal);
  if (pair) {
    const request = { alias, column: pair.column, field: pair.field, keyPrefixes: [], timeZone, into: second };
    await staging.checkColumn(request, signal);
  }
  const raw = `coalesce(s.${cell(column.column)}, '')`;
  const other = pair ? `coalesce(s.${cell(pair.column.column)}, '')` : "''";
  const join = pair ? `LEFT JOIN ${named(second.values)} e ON e.raw = ${other}` : '';
  const w = pair ? `coalesce(e.canonical, ${other})` : "''";
  const folded = pair ? foldKeySql('second', pair.field) : "''";
  const shown = pair ? `raw || ', ' || other` : 'raw';
  const errors = [column, ...(pair ? [pair.column] : [])].map(isOpenErrorSql);
  const error = `coalesce(${errors.join(' OR ')}, false)`;
  await sql.run(
    `CREATE OR REPLACE TABLE ${named(`${scratch}_keys`)} AS
     SELECT min(key) AS key, min(second) AS second, bool_and(usable) AS usable, min(${shown}) AS raw, count(*) AS n FROM (
       SELECT coalesce(d.canonical, ${raw}) AS key, ${w} AS second, i.raw IS NULL AS usable, ${raw} AS raw, ${other} AS other
       FROM ${staged} s LEFT JOIN ${named(first.values)} d ON d.raw = ${raw} ${join}
       LEFT JOIN (SELECT DISTINCT raw, code FROM ${named(first.issues)} WHERE level = 'row') i ON i.raw = ${raw}
       WHERE s.problem IS NULL AND coalesce(i.code, '') <> 'LEFT_OUT' AND NOT ${error})
     WHERE key <> '' GROUP BY ${foldKeySql('key', field)}, ${folded}`,
  );
}

async function dropAll({ staging }: CoverTools, alias: string, scratch: string): Promise<void> {
  const { named } = tablesOf(alias);
  const [first, second] = [placeOf(scratch, 'first'), placeOf(scratch, 'second')];
  const fetched = ['records', 'records_wanted', 'records_fetched', 'found', 'found_several', 'keys'].map(
    (name) => `${scratch}_${name}`,
  );
  const tables = [...fetched, first.values, first.issues, second.values, second.issues];
  await staging.until(NEVER).run(tables.map((table) => `DROP TABLE IF EXISTS ${named(table)}`).join('; '));
}
