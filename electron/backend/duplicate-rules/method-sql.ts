import type { MatchingMethod } from './matching-rule.ts';
import { acronymOf, companyWords, digits, streetColumns, syllables, wordsOnly } from './value-sql.ts';

/** From which score on two values match (Salesforce Help, "Matching Methods Used in Matching Rules", Threshold). */
export const THRESHOLDS: Readonly<Record<MatchingMethod, number>> = {
  Exact: 100,
  FirstName: 85,
  LastName: 90,
  CompanyName: 70,
  Phone: 80,
  City: 85,
  Street: 80,
  Zip: 80,
  Title: 50,
};

/** The name of a column of an item, `i3_words`. `value` is trimmed, `folded` in lower case without accents as well. */
export type Named = (part: string) => string;
/** Columns by name, each by those before it. */
export type Columns = readonly (readonly [string, string])[];

interface MethodSql {
  /** What is worked out once a value. */
  readonly prepare: (of: Named) => Columns;
  /** What is worked out once a pair before the score; `a` and `b` name the columns of either side. */
  readonly pair?: (a: Named, b: Named, of: Named) => Columns;
  /** 0 to 100; below the threshold any number that is. */
  readonly score: (a: Named, b: Named, of: Named) => string;
}

/** A whole number of per cent, halves up. */
const percent = (share: string): string => `floor((${share}) * 100 + 0.5 + 1e-9)`;
const best = (...scores: string[]): string => `greatest(${scores.join(', ')})`;
const if100 = (condition: string): string => `CASE WHEN ${condition} THEN 100 ELSE 0 END`;
const both = (part: string, a: Named, b: Named): string => `${a(part)} = ${b(part)}`;

function edits(a: string, b: string): string {
  const longest = `greatest(length(${a}), length(${b}))`;
  return `CASE WHEN ${longest} = 0 THEN 100 ELSE ${percent(`1 - levenshtein(${a}, ${b}) / ${longest}`)} END`;
}

const acronyms = (a: Named, b: Named): string =>
  if100(
    `(${a('acronym')} <> '' AND ${a('acronym')} = ${b('words')}) OR (${b('acronym')} <> '' AND ${b('acronym')} = ${a('words')})`,
  );

const KEYS = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'].flatMap((keys, row) =>
  Array.from(keys, (key, place) => ({ key, row, place: place + row * 0.5 })),
);
/** Pairs of letters whose keys touch on a QWERTY keyboard. */
const NEIGHBOURS = KEYS.flatMap((one) =>
  KEYS.filter(
    (other) => other !== one && Math.abs(other.row - one.row) <= 1 && Math.abs(other.place - one.place) <= 1,
  ).map((other) => one.key + other.key),
).join('|');

/**
 * The edit distance in which a slip to a neighbouring key counts half: the rows of the usual table, one after the other. It is
 * only worked out where it can come to the threshold of 90.
 */
function keyboard(a: string, b: string): string {
  const longest = `greatest(length(${a}), length(${b}))`;
  const cost = `CASE WHEN chr(ca[1]::INTEGER) = ${b}[j[1]::INTEGER] THEN 0 WHEN contains('|${NEIGHBOURS}|', '|' || chr(ca[1]::INTEGER) || ${b}[j[1]::INTEGER] || '|') THEN 0.5 ELSE 1 END`;
  const next = `least(acc[-1] + 1, line[j[1]::INTEGER + 1] + 1, line[j[1]::INTEGER] + ${cost})`;
  const columns = `list_transform(range(1, length(${b}) + 1), lambda k: [k::DOUBLE])`;
  const first = `list_transform(range(0, length(${b}) + 1), lambda k: k::DOUBLE)`;
  const distance = `list_reduce(list_transform(string_split(${a}, ''), lambda s: [ascii(s)::DOUBLE]),
    lambda line, ca: list_reduce(${columns}, lambda acc, j: list_append(acc, ${next}), [line[1] + 1]), ${first})[-1]`;
  return `CASE WHEN levenshtein(${a}, ${b}) > ${longest} * 0.21 THEN 0 ELSE ${percent(`1 - ${distance} / ${longest}`)} END`;
}

const initials = (a: string, b: string): string =>
  if100(`least(length(${a}), length(${b})) = 1 AND left(${a}, 1) = left(${b}, 1)`);

/** Syllables as letters: the edit distance of two lists is that of two texts in which every syllable has its letter. */
const lettered = (list: string, all: string): string =>
  `array_to_string(list_transform(${list}, lambda s: chr(33 + list_position(${all}, s)::INTEGER)), '')`;

function phoneScore(a: Named, b: Named): string {
  const sections = [
    ['country', 10],
    ['area', 50],
    ['next', 30],
    ['last', 10],
  ] as const;
  const sum = sections.map(([part, weight]) => `CASE WHEN ${both(part, a, b)} THEN ${weight} ELSE 0 END`).join(' + ');
  const short = `length(${a('digits')}) < 10 OR length(${b('digits')}) < 10`;
  return `CASE WHEN ${both('digits', a, b)} THEN CASE WHEN ${a('digits')} = '' THEN 0 ELSE 100 END WHEN ${short} THEN 0 ELSE ${sum} END`;
}

