import { isWithin, type Sides } from './block-pairs.ts';
import { levelSql, SHARED_WORDS, type Comparison } from './comparisons.ts';
import type { ResemblanceModel } from './default-models.ts';
import { PREPARED } from './prepare-records.ts';
import { likelyPairsSql, makeNumbers, mostSql, numbersOf } from './quick-bounds.ts';
import type { ResemblanceTables } from './resemblance-work.ts';
import { groupsOf, sumSql } from './sum-weights.ts';
import { weightsOf, type Shares } from './weights.ts';

/** Rows whose pairs are weighed at a time: what lies in memory does not grow with the tables. */
const ROWS_AT_A_TIME = 20_000;
/** Pairs whose texts are compared at a time. */
const PAIRS_AT_A_TIME = 400_000;
/** Pairs below the threshold that are kept, in bits: nobody moves it further than this. */
const KEPT_BELOW = 12;
/** As much, of things that a person chose: where there are few, all pairs of a block come near the threshold. */
const KEPT_BELOW_CHOSEN = 6;
/** What of the things that a person chose is to be nearly the same, by its weight. */
const CHOSEN_SHARE = 0.75;
/** How many values the model's own idea of a value's commonness counts for. */
const VALUES_BEFORE = 1_000;

/** Adds to the rows, for each value whose commonness counts, that in bits: `t_<n>` for the comparison `n`, NULL where it has none. */
export async function addFrequencies(work: ResemblanceTables, sides: Sides, model: ResemblanceModel): Promise<void> {
  const left = work.table(sides.left);
  const own = isWithin(sides) ? [left] : [left, work.table(sides.right)];
  for (const [at, { frequencyOf: kind, levels, rarest }] of model.comparisons.entries()) {
    await work.run(`ALTER TABLE ${left} ADD COLUMN IF NOT EXISTS t_${at} FLOAT`);
    if (kind === null) continue;
    const before = VALUES_BEFORE * (levels[0]?.u ?? 0);
    const values = own
      .map((table) => `SELECT ${kind} AS v FROM ${table} WHERE ${kind} IS NOT NULL`)
      .join(' UNION ALL ');
    await work.run(
      `UPDATE ${left} SET t_${at} = bits FROM (
         SELECT v, -log2(greatest(${rarest}, (n + ${before}) / (total + ${VALUES_BEFORE}))) AS bits
         FROM (SELECT v, count(*) AS n FROM (${values}) WHERE v IN (SELECT ${kind} FROM ${left}) GROUP BY v),
           (SELECT count(*) AS total FROM (${values})))
       WHERE v = ${kind}`,
    );
  }
}

/** Levels of the pairs of a table of `l` and `r`, as columns `g_0` and on, beside the two and `more` columns. */
export function gammasSql(
  work: ResemblanceTables,
  sides: Sides,
  comparisons: readonly Comparison[],
  pairs: string,
  more: readonly string[] = [],
): string {
  const levels = comparisons.map((comparison, at) => `(${levelSql(comparison)})::TINYINT AS g_${at}`);
  const columns = PREPARED.flatMap((name) => [`l.${name} AS l_${name}`, `r.${name} AS r_${name}`]);
  return `SELECT l, r, ${[...levels, ...more].join(', ')} FROM (
    SELECT p.l, p.r, ${[...columns, ...more.map((name) => `l.${name}`), SHARED_WORDS].join(', ')} FROM ${pairs} p
    JOIN ${work.table(sides.left)} l ON l.id = p.l JOIN ${work.table(sides.right)} r ON r.id = p.r)`;
}

