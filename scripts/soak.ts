import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Weather } from '../electron/backend/test-support/load-model/sequence.ts';
import { runModel, type FoundFailure } from '../electron/backend/test-support/load-model/run-model.ts';
import { runSyncModel } from '../electron/backend/test-support/sync-model/run-sync-model.ts';

/**
 * The load's model test at length: `npm run soak -- --sequences 20000 --seed 1`; `--path` runs one sequence alone. `--sync` has the sync's model run
 * so many histories: `npm run soak -- --sync 10000`.
 */
const { values } = parseArgs({
  options: {
    sequences: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    lanes: { type: 'string', default: String(Math.max(1, availableParallelism())) },
    path: { type: 'string' },
    sync: { type: 'string' },
    weather: { type: 'string', default: 'storm' },
    'shrink-seconds': { type: 'string', default: '120' },
    enough: { type: 'string', default: '10' },
  },
});

// The processes that are killed and started anew read what the one before has compiled: a third more sequences a second.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('../.cache/node', import.meta.url));

const weather = Weather.find((name) => name === values.weather);
if (weather === undefined) throw new Error(`--weather takes ${Weather.join(', ')}`);
const seed = Number(values.seed);
const startedAt = performance.now();
let reported = 0;

function say(failure: FoundFailure): void {
  process.stdout.write(
    `\nFAILED: ${failure.message}\n${JSON.stringify(failure.sequence)}\nagain: npm run soak -- --sequences 1 --lanes 1 --weather ${weather} --seed ${failure.seed} --path ${failure.path}\n\n`,
  );
}

async function soakSync(histories: number): Promise<number> {
  process.stdout.write(`${histories} histories from seed ${seed}\n`);
  const found = await runSyncModel({
    seed,
    histories,
    lanes: Number(values.lanes),
    enough: Number(values.enough),
    ...(values.path === undefined ? {} : { path: values.path }),
    progress: (done, failures) => {
      for (const { message, history, seed: of, path } of failures.slice(reported))
        process.stdout.write(
          `\nFAILED: ${message}\n${JSON.stringify(history)}\nagain: npm run soak -- --sync 1 --lanes 1 --seed ${of} --path ${path}\n\n`,
        );
      reported = failures.length;
      const seconds = (performance.now() - startedAt) / 1000;
      process.stdout.write(`${done} histories in ${seconds.toFixed(0)} s, ${failures.length} failures\n`);
    },
  });
  return found.length;
}

if (values.sync !== undefined) process.exit((await soakSync(Number(values.sync))) === 0 ? 0 : 1);

process.stdout.write(`${values.sequences} sequences from seed ${seed}\n`);
const failures = await runModel({
  seed,
  weather,
  sequences: Number(values.sequences),
  lanes: Number(values.lanes),
  shrinkFor: Number(values['shrink-seconds']) * 1000,
  enough: Number(values.enough),
  ...(values.path === undefined ? {} : { path: values.path }),
  progress: (done, found) => {
    while (reported < found.length) {
      const failure = found[reported++];
      if (failure) say(failure);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    process.stdout.write(
      `${done} sequences in ${seconds.toFixed(0)} s (${(done / seconds).toFixed(1)} a second), ${found.length} failures\n`,
    );
  },
});
process.exitCode = failures.length === 0 ? 0 : 1;
