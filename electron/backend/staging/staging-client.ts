import { createBirpc } from 'birpc';
import { z } from 'zod';
import { Failure, FailureError } from '../../../shared/contract/failure.ts';
import type { BackendPorts, StagingChannel } from '../ports.ts';
import { NEVER } from '../never.ts';
import { newSpillFolder, removeSpillFolder, sweepSpillFolders } from './spill-folder.ts';
import type {
  CanonicalColumn,
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
  /** Makes tables whose rows lie in the order that the statements give. */
  runInOrder(sql: string): Promise<void>;
  query(sql: string, values?: SqlValue[]): Promise<SqlRow[]>;
}

/** What the process says before it is asked anything: that it is ready, or what keeps it from working. */
const StartMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('refused'), failure: Failure }),
]);

type StagingPorts = Pick<BackendPorts, 'spawnStaging' | 'paths' | 'random' | 'log'>;

interface Connection {
  readonly remote: Remote;
  readonly channel: StagingChannel;
  /** Rejects when the process ends, whatever it was at. */
  readonly lost: Promise<never>;
  /** Settles when the process has ended and nothing of it is left. */
  readonly cleared: Promise<void>;
}

/** The staging engine as the rest of the backend sees it. Starts its process on first use, and again if it died. */
export class StagingClient {
  readonly #ports: StagingPorts;
  readonly #progress = new Map<string, (facts: { rows: number; bytes: number }) => void>();
  #connection: Promise<Connection> | null = null;
  /** Databases by alias, as long as their owners live. A new process is told of them before anything else is asked of it. */
  readonly #attached = new Map<string, { path: string; need: MemoryNeed }>();
  #tasks = 0;

  constructor(ports: StagingPorts) {
    this.#ports = ports;
    void sweepSpillFolders(ports);
  }

  #connect(): Promise<Connection> {
    this.#connection ??= this.#start();
    return this.#connection;
  }

  #start(): Promise<Connection> {
    const folder = newSpillFolder(this.#ports);
    const { promise: lost, reject: lose } = Promise.withResolvers<never>();
    // Every call races against this; on its own it must not end the backend.
    lost.catch(() => undefined);
    const channel = this.#ports.spawnStaging(folder);
    const ended = Promise.withResolvers<void>();
    const cleared = ended.promise.then(() => removeSpillFolder(folder, this.#ports));
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    const leave = () => {
      if (this.#connection === promise) this.#connection = null;
    };
    channel.onExit((code) => {
      leave();
      this.#ports.log.info('the staging process ended', { code });
      const stopped = new FailureError({ code: 'STAGING_STOPPED' });
      lose(stopped);
      // Also for one that ends before it is ready; afterwards this has no effect.
      reject(stopped);
      ended.resolve();
    });
    const events: StagingEvents = { progress: (taskId, facts) => this.#progress.get(taskId)?.(facts) };
    const listeners: ((message: unknown) => void)[] = [];
    const rpc = createBirpc<Remote, StagingEvents>(events, {
      post: (message) => channel.post(message),
      on: (listener) => {
        listeners.push(listener);
      },
      timeout: -1,
    });
    channel.onMessage((message) => {
      if (typeof message !== 'object' || message === null || !('kind' in message)) {
        for (const listener of listeners) listener(message);
        return;
      }
      const start = StartMessage.parse(message);
      if (start.kind === 'refused') {
        leave();
        reject(new FailureError(start.failure));
      } else {
        const remote = rpc as unknown as Remote;
        // In order before whatever is asked next: the channel keeps the order of its messages.
        Promise.all([...this.#attached].map(([alias, { path, need }]) => remote.attach(alias, path, need))).then(
          () => resolve({ remote, channel, lost, cleared }),
          reject,
        );
      }
    });
    return promise;
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

  /** Makes a database that is there known by an alias, until it is detached; asking again costs nothing. */
  async attach(alias: string, path: string, need: MemoryNeed): Promise<void> {
    const known = this.#attached.get(alias);
    if (known?.path === path && known.need.columns === need.columns && known.need.joinedRows === need.joinedRows)
      return;
    // Before it is told: a process that ends meanwhile has its successor told.
    this.#attached.set(alias, { path, need });
    await this.#ask((remote) => remote.attach(alias, path, need));
  }

  /** Makes a database in place of whatever lies at the path, empty or as a copy of another one. Throws `DISK_FULL`, `DISK_REFUSED`. */
  async create(
    alias: string,
    path: string,
    need: MemoryNeed,
    signal: AbortSignal = NEVER,
    from: string | null = null,
  ): Promise<void> {
    this.#attached.delete(alias);
    await this.#task(signal, (remote, taskId) => remote.create(taskId, alias, path, need, from));
    this.#attached.set(alias, { path, need });
  }

  /** Puts the file of a database that nobody has open in the place of another one's, whole or not at all. Throws `DISK_FULL`, `DISK_REFUSED`. */
  replaceFile(alias: string, by: string): Promise<void> {
    return this.#task(NEVER, (remote, taskId) => remote.replaceFile(taskId, alias, by));
  }

  /** Closes a database once no statement is at work on it; it stays known. */
  async letGo(alias: string): Promise<void> {
    if (this.#connection !== null) await this.#ask((remote) => remote.close(alias));
  }

  /** Closes a database once no statement is at work on it, and forgets it. */
  async detach(alias: string): Promise<void> {
    this.#attached.delete(alias);
    if (this.#connection === null) return;
    await this.#ask((remote) => remote.detach(alias));
  }

  run(sql: string, signal: AbortSignal = NEVER): Promise<void> {
    return this.#task(signal, (remote, taskId) => remote.run(taskId, sql));
  }

  runInOrder(sql: string, signal: AbortSignal = NEVER): Promise<void> {
    return this.#task(signal, (remote, taskId) => remote.runInOrder(taskId, sql));
  }

  copyInOrder(sql: string, signal: AbortSignal): Promise<void> {
    return this.#task(signal, (remote, taskId) => remote.copyInOrder(taskId, sql));
  }

  query(sql: string, values: SqlValue[] = [], signal: AbortSignal = NEVER): Promise<SqlRow[]> {
    return this.#task(signal, (remote, taskId) => remote.query(taskId, sql, values));
  }

  /** The same engine for work that a signal calls off, whatever statement it is at. */
  until(signal: AbortSignal): StagingSql {
    return {
      run: (sql) => this.run(sql, signal),
      runInOrder: (sql) => this.runInOrder(sql, signal),
      query: (sql, values = []) => this.query(sql, values, signal),
    };
  }

  append(alias: string, table: string, rows: (string | null)[][]): Promise<void> {
    return this.#task(NEVER, (remote, taskId) => remote.append(taskId, alias, table, rows));
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

  canonicalise(table: string, columns: readonly CanonicalColumn[], signal: AbortSignal): Promise<void> {
    return this.#task(signal, (remote, taskId) => remote.canonicalise(taskId, table, columns));
  }

  exportRows(request: ExportRequest, signal: AbortSignal): Promise<{ rows: number }> {
    return this.#task(signal, (remote, taskId) => remote.exportRows(taskId, request));
  }

  async close(): Promise<void> {
    // One that did not come up has nothing to be closed.
    const connection = await this.#connection?.catch(() => null);
    if (!connection) return;
    connection.channel.kill();
    await connection.cleared;
  }
}
