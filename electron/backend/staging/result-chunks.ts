import { DuckDBBlobValue, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api';
import type { SqlValue } from './staging-functions.ts';

/** The table of a connection in which a result lies while it is read. */
const WHOLE = 'temp.main.read_whole';

/** A value as it crosses to the backend. */
export function toPlain(value: DuckDBValue): SqlValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (typeof value === 'bigint') return Number(value);
  // Original bytes, shown: what is no UTF-8 in them becomes U+FFFD.
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('utf8');
  return String(value);
}

/**
 * Rows of any number and in no order, a chunk of at most 2,048 at a time. They lie in a table of the connection first: counting what is
 * worked out while it is read would work it out twice.
 */
export async function* chunks(connection: DuckDBConnection, sql: string): AsyncGenerator<SqlValue[][]> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${WHOLE} AS ${sql}`);
  for await (const rows of storedChunks(connection, `SELECT * FROM ${WHOLE}`))
    yield rows.map((row) => row.map(toPlain));
  await connection.run(`DROP TABLE ${WHOLE}`);
}

/** Rows of which the first column is bytes or nothing, in the order of the query. */
export async function* chunksWithBytes(
  connection: DuckDBConnection,
  sql: string,
): AsyncGenerator<{ bytes: Uint8Array | null; values: SqlValue[] }[]> {
  for await (const rows of storedChunks(connection, sql)) {
    yield rows.map(([first = null, ...values]) => ({
      bytes: first instanceof DuckDBBlobValue ? first.bytes : null,
      values: values.map(toPlain),
    }));
  }
}

/**
 * A result that comes in pieces ends the same way whether all of it came, or reading it was interrupted, or failed: the engine's C interface
 * has a chunk that is NULL for each, and Node's has nothing that tells them apart (duckdb_fetch_chunk, DuckDB 1.5). So rows are counted
 * before, and a result that is short is none. Nobody but the consumer may use the connection meanwhile.
 */
async function* storedChunks(connection: DuckDBConnection, sql: string): AsyncGenerator<DuckDBValue[][]> {
  await connection.run('BEGIN TRANSACTION');
  const counted = await connection.runAndReadAll(`SELECT count(*) FROM (${sql})`);
  const all = Number(counted.getRows()[0]?.[0]);
  const result = await connection.stream(sql);
  let rows = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    rows += chunk.rowCount;
    yield chunk.getRows();
  }
  if (rows !== all) throw new Error(`reading a result ended after ${rows} of ${all} rows`);
  await connection.run('COMMIT');
}
