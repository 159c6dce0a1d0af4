import type { ComparedThing, ResemblanceKind, ResemblanceLevel } from '../../../shared/domain/resemblance.ts';

/**
 * One level of a comparison, after Splink's comparison levels (moj-analytical-services/splink, "comparison_level_library"):
 * `sql` over the columns of two prepared records, `l_…` and `r_…`; the first that is true holds. `m` is how often two records of the same company
 * or person are at this level, `u` how often two others are, before anything is learnt from the data.
 */
interface LevelOfComparison {
  readonly level: ResemblanceLevel;
  readonly sql: string;
  readonly m: number;
  readonly u: number;
}

export interface Comparison {
  readonly thing: ComparedThing;
  /** The kinds it needs; it is left out where one table has none of the first. */
  readonly kinds: readonly [ResemblanceKind, ...ResemblanceKind[]];
  /** The normal form whose commonness counts at the level `same`: a rare value says more. */
  readonly frequencyOf: ResemblanceKind | null;
  /** What it weighs at least where values are the same: below this a value is not told from a rarer one. */
  readonly rarest: number;
  readonly levels: readonly LevelOfComparison[];
}

const BOTH_NULL = (sql: string): string => `(${sql} IS NULL)`;

/** SQL that gives the number of the level that holds, from 0; -1 where one of the two says nothing. */
export function levelSql({ levels, kinds }: Comparison): string {
  const [first] = kinds;
  const missing =
    first === 'city'
      ? BOTH_NULL('coalesce(l_city, l_postalCode)') + ' OR ' + BOTH_NULL('coalesce(r_city, r_postalCode)')
      : `l_${first} IS NULL OR r_${first} IS NULL`;
  const cases = levels.map(({ sql }, at) => (at === levels.length - 1 ? `ELSE ${at}` : `WHEN ${sql} THEN ${at}`));
  return `CASE WHEN ${missing} THEN -1 ${cases.join(' ')} END`;
}

/** Edits are told of Latin letters and digits only: of others the engine would count bytes. Counting them is ten times as dear as Jaro's measure, which rules most pairs out. */
const latin = (name: string): string =>
  `strlen(l_${name}) = length(l_${name}) AND strlen(r_${name}) = length(r_${name})`;
export const edits = (name: string, most: number): string =>
  `abs(length(l_${name}) - length(r_${name})) <= ${most} AND ${latin(name)} AND jaro_similarity(l_${name}, r_${name}) >= 0.7 AND damerau_levenshtein(l_${name}, r_${name}) <= ${most}`;
export const near = (name: string, least: number): string =>
  `${latin(name)} AND jaro_winkler_similarity(l_${name}, r_${name}) >= ${least}`;
export const equal = (name: string): string => `l_${name} = r_${name}`;

/** Words that two companies' names share, a column of the pair: it is dear, and asked for by several levels. */
export const SHARED_WORDS =
  'CASE WHEN l.company <> r.company THEN len(list_intersect(l.tokens, r.tokens)) END AS shared_words';
/** Shared words among all words. */
const JACCARD = `shared_words / (len(l_tokens) + len(r_tokens) - shared_words)`;
const across = (one: string, other: string): string =>
  `l_${one} = r_${other} AND length(l_${one}) > 3 AND jaro_winkler_similarity(l_${other}, r_${one}) >= 0.75`;
/** Each is the other's, nearly; where one is so to the letter, a typing error in the other does not matter. */
const EXCHANGED =
  '(jaro_winkler_similarity(l_firstName, r_lastName) >= 0.92 AND jaro_winkler_similarity(l_lastName, r_firstName) >= 0.92) OR ' +
  `(${across('firstName', 'lastName')}) OR (${across('lastName', 'firstName')})`;

