import type { MappedColumn } from '../../../shared/domain/field-mapping.ts';
import type { LookupCoverage } from '../../../shared/domain/planned-lookup.ts';
import { foldKeySql } from '../match/match-sql.ts';
import type { FetchTools } from '../plan/fetch-current-records.ts';
import type { StagingClient, StagingSql } from '../staging/staging-client.ts';
import { textOf } from '../staging/staging-functions.ts';
import { quoteText } from '../tables/quote.ts';
import { cell, createTable, tablesOf, VALUE_ISSUE } from '../tables/tables.ts';
import { isOpenErrorSql } from '../validation/excel-errors.ts';
import { secondCells, type SecondCell } from '../validation/read-second.ts';
import { idPrefixes, ruleField, type CheckInput } from '../validation/rule-field.ts';
import { NEVER } from '../never.ts';

/** Values without a parent that are named. */
const MISSES = 5;

export interface CoverTools extends FetchTools {
  readonly staging: FetchTools['staging'] & Pick<StagingClient, 'checkColumn'>;
}

/** Where a coverage is worked out, beside the tables of checks: `scratch` begins the names of its tables, which no one else uses. */
export interface Place {
  readonly scratch: string;
  /** Where pages lie on their way. */
  readonly folder: string;
}

/** Names of the tables that reading a column makes, for its values and for its remarks. */
export function placeOf(scratch: string, name: string): SecondCell['into'] {
  return { values: `${scratch}_${name}`, issues: `${scratch}_${name}_issues` };
}

/** Reads a column by a field's rules, as its own mapping says. */
export async function readColumn(
  { staging }: CoverTools,
  { source, timeZone }: CheckInput,
  { column, field, into, keyPrefixes = [] }: Omit<SecondCell, 'lookup'> & { readonly keyPrefixes?: string[] },
  signal: AbortSignal,
): Promise<void> {
  const { alias } = source;
  await staging.until(signal).run(createTable(tablesOf(alias).named(into.issues), VALUE_ISSUE));
  await staging.checkColumn({ alias, column, field, keyPrefixes, timeZone, into }, signal);
}

/**
 * Reads the column as its field, and leaves in `<scratch>_keys` each key once, with how many rows have it and how one writes it; with
 * the second cell where two fields find the parent.
 */
export async function readKeys(
  tools: CoverTools,
  input: CheckInput,
  column: MappedColumn,
  scratch: string,
  signal: AbortSignal,
): Promise<void> {
  const { source, describe, parents } = input;
  const { named, staged } = tablesOf(source.alias);
  const field = ruleField(column, describe, parents);
  const [pair] = secondCells(input.mapping, [column], parents);
  const [first, second] = [placeOf(scratch, 'first'), placeOf(scratch, 'second')];
  await readColumn(tools, input, { column, field, into: first, keyPrefixes: idPrefixes(column, input) }, signal);
  if (pair) await readColumn(tools, input, { ...pair, into: second }, signal);
  const raw = `coalesce(s.${cell(column.column)}, '')`;
  const other = pair ? `coalesce(s.${cell(pair.column.column)}, '')` : "''";
  const join = pair ? `LEFT JOIN ${named(second.values)} e ON e.raw = ${other}` : '';
  const w = pair ? `coalesce(e.canonical, ${other})` : "''";
  const folded = pair ? foldKeySql('second', pair.field) : "''";
  const shown = pair ? `raw || ', ' || other` : 'raw';
  const errors = [column, ...(pair ? [pair.column] : [])].map(isOpenErrorSql);
  const error = `coalesce(${errors.join(' OR ')}, false)`;
  await tools.staging.until(signal).run(
    `CREATE OR REPLACE TABLE ${named(`${scratch}_keys`)} AS
     SELECT min(key) AS key, min(second) AS second, bool_and(usable) AS usable, min(${shown}) AS raw, count(*) AS n FROM (
       SELECT coalesce(d.canonical, ${raw}) AS key, ${w} AS second, i.raw IS NULL AS usable, ${raw} AS raw, ${other} AS other
       FROM ${staged} s LEFT JOIN ${named(first.values)} d ON d.raw = ${raw} ${join}
       LEFT JOIN (SELECT DISTINCT raw, code FROM ${named(first.issues)} WHERE level = 'row') i ON i.raw = ${raw}
       WHERE s.problem IS NULL AND coalesce(i.code, '') <> 'LEFT_OUT' AND NOT ${error})
     WHERE key <> '' GROUP BY ${foldKeySql('key', field)}, ${folded}`,
  );
}

type Counted = Pick<
  LookupCoverage,
  'values' | 'found' | 'inFile' | 'several' | 'inactive' | 'none' | 'unasked' | 'misses'
>;

/** Counts keys by their verdict, and names the first few without a parent; `judged` is SQL for `raw, n, verdict` of each. */
export async function countKeys(staging: StagingSql, judged: string): Promise<Counted> {
  const counted = await staging.query(`SELECT verdict, count(*) AS n FROM (${judged}) GROUP BY 1`);
  const missed = await staging.query(
    `SELECT raw FROM (${judged}) WHERE verdict = 'none' ORDER BY n DESC, raw LIMIT ${MISSES}`,
  );
  const count = new Map(counted.map((one) => [textOf(one, 'verdict'), Number(one['n'])]));
  const of = (verdict: string) => count.get(verdict) ?? 0;
  return {
    values: [...count.values()].reduce((sum, n) => sum + n, 0),
    found: of('found'),
    inFile: of('inFile'),
    several: of('several'),
    inactive: of('inactive'),
    none: of('none'),
    unasked: of('unasked'),
    misses: missed.map((one) => textOf(one, 'raw')),
  };
}

/** Takes away every table whose name begins so, wherever the work was called off. */
export async function dropScratch({ staging }: CoverTools, alias: string, scratch: string): Promise<void> {
  const sql = staging.until(NEVER);
  // The database is named in the statement itself, which opens it if it was closed meanwhile.
  const made = await sql.query(
    `SELECT table_name AS name FROM duckdb_tables() WHERE database_name = ${quoteText(alias)} AND starts_with(table_name, ${quoteText(scratch)})`,
  );
  if (made.length === 0) return;
  const { named } = tablesOf(alias);
  await sql.run(made.map((one) => `DROP TABLE IF EXISTS ${named(textOf(one, 'name'))}`).join('; '));
}
