import { quoteName } from '../tables/quote.ts';
import type { Resemblance } from './find-resembling.ts';
import { groupsOf, sumSql } from './sum-weights.ts';
import type { ResemblingPair } from './resembling-pairs.ts';
import { shareOf } from './weights.ts';

/** What a person said of a pair. */
export interface PairLabel {
  readonly pair: ResemblingPair;
  readonly same: boolean;
}

/** How much a weight moves, in bits, as a rule: a few words move it little, many as far as they say. */
const USUAL_CHANGE = 1.5;
const STEPS = 400;
const STEP = 0.3;

/**
 * Moves the threshold and the weights as a person's words of pairs ask for: the likeliest of a logistic model that begins where the
 * weights are, each held there by a normal distribution. The weights' shares are not counted anew, for pairs that were asked about are
 * those that nobody could tell: what they have in common says nothing of the others. Changes the pairs in place, and gives the new
 * threshold with them.
 */
export async function learnFromLabels(found: Resemblance, labels: readonly PairLabel[]): Promise<Resemblance> {
  if (labels.length === 0) return found;
  const { threshold, changes } = likeliest(found, labels);
  const { work, model } = found;
  const pairs = work.table('pairs');
  const weights = model.comparisons.map(({ thing, levels }, at) => {
    const cases = levels.flatMap(({ level }, place) => {
      const change = changes.get(`${thing} ${level}`);
      return change === undefined ? [] : [`WHEN ${place} THEN ${change}`];
    });
    return cases.length === 0 ? `w_${at}` : `(w_${at} + CASE g_${at} ${cases.join(' ')} ELSE 0 END)::FLOAT AS w_${at}`;
  });
  await work.run(
    `CREATE OR REPLACE TABLE ${work.table('relearnt')} AS
       SELECT l, r, (${sumSql(model, found.prior)})::FLOAT AS weight, COLUMNS('^[gw]_[0-9]+$')
       FROM (SELECT l, r, COLUMNS('^g_[0-9]+$'), ${weights.join(', ')} FROM ${pairs});
     DROP TABLE ${pairs};
     ALTER TABLE ${work.table('relearnt')} RENAME TO ${quoteName(work.bare('pairs'))}`,
  );
  return { ...found, threshold };
}

interface Change {
  readonly threshold: number;
  /** By thing and level. */
  readonly changes: ReadonlyMap<string, number>;
}

/** Ascends by the gradient: the function has one summit. */
function likeliest({ threshold: start, model }: Resemblance, labels: readonly PairLabel[]): Change {
  const grouped = new Set(groupsOf(model).flatMap((group) => group.map((at) => model.comparisons[at]?.thing)));
  const known = labels.map(({ pair, same }) => ({
    same,
    weight: pair.weight,
    // Of things that go together those that do not count can't be blamed.
    names: pair.reasons
      .filter(({ thing, weight }) => weight !== 0 || !grouped.has(thing))
      .map(({ thing, level }) => `${thing} ${level}`),
  }));
  const changes = new Map<string, number>(known.flatMap(({ names }) => names.map((name) => [name, 0] as const)));
  let threshold = start;
  for (let step = 0; step < STEPS; step++) {
    const slopes = new Map([...changes].map(([name, change]) => [name, -change / USUAL_CHANGE ** 2]));
    let slope = (start - threshold) / USUAL_CHANGE ** 2;
    for (const { same, weight, names } of known) {
      const bits = names.reduce((sum, name) => sum + (changes.get(name) ?? 0), weight - threshold);
      const wrong = (same ? 1 : 0) - shareOf(bits);
      slope -= wrong;
      for (const name of names) slopes.set(name, (slopes.get(name) ?? 0) + wrong);
    }
    // Shorter the more there is to heed, or it would jump over the summit.
    const length = STEP / Math.sqrt(1 + known.length * (1 + (known[0]?.names.length ?? 0)));
    threshold += length * slope;
    for (const [name, own] of slopes) changes.set(name, (changes.get(name) ?? 0) + length * own);
  }
  return { threshold, changes };
}
