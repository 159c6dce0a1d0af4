import { NAME_VARIANTS } from '../../../../shared/domain/name-variants.ts';
import { editDistance, jaroWinkler, keyboardDistance } from './distances.ts';
import { companyWords, fold, isPlain, soundOf, streetOf, wordsOnly } from './texts.ts';

/** MatchingRuleItem.MatchingMethod (Object Reference, "MatchingRuleItem"). */
export const MATCHING_METHODS = [
  'Exact',
  'FirstName',
  'LastName',
  'CompanyName',
  'Phone',
  'City',
  'Street',
  'Zip',
  'Title',
] as const;
export type MatchingMethod = (typeof MATCHING_METHODS)[number];

/** The scores from which on two values match (Salesforce Help, "Matching Methods Used in Matching Rules", Threshold). */
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

/** Scores are whole numbers, as in the Help's examples: "VP Sales" and "VP of Sales" have 73. */
const percent = (share: number): number => Math.round(share * 100 + 1e-9);

/** Edit Distance. */
function edits(one: string | readonly string[], other: string | readonly string[]): number {
  const longest = Math.max(one.length, other.length);
  return longest === 0 ? 100 : percent(1 - editDistance(one, other) / longest);
}

/** Acronym: "Advanced Micro Devices and its acronym AMD" score 100. */
function acronym(one: string, other: string): number {
  const made = (words: string): string =>
    words.includes(' ')
      ? words
          .split(' ')
          .map((word) => word.charAt(0))
          .join('')
      : '';
  const [first, second] = [made(one), made(other)];
  return (first !== '' && first === other) || (second !== '' && second === one) ? 100 : 0;
}

/** Initials: "the first name Jonathan and its initial J match and return a match score of 100". */
function initials(one: string, other: string): number {
  const [a, b] = [one.replace(/\.$/, ''), other.replace(/\.$/, '')];
  return Math.min(a.length, b.length) === 1 && a.charAt(0) === b.charAt(0) ? 100 : 0;
}

const VARIANTS = new Map<string, Set<number>>();
for (const [group, names] of NAME_VARIANTS.entries())
  for (const name of names) VARIANTS.set(name, (VARIANTS.get(name) ?? new Set()).add(group));

function variants(one: string, other: string): number {
  const [a, b] = [VARIANTS.get(one), VARIANTS.get(other)];
  return a && b && [...a].some((group) => b.has(group)) ? 100 : 0;
}

function soundAlike(one: string, other: string): number {
  const sound = soundOf(one);
  return sound !== '' && sound === soundOf(other) ? 100 : 0;
}

/** Syllable Alignment: the words as syllables, compared by the edit distance of those. */
function syllables(words: string): string[] {
  return words.match(/[^aeiouy ]*[aeiouy]+(?:[^aeiouy ]+\b)?|[^aeiouy ]+/g) ?? [];
}

/** "Kullback Liebler Distance": the share of words in common. */
function wordsInCommon(one: string, other: string): number {
  const [a, b] = [new Set(one.split(' ')), new Set(other.split(' '))];
  return percent([...a].filter((word) => b.has(word)).length / Math.max(a.size, b.size));
}

/**
 * "International code (Exact, 10% of field's match score), Area code (Exact, 50%), Next 3 digits (Exact, 30%), Last 4 digits
 * (Exact, 10%)" (Salesforce Help, as above). A number without a country's code is a North American one; numbers that have
 * no such sections are compared whole.
 */
function phone(one: string, other: string): number {
  const [a, b] = [one.replace(/\D/g, ''), other.replace(/\D/g, '')];
  if (a === b) return a === '' ? 0 : 100;
  if (a.length < 10 || b.length < 10) return 0;
  const sections = (digits: string): string[] => [
    digits.slice(0, -10) || '1',
    digits.slice(-10, -7),
    digits.slice(-7, -4),
    digits.slice(-4),
  ];
  const there = sections(b);
  return sections(a).reduce(
    (sum, part, place) => sum + (part === there[place] ? ([10, 50, 30, 10][place] ?? 0) : 0),
    0,
  );
}

/** Street name 50 %, number 20 %, suffix and suite 15 % each; sections that both lack agree. */
function street(one: string, other: string): number {
  const [a, b] = [streetOf(one), streetOf(other)];
  const same = (part: 'number' | 'suffix' | 'suite', weight: number): number => (a[part] === b[part] ? weight : 0);
  return Math.round(edits(a.name, b.name) * 0.5 + 1e-9) + same('number', 20) + same('suffix', 15) + same('suite', 15);
}

/**
 * The first five digits 90 %, the last four 10 %. Codes with letters never match: "we only support US zip codes for fuzzy
 * match" (Knowledge 000247089).
 */
function zip(one: string, other: string): number {
  const [a, b] = [/^(\d{5})(?:[- ]?(\d{4}))?$/.exec(one), /^(\d{5})(?:[- ]?(\d{4}))?$/.exec(other)];
  if (!a || !b) return 0;
  return (a[1] === b[1] ? 90 : 0) + (a[2] === b[2] ? 10 : 0);
}

type Fuzzy = Exclude<MatchingMethod, 'Exact'>;
const FUZZY: Readonly<Record<Fuzzy, (one: string, other: string) => number>> = {
  FirstName: (a, b) => Math.max(initials(a, b), variants(a, b), soundAlike(a, b), percent(jaroWinkler(a, b))),
  LastName: (a, b) => Math.max(soundAlike(a, b), percent(1 - keyboardDistance(a, b) / Math.max(a.length, b.length))),
  CompanyName: (a, b) => {
    const [one, other] = [companyWords(a), companyWords(b)];
    return Math.max(acronym(one, other), edits(syllables(one), syllables(other)));
  },
  Phone: phone,
  City: edits,
  Street: street,
  Zip: zip,
  Title: (a, b) => {
    const [one, other] = [wordsOnly(a), wordsOnly(b)];
    return Math.max(acronym(one, other), wordsInCommon(one, other));
  },
};

/** How alike two values are, 0 to 100: the best of what the method's algorithms say. Neither may be blank. */
export function matchScore(method: MatchingMethod, one: string, other: string): number {
  if (method === 'Exact') return one.trim().toLowerCase() === other.trim().toLowerCase() ? 100 : 0;
  const [a, b] = [fold(one), fold(other)];
  if (method !== 'Zip' && method !== 'Phone' && a === b) return 100;
  return isPlain(a) && isPlain(b) ? FUZZY[method](a, b) : 0;
}
