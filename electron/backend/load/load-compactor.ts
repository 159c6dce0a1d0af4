import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FailureError } from '../../../shared/contract/failure.ts';
import { PlanId } from '../../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { systemCode } from '../documents/durable-file.ts';
import { FileLock } from '../documents/file-lock.ts';
import { folderBytes } from '../documents/folder-bytes.ts';
import { readPlan } from '../plan/plan-document.ts';
import { planFolder } from '../plan/plan-registry.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { compactLoad } from './compact-load.ts';
import { lockPath } from './known-loads.ts';
import { LoadFile, readLoad } from './load-document.ts';
import type { LoadSizes } from './load-sizes.ts';
import type { LoadPorts } from './opened-load.ts';
import { countRetried } from './second-step.ts';

/**
 * What a load takes before it is worth while, in bytes. A load of two rows takes 1.0 MB as its end left it, and 0.4 MB when it is small. What
 * is below is left alone for the time it takes, not because it could do harm: the model of loads and the kills of second steps hold with 1 kB.
 */
const WORTH_BYTES = 16 * 1024 * 1024;
/** Between the end of a load, in which its report is looked at, and the work on it; and after work on a large one. */
const REST = 30_000;
/** After one that was only looked at. */
const SHORT_REST = 1000;

interface CompactorTools {
  readonly ports: LoadPorts;
  readonly staging: StagingClient;
  readonly sizes: Pick<LoadSizes, 'changing'>;
  /** Whether this process runs a load: the engine is its. */
  readonly isBusy: () => boolean;
}

/**
 * Makes finished loads small, one after another, while no load of this process runs: those that end here, and those that earlier ones left. A
 * load whose second step can be tried again stays as it is.
 */
export class LoadCompactor {
  readonly #tools: CompactorTools;
  readonly #closed = new AbortController();
  /** Names of folders. */
  readonly #waiting: string[] = [];
  /** Those that somebody else works on, or has: also of those that are just looked for. */
  readonly #letGo = new Set<string>();
  /** Whether those that earlier processes left were looked for. */
  #looked = false;
  #working: { readonly name: string; readonly stop: AbortController; readonly done: Promise<void> } | null = null;
  #worker: Promise<void> | null = null;
  /** By the clock's `elapsed`. */
  #restUntil = 0;

  constructor(tools: CompactorTools) {
    this.#tools = tools;
    this.#rest(REST);
  }

  /** Begins to work, behind the back of whoever asks. */
  begin(): void {
    if (this.#closed.signal.aborted) return;
    this.#worker ??= this.#work()
      .catch((error: unknown) => {
        if (!this.#closed.signal.aborted) this.#tools.ports.log.error('finished loads could not be made small', error);
      })
      .finally(() => {
        this.#worker = null;
        if (this.#waiting.length > 0) this.begin();
      });
  }

  /** A load has ended. */
  add(planId: PlanId): void {
    this.#letGo.delete(planId);
    this.#waiting.push(planId);
    this.#rest(REST);
    this.begin();
  }

  /** Leaves a load alone, for somebody else to work on it. Resolves when it is free. */
  async letGo(planId: PlanId): Promise<void> {
    this.#letGo.add(planId);
    if (this.#working?.name === planId) await this.#stopWorking();
  }

  /** Leaves the engine to a load that begins: what was begun is begun anew later. */
  stepAside(): void {
    if (this.#working === null) return;
    this.#waiting.push(this.#working.name);
    void this.#stopWorking();
  }

  async close(): Promise<void> {
    this.#closed.abort(new FailureError({ code: 'CANCELLED' }));
    await this.#stopWorking();
    await this.#worker;
  }

  /** Does nothing for so many milliseconds at least. */
  #rest(milliseconds: number): void {
    this.#restUntil = Math.max(this.#restUntil, this.#tools.ports.clock.elapsed() + milliseconds);
  }

  async #stopWorking(): Promise<void> {
    this.#working?.stop.abort(new FailureError({ code: 'CANCELLED' }));
    await this.#working?.done;
  }

  async #work(): Promise<void> {
    const { ports, isBusy } = this.#tools;
    for (;;) {
      const early = this.#restUntil - ports.clock.elapsed();
      if (early > 0) {
        await ports.clock.sleep(early, this.#closed.signal);
        continue;
      }
      if (isBusy()) {
        this.#rest(REST);
        continue;
      }
      if (!this.#looked) {
        this.#looked = true;
        this.#waiting.push(...(await this.#left()));
      }
      const name = this.#waiting.shift();
      if (name === undefined) return;
      if (this.#letGo.has(name)) continue;
      const stop = new AbortController();
      const done = this.#compact(name, stop.signal).catch((error: unknown) => {
        if (!stop.signal.aborted) ports.log.error('a finished load could not be made small', error);
        return WORTH_BYTES;
      });
      this.#working = { name, stop, done: done.then(() => undefined) };
      this.#rest((await done) < WORTH_BYTES ? SHORT_REST : REST);
      this.#working = null;
    }
  }

  async #left(): Promise<string[]> {
    const root = join(this.#tools.ports.paths.data, 'loads');
    const names = await readdir(root).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    });
    const left: string[] = [];
    for (const name of names) if (isLarge(await readLoad(join(root, name)))) left.push(name);
    return left;
  }

  /** How many bytes it took before. */
  async #compact(name: string, signal: AbortSignal): Promise<number> {
    const { ports, staging, sizes } = this.#tools;
    const planId = PlanId.parse(name);
    const folder = planFolder(ports.paths, planId);
    if (!isLarge(await readLoad(folder))) return 0;
    const before = await folderBytes(folder);
    if (before < WORTH_BYTES) return before;
    const taken = await FileLock.take(lockPath(folder));
    // Whoever has it looks after it.
    if (!('lock' in taken)) return before;
    await sizes.changing(planId, async () => {
      try {
        const load = await readLoad(folder);
        if (!isLarge(load)) return;
        const stored = await readPlan(folder);
        const need = { columns: stored.columns.length, joinedRows: stored.plan.rows };
        await staging.attach(planId, join(folder, 'plan.duckdb'), need);
        if ((await countRetried(staging.until(signal), stored)) > 0) return;
        await compactLoad({ staging, random: ports.random }, stored, folder, signal);
        const keptBytes = await folderBytes(folder);
        await new LoadFile(folder).save({ ...load, keptBytes });
      } finally {
        await staging.letGo(planId).finally(() => taken.lock.release());
      }
    });
    return before;
  }
}

/** Whether it has ended and was not made small yet. */
function isLarge(load: Awaited<ReturnType<typeof readLoad>>): load is LoadSnapshot {
  return typeof load !== 'string' && load.state.kind === 'finished' && load.keptBytes === undefined;
}
