import type { ResemblanceModel } from './default-models.ts';

/** A weight as SQL: without a type it would be a decimal number, and sums of these take ten times as long. */
export const floatSql = (weight: number): string => `${weight.toFixed(4)}::FLOAT`;

/** The places of things that go together, each group with at least two. */
export function groupsOf(model: ResemblanceModel): number[][] {
  const place = (thing: string) => model.comparisons.findIndex((comparison) => comparison.thing === thing);
  return model.together.map((things) => things.map(place).filter((at) => at >= 0)).filter((group) => group.length > 1);
}

/** All that is said for and against a pair, from `w_0` and on: of things that go together the strongest only. */
export function sumSql(model: ResemblanceModel, prior: number): string {
  return sumOfSql(model, prior, (place) => `w_${place}`);
}

/** The same of other weights, as SQL by the place of the comparison. */
export function sumOfSql(model: ResemblanceModel, prior: number, weightOf: (place: number) => string): string {
  const groups = groupsOf(model);
  const grouped = new Set(groups.flat());
  const single = model.comparisons.map((_, place) => place).filter((place) => !grouped.has(place));
  const strongest = groups.map((group) => {
    const weights = group.map(weightOf).join(', ');
    return `greatest(${floatSql(0)}, ${weights}) + least(${floatSql(0)}, ${weights})`;
  });
  return [floatSql(prior), ...single.map(weightOf), ...strongest].join(' + ');
}
