import { TEXT_KINDS, type ResemblanceKind } from '../../../shared/domain/resemblance.ts';
import { quoteText } from '../tables/quote.ts';

/**
 * The forms in which values are compared, as DuckDB SQL over a VARCHAR. Everything is brought into lower-case Latin letters
 * and digits as far as there are such: DuckDB's `damerau_levenshtein` and `jaro_winkler_similarity` count bytes, so that one
 * Cyrillic letter would be two.
 */

/** Letters that become one each. Cyrillic after ISO 9 without its diacritics, Greek after ELOT 743. */
const LETTERS: readonly (readonly [string, string])[] = [
  ['абвгдезийклмнопрстуфыэіїєґ', 'abvgdeziiklmnoprstufyeiieg'],
  ['αβγδεζηικλμνξοπρσςτυω', 'avgdeziiklmnxoprsstyo'],
  ['øłđðıħŧ', 'olddiht'],
];

/** Letters that become several, or none. */
const LIGATURES: readonly (readonly [string, string])[] = [
  ['ß', 'ss'],
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['þ', 'th'],
  ['ж', 'zh'],
  ['х', 'kh'],
  ['ц', 'ts'],
  ['ч', 'ch'],
  ['щ', 'shch'],
  ['ш', 'sh'],
  ['ю', 'yu'],
  ['я', 'ya'],
  ['ь', ''],
  ['ъ', ''],
  ['θ', 'th'],
  ['φ', 'f'],
  ['χ', 'ch'],
  ['ψ', 'ps'],
];

/** How umlauts are written where there are none. */
export const UMLAUTS: readonly (readonly [string, string])[] = [
  ['ae', 'a'],
  ['oe', 'o'],
  ['ue', 'u'],
];

function latinSql(sql: string): string {
  const [from, to] = [0, 1].map((side) => LETTERS.map((pair) => pair[side]).join('')) as [string, string];
  const single = `translate(lower(strip_accents(lower(${sql}))), ${quoteText(from)}, ${quoteText(to)})`;
  return LIGATURES.reduce((text, [letter, latin]) => `replace(${text}, '${letter}', '${latin}')`, single);
}

/** One step on the way to a normal form: SQL over a column, which it may name as often as it likes. */
type Step = (column: string) => string;

const blankToNull = (sql: string): string => `nullif(trim(${sql}), '')`;
const isLatin = (column: string): string => `strlen(${column}) = length(${column})`;

/** What separates words, and what is written within one ("S.A.", "O'Brien"), in most texts: `translate` is ten times as fast as a pattern. */
const SEPARATORS = ',-/&()+:;"_#*|';
const WITHIN = `.'’`;
const SPACES = ' '.repeat(SEPARATORS.length);

const isWords = (column: string): string => `regexp_full_match(${column}, '[a-z0-9]+( [a-z0-9]+)*')`;

/**
 * Words of letters and digits with one space between: lower-case Latin letters where a letter has some, and German umlauts one letter,
 * however they are written; ideographs and the like stay. A point or an apostrophe within a word is none ("S.A.", "O'Brien").
 */
const WORDS: readonly Step[] = [
  (column) => `CASE WHEN ${isLatin(column)} THEN lower(${column}) ELSE ${latinSql(column)} END`,
  (column) => {
    const folded = UMLAUTS.reduce((text, [two, one]) => `replace(${text}, '${two}', '${one}')`, column);
    // Most texts are words already, and `translate` is as dear as all the rest.
    return `CASE WHEN ${isWords(column)} THEN ${folded} ELSE translate(${folded}, ${quoteText(SEPARATORS + WITHIN)}, '${SPACES}') END`;
  },
  (column) =>
    blankToNull(
      `CASE WHEN ${isWords(column)} THEN ${column} ELSE regexp_replace(${column}, '[^\\pL\\pN]+', ' ', 'g') END`,
    ),
];

/** What a company is in law, which is written in one list and not in the next, as `WORDS` leaves it. */
const LEGAL_FORMS =
  'inc|incorporated|corp|corporation|co|company|ltd|limited|llc|llp|lp|plc|pty|pvt|gmbh|mbh|ag|kg|kgaa|ohg|ug|gbr|ev|se|sa|sas|sarl|' +
  'srl|spa|snc|bv|nv|oy|oyj|ab|as|asa|aps|sp z oo|spolka|sro|kft|zrt|doo|ooo|oao|zao|pao|ao|ae|epe|ike|kk|ltda|sl|slu|cv|sab|holding|group|the|and|und|et';
/** Those written without a space, of Chinese, Japanese and Korean names. */
const JOINED_FORMS = '股份有限公司|有限责任公司|有限公司|株式会社|合同会社|주식회사|公司';

/** A name that is nothing else keeps its legal form. */
const withoutForms: Step = (column) => {
  const joined = `CASE WHEN ${isLatin(column)} THEN ${column} ELSE regexp_replace(${column}, '${JOINED_FORMS}', '', 'g') END`;
  const bare = `regexp_replace(${joined}, '\\b(${LEGAL_FORMS})\\b', '', 'g')`;
  return `coalesce(${blankToNull(`replace(replace(replace(${bare}, '    ', ' '), '   ', ' '), '  ', ' ')`)}, ${column})`;
};

