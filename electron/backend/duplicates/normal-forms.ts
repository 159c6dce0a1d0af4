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

/** Lower-case Latin letters where a letter has some; ideographs and the like stay. German umlauts are one letter, however they are written. */
function foldSql(sql: string): string {
  const folded = `CASE WHEN strlen(${sql}) <> length(${sql}) THEN ${latinSql(sql)} ELSE lower(${sql}) END`;
  return UMLAUTS.reduce((text, [two, one]) => `replace(${text}, '${two}', '${one}')`, folded);
}

const blankToNull = (sql: string): string => `nullif(trim(${sql}), '')`;

/** What separates words, and what is written within one ("S.A.", "O'Brien"), in most texts: `translate` is ten times as fast as a pattern. */
const SEPARATORS = ',-/&()+:;"_#*|';
const WITHIN = `.'’`;
const SPACES = ' '.repeat(SEPARATORS.length);

/** Words of letters and digits with one space between; a point or an apostrophe within a word is none ("S.A.", "O'Brien"). */
function wordsSql(sql: string): string {
  const most = `translate(${foldSql(sql)}, ${quoteText(SEPARATORS + WITHIN)}, '${SPACES}')`;
  return blankToNull(
    `CASE WHEN regexp_full_match(${most}, '[a-z0-9]+( [a-z0-9]+)*') THEN ${most} ELSE regexp_replace(${most}, '[^\\pL\\pN]+', ' ', 'g') END`,
  );
}

/** What a company is in law, which is written in one list and not in the next, as `wordsSql` leaves it. */
const LEGAL_FORMS =
  'inc|incorporated|corp|corporation|co|company|ltd|limited|llc|llp|lp|plc|pty|pvt|gmbh|mbh|ag|kg|kgaa|ohg|ug|gbr|ev|se|sa|sas|sarl|' +
  'srl|spa|snc|bv|nv|oy|oyj|ab|as|asa|aps|sp z oo|spolka|sro|kft|zrt|doo|ooo|oao|zao|pao|ao|ae|epe|ike|kk|ltda|sl|slu|cv|sab|holding|group|the|and|und|et';
/** Those written without a space, of Chinese, Japanese and Korean names. */
const JOINED_FORMS = '股份有限公司|有限责任公司|有限公司|株式会社|合同会社|주식회사|公司';

function companySql(sql: string): string {
  const words = `coalesce(${wordsSql(sql)}, '')`;
  const bare = `regexp_replace(regexp_replace(${words}, '${JOINED_FORMS}', '', 'g'), '\\b(${LEGAL_FORMS})\\b', '', 'g')`;
  // A name that is nothing else keeps it.
  return `coalesce(${blankToNull(`regexp_replace(${bare}, ' +', ' ', 'g')`)}, ${wordsSql(sql)})`;
}

const digitsSql = (sql: string): string => {
  const most = `translate(${sql}, '+-()./ ', '')`;
  return `CASE WHEN regexp_full_match(${most}, '[0-9]*') THEN ${most} ELSE regexp_replace(${most}, '[^0-9]+', '', 'g') END`;
};

/** The last nine digits: a number with its country's code and one with a leading zero end alike. */
function phoneSql(sql: string): string {
  // What is dialled after the number.
  const bare = `CASE WHEN regexp_matches(${sql}, '[a-zA-Z#;]') THEN regexp_replace(lower(${sql}), '(ext|x|#|;).*$', '') ELSE ${sql} END`;
  const digits = digitsSql(bare);
  return `CASE WHEN length(${digits}) >= 6 THEN right(${digits}, 9) END`;
}

/** The host that a website is at. */
function hostSql(sql: string): string {
  return blankToNull(`regexp_extract(lower(trim(${sql})), '^(?:[a-z]+://)?(?:www[0-9]?\\.)?([^/:?#\\s]+)', 1)`);
}

/** An email without what is written after a plus: it is the same mailbox (RFC 5233, "subaddress"). */
function emailSql(sql: string): string {
  const plain = `regexp_replace(lower(trim(${sql})), '\\+[^@]*@', '@')`;
  return `CASE WHEN contains(${plain}, '@') THEN ${plain} END`;
}

const STREET_WORDS: readonly (readonly [string, string])[] = [
  ['street|str', 'st'],
  ['avenue|av', 'ave'],
  ['road', 'rd'],
  ['boulevard', 'blvd'],
  ['drive', 'dr'],
  ['lane', 'ln'],
  ['place', 'pl'],
];

/** Street words in one form; German ones are written to the name they belong to. */
function streetSql(sql: string): string {
  const joined = `regexp_replace(coalesce(${wordsSql(sql)}, ''), '(strasse|str)\\b', 'st', 'g')`;
  return blankToNull(
    STREET_WORDS.reduce((text, [from, to]) => `regexp_replace(${text}, '\\b(${from})\\b', '${to}', 'g')`, joined),
  );
}

const compactSql = (sql: string): string => blankToNull(`replace(${wordsSql(sql)}, ' ', '')`);

const TEXT_FORMS = Object.fromEntries(TEXT_KINDS.map((kind) => [kind, wordsSql])) as Record<
  (typeof TEXT_KINDS)[number],
  (sql: string) => string
>;

const FORMS: Readonly<Record<ResemblanceKind, (sql: string) => string>> = {
  firstName: wordsSql,
  lastName: wordsSql,
  company: companySql,
  email: emailSql,
  phone: phoneSql,
  mobile: phoneSql,
  website: hostSql,
  street: streetSql,
  city: wordsSql,
  postalCode: compactSql,
  state: wordsSql,
  birthDate: (sql) => blankToNull(digitsSql(sql)),
  identifier: compactSql,
  ...TEXT_FORMS,
};

/** The form in which values of a kind are compared, of SQL that gives a VARCHAR; NULL where nothing is left. */
export function normalFormSql(kind: ResemblanceKind, sql: string): string {
  return FORMS[kind](sql);
}

/** More columns that are made of the normal forms: each by its name, as SQL over those. */
export const DERIVED: readonly (readonly [name: string, sql: string])[] = [
  ['w_company', `split_part(company, ' ', 1)`],
  // Ideographs have no spaces between words: each counts as one.
  [
    'tokens',
    `list_distinct(list_filter(string_split(regexp_replace(company, '([\\p{Han}\\p{Hiragana}\\p{Katakana}\\p{Hangul}])', ' \\1 ', 'g'), ' '), lambda word: word <> ''))`,
  ],
  ['house', `nullif(regexp_extract(street, '\\b([0-9]+)', 1), '')`],
  ['mailbox', `split_part(email, '@', 1)`],
  ['domain', `split_part(email, '@', 2)`],
];
