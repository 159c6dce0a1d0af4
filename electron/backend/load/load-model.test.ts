import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { runModel } from '../test-support/load-model/run-model.ts';
import type { Weather } from '../test-support/load-model/sequence.ts';

/**
 * Random rows, operations, faults, kills, damages and second processes, against a practice org over HTTP. After each sequence:
 * plan = file, outcomes = file, org = outcomes, nothing doubled, no job left open, ended or refused within a bound.
 * `npm run soak` runs more of them; what it prints for a failure runs that one again.
 */

const MINUTES = 60_000;

test.each<[Weather, number, number]>([
  ['calm', 60, 1000],
  ['faults', 120, 2000],
  ['storm', 320, 3000],
])(
  'no load loses a row, doubles one, lies about one or hangs: %s, %i sequences',
  async (weather, sequences, seed) => {
    const failures = await runModel({
      weather,
      sequences,
      seed,
      lanes: Math.min(4, Math.max(2, availableParallelism())),
      shrinkFor: 2 * MINUTES,
      enough: 1,
      progress: () => undefined,
    });
    expect(
      failures.map(
        ({ message, sequence, seed, path }) =>
          `${message}\n${JSON.stringify(sequence)}\nagain: npm run soak -- --weather ${weather} --sequences 1 --lanes 1 --seed ${seed} --path ${path}`,
      ),
    ).toEqual([]);
  },
  20 * MINUTES,
);
