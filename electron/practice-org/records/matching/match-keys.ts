import { companyWords, fold, soundOf, streetOf, wordsOnly } from './texts.ts';
import type { MatchingMethod } from './methods.ts';

/** A part of a match key: which item's value, and how it is normalized. */
export interface KeyPart {
  /** From 0. */
  readonly item: number;
  readonly normalise: (value: string) => string;
}

export interface KeyItem {
  readonly field: string;
  readonly method: MatchingMethod;
}

const firstLetter = (value: string): string => wordsOnly(fold(value)).charAt(0);

/** "Company (2,5)": of two words five letters each. */
function company(value: string): string {
  const words = companyWords(fold(value)).split(' ').slice(0, 2);
  return words.map((word) => word.slice(0, 5)).join('');
}

/** "Phone (drop leading 1 and last four digits)": 1-415-555-1234 is 415555. */
function phone(value: string): string {
  return value.replace(/\D/g, '').replace(/^1/, '').slice(0, -4);
}

/** "123 Maple Avenue" is 123maple. */
function street(value: string): string {
  const { number, name } = streetOf(fold(value));
  return number + (name.split(' ')[0] ?? '');
}

/** "john_doe@us.ibm.com = johndoe@ibm.com": no marks in the name, and the domain's last two labels. */
function email(value: string): string {
  const [name = '', domain = ''] = fold(value).split('@');
  return domain === '' ? '' : `${name.replace(/[^a-z0-9]/g, '')}@${domain.split('.').slice(-2).join('.')}`;
}

const emailDomain = (value: string): string => email(value).replace(/^[^@]*/, '');

/** How the values of a method are normalized for keys (Salesforce Help, "Normalization Criteria for Match Keys"); a title makes none. */
const NORMALISE: Readonly<Record<Exclude<MatchingMethod, 'Title'>, (value: string) => string>> = {
  Exact: (value) => value.trim().toLowerCase(),
  FirstName: firstLetter,
  LastName: (value) => soundOf(fold(value)),
  CompanyName: company,
  Phone: phone,
  City: (value) =>
    fold(value)
      .replace(/[^a-z0-9]/g, '')
      .slice(0, 6),
  Street: street,
  Zip: (value) => value.trim().slice(0, 3),
};

/**
 * The keys of the standard rules for contacts and leads: Email; First_Name (1,1) Last_Name Email; First_Name (1,1) Last_Name
 * Company (2,5); First_Name (1,1) Last_Name Phone (Salesforce Help, "Standard Contact Matching Rule and Standard Lead Matching Rule").
 */
function personKeys(items: readonly KeyItem[]): KeyPart[][] {
  const of = (method: MatchingMethod): number => items.findIndex((item) => item.method === method);
  const name = [
    { item: of('FirstName'), normalise: firstLetter },
    { item: of('LastName'), normalise: NORMALISE.LastName },
  ];
  const mail = items.findIndex(({ field }) => field === 'Email');
  return [
    [{ item: mail, normalise: email }],
    [...name, { item: mail, normalise: emailDomain }],
    [...name, { item: of('CompanyName'), normalise: company }],
    [...name, { item: of('Phone'), normalise: phone }],
  ];
}

/**
 * The keys two records of which one has to be the same before a rule compares them: the documented ones of a standard rule
 * for people, else one for each way of the equation from all its fields but titles (Salesforce Help, "How Match Keys Are
 * Generated and Used in Matching Rules"). A way of nothing but titles has an empty key, which everything shares.
 */
export function matchKeysOf(
  items: readonly KeyItem[],
  ways: readonly (readonly number[])[],
  standardPerson: boolean,
): KeyPart[][] {
  if (standardPerson) return personKeys(items);
  return ways.map((way) =>
    way.flatMap((number) => {
      const method = items[number - 1]?.method ?? 'Title';
      return method === 'Title' ? [] : [{ item: number - 1, normalise: NORMALISE[method] }];
    }),
  );
}
