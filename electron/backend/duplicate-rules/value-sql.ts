import { trimEdgesSql } from '../match/match-sql.ts';

/** Lower case without accents. */
export const folded = (sql: string): string => `lower(strip_accents(${sql}))`;
export const trimmed = (sql: string): string => trimEdgesSql(`coalesce(${sql}, '')`);

/** Letters and digits with single spaces between the words. */
export const wordsOnly = (sql: string): string => `trim(regexp_replace(${sql}, '[^a-z0-9]+', ' ', 'g'))`;

export const digits = (sql: string): string => `regexp_replace(${sql}, '[^0-9]', '', 'g')`;

const LEGAL_FORMS = [
  ...[
    'inc',
    'incorporated',
    'llc',
    'llp',
    'lp',
    'ltd',
    'limited',
    'plc',
    'pty',
    'co',
    'company',
    'corp',
    'corporation',
  ],
  ...['gmbh', 'ag', 'kg', 'ohg', 'sa', 'sas', 'sarl', 'srl', 'spa', 'bv', 'nv', 'oy', 'ab', 'as', 'aps'],
].map((form) => `'${form}'`);

/** The words of a company's name without its legal form, if anything is left without. `words` as `wordsOnly` makes them. */
export function companyWords(words: string): string {
  const kept = `list_filter(string_split(${words}, ' '), lambda w: w NOT IN (${LEGAL_FORMS.join(', ')}))`;
  return `CASE WHEN len(${kept}) > 0 THEN array_to_string(${kept}, ' ') ELSE ${words} END`;
}

/** The first letters of several words; '' for a single one. */
export function acronymOf(words: string): string {
  return `CASE WHEN contains(${words}, ' ') THEN array_to_string(list_transform(string_split(${words}, ' '), lambda w: left(w, 1)), '') ELSE '' END`;
}

/** A word's parts around its vowels, of all words. */
export const syllables = (words: string): string =>
  `regexp_extract_all(${words}, '[^aeiouy ]*[aeiouy]+(?:[^aeiouy ]+\\b)?|[^aeiouy ]+')`;

/** What is heard as what, in the order in which it is looked for; capitals are settled. */
const SOUNDS: readonly (readonly [string, string])[] = [
  ['mb$', 'm'],
  ['tch|sch|ch', 'X'],
  ['c([iey])', 'S\\1'],
  ['ck|[ckq]', 'K'],
  ['dg([iey])', 'J\\1'],
  ['gh([^aeiou]|$)', '\\1'],
  ['g([iey])', 'J\\1'],
  ['gh|g', 'K'],
  ['ph|[fv]', 'F'],
  ['sh', 'X'],
  ['th', '0'],
  ['[dt]', 'T'],
  ['[bp]', 'P'],
  ['x', 'KS'],
  ['[sz]', 'S'],
];

/**
 * How a name sounds: the consonants as double metaphone hears them, a vowel at the beginning as A. Salesforce's own Metaphone 3
 * is not published.
 */
export function soundOf(sql: string): string {
  const letters = `regexp_replace(${sql}, '[^a-z]', '', 'g')`;
  const begun = `regexp_replace(regexp_replace(regexp_replace(${letters}, '^ae', 'e'), '^[gkp]n', 'n'), '^wr', 'r')`;
  const list = `string_split(${begun}, '')`;
  const single = `array_to_string(list_filter(${list}, lambda c, i: i = 1 OR c = 'c' OR c <> (${list})[i - 1]), '')`;
  const heard = SOUNDS.reduce(
    (text, [pattern, sound]) => `regexp_replace(${text}, '${pattern}', '${sound}', 'g')`,
    `regexp_replace(${single}, '^x', 's')`,
  );
  const spelt = `upper(regexp_replace(regexp_replace(${heard}, '^[aeiouy]', 'A'), '[aehiouwy]', '', 'g'))`;
  return spelt;
}

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  street: ['st', 'str'],
  avenue: ['ave', 'av'],
  road: ['rd'],
  drive: ['dr'],
  lane: ['ln'],
  boulevard: ['blvd'],
  court: ['ct'],
  place: ['pl'],
  square: ['sq'],
  highway: ['hwy'],
  parkway: ['pkwy'],
  terrace: ['ter'],
  way: [],
  circle: ['cir'],
};
const SUITE = '\\b(?:suite|ste|apt|apartment|unit|room|rm|floor|fl) ([a-z0-9]+)';
const SUFFIX = ` (${Object.entries(SUFFIXES).flat(2).join('|')})$`;

/** The sections of a street as columns, each by those before it; `name` gives a column its name. */
export function streetColumns(sql: string, name: (part: string) => string): (readonly [string, string])[] {
  const [all, rest, bare] = [name('all'), name('rest'), name('bare')];
  const number = `coalesce(nullif(regexp_extract(${rest}, '^([0-9][a-z0-9]*) ', 1), ''), regexp_extract(${rest}, ' ([0-9][a-z0-9]*)$', 1))`;
  const long = Object.entries(SUFFIXES).flatMap(([word, short]) => short.map((one) => `WHEN '${one}' THEN '${word}'`));
  return [
    [all, wordsOnly(`replace(${sql}, '#', ' unit ')`)],
    [name('suite'), `regexp_extract(${all}, '${SUITE}', 1)`],
    [rest, `trim(regexp_replace(regexp_replace(${all}, '${SUITE}', ''), ' +', ' ', 'g'))`],
    [name('number'), number],
    [
      bare,
      `trim(CASE WHEN regexp_matches(${rest}, '^[0-9][a-z0-9]* ') THEN regexp_replace(${rest}, '^[0-9][a-z0-9]* ', '')
         ELSE regexp_replace(${rest}, ' [0-9][a-z0-9]*$', '') END)`,
    ],
    [name('short'), `regexp_extract(${bare}, '${SUFFIX}', 1)`],
    [name('suffix'), `CASE ${name('short')} ${long.join(' ')} ELSE ${name('short')} END`],
    [name('name'), `regexp_replace(${bare}, '${SUFFIX}', '')`],
  ];
}
