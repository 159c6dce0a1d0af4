import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbEngine } from '../staging/duckdb-engine.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { canonicaliseColumns } from '../validation/canonicalise-columns.ts';
import { checkColumn } from '../validation/check-column.ts';

export interface InProcessStaging {
  readonly engine: DuckDbEngine;
  /** The engine as the backend asks it, without the process between. */
  readonly staging: Pick<StagingClient, 'run' | 'query' | 'until' | 'canonicalise' | 'checkColumn'>;
  readonly folder: string;
  close(): Promise<void>;
}

/** A real engine in the test's own process, with a database under one alias. */
export async function inProcessStaging(alias: string): Promise<InProcessStaging> {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-engine-'));
  const engine = await DuckDbEngine.create(join(folder, 'spill'));
  await engine.attach(alias, join(folder, 'test.duckdb'), { columns: 20, joinedRows: 1000 });
  const staging: InProcessStaging['staging'] = {
    run: (sql) => engine.run(sql),
    query: (sql, values = []) => engine.query(sql, values),
    until: (signal) => ({
      run: (sql) => engine.run(sql, signal),
      query: (sql, values = []) => engine.query(sql, values, signal),
    }),
    canonicalise: (table, columns, signal) => canonicaliseColumns(engine, table, columns, signal),
    checkColumn: (request, signal) => checkColumn(engine, request, signal),
  };
  return {
    engine,
    staging,
    folder,
    close: async () => {
      await engine.detach(alias);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