/** The weight of each comparison as `w_0` and on, from `g_<n>`, and of the values that are the same `t_<n>`. */
function weighedSql(model: ResemblanceModel, shares: Shares): string[] {
  return model.comparisons.map(({ frequencyOf }, at) => {
    const own = shares[at];
    if (!own) throw new Error('every comparison has its shares');
    const cases = weightsOf(own).map((weight, level) =>
      level === 0 && frequencyOf !== null
        ? `WHEN 0 THEN greatest(0, coalesce(${Math.log2(own.m[0] ?? 1)} + t_${at}, ${weight}))`
        : `WHEN ${level} THEN ${weight}`,
    );
    return `(CASE g_${at} ${cases.join(' ')} ELSE 0 END)::FLOAT AS w_${at}`;
  });
}

/**
 * From which weight on a pair is taken for the same. Things that a person chose are meant to tell it, however few they are: most of what
 * they say together where each is nearly the same is enough, even if by chance that holds of many others too.
 */
export function thresholdOf(model: ResemblanceModel, shares: Shares, prior: number): number {
  if (model.chosen !== true) return model.threshold;
  const nearly = model.comparisons.map(({ levels }, at) => {
    const own = shares[at];
    const place = levels.findIndex(({ level }) => level === 'nearlySame');
    return Math.max(0, (own && weightsOf(own)[place]) ?? 0);
  });
  const groups = groupsOf(model);
  const single = nearly.filter((_, at) => !groups.flat().includes(at));
  const strongest = groups.map((group) => Math.max(...group.map((at) => nearly[at] ?? 0)));
  const together = [...single, ...strongest].reduce((sum, weight) => sum + weight, 0);
  return Math.min(model.threshold, prior + CHOSEN_SHARE * together);
}

interface Scoring {
  readonly model: ResemblanceModel;
  readonly shares: Shares;
  readonly prior: number;
  readonly threshold: number;
}

/**
 * Weighs the blocked pairs, and keeps in `pairs` those that come near the threshold: `l`, `r`, `weight`, `g_<n>` and `w_<n>`. Texts are
 * compared of pairs only that could come near it by their numbers (`quick-bounds.ts`).
 */
export async function scorePairs(
  work: ResemblanceTables,
  sides: Sides,
  { model, shares, prior, threshold }: Scoring,
  progress: (share: number) => void,
): Promise<void> {
  const [pairs, blocked] = [work.table('pairs'), work.table('blocked')];
  const least = threshold - (model.chosen === true ? KEPT_BELOW_CHOSEN : KEPT_BELOW);
  await makeNumbers(work, sides, model);
  const bound = mostSql(model, shares, prior);
  const commonness = model.comparisons.map((_, at) => `t_${at}`);
  const weighed = `SELECT l, r, (${sumSql(model, prior)})::FLOAT AS weight, COLUMNS('^[gw]_[0-9]+$') FROM (
      SELECT *, ${weighedSql(model, shares).join(', ')} FROM (
        ${gammasSql(work, sides, model.comparisons, blocked, commonness)}))
    WHERE weight >= ${least}`;
  const none = 'CREATE OR REPLACE TABLE';
  await work.run(`${none} ${blocked} (l INTEGER, r INTEGER); ${none} ${pairs} AS ${weighed}`);
  const [found] = await work.query(`SELECT count(*) AS n FROM ${work.table(sides.left)}`);
  const rows = Number(found?.['n']);
  for (let from = 0; from < rows; from += ROWS_AT_A_TIME) {
    const to = from + ROWS_AT_A_TIME;
    await work.run(`INSERT INTO ${blocked} ${likelyPairsSql(work, sides, bound, least, { from, to })}`);
    const [waiting] = await work.query(`SELECT count(*) AS n FROM ${blocked}`);
    if (Number(waiting?.['n']) > PAIRS_AT_A_TIME || to >= rows)
      await work.run(`INSERT INTO ${pairs} ${weighed}; DELETE FROM ${blocked}`);
    progress(Math.min(1, to / rows));
  }
  await work.run(
    `DROP TABLE ${blocked}; ${Object.values(numbersOf(work, sides))
      .map((table) => `DROP TABLE IF EXISTS ${table}`)
      .join('; ')}`,
  );
}
