import { gammasSql } from './score-pairs.ts';
import type { Comparison } from './comparisons.ts';
import type { ResemblanceModel } from './default-models.ts';
import { blockRecords, blockedPairsSql, isWithin, sampleOfRule, type Sides } from './block-pairs.ts';
import { blended, learnShares, type LevelPattern } from './expectation-maximisation.ts';
import type { ResemblanceTables } from './resemblance-work.ts';
import { defaultShares, type Shares } from './weights.ts';

/** Pairs of a rule that are looked at to learn from. */
const PAIRS_OF_A_RULE = 50_000;
/** Records of each side whose pairs, all of them, tell how alike others are by chance. */
const BY_CHANCE = 400;
/** How many pairs the default shares count for beside those of the data: of the same records, and of others. */
const SAME_BEFORE = 300;
const OTHERS_BEFORE = 200_000;
/** Of the rows, how many are taken to have a record of their own at least, where the certain rules find fewer. */
const SAME_AT_LEAST = 0.005;

const gamma = (at: number): string => `g_${at}`;

/** How many of the pairs are at which levels. */
export async function patternsOf(
  work: ResemblanceTables,
  sides: Sides,
  comparisons: readonly Comparison[],
  pairs: string,
): Promise<LevelPattern[]> {
  const columns = comparisons.map((_, at) => gamma(at));
  const rows = await work.query(
    `SELECT ${columns.join(', ')}, count(*) AS pairs FROM (${gammasSql(work, sides, comparisons, pairs)}) GROUP BY ${columns.join(', ')}`,
  );
  return rows.map((row) => ({ levels: columns.map((column) => Number(row[column])), pairs: Number(row['pairs']) }));
}

const countsAt = (patterns: readonly LevelPattern[], at: number, levels: number): number[] =>
  patterns.reduce((counts, { levels: pattern, pairs }) => {
    const level = pattern[at] ?? -1;
    if (level >= 0) counts[level] = (counts[level] ?? 0) + pairs;
    return counts;
  }, Array<number>(levels).fill(0));

/** Shares of levels among pairs drawn by chance, of which hardly one is the same record (Splink, `estimate_u_using_random_sampling`). */
async function sharesByChance(work: ResemblanceTables, sides: Sides, model: ResemblanceModel): Promise<Shares> {
  const table = work.table('sample');
  const some = (name: string) => `(SELECT id FROM ${work.table(name)} ORDER BY hash(id + 17) LIMIT ${BY_CHANCE})`;
  await work.run(
    `CREATE OR REPLACE TABLE ${table} AS SELECT l.id AS l, r.id AS r FROM ${some(sides.left)} l, ${some(sides.right)} r WHERE ${isWithin(sides) ? 'l.id < r.id' : 'true'}`,
  );
  const patterns = await patternsOf(work, sides, model.comparisons, table);
  return defaultShares(model.comparisons).map(({ m, u }, at) => ({
    m,
    u: blended(countsAt(patterns, at, u.length), u, OTHERS_BEFORE).map((share, level) =>
      // Never less than the model has it: blocked pairs are alike in more than those drawn by chance, as an email goes with a name. And by
      // chance nobody is the same: pairs of the same records in a small sample must not make that likely.
      level === 0 ? (u[0] ?? share) : Math.max(u[level] ?? 0, share),
    ),
  }));
}

/**
 * What the data says beyond the defaults: how often levels hold by chance, and among the same records, the latter learnt within the pairs
 * of one rule at a time without its own columns. Learnt over all blocked pairs at once they would be those of what blocks have in common.
 */
export async function trainShares(work: ResemblanceTables, sides: Sides, model: ResemblanceModel): Promise<Shares> {
  const start = await sharesByChance(work, sides, model);
  const counts = start.map(({ m }) => m.map(() => 0));
  for (const rule of model.training) {
    const used = model.comparisons.map(({ kinds: [first] }) => !rule.kinds.includes(first));
    if (used.filter(Boolean).length < 2) continue;
    const pairs = await sampleOfRule(work, sides, rule, PAIRS_OF_A_RULE);
    const patterns = await patternsOf(work, sides, model.comparisons, pairs);
    const learnt = learnShares({ patterns, start, used, strength: SAME_BEFORE });
    for (const [at, own] of learnt.counts.entries())
      if (used[at])
        for (const [level, count] of own.entries()) counts[at]?.splice(level, 1, (counts[at][level] ?? 0) + count);
  }
  await work.run(`DROP TABLE IF EXISTS ${work.table('sample')}`);
  return start.map(({ m, u }, at) => ({ m: blended(counts[at] ?? [], m, SAME_BEFORE), u }));
}

/**
 * The share of pairs of the same records among all pairs there are, from what rules find that are hardly ever wrong and how much of all
 * they find (Splink, `estimate_probability_two_random_records_match`).
 */
export async function shareOfSame(work: ResemblanceTables, sides: Sides, model: ResemblanceModel): Promise<number> {
  await blockRecords(work, sides, model.certain);
  const [found] = await work.query(
    `SELECT (SELECT count(*) FROM (${blockedPairsSql(work, sides)})) AS same, (SELECT count(*) FROM ${work.table(sides.left)}) AS nl,
       (SELECT count(*) FROM ${work.table(sides.right)}) AS nr`,
  );
  const [same, left, right] = ['same', 'nl', 'nr'].map((name) => Number(found?.[name])) as [number, number, number];
  const all = Math.max(1, isWithin(sides) ? (left * (left - 1)) / 2 : left * right);
  const most = Math.max(1, Math.min(left, right));
  const expected = Math.min(most, Math.max(same / model.certainRecall, SAME_AT_LEAST * most));
  return Math.min(0.5, expected / all);
}
