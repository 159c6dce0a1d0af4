import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DuckDbEngine } from '../staging/duckdb-engine.ts';
import { stagingOver, type InProcessStaging } from '../test-support/engine-staging.ts';
import { febrlPair, FEBRL_KINDS } from '../test-support/febrl-rows.ts';
import { madeFile, MADE_KINDS } from '../test-support/resembling-rows.ts';
import { tableOfRows } from '../test-support/resembling-tables.ts';
import { blockedPairsSql } from './block-pairs.ts';
import { DEFAULT_MODELS } from './default-models.ts';
import { findResembling, type ResemblanceRequest } from './find-resembling.ts';
import { scorePairs } from './score-pairs.ts';
import { trainShares } from './train-model.ts';

const ALIAS = 'plan_0000000000000001';
const NEVER = new AbortController().signal;
let [engine, staging, folder] = [] as unknown as [DuckDbEngine, InProcessStaging, string];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-bounds-'));
  engine = await DuckDbEngine.create(folder);
  staging = stagingOver(engine);
  await engine.createDatabase(ALIAS, join(folder, 'plan.duckdb'), { columns: 40, joinedRows: 10_000 });
});
afterAll(async () => {
  await engine.databases.forget(ALIAS);
  await rm(folder, { recursive: true, force: true });
});

const MADE = {
  Account: () => ({
    kinds: MADE_KINDS.Account,
    ...madeFile('Account', { seed: 12, records: 3000, rows: 1000, share: 0.1 }),
  }),
  Contact: () => ({
    kinds: MADE_KINDS.Contact,
    ...madeFile('Contact', { seed: 12, records: 3000, rows: 1000, share: 0.1 }),
  }),
  PersonAccount: () => {
    const { originals, duplicates } = febrlPair(12, 1500);
    return { kinds: FEBRL_KINDS, rows: duplicates, records: originals };
  },
};

test.each([
  ['Account', 0.3],
  ['Contact', 0.3],
  // Of two lists of the same people nearly all that is blocked is the same.
  ['PersonAccount', 1],
] as const)(
  '%ss: what is ruled out by numbers alone would not have come near the threshold, and of rows that are mostly new it is most of what is blocked',
  async (name, share) => {
    const { kinds, rows, records } = MADE[name]();
    const request: ResemblanceRequest = {
      alias: ALIAS,
      rows: await tableOfRows(staging, { alias: ALIAS, name: 'file', kinds }, rows),
      records: await tableOfRows(staging, { alias: ALIAS, name: 'org', kinds }, records),
      model: DEFAULT_MODELS[name],
    };
    const found = await findResembling(staging, request, NEVER, () => undefined);
    const { work, sides, model, prior, threshold } = found;
    const kept = `SELECT l, r FROM ${work.table('pairs')} WHERE weight >= ${threshold - 11.9} ORDER BY l, r`;
    const ruled = await work.query(kept);
    const [blocked] = await work.query(`SELECT count(*) AS n FROM (${blockedPairsSql(work, sides)})`);
    const shares = await trainShares(work, sides, model);
    // As if every pair could come near it.
    await scorePairs(work, sides, { model, shares, prior, threshold: -1000 }, () => undefined);
    const [all] = await work.query(`SELECT count(*) AS n FROM ${work.table('pairs')}`);
    expect(Number(all?.['n']), 'all blocked pairs').toBe(Number(blocked?.['n']));
    expect(await work.query(kept)).toEqual(ruled);
    expect(ruled.length).toBeLessThan(Number(all?.['n']) * share);
  },
);
