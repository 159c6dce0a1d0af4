import { DuckDbEngine } from '../staging/duckdb-engine.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { canonicaliseColumns } from '../validation/canonicalise-columns.ts';
import { checkColumn } from '../validation/check-column.ts';

/** What of the staging client plans and checks are made with. */
export type InProcessStaging = Pick<
  StagingClient,
  'run' | 'runInOrder' | 'query' | 'until' | 'append' | 'attach' | 'create' | 'detach' | 'checkColumn' | 'canonicalise'
>;

const NEVER = new AbortController().signal;

/** The staging client's answers without its process: the engine is the real one. `seen` is told of every statement. */
export function stagingOver(engine: DuckDbEngine, seen: (sql: string) => void = () => undefined): InProcessStaging {
  const run: InProcessStaging['run'] = (sql, signal = NEVER) => {
    signal.throwIfAborted();
    seen(sql);
    return engine.run(sql, signal);
  };
  const runInOrder: InProcessStaging['runInOrder'] = (sql, signal = NEVER) => {
    signal.throwIfAborted();
    seen(sql);
    return engine.runInOrder(sql, signal);
  };
  const query: InProcessStaging['query'] = (sql, values = [], signal = NEVER) => {
    signal.throwIfAborted();
    seen(sql);
    return engine.query(sql, values, signal);
  };
  return {
    run,
    runInOrder,
    query,
    until: (signal) => ({
      run: (sql) => run(sql, signal),
      runInOrder: (sql) => runInOrder(sql, signal),
      query: (sql, values = []) => query(sql, values, signal),
    }),
    append: (alias, table, rows) =>
      engine.withConnection(null, async (connection) => {
        const appender = await connection.createAppender(table, 'main', alias);
        for (const row of rows) {
          for (const cell of row) cell === null ? appender.appendNull() : appender.appendVarchar(cell);
          appender.endRow();
        }
        appender.closeSync();
      }),
    attach: (alias, path, need) => engine.databases.know(alias, path, need),
    create: async (alias, path, need, signal = NEVER, from = null) => {
      if (from === null) return engine.createDatabase(alias, path, need, signal);
      await engine.copyDatabase(alias, path, need, from, signal);
      // Here nobody opens databases as they are named.
      await engine.databases.use([from], signal, () => Promise.resolve());
    },
    detach: (alias) => engine.databases.forget(alias),
    checkColumn: (request, signal) => checkColumn(engine, request, signal),
    canonicalise: (table, columns, signal) => canonicaliseColumns(engine, table, columns, signal),
  };
}
