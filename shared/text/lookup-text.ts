import type { LoadPlan } from '../domain/load-plan.ts';
import type { LookupCoverage, LookupOffer, PlannedLookup } from '../domain/planned-lookup.ts';
import { number, plural } from './counts.ts';
import { shown } from './shown.ts';

type LookedFor = Pick<PlannedLookup, 'parent' | 'parentField' | 'secondField'>;

function byWhat({ parentField, secondField }: LookedFor): string {
  return secondField === undefined ? parentField : `${parentField} and ${secondField}`;
}

function calls(apiCalls: number): string {
  return plural(apiCalls, 'API call');
}

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

/** While a lookup is chosen: how many values find their parent, where, and what of the others. */
export function coverageText(coverage: LookupCoverage): string {
  const { values, found, inFile, several, inactive, none, unasked, misses, parent } = coverage;
  if (values === 0) return 'Every value of this column is blank.';
  const by = `${parent} by ${byWhat(coverage)}`;
  const all =
    values === 1 && found + inFile === 1
      ? `The only value finds its ${by}`
      : `${number(found + inFile)} of ${number(values)} values find their ${by}`;
  const where = inFile > 0 ? `: ${found > 0 ? `${number(found)} in the org, ` : ''}${number(inFile)} in this file` : '';
  const find = (count: number, what: string) =>
    count > 0 ? [`${number(count)} ${count === 1 ? 'finds' : 'find'} ${what}`] : [];
  const left = unasked > 0 ? [`${number(unasked)} can’t be looked up`] : [];
  const others = listed([
    ...find(none, 'none'),
    ...find(several, 'several'),
    ...find(inactive, 'an inactive one'),
    ...left,
  ]);
  const quoted = [...misses.map((miss) => `“${shown(miss)}”`), ...(none > misses.length ? ['…'] : [])];
  const missed = quoted.length === 0 ? '' : ` Not found: ${quoted.join(', ')}${none > misses.length ? '' : '.'}`;
  return `${all}${where}${others === '' ? '' : `; ${others}`} (${calls(coverage.apiCalls)}).${missed}`;
}

/** Of a column that fills nothing: the lookup its values speak for. `field` is the lookup's label. */
export function offerText({ parent, parentFieldLabel, tried, found }: LookupOffer, field: string): string {
  const all = `${number(found)} of ${number(tried)} values tried find their parent`;
  return `Fill ${field}: find ${parent} by ${parentFieldLabel} (${all})`;
}

/** In a plan: what its rows were given. Rows that are not sent are told as problems. */
export function plannedLookupText(lookup: PlannedLookup): string {
  const { found, without, oldest, inactive, inFile = 0, parent, field } = lookup;
  const others = [
    ...(inFile > 0 ? [`${plural(inFile, 'row')} ${inFile === 1 ? 'refers' : 'refer'} to a row of this file`] : []),
    ...(oldest > 0 ? [`${plural(oldest, 'row')} got the oldest of several matches`] : []),
    ...(inactive > 0 ? [`${plural(inactive, 'row')} got an inactive one`] : []),
    ...(without > 0
      ? [`${plural(without, 'row')} found none and ${without === 1 ? 'leaves' : 'leave'} the field blank`]
      : []),
  ];
  const rest = others.length > 0 ? `; ${listed(others)}` : '';
  return `${field}: ${plural(found, 'row')} found ${found === 1 ? 'its' : 'their'} ${parent} by ${byWhat(lookup)}${rest} (${calls(lookup.apiCalls)}).`;
}

/** In a plan: rows that name rows of their own file that can't all be made before them, and so are sent twice. */
export function secondStepText({ rows, fields }: NonNullable<LoadPlan['secondStep']>): string {
  const of = listed(fields.map(({ field, rows: given }) => `${field} (${number(given)})`));
  const rest = `added in a second step, once the records that ${rows === 1 ? 'it refers' : 'they refer'} to exist`;
  return `${plural(rows, 'row')} of this file ${rows === 1 ? 'is' : 'are'} sent in two steps: ${of} ${rest}.`;
}

/** Rows of a finished load that have their record and still lack a lookup that can be sent again. */
export function secondStepAgainText(rows: number): string {
  return rows === 1
    ? '1 row has its record, but its second step failed.'
    : `${number(rows)} rows have their records, but their second step failed.`;
}