/** What each fuzzy method makes of values and pairs (Salesforce Help, as above, Matching Algorithms and Special Handling). */
const FUZZY: Readonly<Record<Exclude<MatchingMethod, 'Exact'>, MethodSql>> = {
  FirstName: {
    prepare: (of) => [[of('initial'), `regexp_replace(${of('folded')}, '[.]$', '')`]],
    score: (a, b) =>
      best(
        initials(a('initial'), b('initial')),
        if100(`list_has_any(${a('variants')}, ${b('variants')})`),
        if100(`${a('sound')} <> '' AND ${both('sound', a, b)}`),
        percent(`jaro_winkler_similarity(${a('folded')}, ${b('folded')})`),
      ),
  },
  LastName: {
    prepare: () => [],
    score: (a, b) => best(if100(`${a('sound')} <> '' AND ${both('sound', a, b)}`), keyboard(a('folded'), b('folded'))),
  },
  CompanyName: {
    prepare: (of) => [
      [of('all'), wordsOnly(of('folded'))],
      [of('words'), companyWords(of('all'))],
      [of('acronym'), acronymOf(of('words'))],
      [of('syllables'), syllables(of('words'))],
    ],
    pair: (a, b, of) => [
      [of('known'), `list_distinct(list_concat(${a('syllables')}, ${b('syllables')}))`],
      [of('one'), lettered(a('syllables'), of('known'))],
      [of('other'), lettered(b('syllables'), of('known'))],
    ],
    score: (a, b, of) => best(acronyms(a, b), edits(of('one'), of('other'))),
  },
  Phone: {
    prepare: (of) => [
      [of('digits'), digits(of('folded'))],
      [
        of('country'),
        `CASE WHEN length(${of('digits')}) > 10 THEN left(${of('digits')}, length(${of('digits')}) - 10) ELSE '1' END`,
      ],
      [of('area'), `left(right(${of('digits')}, 10), 3)`],
      [of('next'), `left(right(${of('digits')}, 7), 3)`],
      [of('last'), `right(${of('digits')}, 4)`],
    ],
    score: phoneScore,
  },
  City: { prepare: () => [], score: (a, b) => edits(a('folded'), b('folded')) },
  Street: {
    prepare: (of) => streetColumns(of('folded'), of),
    score: (a, b) => {
      const same = (part: string, weight: number): string => `CASE WHEN ${both(part, a, b)} THEN ${weight} ELSE 0 END`;
      const name = `floor((${edits(a('name'), b('name'))}) * 0.5 + 0.5 + 1e-9)`;
      return `${name} + ${same('number', 20)} + ${same('suffix', 15)} + ${same('suite', 15)}`;
    },
  },
  // "We only support US zip codes for fuzzy match" (Knowledge 000247089).
  Zip: {
    prepare: (of) => [
      [of('five'), `regexp_extract(${of('folded')}, '^([0-9]{5})(?:[- ]?([0-9]{4}))?$', 1)`],
      [of('four'), `regexp_extract(${of('folded')}, '^([0-9]{5})(?:[- ]?([0-9]{4}))?$', 2)`],
    ],
    score: (a, b) =>
      `CASE WHEN ${a('five')} = '' OR ${b('five')} = '' THEN 0 ELSE CASE WHEN ${both('five', a, b)} THEN 90 ELSE 0 END + CASE WHEN ${both('four', a, b)} THEN 10 ELSE 0 END END`,
  },
  Title: {
    prepare: (of) => [
      [of('words'), wordsOnly(of('folded'))],
      [of('acronym'), acronymOf(of('words'))],
      [of('set'), `list_distinct(string_split(${of('words')}, ' '))`],
    ],
    score: (a, b) =>
      best(
        acronyms(a, b),
        percent(`len(list_intersect(${a('set')}, ${b('set')})) / greatest(len(${a('set')}), len(${b('set')}))`),
      ),
  },
};

/** What a method works out once a value, from `value` and `folded`. How names sound is looked up (`find-matches.ts`). */
export function preparedColumns(method: MatchingMethod, of: Named): Columns {
  return method === 'Exact' ? [] : FUZZY[method].prepare(of);
}

/** What a method works out once a pair. */
export function pairColumns(method: MatchingMethod, a: Named, b: Named, of: Named): Columns {
  return method === 'Exact' ? [] : (FUZZY[method].pair?.(a, b, of) ?? []);
}

/** The score of two values that are both there. The fuzzy algorithms work on Latin letters only. */
export function scoreSql(method: MatchingMethod, a: Named, b: Named, of: Named): string {
  if (method === 'Exact') return if100(`lower(${a('value')}) = lower(${b('value')})`);
  const same = method === 'Zip' || method === 'Phone' ? '' : `WHEN ${both('folded', a, b)} THEN 100`;
  return `CASE ${same} WHEN NOT (${a('plain')} AND ${b('plain')}) THEN 0 ELSE ${FUZZY[method].score(a, b, of)} END`;
}
