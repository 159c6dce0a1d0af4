import type { Backend } from '../../backend/create-backend.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { Input, Output, ProcedureName } from '../../../shared/contract/procedures.ts';
import type { LoadId, SourceId } from '../../../shared/domain/ids.ts';
import type { Job, JobList } from '../../../shared/domain/job.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import type { SourceSummary } from '../../../shared/domain/source-file.ts';
import type { Interrupts } from './interrupts.ts';
import { UsageError } from './usage-error.ts';

/** The contract by direct calls, with the waits that a screen would make by watching. */
export class BackendCaller {
  readonly #backend: Backend;
  readonly #interrupts: Interrupts;
  /** The org that this command signed in to by itself. */
  signedIn: OrgSummary | null = null;

  constructor(backend: Backend, interrupts: Interrupts) {
    this.#backend = backend;
    this.#interrupts = interrupts;
  }

  /** An interrupt ends the wait at once, whether or not the call can be called off. */
  call<P extends ProcedureName>(name: P, input: Input<P>): Promise<Output<P>> {
    return this.#unlessInterrupted(this.#answer(name, input, this.#interrupts.signal));
  }

  /** Signs in without a browser; its secrets do not cross the contract. */
  signInWith(secret: Parameters<Backend['signInWith']>[0]): Promise<OrgSummary> {
    return this.#unlessInterrupted(this.#backend.signInWith(secret, this.#interrupts.signal));
  }

  /** A source of these files, not opened yet. Throws `FILE_UNREADABLE`. */
  handOver(paths: readonly string[]): Promise<SourceId> {
    return this.#backend.handOver(paths);
  }

  /** Saves what a job's file says; the places that it names do not cross the contract. */
  importJob(job: Parameters<Backend['importJob']>[0]): Promise<Job> {
    return this.#unlessInterrupted(this.#backend.importJob(job, this.#interrupts.signal));
  }

  /** Saved jobs with the places of their files, which do not cross the contract. */
  jobs(): Promise<JobList> {
    return this.#unlessInterrupted(this.#backend.listJobs());
  }

  /** Saves where alerts go; what is secret of it does not cross the contract. */
  saveChannel(channel: Parameters<Backend['saveChannel']>[0]): ReturnType<Backend['saveChannel']> {
    return this.#unlessInterrupted(this.#backend.saveChannel(channel, this.#interrupts.signal));
  }

  /** Aborted by an interrupt. */
  get signal(): AbortSignal {
    return this.#interrupts.signal;
  }

  /** Runs the jobs that are due. An interrupt leaves them: they are due still. */
  runDue(): ReturnType<Backend['runDue']> {
    return this.#unlessInterrupted(this.#backend.runDue(this.#interrupts.signal));
  }

  /** An org of the official CLI, by user name or alias. Throws `ORG_UNKNOWN` and `SF_ORG_UNUSABLE`. */
  async useSf(named: string): Promise<OrgSummary> {
    const known = await this.call('orgs.sfList', {});
    const found = known.find(({ username, aliases }) => username === named || aliases.includes(named));
    if (!found) throw new FailureError({ code: 'ORG_UNKNOWN' });
    return this.call('orgs.useSf', { username: found.username });
  }

