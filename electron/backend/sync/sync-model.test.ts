import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runSyncModel } from '../test-support/sync-model/run-sync-model.ts';

/**
 * Random histories of both sides of a sync: rows and records that come, change, and go, changes that are seen late, rows that can't be saved, an
 * org that rewrites values, and kills at each phase. After each: both sides agree, the next run writes nothing, nothing was made that no row
 * says, and nothing deleted that changed since it was agreed. Each takes seconds, so there are few here; `npm run soak -- --sync` runs more.
 */

const HISTORIES = Number(process.env['LONGSHORE_SYNC_HISTORIES'] ?? 4);

test(`a sync converges, rests, invents nothing, and deletes safely: ${HISTORIES} histories`, async () => {
  const seed = Number(process.env['LONGSHORE_SYNC_SEED'] ?? 1500);
  const failures = await runSyncModel({ seed, histories: HISTORIES, lanes: 1, enough: 1, progress: () => undefined });
  expect(
    failures.map(
      ({ message, history, seed: of, path }) => `${message}\n${fc.stringify(history)}\nseed ${of} path ${path}`,
    ),
  ).toEqual([]);
}, 1_200_000);
