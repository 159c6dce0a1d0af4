import { createBirpc } from 'birpc';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { StagingChannel } from '../ports.ts';
import type {
  CheckColumnRequest,
  ColumnFormats,
  ExportRequest,
  MemoryNeed,
  SqlRow,
  SqlValue,
  StageRequest,
  StageResult,
  StagingAnswer,
  StagingEvents,
  StagingFunctions,
} from './staging-functions.ts';

type Remote = { [K in keyof StagingFunctions]: (...args: Parameters<StagingFunctions[K]>) => Promise<StagingAnswer> };

/** Statements and their results, for those who need nothing else of the engine. */
export interface StagingSql {
  run(sql: string): Promise<void>;
  query(sql: string, values?: SqlValue[]): Promise<SqlRow[]>;
}

/** For what no one can call off. */
const NEVER = new AbortController().signal;

/** The staging engine as the rest of the backend sees it. Starts its process on first use, and again if it died. */
export class StagingClient {
  readonly #spawn: () => StagingChannel;
  readonly #progress = new Map<string, (facts: { rows: number; bytes: number }) => void>();
  #connection: Promise<{ remote: Remote; channel: StagingChannel; lost: Promise<never> }> | null = null;
  /** Databases by alias. A new process is told of them before anything else is asked of it. */
  readonly #attached = new Map<string, { path: string; need: MemoryNeed }>();
  #tasks = 0;

  constructor(spawn: () => StagingChannel) {
    this.#spawn = spawn;
  }

  #connect(): Promise<{ remote: Remote; channel: StagingChannel; lost: Promise<never> }> {
    this.#connection ??= new Promise((resolve, reject) => {
      const channel = this.#spawn();
      const lost = new Promise<never>((_, lose) => {
        channel.onExit((code) => {
          this.#connection = null;
          const ended = new Error(`the staging process ended (code ${String(code)})`);
          lose(ended);
          // Also for one that ends before it is ready; afterwards this has no effect.
          reject(ended);
        });
      });
      // Every call races against this; on its own it must not end the backend.
      lost.catch(() => undefined);
      const events: StagingEvents = { progress: (taskId, facts) => this.#progress.get(taskId)?.(facts) };
      const listeners: ((message: unknown) => void)[] = [];
      channel.onMessage((message) => {
        if (typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'ready') {
          const remote = rpc as unknown as Remote;
          Promise.all([...this.#attached].map(([alias, { path, need }]) => remote.attach(alias, path, need))).then(
            () => resolve({ remote, channel, lost }),
            reject,
          );
        } else {
          for (const listener of listeners) listener(message);
        }
      });
      const rpc = createBirpc<Remote, StagingEvents>(events, {
        post: (message) => channel.post(message),
        on: (listener) => {
          listeners.push(listener);
        },
        timeout: -1,
      });
    });
    return this.#connection;
  }

  async #ask<T>(ask: (remote: Remote) => Promise<StagingAnswer>): Promise<T> {
    const { remote, lost } = await this.#connect();
    const answer = await Promise.race([ask(remote), lost]);
    if (answer.ok) return answer.value as T;
    if ('failure' in answer) throw new FailureError(answer.failure);
    throw new Error(`staging: ${answer.error}`);
  }

  /** A long call that the signal cancels and that may report progress. */
  async #task<T>(
    signal: AbortSignal,
    ask: (remote: Remote, taskId: string) => Promise<StagingAnswer>,
    progress?: (facts: { rows: number; bytes: number }) => void,
  ): Promise<T> {
    if (signal.aborted) throw new FailureError({ code: 'CANCELLED' });
    const taskId = `task-${++this.#tasks}`;
    if (progress) this.#progress.set(taskId, progress);
    const cancel = () => void this.#ask((remote) => remote.cancel(taskId)).catch(() => undefined);
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await this.#ask<T>((remote) => ask(remote, taskId));
    } finally {
      signal.removeEventListener('abort', cancel);
      this.#progress.delete(taskId);
    }
  }

  /** Makes a database known by an alias, for as long as this client lives; asking again costs nothing. */
  async attach(alias: string, path: string, need: MemoryNeed): Promise<void> {
    const known = this.#attached.get(alias);
    if (known?.path === path && known.need.columns === need.columns && known.need.joinedRows === need.joinedRows)
      return;
    await this.#ask((remote) => remote.attach(alias, path, need));
    this.#attached.set(alias, { path, need });
  }

  async detach(alias: string): Promise<void> {
    this.#attached.delete(alias);
    await this.#ask((remote) => remote.detach(alias));
  }

  run(sql: string, signal: AbortSignal = NEVER): Promise<void> {
    return this.#task(signal, (remote, taskId) => remote.run(taskId, sql));
  }

  runInOrder(sql: string, signal: AbortSignal): Promise<void> {
    return this.#task(signal, (remote, taskId) => remote.runInOrder(taskId, sql));
  }

  query(sql: string, values: SqlValue[] = [], signal: AbortSignal = NEVER): Promise<SqlRow[]> {
    return this.#task(signal, (remote, taskId) => remote.query(taskId, sql, values));
  }

  /** The same engine for work that a signal calls off, whatever statement it is at. */
  until(signal: AbortSignal): StagingSql {
    return { run: (sql) => this.run(sql, signal), query: (sql, values = []) => this.query(sql, values, signal) };
  }

  append(alias: string, table: string, rows: (string | null)[][]): Promise<void> {
    return this.#ask((remote) => remote.append(alias, table, rows));
  }

  stageSource(
    request: StageRequest,
    signal: AbortSignal,
    progress: (facts: { rows: number; bytes: number }) => void,
  ): Promise<StageResult> {
    return this.#task(signal, (remote, taskId) => remote.stageSource(taskId, request), progress);
  }

  checkColumn(request: CheckColumnRequest, signal: AbortSignal): Promise<ColumnFormats> {
    return this.#task(signal, (remote, taskId) => remote.checkColumn(taskId, request));
  }

  canonicalise(
    table: string,
    columns: { name: string; field: CheckColumnRequest['field'] }[],
    signal: AbortSignal,
  ): Promise<void> {
    return this.#task(signal, (remote, taskId) => remote.canonicalise(taskId, table, columns));
  }

  exportRows(request: ExportRequest, signal: AbortSignal): Promise<{ rows: number }> {
    return this.#task(signal, (remote, taskId) => remote.exportRows(taskId, request));
  }

  async close(): Promise<void> {
    if (this.#connection === null) return;
    const { channel } = await this.#connection;
    channel.kill();
  }
}