export const LAST_NAME: Comparison = {
  thing: 'lastName',
  kinds: ['lastName', 'firstName'],
  frequencyOf: 'lastName',
  rarest: 2e-5,
  levels: [
    { level: 'same', sql: equal('lastName'), m: 0.86, u: 0.0008 },
    { level: 'exchanged', sql: EXCHANGED, m: 0.02, u: 0.00003 },
    {
      level: 'nearlySame',
      sql: `length(l_lastName) > 3 AND (${edits('lastName', 1)} OR (${near('lastName', 0.94)}))`,
      m: 0.07,
      u: 0.0006,
    },
    {
      level: 'similar',
      sql: `(l_p_last = r_p_last OR (${near('lastName', 0.88)}) OR (length(l_lastName) > 4 AND ${edits('lastName', 2)}))`,
      m: 0.02,
      u: 0.003,
    },
    {
      level: 'partly',
      sql: `contains(' ' || l_lastName || ' ', ' ' || r_lastName || ' ') OR contains(' ' || r_lastName || ' ', ' ' || l_lastName || ' ')`,
      m: 0.01,
      u: 0.0005,
    },
    { level: 'other', sql: 'true', m: 0.02, u: 0.9951 },
  ],
};

export const FIRST_NAME: Comparison = {
  thing: 'firstName',
  kinds: ['firstName', 'lastName'],
  frequencyOf: 'firstName',
  rarest: 1e-4,
  levels: [
    { level: 'same', sql: equal('firstName'), m: 0.8, u: 0.004 },
    { level: 'exchanged', sql: EXCHANGED, m: 0.02, u: 0.0002 },
    {
      level: 'alias',
      sql: `l_nick = r_nick OR ((length(l_firstName) <> 2 AND starts_with(r_firstName, l_firstName)) OR (length(r_firstName) <> 2 AND starts_with(l_firstName, r_firstName)))`,
      m: 0.07,
      u: 0.003,
    },
    {
      level: 'nearlySame',
      sql: `length(l_firstName) > 2 AND (${edits('firstName', 1)} OR (${near('firstName', 0.94)}))`,
      m: 0.07,
      u: 0.003,
    },
    {
      level: 'similar',
      sql: `(l_p_first = r_p_first OR (${near('firstName', 0.88)}) OR (length(l_firstName) > 4 AND ${edits('firstName', 2)}))`,
      m: 0.02,
      u: 0.008,
    },
    { level: 'other', sql: 'true', m: 0.02, u: 0.982 },
  ],
};

export const COMPANY: Comparison = {
  thing: 'company',
  kinds: ['company'],
  frequencyOf: 'company',
  rarest: 1e-6,
  levels: [
    { level: 'same', sql: equal('company'), m: 0.72, u: 0.00002 },
    {
      level: 'nearlySame',
      sql: `(len(l_tokens) = shared_words AND len(r_tokens) = shared_words) OR (length(l_company) > 4 AND ${edits('company', 2)}) OR (${near('company', 0.96)})`,
      m: 0.18,
      u: 0.00005,
    },
    { level: 'similar', sql: `${JACCARD} >= 0.6`, m: 0.05, u: 0.0005 },
    { level: 'partly', sql: `${JACCARD} >= 0.33`, m: 0.03, u: 0.01 },
    { level: 'other', sql: 'true', m: 0.02, u: 0.98943 },
  ],
};

export const EMAIL: Comparison = {
  thing: 'email',
  kinds: ['email'],
  frequencyOf: 'email',
  rarest: 3e-6,
  levels: [
    { level: 'same', sql: equal('email'), m: 0.7, u: 0.000003 },
    // Providers tell namesakes apart by digits; and who has another name has another mailbox, as like the other's as the names are.
    {
      level: 'nearlySame',
      sql: `length(l_mailbox) > 4 AND coalesce(${equal('lastName')}, true) AND ${edits('email', 2)} AND regexp_replace(l_email, '[^0-9]+', '', 'g') = regexp_replace(r_email, '[^0-9]+', '', 'g')`,
      m: 0.08,
      u: 0.0005,
    },
    // It is made of the name, which is weighed already.
    { level: 'similar', sql: 'length(l_mailbox) > 4 AND l_mailbox = r_mailbox', m: 0.05, u: 0.02 },
    // Colleagues have it in common: it says something only where the company does not say the same already.
    { level: 'sameDomain', sql: `${equal('domain')} AND coalesce(l_company <> r_company, true)`, m: 0.09, u: 0.03 },
    { level: 'other', sql: 'true', m: 0.08, u: 0.949977 },
  ],
};

