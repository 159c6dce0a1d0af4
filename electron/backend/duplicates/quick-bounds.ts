import type { ComparedThing, ResemblanceLevel } from '../../../shared/domain/resemblance.ts';
import { isWithin, onceSql, type Sides } from './block-pairs.ts';
import type { Comparison } from './comparisons.ts';
import type { ResemblanceModel } from './default-models.ts';
import type { ResemblanceTables } from './resemblance-work.ts';
import { floatSql, sumOfSql } from './sum-weights.ts';
import { weightsOf, type Shares } from './weights.ts';

/**
 * What can be told of two records by small numbers alone, so that their texts are compared only where they could be the same: of each
 * value, or a part of it, 16 bits of its hash, and 0 where there is none. Two that are equal have equal numbers; of 65,535 others one has by chance, which
 * only means that its texts are compared in vain.
 */
const NUMBERS: Readonly<Record<string, string>> = {
  last: 'lastName',
  last_begin: 'left(lastName, 1)',
  last_end: 'right(lastName, 2)',
  last_sound: 'p_last',
  last_two: `CASE WHEN contains(lastName, ' ') THEN ' ' END`,
  first: 'firstName',
  first_begin: 'left(firstName, 1)',
  first_end: 'right(firstName, 2)',
  first_sound: 'p_first',
  first_full: 'nick',
  email: 'email',
  mailbox: 'mailbox',
  domain: 'domain',
  mailbox_begin: 'left(mailbox, 1)',
  mailbox_end: 'right(mailbox, 2)',
  phone: 'phone',
  phone_begin: 'left(phone, 3)',
  phone_end: 'right(phone, 3)',
  mobile: 'mobile',
  mobile_begin: 'left(mobile, 3)',
  mobile_end: 'right(mobile, 3)',
  company: 'company',
  company_begin: 'left(w_company, 2)',
  company_first_end: 'right(w_company, 2)',
  company_last_begin: `left(split_part(company, ' ', -1), 2)`,
  company_end: 'right(company, 2)',
  company_words: `array_to_string(list_sort(tokens), ' ')`,
  website: 'website',
  website_begin: 'left(website, 3)',
  website_end: 'right(website, 7)',
  street: 'street',
  street_begin: 'left(street, 2)',
  street_end: 'right(street, 2)',
  house: 'house',
  place: 'coalesce(postalCode, city)',
  postal: 'postalCode',
  city: 'city',
  city_begin: 'left(city, 1)',
  city_end: 'right(city, 2)',
  birth: 'birthDate',
  birth_begin: 'left(birthDate, 3)',
  birth_end: 'right(birthDate, 3)',
  number: 'identifier',
  number_begin: 'left(identifier, 3)',
  number_end: 'right(identifier, 3)',
};

const same = (name: string): string => `ql.${name} = qr.${name}`;
/** An edit or two leave one of the ends of a text as it was, and Jaro and Winkler's measure is high for those that begin alike. */
const oneEnd = (name: string): string => `(${same(`${name}_begin`)} OR ${same(`${name}_end`)})`;

interface Bound {
  /** The number that is 0 where a record says nothing. */
  readonly said: string;
  /** Conditions without which a level, or one before it, hardly ever holds; the last level always can. */
  readonly unless: readonly (readonly [level: ResemblanceLevel, condition: string])[];
}

const phone = (name: 'phone' | 'mobile'): Bound => ({
  said: name,
  unless: [
    ['same', same(name)],
    ...(name === 'mobile'
      ? ([['exchanged', '(ql.mobile = qr.phone OR (ql.phone = qr.mobile AND ql.phone > 0))']] as const)
      : []),
    ['nearlySame', oneEnd(name)],
  ],
});

const EXCHANGED =
  '((ql.first_begin = qr.last_begin AND ql.last_begin = qr.first_begin) OR ql.first = qr.last OR ql.last = qr.first)';

const BOUNDS: Partial<Readonly<Record<ComparedThing, Bound>>> = {
  lastName: {
    said: 'last',
    unless: [
      ['same', same('last')],
      ['exchanged', EXCHANGED],
      ['nearlySame', `(${oneEnd('last')} OR ${same('last_sound')})`],
      ['partly', '(ql.last_two > 0 OR qr.last_two > 0)'],
    ],
  },
  firstName: {
    said: 'first',
    unless: [
      ['same', same('first')],
      ['exchanged', EXCHANGED],
      ['alias', `(${oneEnd('first')} OR ${same('first_full')} OR ${same('first_sound')})`],
    ],
  },
  company: {
    said: 'company',
    unless: [
      ['same', same('company')],
      [
        'nearlySame',
        `(${same('company_words')} OR ((${same('company_begin')} OR ${same('company_first_end')}) AND (${same('company_last_begin')} OR ${same('company_end')})))`,
      ],
      ['similar', 'true'],
    ],
  },
  email: {
    said: 'email',
    unless: [
      ['same', same('email')],
      ['nearlySame', `(${same('mailbox')} OR (${same('domain')} AND ${oneEnd('mailbox')}))`],
      ['sameDomain', same('domain')],
    ],
  },
  phone: phone('phone'),
  mobile: phone('mobile'),
  website: {
    said: 'website',
    unless: [
      ['same', same('website')],
      ['nearlySame', oneEnd('website')],
    ],
  },
  street: {
    said: 'street',
    unless: [
      ['same', same('street')],
      ['nearlySame', `(${oneEnd('street')} AND (${same('house')} OR ql.house = 0 OR qr.house = 0))`],
      ['similar', oneEnd('street')],
    ],
  },
  place: {
    said: 'place',
    unless: [
      ['same', '(ql.postal = qr.postal AND ql.postal > 0)'],
      ['nearlySame', `(${same('city')} OR ${oneEnd('city')})`],
    ],
  },
  birthDate: {
    said: 'birth',
    unless: [
      ['same', same('birth')],
      ['nearlySame', oneEnd('birth')],
    ],
  },
  identifier: {
    said: 'number',
    unless: [
      ['same', same('number')],
      ['nearlySame', oneEnd('number')],
    ],
  },
};