  /** Starts, resumes, completes, or cancels a load. An interrupt from now on pauses or cancels it, even one that comes while it is being started. */
  async run<P extends 'load.start' | 'load.resume' | 'load.complete' | 'load.cancel'>(
    name: P,
    input: Input<P>,
  ): Promise<LoadSnapshot> {
    return this.#hold((signal) =>
      this.#answer<'load.start' | 'load.resume' | 'load.complete' | 'load.cancel'>(name, input, signal),
    );
  }

  /** Loads what a run of a job has planned. Interrupts as in `run`. */
  runPlanned(input: Input<'run.load'>): Promise<LoadSnapshot> {
    return this.#hold(async (signal) => (await this.#answer('run.load', input, signal)).load);
  }

  async #hold(begin: (signal: AbortSignal) => Promise<LoadSnapshot>): Promise<LoadSnapshot> {
    const never = new AbortController().signal;
    const begun = Promise.withResolvers<LoadSnapshot>();
    // Who waits for the start hears of its failure below.
    begun.promise.catch(() => undefined);
    const cancelled = Promise.withResolvers<never>();
    cancelled.promise.catch(() => undefined);
    this.#cancelFailed = cancelled.promise;
    const tell = (what: 'load.pause' | 'load.cancel') => () => {
      begun.promise.then(({ loadId }) => this.#answer(what, { loadId }, never)).catch(cancelled.reject);
    };
    this.#interrupts.hold({ pause: tell('load.pause'), cancel: tell('load.cancel') });
    try {
      const load = await begin(never);
      this.#interrupts.running(load.loadId);
      begun.resolve(load);
      return load;
    } catch (error) {
      begun.reject(error);
      throw error;
    }
  }

  #cancelFailed: Promise<never> = new Promise(() => undefined);

  async #answer<P extends ProcedureName>(name: P, input: Input<P>, signal: AbortSignal): Promise<Output<P>> {
    const answer = await this.#backend.call(name, input, signal);
    if (!answer.ok) throw new FailureError(answer.failure);
    return answer.value as Output<P>;
  }

  #unlessInterrupted<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.#interrupts;
    return new Promise((resolve, reject) => {
      const stop = () => reject(new FailureError({ code: 'CANCELLED' }));
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
      work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    });
  }

  /** Opens files and waits until every row is staged. Throws what refused them. */
  async stage(paths: readonly string[], choice: Input<'source.open'>['choice']): Promise<SourceSummary> {
    return this.opened(await this.#backend.handOver(paths), choice);
  }

  /** Opens a source and waits until every row of it is read. */
  async opened(sourceId: SourceId, choice: Input<'source.open'>['choice']): Promise<SourceSummary> {
    const staged = new Promise<SourceSummary>((resolve, reject) => {
      const stop = this.#backend.subscribe((event) => {
        if (event.topic !== 'source' || event.source.sourceId !== sourceId || event.source.state.kind === 'staging')
          return;
        stop();
        if (event.source.state.kind === 'refused')
          reject(new FailureError(event.source.state.failure as FailureError['failure']));
        else resolve(event.source);
      });
    });
    staged.catch(() => undefined);
    await this.call('source.open', { sourceId, choice });
    return this.#unlessInterrupted(staged);
  }

  /** Waits until a load has finished or paused, telling of each change. */
  async watch(loadId: LoadId, tell: (load: LoadSnapshot) => void): Promise<LoadSnapshot> {
    const ended = new Promise<LoadSnapshot>((resolve, reject) => {
      const look = (load: LoadSnapshot) => {
        tell(load);
        if (load.state.kind !== 'finished' && load.state.kind !== 'paused') return;
        stop();
        resolve(load);
      };
      const stop = this.#backend.subscribe(
        (event) => event.topic === 'load' && event.load.loadId === loadId && look(event.load),
      );
      this.call('load.get', { loadId }).then(look, reject);
    });
    return Promise.race([ended, this.#cancelFailed]);
  }

  /**
   * The org by user name, org id or name, or by what the official CLI calls it; without one the org that this command signed in
   * to, or the only one there is.
   */
  async org(target: string | undefined): Promise<OrgSummary> {
    if (target === undefined && this.signedIn !== null) return this.signedIn;
    const orgs = await this.call('orgs.list', {});
    const found =
      target === undefined
        ? orgs
        : orgs.filter(({ username, orgId, name }) => [username, orgId, name].includes(target));
    if (found.length > 1)
      throw new UsageError(`Choose an org with --target-org: ${found.map(({ username }) => username).join(', ')}`);
    const [org] = found;
    if (org) return org;
    if (target === undefined) throw new FailureError({ code: 'ORG_UNKNOWN' });
    return this.useSf(target);
  }
}
