import { constants, copyFile, mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { replaceDurably } from '../documents/durable-file.ts';
import { quoteName, quoteText } from '../tables/quote.ts';
import { NEVER } from '../never.ts';
import { CatalogGate, LOOKS_THROUGH_ALL } from './catalog-gate.ts';
import { OpenDatabases, type KnownDatabase } from './open-databases.ts';
import { toPlain } from './result-chunks.ts';
import { damagedDatabase, isLocked, isOpenHere, isOutOfMemory, isThere, openingFailure } from './staging-failure.ts';
import { storageOptions } from './storage-options.ts';
import type { MemoryNeed, SqlRow, SqlValue } from './staging-functions.ts';

/**
 * DuckDB's own ceiling, in MB. It is not a hard one (a 1 GB limit peaked at 1.56 GB when measured), so this is a quarter
 * of what all backend processes together may take.
 */
const MEMORY = 128;

/**
 * How long a database that another process has open is waited for, ms: the engine of a backend that was killed ends when it
 * notices, which is a moment after the next backend may have begun.
 */
const LOCKED_AT_MOST = 2000;
const LOOK_AGAIN = 50;

/** Comparing more rows than this joins tables that do not fit into that: a plan of a million failed in it. */
const MANY_ROWS = 200_000;
const MEMORY_FOR_MANY = 384;

/**
 * What a column adds, in MB: DuckDB reserves blocks for every column of a row group it fills, and for every column of a
 * piece of a result. Most of it is never touched: five thousand columns reserve 2 GB and take 0.5.
 */
const MEMORY_A_COLUMN = 0.5;

const THREADS = 2;

/** Milliseconds between interrupts of work that was called off. */
const INTERRUPT_EVERY = 10;

/** How the databases of sources, plans, and syncs are named in SQL (shared/domain/ids.ts, sync/). */
const ALIAS = /\b(?:src|plan|sync)_[a-z0-9]{16}\b/g;

/** The databases that a statement may name, itself or by a value: of one that is closed the catalog's functions would find nothing. */
export function aliasesIn(sql: string, values: readonly SqlValue[] = []): string[] {
  return [...new Set([sql, ...values].flatMap((text) => (typeof text === 'string' ? (text.match(ALIAS) ?? []) : [])))];
}

/** One DuckDB in memory to which the database files of sources and loads are attached while they are worked on. */
export class DuckDbEngine {
  readonly #instance: DuckDBInstance;
  readonly databases: OpenDatabases;
  readonly #catalog = new CatalogGate();
  /** The memory limit that holds, in MB. */
  #limit = MEMORY;
  /** Statements under way that need their order. */
  #inOrder = 0;
  /** Statements under way that only one thread is to work on. */
  #alone = 0;

  private constructor(instance: DuckDBInstance) {
    this.#instance = instance;
    this.databases = new OpenDatabases({
      open: (alias, database) => this.#open(alias, database),
      close: (alias) => this.#catalog.close(() => this.run(`DETACH DATABASE IF EXISTS ${quoteName(alias)}`)),
      provide: (needs) => this.#provide(needs),
    });
  }

  static async create(temporaryFolder: string): Promise<DuckDbEngine> {
    const engine = new DuckDbEngine(
      await DuckDBInstance.create(':memory:', {
        memory_limit: `${MEMORY}MB`,
        threads: String(THREADS),
        temp_directory: temporaryFolder,
        // A page of rows that lie anywhere is read place by place, not between the first and the last.
        dynamic_or_filter_threshold: '1000',
        // Rows carry their number: threads need not wait for one another to keep the file's order (staging is 1.6 × as fast).
        preserve_insertion_order: 'false',
        // What would have a statement that fails look through the tables of all databases for names like the one that it missed (`CatalogGate`).
        catalog_error_max_schemas: '0',
        // Nothing may be fetched or loaded: everything Longshore needs is linked in.
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
      }),
    );
    // Half as large on disk, but a quarter longer to write, and twice as long to read each time. Said while the engine starts, it is
    // taken without a word and does not hold (DuckDB 1.5).
    await engine.run("SET disabled_compression_methods = 'fsst'");
    return engine;
  }

  /** Makes an empty database in place of whatever lies at its path, and the folder it lies in. */
  async createDatabase(alias: string, path: string, need: MemoryNeed, signal: AbortSignal = NEVER): Promise<void> {
    await this.databases.replace(alias, { path, need, fresh: true }, signal, () => makeWay(path));
  }

  /** Makes a database of another one's file, in place of whatever lies at its path: its rows need not be written anew. */
  async copyDatabase(
    alias: string,
    path: string,
    need: MemoryNeed,
    from: string,
    signal: AbortSignal = NEVER,
  ): Promise<void> {
    await this.databases.replace(alias, { path, need, fresh: false }, signal, async () => {
      await makeWay(path);
      // What it has open is in its file once it is closed.
      await this.databases.whileClosed(from, async (original) => {
        signal.throwIfAborted();
        await copyFile(original, path, constants.COPYFILE_FICLONE);
        if (await isThere(`${original}.wal`)) await copyFile(`${original}.wal`, `${path}.wal`);
      });
    });
  }

  /** Puts another file in the place of a database's: who names the database next finds that. A power cut leaves the one or the other. */
  async replaceFile(alias: string, by: string): Promise<void> {
    await this.databases.whileClosed(alias, async (path) => {
      // Closed, a database is whole in its file. A log that is left would be taken for the other one's.
      for (const file of [path, by]) if (await isThere(`${file}.wal`)) throw damagedDatabase([alias]);
      await replaceDurably(by, path, 'a staging database');
    });
  }

  async #open(alias: string, { path, fresh, need }: KnownDatabase): Promise<void> {
    // DuckDB makes a file that is missing: what should be there would be an empty database.
    if (!fresh && !(await isThere(path))) throw damagedDatabase([alias]);
    const until = performance.now() + LOCKED_AT_MOST;
    for (;;) {
      try {
        await this.run(`ATTACH ${quoteText(path)} AS ${quoteName(alias)} (${storageOptions(need.columns, fresh)})`);
        return;
      } catch (error) {
        if (!(isLocked(error) || isOpenHere(error)) || performance.now() > until) throw openingFailure(error, alias);
        await sleep(LOOK_AGAIN);
      }
    }
  }

  /** Sets the ceiling for all that is open. */
  async #provide(needs: readonly MemoryNeed[]): Promise<void> {
    const columns = needs.reduce((sum, need) => sum + need.columns, 0);
    const base = needs.some(({ joinedRows }) => joinedRows > MANY_ROWS) ? MEMORY_FOR_MANY : MEMORY;
    const limit = Math.round(base + columns * MEMORY_A_COLUMN);
    if (limit === this.#limit) return;
    try {
      await this.run(`SET memory_limit = '${limit}MB'`);
      this.#limit = limit;
    } catch (error) {
      // What statements under way hold cannot be taken from them: the ceiling comes down with the next change.
      if (limit > this.#limit || !isOutOfMemory(error)) throw error;
    }
  }

  /**
   * Runs `work` on a connection of its own, which is interrupted when the signal fires, and again until the work has let go: DuckDB
   * forgets an interrupt that comes before a statement has begun.
   */
  async withConnection<T>(signal: AbortSignal | null, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    const connection = await this.#instance.connect();
    let again: NodeJS.Timeout | undefined;
    const interrupt = () => {
      connection.interrupt();
      again ??= setInterval(() => connection.interrupt(), INTERRUPT_EVERY);
    };
    signal?.addEventListener('abort', interrupt, { once: true });
    try {
      signal?.throwIfAborted();
      return await work(connection);
    } catch (error) {
      signal?.removeEventListener('abort', interrupt);
      clearInterval(again);
      // A result that was not read to its end has its transaction, and each database of that, open until it is collected as garbage: closed
      // meanwhile, such a database could not be opened again. Where there is no transaction this is refused, which says nothing.
      await connection.run('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      signal?.removeEventListener('abort', interrupt);
      clearInterval(again);
      connection.closeSync();
    }
  }

  async run(sql: string, signal: AbortSignal | null = null): Promise<void> {
    await this.#statement(sql, signal, async (connection) => {
      await connection.run(sql);
    });
  }

  #statement<T>(
    sql: string,
    signal: AbortSignal | null,
    work: (connection: DuckDBConnection) => Promise<T>,
  ): Promise<T> {
    const ask = () => this.withConnection(signal, work);
    return LOOKS_THROUGH_ALL.test(sql) ? this.#catalog.look(ask) : ask();
  }

  /**
   * Runs a `CREATE TABLE … AS … ORDER BY` whose rows then lie in that order, so that `rowid` counts them. The setting holds for
   * the whole engine: whatever is planned meanwhile keeps its order too, and is a little slower.
   */
  async runInOrder(sql: string, signal: AbortSignal | null): Promise<void> {
    this.#inOrder++;
    await this.run('SET preserve_insertion_order = true');
    try {
      await this.run(sql, signal);
    } finally {
      if (--this.#inOrder === 0) await this.run('SET preserve_insertion_order = false');
    }
  }

  /**
   * Writes a file of a query's rows, in their order, by one thread alone: of several each holds pieces of what is read and what is written
   * until those before it are done, which takes three times the memory (JSON Lines of a million records: 194 MiB beside 126, of which 72 are
   * Node's). The setting holds for the whole engine: whatever runs meanwhile is slower.
   */
  async copyInOrder(sql: string, signal: AbortSignal | null): Promise<void> {
    this.#alone++;
    await this.run('SET threads = 1');
    try {
      await this.runInOrder(sql, signal);
    } finally {
      if (--this.#alone === 0) await this.run(`SET threads = ${THREADS}`);
    }
  }

  async query(sql: string, values: SqlValue[], signal: AbortSignal | null = null): Promise<SqlRow[]> {
    return this.#statement(sql, signal, async (connection) => {
      const reader = await connection.runAndReadAll(sql, values);
      const names = reader.deduplicatedColumnNames();
      return reader
        .getRows()
        .map((row) => Object.fromEntries(row.map((value, index) => [names[index] ?? '', toPlain(value)])));
    });
  }
}

/** Removes what lies at a database's path, and makes the folder it lies in. */
async function makeWay(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  for (const file of [path, `${path}.wal`]) await rm(file, { force: true });
}
