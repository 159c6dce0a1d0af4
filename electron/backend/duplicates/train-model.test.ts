import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DuckDbEngine } from '../staging/duckdb-engine.ts';
import { stagingOver } from '../test-support/engine-staging.ts';
import { madeFile, MADE_KINDS } from '../test-support/resembling-rows.ts';
import { tableOfRows } from '../test-support/resembling-tables.ts';
import { blockedPairsSql } from './block-pairs.ts';
import { DEFAULT_MODELS } from './default-models.ts';
import { learnShares, type LevelPattern } from './expectation-maximisation.ts';
import { findResembling } from './find-resembling.ts';
import { patternsOf, shareOfSame, trainShares } from './train-model.ts';
import { defaultShares } from './weights.ts';

const ALIAS = 'plan_0000000000000002';
const SEED = { seed: 21, records: 3000, rows: 1500, share: 0.06 };

test('learnt within rules, emails of the same people are mostly the same; learnt over all blocked pairs at once namesakes and colleagues are the same people', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-training-'));
  const engine = await DuckDbEngine.create(folder);
  const staging = stagingOver(engine);
  await engine.createDatabase(ALIAS, join(folder, 'plan.duckdb'), { columns: 40, joinedRows: 10_000 });
  const made = madeFile('Contact', SEED);
  const kinds = MADE_KINDS.Contact;
  const request = {
    alias: ALIAS,
    rows: await tableOfRows(staging, { alias: ALIAS, name: 'file', kinds }, made.rows),
    records: await tableOfRows(staging, { alias: ALIAS, name: 'org', kinds }, made.records),
    model: DEFAULT_MODELS.Contact,
  };
  const { work, sides, model } = await findResembling(staging, request, new AbortController().signal, () => undefined);
  const email = model.comparisons.findIndex(({ thing }) => thing === 'email');
  const shares = await trainShares(work, sides, model);
  expect(shares[email]?.m[0]).toBeGreaterThan(0.6);
  // What blocks have in common is what they were made by: that they are alike in a name or a place, and in nothing else.
  await work.run(`CREATE OR REPLACE TABLE ${work.table('every')} AS ${blockedPairsSql(work, sides)}`);
  const patterns = await patternsOf(work, sides, model.comparisons, work.table('every'));
  const all = model.comparisons.map(() => true);
  const collapsed = learnShares({ patterns, start: defaultShares(model.comparisons), used: all, strength: 0 });
  const counts = collapsed.counts[email] ?? [];
  const pairs = patterns.reduce((sum, pattern) => sum + pattern.pairs, 0);
  expect((counts[0] ?? 0) / counts.reduce((sum, count) => sum + count, 0)).toBeLessThan(0.1);
  expect(collapsed.share * pairs, 'many times as many as are the same').toBeGreaterThan(10 * made.again);
  // The share of the same records comes from rules that are hardly ever wrong.
  const share = await shareOfSame(work, sides, model);
  expect(share * SEED.records * SEED.rows).toBeGreaterThan(0.6 * made.again);
  expect(share * SEED.records * SEED.rows).toBeLessThan(1.4 * made.again);
  await engine.databases.forget(ALIAS);
  await rm(folder, { recursive: true, force: true });
});

test('what is learnt are the shares that the pairs were made with', () => {
  const truth = { share: 0.3, m: [0.9, 0.1], u: [0.05, 0.95] };
  const levels = [0, 1].flatMap((a) => [0, 1].flatMap((b) => [0, 1].map((c) => [a, b, c])));
  const likely = (of: readonly number[], pattern: readonly number[]) =>
    pattern.reduce((product, level) => product * (of[level] ?? 0), 1);
  const patterns: LevelPattern[] = levels.map((pattern) => ({
    levels: pattern,
    pairs: 1e6 * (truth.share * likely(truth.m, pattern) + (1 - truth.share) * likely(truth.u, pattern)),
  }));
  const start = [0, 1, 2].map(() => ({ m: [0.7, 0.3], u: truth.u }));
  const learnt = learnShares({ patterns, start, used: [true, true, true], strength: 0 });
  expect(learnt.share).toBeCloseTo(truth.share, 2);
  for (const [same = 0, other = 0] of learnt.counts) expect(same / (same + other)).toBeCloseTo(0.9, 2);
});