const DIGITS: readonly Step[] = [
  (column) => `translate(${column}, '+-()./ ', '')`,
  (column) =>
    `CASE WHEN regexp_full_match(${column}, '[0-9]*') THEN ${column} ELSE regexp_replace(${column}, '[^0-9]+', '', 'g') END`,
];

/** The last nine digits: a number with its country's code and one with a leading zero end alike. */
const PHONE: readonly Step[] = [
  // What is dialled after the number.
  (column) =>
    `CASE WHEN regexp_matches(${column}, '[a-zA-Z#;]') THEN regexp_replace(lower(${column}), '(ext|x|#|;).*$', '') ELSE ${column} END`,
  ...DIGITS,
  (column) => `CASE WHEN length(${column}) >= 6 THEN right(${column}, 9) END`,
];

/** The host that a website is at. */
const HOST: readonly Step[] = [
  (column) => blankToNull(`regexp_extract(lower(trim(${column})), '^(?:[a-z]+://)?(?:www[0-9]?\\.)?([^/:?#\\s]+)', 1)`),
];

/** An email without what is written after a plus: it is the same mailbox (RFC 5233, "subaddress"). */
const EMAIL: readonly Step[] = [
  (column) => `lower(trim(${column}))`,
  (column) => `CASE WHEN contains(${column}, '+') THEN regexp_replace(${column}, '\\+[^@]*@', '@') ELSE ${column} END`,
  (column) => `CASE WHEN contains(${column}, '@') THEN ${column} END`,
];

const STREET_WORDS: readonly (readonly [string, string])[] = [
  ['street', 'st'],
  ['avenue', 'ave'],
  ['av', 'ave'],
  ['road', 'rd'],
  ['boulevard', 'blvd'],
  ['drive', 'dr'],
  ['lane', 'ln'],
  ['place', 'pl'],
];

/** Street words in one form; German ones are written to the name they belong to. */
const STREET: readonly Step[] = [
  ...WORDS,
  (column) => `replace(replace(' ' || ${column} || ' ', 'strasse ', 'st '), 'str ', 'st ')`,
  (column) =>
    blankToNull(STREET_WORDS.reduce((text, [from, to]) => `replace(${text}, ' ${from} ', ' ${to} ')`, column)),
];

const COMPACT: readonly Step[] = [...WORDS, (column) => `replace(${column}, ' ', '')`];

const TEXT_FORMS = Object.fromEntries(TEXT_KINDS.map((kind) => [kind, WORDS])) as Record<
  (typeof TEXT_KINDS)[number],
  readonly Step[]
>;

const FORMS: Readonly<Record<ResemblanceKind, readonly Step[]>> = {
  firstName: WORDS,
  lastName: WORDS,
  company: [...WORDS, withoutForms],
  email: EMAIL,
  phone: PHONE,
  mobile: PHONE,
  website: HOST,
  street: STREET,
  city: WORDS,
  postalCode: COMPACT,
  state: WORDS,
  birthDate: [...DIGITS, blankToNull],
  identifier: COMPACT,
  ...TEXT_FORMS,
};

const LAYERS = Math.max(...Object.values(FORMS).map((steps) => steps.length));

/**
 * A query that gives the `kept` columns of another and, of its columns named after kinds, the forms in which values are compared; NULL where
 * nothing is left. Each step is a query around the one before it: within one expression the engine would work out a step as often as it is named.
 */
export function normalFormsSql(kinds: readonly ResemblanceKind[], kept: readonly string[], from: string): string {
  let query = from;
  for (let layer = 0; layer < LAYERS; layer++) {
    const columns = kinds.map((kind) => {
      const step = FORMS[kind][layer];
      return step ? `${step(kind)} AS ${kind}` : kind;
    });
    query = `SELECT ${[...kept, ...columns].join(', ')} FROM (${query})`;
  }
  return query;
}

/** More columns that are made of the normal forms: each by its name, as SQL over the form of one kind. */
export const DERIVED: readonly (readonly [name: string, of: ResemblanceKind, sql: string])[] = [
  ['w_company', 'company', `split_part(company, ' ', 1)`],
  // Ideographs have no spaces between words: each counts as one.
  [
    'tokens',
    'company',
    `CASE WHEN ${isLatin('company')} THEN list_distinct(string_split(company, ' ')) ELSE
       list_distinct(list_filter(string_split(regexp_replace(company, '([\\p{Han}\\p{Hiragana}\\p{Katakana}\\p{Hangul}])', ' \\1 ', 'g'), ' '), lambda word: word <> '')) END`,
  ],
  ['house', 'street', `nullif(regexp_extract(street, '\\b([0-9]+)', 1), '')`],
  ['mailbox', 'email', `split_part(email, '@', 1)`],
  ['domain', 'email', `split_part(email, '@', 2)`],
];
