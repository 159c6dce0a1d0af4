import { createBirpc } from 'birpc';
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { canonicaliseColumns } from './validation/canonicalise-columns.ts';
import { checkColumn } from './validation/check-column.ts';
import { aliasesIn, DuckDbEngine } from './staging/duckdb-engine.ts';
import { exportRows } from './staging/export-rows.ts';
import { stageSource } from './source/stage-source.ts';
import { ownSpillFolder } from './staging/spill-folder.ts';
import { isFatal, isInvalidated, stagingFailure } from './staging/staging-failure.ts';
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
  // Whoever started it may just have ended: then nobody reads it.
  else if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

function onMessage(listener: (message: unknown) => void): void {
  if (parentPort) parentPort.on('message', ({ data }) => listener(data));
  else process.on('message', listener);
}

// Rows lie in everything this process writes: databases, their logs, what is spilled, exported files.
process.umask(0o077);
const { values: flags } = parseArgs({ options: { spill: { type: 'string' } } });
if (flags.spill === undefined) throw new Error('the staging process was not told where to spill');
const spill = flags.spill;
const engine = await startEngine();
const tasks = new Map<string, AbortController>();

/** Throws nothing: without a place to spill to there is nothing to do but say so. */
async function startEngine(): Promise<DuckDbEngine> {
  try {
    await ownSpillFolder(spill);
    return await DuckDbEngine.create(spill);
  } catch (error) {
    const failure = stagingFailure(error, []);
    if (failure === null) throw error;
    await new Promise<void>((resolve) => {
      const message = { kind: 'refused', failure };
      if (parentPort) resolve(parentPort.postMessage(message));
      else process.send?.(message, () => resolve());
    });
    return process.exit(1);
  }
}

/** Work on these databases, which stay open as long as it lasts. */
async function task(
  taskId: string,
  aliases: readonly string[],
  work: (signal: AbortSignal) => Promise<unknown>,
): Promise<StagingAnswer> {
  const controller = new AbortController();
  const { signal } = controller;
  tasks.set(taskId, controller);
  try {
    return { ok: true, value: await engine.databases.use(aliases, signal, () => work(signal)) };
  } catch (error) {
    // Nothing this process has open can be used any more; who asks next is given a new one.
    if (isFatal(error)) process.exit(1);
    const refused = refusal(error, aliases);
    // After an error of writing DuckDB takes nothing more for a database until it is opened anew. If it cannot be closed
    // now, whoever names it next tries again and hears why.
    const isWriting = 'failure' in refused && /^DISK_/.test(refused.failure.code);
    if (isWriting || isInvalidated(error))
      for (const alias of aliases) engine.databases.reopen(alias).catch(() => undefined);
    return signal.aborted ? { ok: false, failure: { code: 'CANCELLED' } } : refused;
  } finally {
    tasks.delete(taskId);
  }
}

function refusal(error: unknown, aliases: readonly string[]): StagingAnswer {
  const failure = stagingFailure(error, aliases);
  return failure
    ? { ok: false, failure }
    : { ok: false, error: error instanceof Error ? error.message : String(error) };
}

async function append(alias: string, table: string, rows: (string | null)[][]): Promise<void> {
  await engine.withConnection(null, async (connection) => {
    const appender = await connection.createAppender(table, 'main', alias);
    for (const row of rows) {
      for (const cell of row) cell === null ? appender.appendNull() : appender.appendVarchar(cell);
      appender.endRow();
    }
    appender.closeSync();
  });
}

const DONE: StagingAnswer = { ok: true, value: undefined };

async function closing(alias: string, close: () => Promise<void>): Promise<StagingAnswer> {
  try {
    await close();
    return DONE;
  } catch (error) {
    return refusal(error, [alias]);
  }
}

type Handlers = { [K in keyof StagingFunctions]: (...args: Parameters<StagingFunctions[K]>) => Promise<StagingAnswer> };

const handlers: Handlers = {
  attach: async (alias, path, need) => {
    try {
      await engine.databases.know(alias, path, need);
      return DONE;
    } catch (error) {
      return refusal(error, [alias]);
    }
  },
  create: (taskId, alias, path, need, from) =>
    task(taskId, [], (signal) =>
      from === null
        ? engine.createDatabase(alias, path, need, signal)
        : engine.copyDatabase(alias, path, need, from, signal),
    ),
  replaceFile: (taskId, alias, by) => task(taskId, [], () => engine.replaceFile(alias, by)),
  close: (alias) => closing(alias, () => engine.databases.reopen(alias)),
  detach: (alias) => closing(alias, () => engine.databases.forget(alias)),
  run: (taskId, sql) => task(taskId, aliasesIn(sql), (signal) => engine.run(sql, signal)),
  runInOrder: (taskId, sql) => task(taskId, aliasesIn(sql), (signal) => engine.runInOrder(sql, signal)),
  copyInOrder: (taskId, sql) => task(taskId, aliasesIn(sql), (signal) => engine.copyInOrder(sql, signal)),
  query: (taskId, sql, values) => task(taskId, aliasesIn(sql, values), (signal) => engine.query(sql, values, signal)),
  append: (taskId, alias, table, rows) => task(taskId, [alias], () => append(alias, table, rows)),
  stageSource: async (taskId, request) => {
    const report = (facts: { rows: number; bytes: number }) => void rpc.progress.asEvent(taskId, facts);
    const staged = await task(taskId, [request.alias], (signal) => stageSource(engine, request, signal, report));
    // Rows keep the marks of the transaction that wrote them for as long as the database is open, and fetching some by
    // their place takes three times as long for it.
    await engine.databases.reopen(request.alias);
    return staged;
  },
  checkColumn: (taskId, request) => task(taskId, [request.alias], (signal) => checkColumn(engine, request, signal)),
  canonicalise: (taskId, table, columns) =>
    task(taskId, aliasesIn(table), (signal) => canonicaliseColumns(engine, table, columns, signal)),
  exportRows: (taskId, request) =>
    task(taskId, aliasesIn(request.sql), (signal) => exportRows(engine, request, signal)),
  cancel: (taskId) => {
    tasks.get(taskId)?.abort();
    return Promise.resolve(DONE);
  },
};

const rpc = createBirpc<StagingEvents, Handlers>(handlers, { post, on: onMessage, timeout: -1 });
process.on('disconnect', () => {
  // The backend is gone, and with it who would clear up.
  rmSync(spill, { recursive: true, force: true });
  process.exit(0);
});
// Ctrl+C reaches every process of a terminal. What becomes of the work is for the host to say, which ends this one last.
process.on('SIGINT', () => undefined);
post({ kind: 'ready' });