const quickName = (side: string): string => `quick_${side}`;

/** Makes the numbers of both sides, of records only those that have a key (`blockRecords`); the rows' own with how common their values are. */
export async function makeNumbers(work: ResemblanceTables, sides: Sides, model: ResemblanceModel): Promise<void> {
  const numbers = Object.entries(NUMBERS).map(
    ([name, sql]) =>
      `coalesce((1 + hash(${sql}) % 65535)::USMALLINT * ((${sql}) IS NOT NULL)::USMALLINT, 0)::USMALLINT AS ${name}`,
  );
  const commonness = model.comparisons.map((_, at) => `t_${at}`);
  await work.run(
    `CREATE OR REPLACE TABLE ${work.table(quickName('l'))} AS SELECT id, ${[...numbers, ...commonness].join(', ')} FROM ${work.table(sides.left)}`,
  );
  if (!isWithin(sides))
    await work.run(
      `CREATE OR REPLACE TABLE ${work.table(quickName('r'))} AS SELECT id, ${numbers.join(', ')} FROM ${work.table(sides.right)}
       WHERE id IN (SELECT id FROM ${work.table('keys_r')})`,
    );
}

/** The tables of numbers of the left and of the right side; of rows among themselves both are one. */
export function numbersOf(work: ResemblanceTables, sides: Sides): { left: string; right: string } {
  const left = work.table(quickName('l'));
  return { left, right: isWithin(sides) ? left : work.table(quickName('r')) };
}

/** What a comparison says at the best, by the numbers of both, as SQL over `ql` and `qr`. */
function boundSql({ thing, levels, frequencyOf }: Comparison, at: number, own: Shares[number]): string {
  const bound = BOUNDS[thing];
  const weights = weightsOf(own);
  const best = (from: number) => floatSql(Math.max(...weights.slice(from)));
  const rarity = `${floatSql(Math.log2(own.m[0] ?? 1))} + ql.t_${at}`;
  const sameAtBest = frequencyOf === null ? best(0) : `greatest(${floatSql(0)}, coalesce(${rarity}, ${best(0)}))`;
  if (!bound) return `greatest(${floatSql(0)}, ${best(0)}, ${sameAtBest})`;
  const cases = bound.unless.flatMap(([level, condition]) => {
    const place = levels.findIndex((one) => one.level === level);
    return place < 0 ? [] : [`WHEN ${condition} THEN ${place === 0 ? sameAtBest : best(place)}`];
  });
  return `CASE WHEN ql.${bound.said} = 0 OR qr.${bound.said} = 0 THEN ${floatSql(0)} ${cases.join(' ')} ELSE ${floatSql(weights.at(-1) ?? 0)} END`;
}

/** What two records weigh at the best, by their numbers: columns over `ql` and `qr`, and the sum of these. */
interface Most {
  readonly columns: readonly string[];
  readonly sum: string;
}

export function mostSql(model: ResemblanceModel, shares: Shares, prior: number): Most {
  const bounds = model.comparisons.map((comparison, at) => {
    const own = shares[at];
    if (!own) throw new Error('every comparison has its shares');
    return `${boundSql(comparison, at, own)} AS b_${at}`;
  });
  return { columns: bounds, sum: sumOfSql(model, prior, (at) => `b_${at}`) };
}

/** The blocked pairs of some rows, each once, that weigh `least` at the best. Which of them are there twice is asked of these few only. */
export function likelyPairsSql(
  work: ResemblanceTables,
  sides: Sides,
  most: Most,
  least: number,
  rows: { from: number; to: number },
): string {
  const numbers = numbersOf(work, sides);
  const keys = `(SELECT * FROM ${work.table('keys_l')} WHERE id >= ${rows.from} AND id < ${rows.to})`;
  return `SELECT DISTINCT l, r FROM (
    SELECT l.id AS l, r.id AS r, ${most.columns.join(', ')} FROM ${keys} l JOIN ${work.table('keys_r')} r USING (rule, k)
    JOIN ${numbers.left} ql ON ql.id = l.id JOIN ${numbers.right} qr ON qr.id = r.id WHERE ${onceSql(sides)})
    WHERE ${most.sum} >= ${floatSql(least)}`;
}
