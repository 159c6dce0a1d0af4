import { fork, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Failure } from '../../../../shared/contract/failure.ts';
import type { Input, Output, ProcedureName } from '../../../../shared/contract/procedures.ts';
import type { LoadId, SourceId } from '../../../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../../../shared/domain/load-results.ts';
import type { SourceChoice, SourceSummary } from '../../../../shared/domain/source-file.ts';
import type { ChildAnswer, ChildRequest, ClockReading } from './child-protocol.ts';
import { ModelFailure } from './model-failure.ts';
import type { ProcessFiles } from './process-files.ts';

/** The process was killed before it answered. */
export class ProcessGone extends Error {}

/** A backend in another process, as the model speaks to it. */
export class BackendProcess {
  readonly #child: ChildProcess;
  readonly #pending = new Map<
    number,
    { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }
  >();
  readonly #loads = new Map<LoadId, LoadSnapshot>();
  readonly #sources = new Map<SourceId, SourceSummary>();
  readonly #listeners = new Set<() => void>();
  readonly ended: Promise<void>;
  readonly log: string[] = [];
  #nextId = 0;
  gone = false;

  constructor({ backend, staging }: ProcessFiles) {
    this.#child = fork(backend, [staging], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
    this.#child.on('message', (message) => this.#hear(message as ChildAnswer));
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', () => {
        this.gone = true;
        for (const { reject } of this.#pending.values()) reject(new ProcessGone('the backend’s process ended'));
        this.#pending.clear();
        for (const listener of this.#listeners) listener();
        resolve();
      });
    });
  }

  #hear(message: ChildAnswer): void {
    switch (message.kind) {
      case 'ready':
        return;
      case 'load':
        this.#loads.set(message.load.loadId, message.load);
        break;
      case 'source':
        this.#sources.set(message.source.sourceId, message.source);
        break;
      case 'log':
        this.log.push(message.text);
        return;
      case 'answer':
        this.#pending.get(message.id)?.resolve(message.value);
        this.#pending.delete(message.id);
        return;
      case 'error':
        this.#pending.get(message.id)?.reject(new Error(message.text));
        this.#pending.delete(message.id);
        return;
    }
    for (const listener of this.#listeners) listener();
  }

  #ask(request: ChildRequest): Promise<unknown> {
    if (this.gone) return Promise.reject(new ProcessGone('the backend’s process has ended'));
    const id = ++this.#nextId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      // One that has just been killed takes no message; its end is told by `exit`.
      this.#child.send({ id, request }, () => undefined);
    });
  }

  async open(data: string): Promise<void> {
    await this.#ask({ kind: 'open', data });
  }

  /** A request and its answer; a request that is not answered within `milliseconds` hangs. */
  async call<P extends ProcedureName>(name: P, input: Input<P>, milliseconds = 20_000): Promise<Answer<Output<P>>> {
    const answer = await within(this.#ask({ kind: 'call', name, input }), milliseconds, `${name} is not answered`);
    const typed = answer as Answer<Output<P>>;
    if (!typed.ok && typed.failure.code === 'BUG')
      throw new ModelFailure('an expected failure is no bug', { name, log: this.log.slice(-3) });
    return typed;
  }

  /** A request that succeeds, the second time if the first one fails with one of `once`. */
  async must<P extends ProcedureName>(
    name: P,
    input: Input<P>,
    once: readonly Failure['code'][] = [],
  ): Promise<Output<P>> {
    let answer = await this.call(name, input);
    if (!answer.ok && once.includes(answer.failure.code)) answer = await this.call(name, input);
    if (!answer.ok) throw new ModelFailure(`${name} succeeds`, { failure: answer.failure, log: this.log.slice(-3) });
    return answer.value;
  }

  async stage(path: string): Promise<SourceSummary> {
    const sourceId = (await this.#ask({ kind: 'handOver', paths: [path] })) as SourceId;
    return this.opened(sourceId, { delimiter: ',', encoding: 'utf-8' });
  }

  /** A source with all its rows read. */
  async opened(sourceId: SourceId, choice: SourceChoice): Promise<SourceSummary> {
    await this.must('source.open', { sourceId, choice });
    const summary = await this.#until(() => {
      const known = this.#sources.get(sourceId);
      return known && known.state.kind !== 'staging' ? known : null;
    }, 20_000);
    if (summary?.state.kind !== 'staged') throw new ModelFailure('the file is staged', summary);
    return summary;
  }

  /** The load when it has ended or paused, or null if it did neither in time (or the process ended). */
  async settled(loadId: LoadId, milliseconds: number): Promise<LoadSnapshot | null> {
    return this.#until(() => {
      const load = this.#loads.get(loadId);
      return load && (load.state.kind === 'finished' || load.state.kind === 'paused') ? load : null;
    }, milliseconds);
  }

  /** Forgets what was heard of a load, before it is asked to go on. */
  forget(loadId: LoadId): void {
    this.#loads.delete(loadId);
  }

  note(load: LoadSnapshot): void {
    const known = this.#loads.get(load.loadId);
    if (known === undefined) this.#loads.set(load.loadId, load);
  }

  async #until<T>(find: () => T | null, milliseconds: number): Promise<T | null> {
    const now = find();
    if (now !== null) return now;
    return new Promise((resolve) => {
      const done = (value: T | null) => {
        clearTimeout(timer);
        this.#listeners.delete(listener);
        resolve(value);
      };
      const listener = () => {
        const found = find();
        if (found !== null || this.gone) done(found);
      };
      const timer = setTimeout(() => done(null), milliseconds);
      this.#listeners.add(listener);
    });
  }

  async killAt(folder: string, step: string, nth: number, jitter: number): Promise<void> {
    await this.#ask({ kind: 'killAt', folder, step, nth, jitter }).catch(ignoreGone);
  }

  async killAtRun(state: string, nth: number): Promise<void> {
    await this.#ask({ kind: 'killAtRun', state, nth });
  }

  async killStaging(): Promise<void> {
    await this.#ask({ kind: 'killStaging' }).catch(ignoreGone);
  }

  async clock(): Promise<ClockReading> {
    return (await this.#ask({ kind: 'clock' })) as ClockReading;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  async close(): Promise<void> {
    if (this.gone) return;
    await Promise.race([this.#ask({ kind: 'close' }).catch(ignoreGone), sleep(2000)]);
    await this.kill();
  }
}

function ignoreGone(error: unknown): void {
  if (!(error instanceof ProcessGone)) throw error;
}

export async function within<T>(work: Promise<T>, milliseconds: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new ModelFailure('nothing hangs', { what, milliseconds })), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
