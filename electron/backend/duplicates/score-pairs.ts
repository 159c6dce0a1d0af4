import { blockedPairsSql, isWithin, type Sides } from './block-pairs.ts';
import { levelSql, SHARED_WORDS, type Comparison } from './comparisons.ts';
import type { ResemblanceModel } from './default-models.ts';
import { PREPARED } from './prepare-records.ts';
import type { ResemblanceTables } from './resemblance-work.ts';
import { weightsOf, type Shares } from './weights.ts';

/** Rows whose pairs are weighed at a time: what lies in memory does not grow with the tables. */
const ROWS_AT_A_TIME = 20_000;
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

/** The places of things that go together, each group with at least two. */
export function groupsOf(model: ResemblanceModel): number[][] {
  const place = (thing: string) => model.comparisons.findIndex((comparison) => comparison.thing === thing);
  return model.together.map((things) => things.map(place).filter((at) => at >= 0)).filter((group) => group.length > 1);
}

/** All that is said for and against a pair, from `w_0` and on: of things that go together the strongest only. */
export function sumSql(model: ResemblanceModel, prior: number): string {
  const groups = groupsOf(model);
  const grouped = new Set(groups.flat());
  const single = model.comparisons.map((_, place) => place).filter((place) => !grouped.has(place));
  const strongest = groups.map((group) => {
    const weights = group.map((place) => `w_${place}`).join(', ');
    return `greatest(0, ${weights}) + least(0, ${weights})`;
  });
  return [String(prior), ...single.map((place) => `w_${place}`), ...strongest].join(' + ');
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

/** Weighs the blocked pairs, and keeps in `pairs` those that come near the threshold: `l`, `r`, `weight`, `g_<n>` and `w_<n>`. */
export async function scorePairs(
  work: ResemblanceTables,
  sides: Sides,
  { model, shares, prior, threshold }: { model: ResemblanceModel; shares: Shares; prior: number; threshold: number },
  progress: (share: number) => void,
): Promise<void> {
  const [pairs, blocked] = [work.table('pairs'), work.table('blocked')];
  const [found] = await work.query(`SELECT count(*) AS n FROM ${work.table(sides.left)}`);
  const rows = Number(found?.['n']);
  const commonness = model.comparisons.map((_, at) => `t_${at}`);
  for (let from = 0; from === 0 || from < rows; from += ROWS_AT_A_TIME) {
    const select = `SELECT l, r, (${sumSql(model, prior)})::FLOAT AS weight, COLUMNS('^[gw]_[0-9]+$') FROM (
        SELECT *, ${weighedSql(model, shares).join(', ')} FROM (
          ${gammasSql(work, sides, model.comparisons, blocked, commonness)}))
      WHERE weight >= ${threshold - (model.chosen === true ? KEPT_BELOW_CHOSEN : KEPT_BELOW)}`;
    await work.run(
      `CREATE OR REPLACE TABLE ${blocked} AS ${blockedPairsSql(work, sides, { from, to: from + ROWS_AT_A_TIME })};
       ${from === 0 ? `CREATE OR REPLACE TABLE ${pairs} AS` : `INSERT INTO ${pairs}`} ${select}`,
    );
    progress(Math.min(1, (from + ROWS_AT_A_TIME) / Math.max(rows, 1)));
  }
  await work.run(`DROP TABLE ${blocked}`);
}