function phones(thing: 'phone' | 'mobile'): Comparison {
  const across = thing === 'mobile' ? 'l_mobile = r_phone OR l_phone = r_mobile' : 'false';
  return {
    thing,
    kinds: [thing, thing === 'mobile' ? 'phone' : 'mobile'],
    frequencyOf: thing,
    rarest: 2e-6,
    levels: [
      { level: 'same', sql: equal(thing), m: 0.74, u: 0.000004 },
      { level: 'exchanged', sql: across, m: 0.02, u: 0.000004 },
      { level: 'nearlySame', sql: edits(thing, 1), m: 0.08, u: 0.00001 },
      { level: 'other', sql: 'true', m: 0.16, u: 0.999982 },
    ],
  };
}
export const PHONE = phones('phone');
export const MOBILE = phones('mobile');

export const WEBSITE: Comparison = {
  thing: 'website',
  kinds: ['website'],
  frequencyOf: 'website',
  rarest: 2e-6,
  levels: [
    { level: 'same', sql: equal('website'), m: 0.84, u: 0.00001 },
    { level: 'nearlySame', sql: `length(l_website) > 6 AND ${edits('website', 1)}`, m: 0.05, u: 0.00001 },
    { level: 'other', sql: 'true', m: 0.11, u: 0.99998 },
  ],
};

export const STREET: Comparison = {
  thing: 'street',
  kinds: ['street'],
  frequencyOf: 'street',
  rarest: 5e-6,
  levels: [
    { level: 'same', sql: equal('street'), m: 0.68, u: 0.00002 },
    {
      level: 'nearlySame',
      sql: `length(l_street) > 5 AND coalesce(${equal('house')}, true) AND (${edits('street', 2)} OR (${near('street', 0.92)}))`,
      m: 0.16,
      u: 0.00005,
    },
    { level: 'similar', sql: near('street', 0.88), m: 0.05, u: 0.015 },
    { level: 'other', sql: 'true', m: 0.11, u: 0.99493 },
  ],
};

const CITY_ALIKE = `l_city = r_city OR (${edits('city', 2)})`;
export const PLACE: Comparison = {
  thing: 'place',
  kinds: ['city', 'postalCode', 'state'],
  frequencyOf: null,
  rarest: 1,
  levels: [
    {
      level: 'same',
      sql: `l_postalCode = r_postalCode AND (l_city IS NULL OR r_city IS NULL OR ${CITY_ALIKE})`,
      m: 0.76,
      u: 0.0007,
    },
    {
      level: 'nearlySame',
      sql: `(${CITY_ALIKE}) AND (l_postalCode IS NULL OR r_postalCode IS NULL OR (${edits('postalCode', 1)}))`,
      m: 0.11,
      u: 0.008,
    },
    { level: 'sameCity', sql: `l_city = r_city`, m: 0.04, u: 0.015 },
    { level: 'partly', sql: `l_postalCode = r_postalCode OR (${edits('city', 2)})`, m: 0.03, u: 0.004 },
    { level: 'other', sql: 'true', m: 0.06, u: 0.9723 },
  ],
};

export const BIRTH_DATE: Comparison = {
  thing: 'birthDate',
  kinds: ['birthDate'],
  frequencyOf: null,
  rarest: 1,
  levels: [
    { level: 'same', sql: equal('birthDate'), m: 0.88, u: 0.00006 },
    { level: 'nearlySame', sql: edits('birthDate', 1), m: 0.08, u: 0.0012 },
    { level: 'other', sql: 'true', m: 0.04, u: 0.99874 },
  ],
};

export const IDENTIFIER: Comparison = {
  thing: 'identifier',
  kinds: ['identifier'],
  frequencyOf: 'identifier',
  rarest: 1e-7,
  levels: [
    { level: 'same', sql: equal('identifier'), m: 0.9, u: 0.0000005 },
    { level: 'nearlySame', sql: `length(l_identifier) > 5 AND ${edits('identifier', 1)}`, m: 0.06, u: 0.00003 },
    { level: 'other', sql: 'true', m: 0.04, u: 0.9999695 },
  ],
};
