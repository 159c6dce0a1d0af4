import { isStandardPersonRule, type MatchingMethod, type MatchingRule } from './matching-rule.ts';
import type { Named } from './method-sql.ts';
import { wordsOnly } from './value-sql.ts';

const firstLetter = (of: Named): string => `left(${wordsOnly(of('folded'))}, 1)`;

/** Of two words five letters each. */
function company(of: Named): string {
  return `array_to_string(list_transform(list_slice(string_split(${of('words')}, ' '), 1, 2), lambda w: left(w, 5)), '')`;
}

/** Without a leading 1 and the last four digits. */
function phone(of: Named): string {
  const bare = `ltrim(left(${of('digits')}, 1), '1') || substring(${of('digits')}, 2)`;
  return `left(${bare}, greatest(length(${bare}) - 4, 0))`;
}

/** The domain's last two labels; '' for what is no address. */
const emailDomain = (of: Named): string => `regexp_extract(split_part(${of('folded')}, '@', 2), '([^.]*[.])?[^.]*$')`;
const email = (of: Named): string =>
  `CASE WHEN ${emailDomain(of)} = '' THEN '' ELSE regexp_replace(split_part(${of('folded')}, '@', 1), '[^a-z0-9]', '', 'g') || '@' || ${emailDomain(of)} END`;

/**
 * How values are normalized for match keys (Salesforce Help, "Normalization Criteria for Match Keys", and the keys of "Standard
 * Contact Matching Rule and Standard Lead Matching Rule"). "No match key is generated for the Title field".
 */
const NORMALISED: Readonly<Record<Exclude<MatchingMethod, 'Title'>, (of: Named) => string>> = {
  Exact: (of) => `lower(${of('value')})`,
  FirstName: firstLetter,
  LastName: (of) => of('sound'),
  CompanyName: company,
  Phone: phone,
  City: (of) => `left(regexp_replace(${of('folded')}, '[^a-z0-9]', '', 'g'), 6)`,
  Street: (of) => `${of('number')} || split_part(${of('name')}, ' ', 1)`,
  Zip: (of) => `left(${of('value')}, 3)`,
};

/** One key: the texts that have to be there, joined; null where one is missing. */
function keySql(number: number, parts: readonly string[]): string {
  const text = [`'${number}'`, ...parts.map((part) => `nullif(${part}, '')`)].join(` || chr(1) || `);
  return `(${text})`;
}

/**
 * The match keys of a record as a list. Two records are compared if they share one (Salesforce Help, "How Match Keys Are
 * Generated and Used in Matching Rules"). `of` names the prepared columns of an item.
 */
export function keysSql(rule: MatchingRule, of: (item: number) => Named): string {
  const keys = isStandardPersonRule(rule) ? personKeys(rule, of) : wayKeys(rule, of);
  return `list_filter([${keys.join(', ')}], lambda key: key IS NOT NULL)`;
}

function wayKeys(rule: MatchingRule, of: (item: number) => Named): string[] {
  return rule.ways.map((way, number) => {
    const parts = way.flatMap((place) => {
      const item = rule.items[place];
      if (!item || item.method === 'Title') return [];
      const made = NORMALISED[item.method](of(place));
      return [item.matchBlanks ? `CASE WHEN ${of(place)('value')} = '' THEN chr(2) ELSE ${made} END` : made];
    });
    return keySql(number, parts);
  });
}

function personKeys(rule: MatchingRule, of: (item: number) => Named): string[] {
  const named = (method: MatchingMethod): number => rule.items.findIndex((item) => item.method === method);
  const mail = rule.items.findIndex(({ field }) => field === 'Email');
  const person = [firstLetter(of(named('FirstName'))), NORMALISED.LastName(of(named('LastName')))];
  return [
    keySql(0, [email(of(mail))]),
    keySql(1, [...person, emailDomain(of(mail))]),
    keySql(2, [...person, company(of(named('CompanyName')))]),
    keySql(3, [...person, phone(of(named('Phone')))]),
  ];
}
