import { FailureError } from '../../../shared/contract/failure.ts';
import type { LoadId } from '../../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import type { FileLock } from '../documents/file-lock.ts';
import { readPlan } from '../plan/plan-document.ts';
import { planFolder } from '../plan/plan-registry.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { BackendPorts } from '../ports.ts';
import { takeLock } from './load-lock.ts';
import type { LoadProcess } from './load-process.ts';

/** What is asked before a load goes on that is there to be gone on with. */
export type MayResume = (load: LoadSnapshot, plan: StoredPlan['plan']) => Promise<void>;

interface ResumeTools {
  readonly paths: BackendPorts['paths'];
  /** Throws `LOAD_UNKNOWN`. */
  readonly get: (loadId: LoadId) => Promise<LoadSnapshot>;
  /** The load as this process runs it. */
  readonly here: (loadId: LoadId) => Pick<LoadProcess, 'running' | 'snapshot' | 'ended'> | undefined;
  readonly run: (snapshot: LoadSnapshot, stored: StoredPlan, lock: FileLock, cancelled: boolean) => LoadSnapshot;
}

/** Loads that are taken up again, each once at a time. */
export class ResumedLoads {
  readonly #tools: ResumeTools;
  /** Those that are just being taken up. */
  readonly #taking = new Map<LoadId, Promise<void>>();

  constructor(tools: ResumeTools) {
    this.#tools = tools;
  }

  /** Resolves when a load that is just being taken up runs, or could not be. */
  async settled(loadId: LoadId): Promise<void> {
    await this.#taking.get(loadId);
  }

  /**
   * Goes on with a paused load, under its lock and from what is then on disk. Throws `LOAD_NOT_RESUMABLE`, `LOAD_OPEN_ELSEWHERE`, and what
   * `how` throws for a yes that is missing.
   */
  async again(loadId: LoadId, how: MayResume | 'cancel'): Promise<LoadSnapshot> {
    const { paths, get, here: find } = this.#tools;
    const { planId, state } = await get(loadId);
    // A finished one has no lock but that of the work that makes it small.
    if (state.kind === 'finished') throw new FailureError({ code: 'LOAD_NOT_RESUMABLE' });
    const folder = planFolder(paths, planId);
    const here = find(loadId);
    // It says that it is paused a moment before it has let go of its files.
    if (here?.running && here.snapshot.state.kind === 'paused') await here.ended;
    // Asked twice at once: the first one goes on.
    if (this.#taking.has(loadId) || find(loadId)?.running) throw new FailureError({ code: 'LOAD_NOT_RESUMABLE' });
    const taken = this.#takeUp(loadId, folder, how);
    this.#taking.set(
      loadId,
      taken.then(
        () => undefined,
        () => undefined,
      ),
    );
    try {
      return await taken;
    } finally {
      this.#taking.delete(loadId);
    }
  }

  async #takeUp(loadId: LoadId, folder: string, how: MayResume | 'cancel'): Promise<LoadSnapshot> {
    const { get, run } = this.#tools;
    const lock = await takeLock(folder);
    try {
      const snapshot = await get(loadId);
      // Nobody else has it: one that says that it runs was interrupted.
      if (snapshot.state.kind === 'finished') throw new FailureError({ code: 'LOAD_NOT_RESUMABLE' });
      const stored = await readPlan(folder);
      if (how !== 'cancel') await how(snapshot, stored.plan);
      return run({ ...snapshot, state: { kind: 'running' } }, stored, lock, how === 'cancel');
    } catch (error) {
      await Promise.allSettled([lock.release()]);
      throw error;
    }
  }
}
