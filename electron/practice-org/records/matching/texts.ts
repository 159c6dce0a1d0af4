/** Lower case without accents and without white space around it. */
export function fold(value: string): string {
  return value
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
}

/**
 * Whether the fuzzy algorithms have something to work on. They are made for Latin letters: "If you're using international
 * data, we recommend you use the Exact matching method" (Salesforce Help, "Matching Methods Used in Matching Rules").
 */
export function isPlain(folded: string): boolean {
  for (let place = 0; place < folded.length; place++) if (folded.charCodeAt(place) > 0x7f) return false;
  return true;
}

/** Letters and digits with single spaces between the words. */
export function wordsOnly(folded: string): string {
  return folded.replace(/[^a-z0-9]+/g, ' ').trim();
}

const LEGAL_FORMS = new Set(
  'inc incorporated corp corporation co company llc llp lp ltd limited plc pty gmbh ag kg ohg sa sas sarl srl spa bv nv oy ab as aps'.split(
    ' ',
  ),
);

/** "Removes words such as Inc and Corp before comparing fields" (Salesforce Help, "Matching Methods …", Company Name). */
export function companyWords(folded: string): string {
  const words = wordsOnly(folded).split(' ');
  const left = words.filter((word) => !LEGAL_FORMS.has(word));
  return (left.length > 0 ? left : words).join(' ');
}

/** What each rewriting makes of what is left, in order; capitals are sounds that are settled. */
const SOUNDS: readonly (readonly [RegExp, string])[] = [
  [/mb$/, 'm'],
  [/tch/g, 'X'],
  [/sch/g, 'X'],
  [/ch/g, 'X'],
  [/c(?=[iey])/g, 'S'],
  [/ck|[ckq]/g, 'K'],
  [/dg(?=[iey])/g, 'J'],
  [/gh(?![aeiou])/g, ''],
  [/g(?=[iey])/g, 'J'],
  [/gh|g/g, 'K'],
  [/ph/g, 'F'],
  [/sh/g, 'X'],
  [/th/g, '0'],
  [/[dt]/g, 'T'],
  [/[bp]/g, 'P'],
  [/[fv]/g, 'F'],
  [/x/g, 'KS'],
  [/[sz]/g, 'S'],
  [/j/g, 'J'],
  [/l/g, 'L'],
  [/m/g, 'M'],
  [/n/g, 'N'],
  [/r/g, 'R'],
];

/** The first letter that some silent beginnings stand for. */
const SILENT = new Map([
  ['ae', 'e'],
  ['gn', 'n'],
  ['kn', 'n'],
  ['pn', 'n'],
  ['wr', 'r'],
]);

/**
 * How a name sounds. Salesforce compares names by Metaphone 3, which is not published, and makes match keys by double
 * metaphone ("Doe = t", "Benioff = pnf": Salesforce Help, "Standard Contact Matching Rule …"): this is double metaphone's
 * treatment of the consonants, without its exceptions for single languages. Vowels count at the beginning only.
 */
export function soundOf(folded: string): string {
  const letters = folded.replace(/[^a-z]/g, '');
  const start = SILENT.get(letters.slice(0, 2));
  let text = (start ?? '') + (start === undefined ? letters : letters.slice(2));
  text = text.replace(/([abd-z])\1+/g, '$1').replace(/^x/, 's');
  for (const [pattern, sound] of SOUNDS) text = text.replace(pattern, sound);
  const [first = ''] = text;
  return (/[aeiouy]/.test(first) ? 'A' : '') + text.replace(/[a-z]/g, '');
}

const STREET_SUFFIXES = new Map(
  [
    'street st str',
    'avenue ave av',
    'road rd',
    'drive dr',
    'lane ln',
    'boulevard blvd',
    'court ct',
    'place pl',
    'square sq',
    'highway hwy',
    'parkway pkwy',
    'terrace ter',
    'way',
    'circle cir',
  ].flatMap((line) => line.split(' ').map((word, _place, all) => [word, all[0] ?? word] as const)),
);

export interface Street {
  readonly number: string;
  readonly name: string;
  readonly suffix: string;
  readonly suite: string;
}

/** A street's sections; those it doesn't have are empty. */
export function streetOf(folded: string): Street {
  let rest = wordsOnly(folded.replaceAll('#', ' unit '));
  const suite = /\b(?:suite|ste|apt|apartment|unit|room|rm|floor|fl) ([a-z0-9]+)/.exec(rest);
  if (suite) rest = rest.replace(suite[0], '').replace(/ +/g, ' ').trim();
  const number = /^([0-9][a-z0-9]*) /.exec(rest) ?? / ([0-9][a-z0-9]*)$/.exec(rest);
  if (number) rest = rest.replace(number[0], '').trim();
  const last = / ([a-z]+)$/.exec(rest);
  const suffix = STREET_SUFFIXES.get(last?.[1] ?? '');
  if (last && suffix !== undefined) rest = rest.slice(0, -last[0].length);
  return { number: number?.[1] ?? '', name: rest, suffix: suffix ?? '', suite: suite?.[1] ?? '' };
}
