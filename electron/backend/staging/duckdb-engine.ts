import { DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import type { SqlRow, SqlValue } from './staging-functions.ts';

/**
 * DuckDB's own ceiling. It is not a hard one (a 1 GB limit peaked at 1.56 GB when measured), so this is a quarter of
 * what all backend processes together may take.
 */
const MEMORY_LIMIT = '128MB';

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function toPlain(value: DuckDBValue): SqlValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (typeof value === 'bigint') return Number(value);
  return String(value);
}

/** One DuckDB in memory to which every source's and every load's database file is attached. */
export class DuckDbEngine {
  readonly #instance: DuckDBInstance;

  private constructor(instance: DuckDBInstance) {
    this.#instance = instance;
  }

  static async create(temporaryFolder: string): Promise<DuckDbEngine> {
    return new DuckDbEngine(
      await DuckDBInstance.create(':memory:', {
        memory_limit: MEMORY_LIMIT,
        threads: '2',
        temp_directory: temporaryFolder,
        // Nothing may be fetched or loaded: everything Longshore needs is linked in.
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
      }),
    );
  }

  /** Runs `work` on a connection of its own, which is interrupted when the signal fires. */
  async withConnection<T>(signal: AbortSignal | null, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.#instance.connect();
    const interrupt = () => connection.interrupt();
    signal?.addEventListener('abort', interrupt);
    try {
      return await work(connection);
    } finally {
      signal?.removeEventListener('abort', interrupt);
      connection.closeSync();
    }
  }

  async run(sql: string, signal: AbortSignal | null = null): Promise<void> {
    await this.withConnection(signal, async (connection) => {
      await connection.run(sql);
    });
  }

  async query(sql: string, values: SqlValue[]): Promise<SqlRow[]> {
    return this.withConnection(null, async (connection) => {
      const reader = await connection.runAndReadAll(sql, values);
      const names = reader.deduplicatedColumnNames();
      return reader
        .getRows()
        .map((row) => Object.fromEntries(row.map((value, index) => [names[index] ?? '', toPlain(value)])));
    });
  }

  /** Rows of any number, a chunk of at most 2,048 at a time. */
  async *chunks(connection: DuckDBConnection, sql: string): AsyncGenerator<SqlValue[][]> {
    const result = await connection.stream(sql);
    for (;;) {
      const chunk = await result.fetchChunk();
      if (!chunk || chunk.rowCount === 0) return;
      yield chunk.getRows().map((row) => row.map(toPlain));
    }
  }
}
