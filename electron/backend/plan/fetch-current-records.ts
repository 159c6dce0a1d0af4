import { foldKeySql } from '../match/match-sql.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import type { Clock } from '../ports.ts';
import { bulkQuery, type QueryClient } from '../query/bulk-query.ts';
import { textOf } from '../staging/staging-functions.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { quoteName, quoteText } from '../tables/quote.ts';
import { createTable, recordShape, tablesOf, WANTED } from '../tables/tables.ts';
import { NEVER } from '../never.ts';
import {
  recordColumns,
  selectedPaths,
  selectRecords,
  soqlLiteral,
  textAt,
  whereClause,
  type RecordColumn,
  type RecordRequest,
} from './record-request.ts';

/** Up to this many keys a few REST queries answer sooner than a query job starts. */
export const FEW_KEYS = 600;
/** REST takes a URI of 16,384 bytes; percent-encoding can triple a quoted key. */
const REST_KEYS_BYTES = 3500;
/** SOQL may have 100,000 characters (SOQL and SOSL Reference, "SOQL SELECT Syntax"). */
const BULK_KEYS_CHARACTERS = 80_000;
/** Reading a whole object beats asking for keys until it holds this many times the keys wanted. */
const WHOLE_OBJECT_FACTOR = 10;
const WHOLE_OBJECT_RECORDS = 200_000;
/** Keys read from the staging store at a time. */
const KEY_PAGE = 20_000;

export interface FetchTools {
  readonly client: QueryClient & Pick<OrgClient, 'query' | 'count'>;
  readonly staging: Pick<StagingClient, 'until' | 'append' | 'canonicalise'>;
  readonly clock: Clock;
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
): Promise<void> {
  const staging = tools.staging.until(signal);
  const { keyField } = request;
  const { wanted } = tablesFor(request);
  // Of the spellings of one key the org is asked for one: it compares them as they are folded here.
  await staging.run(
    `${createTable(wanted, WANTED)};
     INSERT INTO ${wanted} SELECT ${foldKeySql('k', keyField)} AS k, min(k) AS spelling FROM (${keysSql}) WHERE k <> '' GROUP BY 1`,
  );
  const [counted] = await staging.query(`SELECT count(*) AS n FROM ${wanted}`);
  const keys = Number(counted?.['n'] ?? 0);
  const select = selectRecords(request);
  const importer = new RecordImporter(tools, request, signal, progress);
  await importer.begin();
  if (keys === 0) return importer.finish(`SEMI JOIN ${wanted} USING (k)`);
  if (keys <= FEW_KEYS) {
    for await (const list of keyLists(tools, request, keys, REST_KEYS_BYTES, signal))
      await importer.query(select + whereClause(request, `${keyField.name} IN (${list})`));
  } else {
    const inOrg = await tools.client.count(`SELECT COUNT() FROM ${request.objectName}${whereClause(request)}`, signal);
    if (inOrg <= Math.max(WHOLE_OBJECT_RECORDS, keys * WHOLE_OBJECT_FACTOR)) {
      await importer.bulkQuery(
        select + whereClause(request, keyField.type === 'id' ? null : `${keyField.name} != null`),
      );
    } else {
      for await (const list of keyLists(tools, request, keys, BULK_KEYS_CHARACTERS, signal))
        await importer.bulkQuery(select + whereClause(request, `${keyField.name} IN (${list})`));
    }
  }
  await importer.finish(`SEMI JOIN ${wanted} USING (k)`);
}

/** The keys as lists for `IN (…)`, each under a size, one at a time. */
async function* keyLists(
  { staging }: FetchTools,
  request: FetchRequest,
  keys: number,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { wanted } = tablesFor(request);
  let list: string[] = [];
  let length = 0;
  for (let first = 0; first < keys; first += KEY_PAGE) {
    const page = await staging
      .until(signal)
      .query(`SELECT spelling FROM ${wanted} WHERE rowid >= ${first} AND rowid < ${first + KEY_PAGE}`);
    for (const row of page) {
      const text = soqlLiteral(textOf(row, 'spelling'), request.keyField);
      if (length + text.length > size && list.length > 0) {
        yield list.join(',');
        list = [];
        length = 0;
      }
      list.push(text);
      length += text.length + 1;
    }
  }
  if (list.length > 0) yield list.join(',');
}

/** Brings records of REST and bulk queries into one table. */
export class RecordImporter {
  readonly #tools: FetchTools;
  readonly #request: FetchRequest;
  readonly #signal: AbortSignal;
  readonly #progress: (records: number) => void;
  readonly #columns: RecordColumn[];

