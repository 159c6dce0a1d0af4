import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { FetchedRecords } from '../../../shared/domain/fetched-records.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { FieldDescribe } from '../../../shared/domain/sobject.ts';
import { CountedCalls } from '../lookups/counted-calls.ts';
import { canonicalSql, usualFormSql } from '../match/canonical-sql.ts';
import { foldKeySql } from '../match/match-sql.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import { parseJson } from '../parse-json.ts';
import type { Clock } from '../ports.ts';
import { bulkQuery, type QueryClient } from '../query/bulk-query.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { quoteName, quoteText } from '../tables/quote.ts';
import { createTable, recordShape, tablesOf, WANTED } from '../tables/tables.ts';
import { NEVER } from '../never.ts';
import { runFetch } from './fetch/run-fetch.ts';
import type { PlanFetches } from './fetch/kept-fetches.ts';
import { recordColumns, selectedPaths, textAt, type RecordColumn, type RecordRequest } from './record-request.ts';

export interface FetchTools {
  readonly client: QueryClient & Pick<OrgClient, 'query' | 'count'>;
  readonly staging: Pick<StagingClient, 'until' | 'append' | 'canonicalise'>;
  readonly clock: Clock;
  /** Keeps what is fetched for a plan, for it to be continued and used again. */
  readonly keep?: PlanFetches;
}

export interface FetchRequest extends RecordRequest {
  /** The database, and the name of the table in it that the records go into. */
  readonly alias: string;
  readonly table: string;
  /** Where pages lie on their way. */
  readonly folder: string;
}

function fetchedName(table: string): string {
  return `${table}_fetched`;
}

/** The table that is made, and those that its keys and its records lie in on their way. */
function tablesFor({ alias, table }: FetchRequest): { table: string; wanted: string; fetched: string } {
  const { named } = tablesOf(alias);
  return { table: named(table), wanted: named(`${table}_wanted`), fetched: named(fetchedName(table)) };
}

/** Takes away what a request made, wherever it was called off. */
export async function dropFetched({ staging }: FetchTools, request: FetchRequest): Promise<void> {
  const { table, wanted, fetched } = tablesFor(request);
  const drops = [table, wanted, fetched].map((name) => `DROP TABLE IF EXISTS ${name}`);
  await staging.until(NEVER).run(drops.join('; '));
}

/**
 * Leaves in `table` the records of which the key field has one of the keys: one row a record, however many spellings of its key
 * there are, with its own texts and their canonical forms. `keysSql` gives canonical keys as column `k`, blank and repeated ones too.
 */
export async function fetchCurrentRecords(
  tools: FetchTools,
  request: FetchRequest,
  keysSql: string,
  signal: AbortSignal,
  progress: (records: number) => void,
): Promise<FetchedRecords> {
  const { wanted } = tablesFor(request);
  const counted = new CountedCalls(tools.client);
  // Of the spellings of one key the org is asked for one: it compares them as they are folded here.
  await tools.staging.until(signal).run(
    `${createTable(wanted, WANTED)};
     INSERT INTO ${wanted} SELECT ${foldKeySql('k', request.keyField)} AS k, min(k) AS spelling FROM (${keysSql}) WHERE k <> '' GROUP BY 1`,
  );
  const counting = { ...tools, client: counted.client };
  const importer = new RecordImporter(counting, request, signal, progress);
  await importer.begin();
  const fetched = await runFetch(counting, request, wanted, importer, signal, () => counted.count);
  await importer.finish(`SEMI JOIN ${wanted} USING (k)`);
  return fetched;
}

const Rows = z.array(z.array(z.string()));

/** Brings records of REST and bulk queries into one table. */
export class RecordImporter {
  readonly #tools: FetchTools;
  readonly #request: FetchRequest;
  readonly #signal: AbortSignal;
  readonly #progress: (records: number) => void;
  readonly #columns: readonly RecordColumn[];
  /** Those that come from the org; what is made of them is made once all records are there. */
  readonly #given: readonly RecordColumn[];
  #records = 0;

  constructor(tools: FetchTools, request: FetchRequest, signal: AbortSignal, progress: (records: number) => void) {
    this.#tools = tools;
    this.#request = request;
    this.#signal = signal;
    this.#progress = progress;
    this.#columns = recordColumns(request);
    this.#given = this.#columns.filter(({ of }) => of === null);
  }

