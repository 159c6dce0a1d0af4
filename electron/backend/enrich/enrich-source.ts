import { join } from 'node:path';
import { FailureError } from '../../../shared/contract/failure.ts';
import { canFindBy, fieldNamed, type FieldDescribe, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { FetchWay } from '../../../shared/domain/fetched-records.ts';
import { foldKeySql } from '../match/match-sql.ts';
import { NEVER } from '../never.ts';
import { dropFetched, fetchCurrentRecords, type FetchRequest, type FetchTools } from '../plan/fetch-current-records.ts';
import type { StagedSource } from '../source/staged-sources.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { quoteName } from '../tables/quote.ts';
import { cell, createTable, tablesOf } from '../tables/tables.ts';
import { askableKeySql } from './askable-key.ts';
import { NOTHING_COMPARED } from '../plan/record-request.ts';

interface EnrichTools {
  readonly fetch: FetchTools;
  readonly staging: StagingClient;
}

interface EnrichRequest {
  readonly source: StagedSource;
  readonly describe: SObjectDescribe;
  /** The place of the column with the keys. */
  readonly column: number;
  readonly keyField: string;
  /** Fields of the object, and of its parents: `Owner.Name`. */
  readonly fields: readonly string[];
  readonly folder: string;
}

interface Enriched {
  readonly path: string;
  readonly rows: number;
  /** Rows by what their keys name: one record, none, several; and rows without a key. */
  readonly found: number;
  readonly notFound: number;
  readonly several: number;
  readonly blank: number;
  readonly way: FetchWay;
  readonly apiCalls: number;
}

/** The column that says how many records a row's key names; blank without a key. */
const FOUND = 'sf__Found';
const RECORDS = 'enriching';
const KEYS = 'enriching_key';
const KNOWN = 'enriching_known';

/**
 * Writes a source's rows with fields of the records that its keys name in front of its own columns, in file order, in the source's
 * own delimiter and encoding. A key that names no record, or several, leaves the fields blank: `sf__Found` says how many. Rows that
 * could not be read keep their text. Throws `BAD_REQUEST` for what is no key field or no column.
 */
export async function enrichSource(
  { fetch, staging }: EnrichTools,
  { source, describe, column, keyField: keyName, fields, folder }: EnrichRequest,
  signal: AbortSignal,
  progress: (records: number) => void,
): Promise<Enriched> {
  const keyField = keyFieldOf(describe, keyName);
  if (!source.columns.some(({ index }) => index === column)) throw badRequest('the file has no such column');
  const { named, staged } = tablesOf(source.alias);
  const [keys, known] = [named(KEYS), named(KNOWN)];
  const request: FetchRequest = {
    alias: source.alias,
    table: RECORDS,
    folder,
    objectName: describe.name,
    keyField,
    ...NOTHING_COMPARED,
    beside: fields.map((path, place) => ({ name: fieldColumn(place), path })),
  };
  try {
    const sql = staging.until(signal);
    await sql.run(
      `${createTable(keys, { columns: { row_number: 'INTEGER NOT NULL', k: 'VARCHAR NOT NULL' }, key: null })};
       INSERT INTO ${keys} SELECT row_number, coalesce(${cell(column)}, '') FROM ${staged}`,
    );
    await staging.canonicalise(keys, [{ name: 'k', field: keyField }], signal);
    const fetched = await fetchCurrentRecords(
      fetch,
      request,
      `SELECT k FROM ${keys} WHERE ${askableKeySql('k', keyField, describe)}`,
      signal,
      progress,
    );
    const columns = fields.map((_, place) => `any_value(${fieldColumn(place)}) AS ${fieldColumn(place)}`);
    await sql.run(
      `CREATE OR REPLACE TABLE ${known} AS SELECT ${['k', 'count(*) AS n', ...columns].join(', ')} FROM ${named(RECORDS)} GROUP BY k`,
    );
    const path = join(folder, 'enriched.csv');
    const { rows } = await writeEnriched(staging, { source, fields, keyField, keys, known, staged, path }, signal);
    const counts = await countRows(staging, { keys, known, keyField }, signal);
    return { path, rows, ...counts, way: fetched.way, apiCalls: fetched.apiCalls };
  } finally {
    await dropFetched(fetch, request);
    await staging.until(NEVER).run(`DROP TABLE IF EXISTS ${keys}; DROP TABLE IF EXISTS ${known}`);
  }
}

function fieldColumn(place: number): string {
  return `e${place}`;
}

function badRequest(problem: string): FailureError {
  return new FailureError({ code: 'BAD_REQUEST', where: 'enrich.file', problem });
}

function keyFieldOf(describe: SObjectDescribe, name: string): FieldDescribe {
  const field = fieldNamed(describe, name);
  if (!field || !canFindBy(field))
    throw badRequest(`${name} is no field that records of ${describe.name} are found by`);
  return field;
}

interface Joined {
  readonly keyField: FieldDescribe;
  readonly keys: string;
  readonly known: string;
}

/** Keys `t` with what is known of their records, `r`. No record has a blank key: to say so here would keep the engine from hashing. */
function joined({ keyField, keys, known }: Joined): string {
  return `${keys} t LEFT JOIN ${known} r ON r.k = ${foldKeySql('t.k', keyField)}`;
}

async function writeEnriched(
  staging: StagingClient,
  file: Joined & {
    readonly source: StagedSource;
    readonly fields: readonly string[];
    readonly staged: string;
    readonly path: string;
  },
  signal: AbortSignal,
): Promise<{ rows: number }> {
  const { source, fields, staged, path } = file;
  const { columns, delimiter, writing } = source;
  const count = `CASE WHEN t.k = '' THEN '' ELSE CAST(coalesce(r.n, 0) AS VARCHAR) END`;
  const values = fields.map((_, place) => `CASE WHEN r.n = 1 THEN r.${fieldColumn(place)} ELSE '' END`);
  const [last] = await staging.query(`SELECT coalesce(max(row_number), 0) AS row FROM ${staged}`, [], signal);
  const inRange = (table: string) => `${table}.row_number > {after} AND ${table}.row_number <= {upTo}`;
  const own = columns.map(({ index }) => `s.${cell(index)}`);
  return staging.exportRows(
    {
      sql: `SELECT ${['s.original', count, ...values, ...own].join(', ')} FROM ${joined(file)} JOIN ${staged} s ON s.row_number = t.row_number
        WHERE ${inRange('t')} AND ${inRange('s')} ORDER BY t.row_number`,
      lastRow: Number(last?.['row'] ?? 0),
      lead: fields.length + 1,
      header: [FOUND, ...fields, ...columns.map(({ name }) => name)],
      path,
      delimiter,
      writing,
      spreadsheetSafe: false,
    },
    signal,
  );
}

async function countRows(
  staging: StagingClient,
  tables: Joined,
  signal: AbortSignal,
): Promise<Pick<Enriched, 'found' | 'notFound' | 'several' | 'blank'>> {
  const [row = {}] = await staging.query(
    `SELECT ${['found', 'not_found', 'several', 'blank'].map((name, at) => `count(*) FILTER (${KINDS[at] ?? ''}) AS ${quoteName(name)}`).join(', ')} FROM ${joined(tables)}`,
    [],
    signal,
  );
  return {
    found: Number(row['found']),
    notFound: Number(row['not_found']),
    several: Number(row['several']),
    blank: Number(row['blank']),
  };
}

const KINDS = ["t.k <> '' AND r.n = 1", "t.k <> '' AND r.n IS NULL", "t.k <> '' AND r.n > 1", "t.k = ''"].map(
  (condition) => `WHERE ${condition}`,
);
