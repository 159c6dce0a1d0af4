import { DuckDBInstance } from '@duckdb/node-api';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import Papa from 'papaparse';

/** What staging is made of, doing nothing else: what it is measured against. */
const COLUMNS = 20;

/** (a) papaparse as it is fastest: arrays, in chunks of 64 KB, looked at by no one. */
export async function barePapaparse(path: string): Promise<number> {
  const start = performance.now();
  let rows = 0;
  await new Promise<void>((resolve, reject) => {
    Papa.parse<string[]>(createReadStream(path, { highWaterMark: 64 * 1024, encoding: 'utf8' }), {
      chunk: ({ data }) => void (rows += data.length),
      complete: () => resolve(),
      error: reject,
    });
  });
  if (rows < 1000) throw new Error(`papaparse read ${rows} rows`);
  return performance.now() - start;
}

/** (b) DuckDB's reader filling a table on disk, with the engine's own limits; rows in the file's order, or in any. */
export async function bareDuckDb(path: string, folder: string, inOrder: boolean): Promise<number> {
  const database = join(folder, 'bare.duckdb');
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: '128MB',
    threads: '2',
    temp_directory: join(folder, 'spill'),
    preserve_insertion_order: String(inOrder),
  });
  const connection = await instance.connect();
  await connection.run(`ATTACH '${database}' AS bare`);
  const names = Array.from({ length: COLUMNS }, (_, index) => `'c${index}'`);
  const start = performance.now();
  await connection.run(
    `CREATE TABLE bare.rows AS SELECT * FROM read_csv('${path}', auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
       new_line = '\\n', columns = {${names.map((name) => `${name}: 'VARCHAR'`).join(', ')}}, force_not_null = [${names.join(', ')}],
       max_line_size = 1000000, buffer_size = 8000000)`,
  );
  await connection.run('CHECKPOINT bare');
  const milliseconds = performance.now() - start;
  connection.closeSync();
  await rm(database, { force: true });
  return milliseconds;
}
