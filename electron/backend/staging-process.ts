import { createBirpc } from 'birpc';
import { tmpdir } from 'node:os';
import { FailureError } from '../../shared/contract/failure.ts';
import { canonicaliseColumns, checkColumn } from './validation/check-column.ts';
import { DuckDbEngine } from './staging/duckdb-engine.ts';
import { exportRows } from './staging/export-rows.ts';
import { stageSource } from './source/stage-source.ts';
import type { StagingAnswer, StagingEvents, StagingFunctions } from './staging/staging-functions.ts';

/** The staging engine's own process: everything that keeps a processor busy happens here, away from the backend's loop. */

/** Electron gives a utility process `process.parentPort`; Node gives a child `process.send`. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}
const parentPort = (process as unknown as { parentPort?: ParentPort }).parentPort;

function post(message: unknown): void {
  if (parentPort) parentPort.postMessage(message);
  else process.send?.(message);
}

function onMessage(listener: (message: unknown) => void): void {
  if (parentPort) parentPort.on('message', ({ data }) => listener(data));
  else process.on('message', listener);
}

const engine = await DuckDbEngine.create(`${tmpdir()}/longshore-${process.pid}`);
const tasks = new Map<string, AbortController>();

async function task<T>(taskId: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  tasks.set(taskId, controller);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (controller.signal.aborted) throw new FailureError({ code: 'CANCELLED' });
    throw error;
  } finally {
    tasks.delete(taskId);
  }
}

async function answer(work: () => Promise<unknown>): Promise<StagingAnswer> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    if (error instanceof FailureError) return { ok: false, failure: error.failure };
    const text = error instanceof Error ? error.message : String(error);
    if (/ENOSPC|No space left/i.test(text))
      return { ok: false, failure: { code: 'DISK_FULL', what: 'the staging database' } };
    return { ok: false, error: text };
  }
}

type Handlers = { [K in keyof StagingFunctions]: (...args: Parameters<StagingFunctions[K]>) => Promise<StagingAnswer> };

const handlers: Handlers = {
  attach: (alias, path, need) => answer(() => engine.attach(alias, path, need)),
  detach: (alias) => answer(() => engine.detach(alias)),
  run: (taskId, sql) => answer(() => task(taskId, (signal) => engine.run(sql, signal))),
  runInOrder: (taskId, sql) => answer(() => task(taskId, (signal) => engine.runInOrder(sql, signal))),
  query: (taskId, sql, values) => answer(() => task(taskId, (signal) => engine.query(sql, values, signal))),
  append: (alias, table, rows) =>
    answer(() =>
      engine.withConnection(null, async (connection) => {
        const appender = await connection.createAppender(table, 'main', alias);
        for (const row of rows) {
          for (const cell of row) cell === null ? appender.appendNull() : appender.appendVarchar(cell);
          appender.endRow();
        }
        appender.closeSync();
      }),
    ),
  stageSource: (taskId, request) =>
    answer(() =>
      task(taskId, (signal) =>
        stageSource(engine, request, signal, (facts) => void rpc.progress.asEvent(taskId, facts)),
      ),
    ),
  checkColumn: (taskId, request) => answer(() => task(taskId, (signal) => checkColumn(engine, request, signal))),
  canonicalise: (taskId, table, columns) =>
    answer(() => task(taskId, (signal) => canonicaliseColumns(engine, table, columns, signal))),
  exportRows: (taskId, request) => answer(() => task(taskId, (signal) => exportRows(engine, request, signal))),
  cancel: (taskId) =>
    answer(() => {
      tasks.get(taskId)?.abort();
      return Promise.resolve();
    }),
};

const rpc = createBirpc<StagingEvents, Handlers>(handlers, { post, on: onMessage, timeout: -1 });
process.on('disconnect', () => process.exit(0));
// Ctrl+C reaches every process of a terminal. What becomes of the work is for the host to say, which ends this one last.
process.on('SIGINT', () => undefined);
post({ kind: 'ready' });