  async begin(): Promise<void> {
    const { fetched } = tablesFor(this.#request);
    const shape = recordShape(this.#given.map(({ name }) => name));
    await this.#tools.staging.until(this.#signal).run(createTable(fetched, shape));
  }

  /** SQL for the ids, or for the folded keys, of what came so far, for `finish` to choose by: its condition may name them. */
  keys(of: 'id' | 'k'): string {
    const { fetched } = tablesFor(this.#request);
    return `SELECT ${of === 'k' ? foldKeySql('k', this.#request.keyField) : 'id'} FROM ${fetched}`;
  }

  /** How many records came so far. */
  get records(): number {
    return this.#records;
  }

  /** Records as REST answers with them; their rows, as they are in the table. */
  async take(records: readonly Record<string, unknown>[]): Promise<string[][]> {
    const rows = records.map((record) => this.#given.map(({ path }) => textAt(record, path)));
    await this.#append(rows);
    return rows;
  }

  async #append(rows: string[][]): Promise<void> {
    const { alias, table } = this.#request;
    await this.#tools.staging.append(alias, fetchedName(table), rows);
    this.#came(rows.length);
  }

  #came(records: number): void {
    this.#records += records;
    this.#progress(this.#records);
  }

  /** For any number. */
  async bulkQuery(soql: string, operation: 'query' | 'queryAll' = 'query'): Promise<void> {
    const { client, clock } = this.#tools;
    let before = 0;
    const usePage = async (file: string, recordsSoFar: number): Promise<void> => {
      await this.importPage(file, recordsSoFar - before);
      before = recordsSoFar;
    };
    await bulkQuery(client, clock, soql, this.#request.folder, usePage, this.#signal, operation);
  }

  /** Rows that `take` gave and that were kept, as a file of JSON. */
  async importRows(file: string): Promise<void> {
    const rows = Rows.safeParse(parseJson(await readFile(file, 'utf8')));
    if (!rows.success) throw new FailureError({ code: 'DATA_DAMAGED', what: 'The fetched records' });
    await this.#append(rows.data);
  }

  /** A page of a query job. */
  async importPage(file: string, records: number): Promise<void> {
    const { fetched } = tablesFor(this.#request);
    const paths = selectedPaths(this.#columns);
    const place = new Map(paths.map((path, index) => [path.toLowerCase(), `p${index}`]));
    const cells = this.#given.map(({ path }) => `coalesce(${place.get(path.toLowerCase()) ?? "''"}, '')`);
    // Columns come in the order of the SELECT (Bulk API 2.0 guide, from version 50), so their headers need not be read.
    await this.#tools.staging.until(this.#signal).run(
      `INSERT INTO ${fetched} SELECT ${cells.join(', ')} FROM read_csv(${quoteText(file)},
       columns = {${paths.map((_, index) => `'p${index}': 'VARCHAR'`).join(', ')}}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
       new_line = '\\n', buffer_size = 8388608, max_line_size = 2097152)`,
    );
    this.#came(records);
  }

  /** Leaves each of the records that are wanted once in the request's table: as it came last, should it have come again. */
  async finish(onlyThose: string): Promise<void> {
    const { keyField } = this.#request;
    const staging = this.#tools.staging.until(this.#signal);
    const { table, wanted, fetched } = tablesFor(this.#request);
    await this.#canonicaliseKeys(fetched);
    const made = this.#columns.filter(({ name }) => !KEYS.has(name));
    const columns = this.#columns.map((column) => {
      const name = quoteName(column.name);
      if (column.name === 'k') return `${foldKeySql('k', keyField)} AS k`;
      const text = quoteName(column.of ?? column.name);
      return column.canonicalBy === null || column.name === 'id'
        ? name
        : `${usualOrOwn(text, column.canonicalBy)} AS ${name}`;
    });
    // By a number of eight bytes first: of a million Ids none is there twice nearly always.
    const twice = `SELECT hash(id) FROM ${fetched} GROUP BY 1 HAVING count(*) > 1`;
    const again = `SELECT rowid AS place, row_number() OVER (PARTITION BY id ORDER BY rowid DESC) AS nth FROM ${fetched} WHERE hash(id) IN (${twice})`;
    await staging.run(
      `${createTable(table, recordShape(this.#columns.map(({ name }) => name)))};
       INSERT INTO ${table} SELECT r.* FROM (SELECT ${columns.join(', ')} FROM ${fetched}
         WHERE rowid NOT IN (SELECT place FROM (${again}) WHERE nth > 1)) r ${onlyThose};
       DROP TABLE ${fetched}; DROP TABLE IF EXISTS ${wanted}`,
    );
    await this.#canonicaliseRest(table, made);
  }

  async #canonicaliseKeys(table: string): Promise<void> {
    for (const { name, canonicalBy } of this.#columns)
      if (KEYS.has(name) && canonicalBy) await this.#canonicalise(table, name, canonicalBy);
  }

  /** What is not written as usual is read one by one. */
  async #canonicaliseRest(table: string, made: readonly RecordColumn[]): Promise<void> {
    const open = made.flatMap(({ name, canonicalBy }) =>
      canonicalBy && canonicalSql(name, canonicalBy) === null ? [{ name, field: canonicalBy }] : [],
    );
    if (open.length === 0) return;
    const counts = open.map(
      ({ name, field }) =>
        `count(*) FILTER (${quoteName(name)} <> '' AND ${usualFormSql(quoteName(name), field)} IS NULL) AS ${quoteName(name)}`,
    );
    const [unusual] = await this.#tools.staging.until(this.#signal).query(`SELECT ${counts.join(', ')} FROM ${table}`);
    for (const { name, field } of open)
      if (Number(unusual?.[name] ?? 0) > 0) await this.#canonicalise(table, name, field);
  }

  async #canonicalise(table: string, name: string, field: FieldDescribe): Promise<void> {
    // The APIs give ids in 18 characters, which is their canonical form: a million of them need not be looked at one by one.
    if (field.type === 'id' || field.type === 'reference') {
      const [short] = await this.#tools.staging
        .until(this.#signal)
        .query(`SELECT count(*) AS n FROM ${table} WHERE length(${quoteName(name)}) <> 18`);
      if (Number(short?.['n'] ?? 0) === 0) return;
    }
    await this.#tools.staging.canonicalise(table, [{ name, field }], this.#signal);
  }
}

/** What records are told by is made canonical before they are gathered. */
const KEYS: ReadonlySet<string> = new Set(['id', 'k']);

/** A text as it usually is in canonical form, or as it is. */
function usualOrOwn(text: string, field: FieldDescribe): string {
  return `CASE WHEN ${text} = '' THEN '' ELSE coalesce(${usualFormSql(text, field)}, ${text}) END`;
}
