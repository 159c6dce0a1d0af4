import fc from 'fast-check';
import { Lane } from './lane.ts';
import { ModelFailure } from './model-failure.ts';
import { bundleProcesses } from './process-files.ts';
import { runSequence } from './run-sequence.ts';
import { sequencesOf, type Sequence, type Weather } from './sequence.ts';

export interface ModelRun {
  readonly seed: number;
  readonly weather: Weather;
  readonly sequences: number;
  /** Practice orgs with their backends at work at once. */
  readonly lanes: number;
  /** fast-check's path to one sequence of a block, to run it alone. */
  readonly path?: string;
  /** How long a failure is made smaller, ms. */
  readonly shrinkFor: number;
  /** Failures after which nothing more is tried. */
  readonly enough: number;
  readonly progress: (done: number, failures: readonly FoundFailure[]) => void;
}

export interface FoundFailure {
  readonly promise: string;
  readonly message: string;
  readonly sequence: Sequence;
  /** What runs it again: a seed and fast-check's path. */
  readonly seed: number;
  readonly path: string;
}

/** Sequences of one seed; a failure ends its block, and its seed and path are all that it takes to see it again. */
const BLOCK = 10;

/** Runs random sequences on several lanes and gives what it found, smallest first seen. */
export async function runModel(run: ModelRun): Promise<FoundFailure[]> {
  const failures: FoundFailure[] = [];
  let block = 0;
  let done = 0;
  const blocks = Math.ceil(run.sequences / BLOCK);
  const bundle = await bundleProcesses();
  const work = async () => {
    const lane = await Lane.start(bundle.files);
    try {
      while (block < blocks && failures.length < run.enough) {
        const seed = run.seed + block++;
        const size = Math.min(BLOCK, run.sequences - (seed - run.seed) * BLOCK);
        const { failure, sequences } = await runBlock(lane, run, seed, size);
        done += sequences;
        if (failure) failures.push(failure);
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

async function runBlock(
  lane: Lane,
  { weather, path, shrinkFor }: ModelRun,
  seed: number,
  size: number,
): Promise<{ readonly failure: FoundFailure | null; readonly sequences: number }> {
  let failedAt = 0;
  const property = fc.asyncProperty(sequencesOf(weather), async (sequence) => {
    // Once it has been made small for long enough, what is left counts as found.
    if (failedAt > 0 && performance.now() - failedAt > shrinkFor) return;
    try {
      await runSequence(lane, sequence);
    } catch (error) {
      failedAt ||= performance.now();
      await lane.renew();
      throw error;
    }
  });
  const details = await fc.check(property, { seed, numRuns: size, ...(path === undefined ? {} : { path }) });
  if (!details.failed) return { failure: null, sequences: details.numRuns };
  const error = details.errorInstance;
  const [sequence] = details.counterexample ?? [];
  if (sequence === undefined) throw error instanceof Error ? error : new Error(String(error));
  const failure = {
    promise: error instanceof ModelFailure ? error.promise : String(error),
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    sequence,
    seed,
    path: details.counterexamplePath ?? '',
  };
  return { failure, sequences: details.numRuns };
}