  constructor(tools: FetchTools, request: FetchRequest, signal: AbortSignal, progress: (records: number) => void) {
    this.#tools = tools;
    this.#request = request;
    this.#signal = signal;
    this.#progress = progress;
    this.#columns = recordColumns(request);
  }

  async begin(): Promise<void> {
    const { fetched } = tablesFor(this.#request);
    await this.#tools.staging.until(this.#signal).run(createTable(fetched, this.#shape));
  }

  get #shape() {
    return recordShape(this.#columns.map(({ name }) => name));
  }

  /** SQL for the ids, or for the folded keys, of what came so far, for `finish` to choose by: its condition may name them. */
  keys(of: 'id' | 'k'): string {
    const { fetched } = tablesFor(this.#request);
    return `SELECT ${of === 'k' ? foldKeySql('k', this.#request.keyField) : 'id'} FROM ${fetched}`;
  }

  /** For a few records. */
  async query(soql: string): Promise<void> {
    const { alias, table } = this.#request;
    const records = await this.#tools.client.query(soql, this.#signal);
    const rows = records.map((record) => this.#columns.map(({ path }) => textAt(record, path)));
    await this.#tools.staging.append(alias, fetchedName(table), rows);
    this.#progress(records.length);
  }

  /** For any number. */
  async bulkQuery(soql: string, operation: 'query' | 'queryAll' = 'query'): Promise<void> {
    const { client, clock } = this.#tools;
    await bulkQuery(client, clock, soql, this.#request.folder, this.#importPage.bind(this), this.#signal, operation);
  }

  async #importPage(file: string, recordsSoFar: number): Promise<void> {
    const { fetched } = tablesFor(this.#request);
    const paths = selectedPaths(this.#columns);
    const place = new Map(paths.map((path, index) => [path.toLowerCase(), `p${index}`]));
    const cells = this.#columns.map(({ path }) => `coalesce(${place.get(path.toLowerCase()) ?? "''"}, '')`);
    // Columns come in the order of the SELECT (Bulk API 2.0 guide, from version 50), so their headers need not be read.
    await this.#tools.staging.until(this.#signal).run(
      `INSERT INTO ${fetched} SELECT ${cells.join(', ')} FROM read_csv(${quoteText(file)},
       columns = {${paths.map((_, index) => `'p${index}': 'VARCHAR'`).join(', ')}}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
       new_line = '\\n', buffer_size = 8388608, max_line_size = 2097152)`,
    );
    this.#progress(recordsSoFar);
  }

  /** Leaves each of the records that are wanted once in the request's table: as it came last, should it have come again. */
  async finish(onlyThose: string): Promise<void> {
    const { keyField } = this.#request;
    const staging = this.#tools.staging.until(this.#signal);
    const { table, wanted, fetched } = tablesFor(this.#request);
    const known = new Set(['id', 'k']);
    await this.#canonicalise(fetched, ({ name }) => known.has(name));
    const columns = this.#columns.map(({ name }) =>
      name === 'k' ? `${foldKeySql('k', keyField)} AS k` : quoteName(name),
    );
    const again = `SELECT rowid AS place, row_number() OVER (PARTITION BY id ORDER BY rowid DESC) AS nth FROM ${fetched}
      WHERE id IN (SELECT id FROM ${fetched} GROUP BY id HAVING count(*) > 1)`;
    await staging.run(
      `${createTable(table, this.#shape)};
       INSERT INTO ${table} SELECT r.* FROM (SELECT ${columns.join(', ')} FROM ${fetched}
         WHERE rowid NOT IN (SELECT place FROM (${again}) WHERE nth > 1)) r ${onlyThose};
       DROP TABLE ${fetched}; DROP TABLE IF EXISTS ${wanted}`,
    );
    await this.#canonicalise(table, ({ name }) => !known.has(name));
  }

  async #canonicalise(table: string, which: (column: RecordColumn) => boolean): Promise<void> {
    for (const { name, canonicalBy } of this.#columns.filter(which)) {
      if (canonicalBy === null) continue;
      // The APIs give ids in 18 characters, which is their canonical form: a million of them need not be looked at one by one.
      if (canonicalBy.type === 'id') {
        const [short] = await this.#tools.staging
          .until(this.#signal)
          .query(`SELECT count(*) AS n FROM ${table} WHERE length(${quoteName(name)}) <> 18`);
        if (Number(short?.['n'] ?? 0) === 0) continue;
      }
      await this.#tools.staging.canonicalise(table, [{ name, field: canonicalBy }], this.#signal);
    }
  }
}
