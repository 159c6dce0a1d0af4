import fc from 'fast-check';
import { Lane } from '../load-model/lane.ts';
import { bundleProcesses } from '../load-model/process-files.ts';
import { histories, type History } from './history.ts';
import { SyncWorld } from './sync-world.ts';

export interface SyncModelRun {
  readonly seed: number;
  readonly histories: number;
  readonly lanes: number;
  /** fast-check's path to one history of a block, to run it alone. */
  readonly path?: string;
  /** Failures after which nothing more is tried. */
  readonly enough: number;
  readonly progress: (done: number, failures: readonly FoundHistory[]) => void;
}

export interface FoundHistory {
  readonly message: string;
  readonly history: History;
  readonly seed: number;
  readonly path: string;
}

/** Histories of one seed; a failure ends its block. */
const BLOCK = 4;

/** Runs random histories on several lanes and gives what it found. */
export async function runSyncModel(run: SyncModelRun): Promise<FoundHistory[]> {
  const failures: FoundHistory[] = [];
  const blocks = Math.ceil(run.histories / BLOCK);
  let block = 0;
  let done = 0;
  const bundle = await bundleProcesses();
  const work = async () => {
    const lane = await Lane.start(bundle.files);
    try {
      while (block < blocks && failures.length < run.enough) {
        const seed = run.seed + block++;
        const numRuns = Math.min(BLOCK, run.histories - (seed - run.seed) * BLOCK);
        const property = fc.asyncProperty(histories, (history) => runHistory(lane, history));
        const at = run.path === undefined ? {} : { path: run.path };
        const details = await fc.check(property, { seed, numRuns, endOnFailure: true, ...at });
        done += details.numRuns;
        const [history] = details.counterexample ?? [];
        if (details.failed && history !== undefined)
          failures.push({
            message: String(
              details.errorInstance instanceof Error ? details.errorInstance.stack : details.errorInstance,
            ),
            history,
            seed,
            path: details.counterexamplePath ?? '',
          });
        run.progress(done, failures);
      }
    } finally {
      await lane.stop();
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(run.lanes, blocks) }, work));
  } finally {
    await bundle.remove();
  }
  return failures;
}

async function runHistory(lane: Lane, history: History): Promise<void> {
  const world = new SyncWorld(lane, await lane.next(), history);
  try {
    await world.begin();
    for (const step of history.steps) await world.take(step);
    await world.check();
  } catch (error) {
    await lane.renew();
    throw error;
  }
}
