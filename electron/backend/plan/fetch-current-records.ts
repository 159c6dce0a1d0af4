import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { FetchedRecords } from '../../../shared/domain/fetched-records.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import { CountedCalls } from '../lookups/counted-calls.ts';
import { foldKeySql } from '../match/match-sql.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import { parseJson } from '../parse-json.ts';
import type { Clock } from '../ports.ts';
import { bulkQuery, type QueryClient } from '../query/bulk-query.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { quoteName, quoteText } from '../tables/quote.ts';
import { createTable, storedName, tablesOf, WANTED } from '../tables/tables.ts';
import { NEVER } from '../never.ts';
import { runFetch } from './fetch/run-fetch.ts';
import type { PlanFetches } from './fetch/kept-fetches.ts';
import { recordColumns, selectedPaths, textAt, type RecordColumn, type RecordRequest } from './record-request.ts';
import { dropRecords, RecordTable } from './record-table.ts';

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
  /** Records that no key names may be among them. */
  readonly lenient?: boolean;
}

/** The table that keys lie in meanwhile. */
const wantedTable = ({ alias, table }: FetchRequest): string => tablesOf(alias).named(`${table}_wanted`);

/** Takes away what a request made, wherever it was called off. */
export async function dropFetched({ staging }: FetchTools, request: FetchRequest): Promise<void> {
  const drops = [dropRecords(request.alias, request.table), `DROP TABLE IF EXISTS ${wantedTable(request)}`];
  await staging.until(NEVER).run(drops.join('; '));
}

/**
 * Leaves in `table` the records of which the key field has one of the keys (`lenient`: others too): one row a record, however many spellings of its key
 * there are, with its own texts and their canonical forms. `keysSql` gives canonical keys as column `k`, blank and repeated ones too.
 */
export async function fetchCurrentRecords(
  tools: FetchTools,
  request: FetchRequest,
  keysSql: string,
  signal: AbortSignal,
  progress: (records: number) => void,
): Promise<FetchedRecords> {
  const wanted = wantedTable(request);
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
  readonly #table: RecordTable;
  #records = 0;

  constructor(tools: FetchTools, request: FetchRequest, signal: AbortSignal, progress: (records: number) => void) {
    this.#tools = tools;
    this.#request = request;
    this.#signal = signal;
    this.#progress = progress;
    this.#columns = recordColumns(request);
    this.#table = new RecordTable(tools.staging, request.alias, request.table, this.#columns, request.keyField, signal);
  }

  begin(): Promise<void> {
    return this.#table.create();
  }

  /** SQL for the ids, or for the folded keys, of the records that came, for `finish` to choose by: its condition may name them. */
  keys(of: 'id' | 'k'): string {
    return `SELECT ${of} FROM ${this.#table.name}`;
  }

  /** How many records came so far. */
  get records(): number {
    return this.#records;
  }

  /** Records as REST answers with them; their rows, as they are in the table. */
  async take(records: readonly Record<string, unknown>[]): Promise<string[][]> {
    const rows = records.map((record) => this.#table.given.map(({ path }) => textAt(record, path)));
    await this.#append(rows);
    return rows;
  }

  async #append(rows: string[][]): Promise<void> {
    const { alias, table } = this.#request;
    const unread = Array<null>(this.#table.read).fill(null);
    await this.#tools.staging.append(
      alias,
      storedName(table),
      rows.map((row) => [...row, ...unread]),
    );
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
  importPage(file: string, records: number): Promise<void> {
    return this.importPages([file], records);
  }

  /** Pages of query jobs: several at a time are read side by side. */
  async importPages(files: readonly string[], records: number): Promise<void> {
    const paths = selectedPaths(this.#columns);
    const place = new Map(paths.map((path, index) => [path.toLowerCase(), `p${index}`]));
    const { given } = this.#table;
    const cells = given.map((column) => {
      const text = place.get(column.path.toLowerCase());
      return this.#table.storedSql(column, text === undefined ? "''" : quoteName(text));
    });
    const texts = paths.map((_, index) => `coalesce(p${index}, '') AS p${index}`);
    // Columns come in the order of the SELECT (Bulk API 2.0 guide, from version 50), so their headers need not be read.
    await this.#tools.staging.until(this.#signal).run(
      `INSERT INTO ${this.#table.name} (${given.map(({ name }) => quoteName(name)).join(', ')}) SELECT ${cells.join(', ')} FROM (SELECT ${texts.join(', ')} FROM read_csv([${files.map((file) => quoteText(file)).join(', ')}],
       columns = {${paths.map((_, index) => `'p${index}': 'VARCHAR'`).join(', ')}}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
       new_line = '\\n', buffer_size = 4194304, max_line_size = 2097152))`,
    );
    this.#came(records);
  }

  /** Leaves each of the records that are wanted once in the request's table: as it came last, should it have come again. */
  async finish(onlyThose: string): Promise<void> {
    await this.#table.finish(onlyThose, this.#request.lenient);
    await this.#tools.staging.until(this.#signal).run(`DROP TABLE IF EXISTS ${wantedTable(this.#request)}`);
  }
}
