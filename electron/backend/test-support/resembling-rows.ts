import type { ResemblanceKind } from '../../../shared/domain/resemblance.ts';
import { madeUpName, POOLS, SHORT_FORMS, type NamePool } from './name-pools.ts';

export type MadeKind = 'Account' | 'Contact';
export type MadeRow = Partial<Record<ResemblanceKind, string>>;

export const MADE_KINDS: Readonly<Record<MadeKind, readonly ResemblanceKind[]>> = {
  Account: ['company', 'website', 'phone', 'street', 'city', 'postalCode'],
  Contact: ['firstName', 'lastName', 'email', 'phone', 'mobile', 'company', 'street', 'city', 'postalCode'],
};

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
export class Chance {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }
  is(share: number): boolean {
    return this.next() < share;
  }
  readonly pick = <T>(of: readonly T[]): T => of[this.below(of.length)] as T;
  /** The first are drawn more often, as names are. */
  readonly common = <T>(of: readonly T[]): T => of[Math.floor(this.next() ** 1.7 * of.length)] as T;
  digits(count: number): string {
    return Array.from({ length: count }, () => this.below(10)).join('');
  }
}

/** Mostly Latin letters, of every script some. */
function poolOf(chance: Chance): NamePool {
  const at = [0.6, 0.82, 0.9, 0.95, 1].findIndex((upTo) => chance.next() < upTo);
  return POOLS[at < 0 ? 0 : at] as NamePool;
}

interface MadeCompany extends Required<
  Pick<MadeRow, 'company' | 'website' | 'phone' | 'street' | 'city' | 'postalCode'>
> {
  readonly pool: NamePool;
}

/** The company of a number: always the same one of a seed. */
export function companyOf(seed: number, number: number): MadeCompany {
  const chance = new Chance(Math.imul(seed, 7919) ^ Math.imul(number + 1, 0x9e3779b1));
  const pool = poolOf(chance);
  const spaced = pool.domain === 'cn' ? '' : ' ';
  const name = [
    chance.common(pool.words),
    chance.is(0.5) ? madeUpName(chance.pick) : lastName(chance, pool),
    chance.pick(pool.words),
  ];
  const words = name.slice(0, chance.is(0.3) ? 2 : 3);
  const street = `${chance.common(pool.streets)} ${chance.below(180) + 1}`;
  const town = chance.common(pool.cities);
  return {
    pool,
    company: `${words.join(spaced)}${spaced}${chance.pick(pool.forms)}`.trim(),
    website: `https://www.${slug(words.join(''))}${number % 97}.${pool.domain}`,
    phone: phone(chance),
    street: pool.domain === 'com' ? street.replace(/^(.*) (\d+)$/, '$2 $1') : street,
    city: town,
    postalCode: String(
      10_000 + ((POOLS.indexOf(pool) * 20_011 + pool.cities.indexOf(town) * 997 + chance.below(40)) % 89_000),
    ),
  };
}

function lastName(chance: Chance, pool: NamePool): string {
  if (chance.is(0.25) && pool.last[1].length > 1) return madeUpName(chance.pick);
  return chance.common(pool.last[0]) + chance.common(pool.last[1]);
}

function phone(chance: Chance): string {
  return `+${chance.pick(['1', '49', '44', '7', '30'])} ${chance.below(800) + 100} ${chance.digits(3)} ${chance.digits(4)}`;
}

/** What is left of a text in an address on the net. */
function slug(text: string): string {
  const plain = text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
  const latin = plain.replaceAll(/[^a-z0-9]/g, (letter) =>
    /\p{L}/u.test(letter) ? ((letter.codePointAt(0) ?? 0) % 1296).toString(36) : '',
  );
  return latin === '' ? 'x' : latin;
}

function personOf(seed: number, number: number, pool: NamePool): { chance: Chance; first: string; last: string } {
  const chance = new Chance(Math.imul(seed, 104_729) ^ Math.imul(number + 1, 0x85ebca6b));
  return { chance, first: chance.common(pool.first), last: lastName(chance, pool) };
}

/** What tells a person's address from those of colleagues of the same name who were there before. */
function namesakes(seed: number, number: number, pool: NamePool): string {
  const name = (of: number) => {
    const { first, last } = personOf(seed, of, pool);
    return `${first} ${last}`;
  };
  const before = Array.from({ length: number % 6 }, (_, back) => name(number - back - 1));
  const same = before.filter((one) => one === name(number)).length;
  return same === 0 ? '' : String(same + 1);
}

/** One record that is a company or a person, of its number: colleagues share a company, and sometimes its phone. */
export function recordOf(kind: MadeKind, seed: number, number: number): MadeRow {
  if (kind === 'Account') {
    const { pool: _pool, ...company } = companyOf(seed, number);
    return company;
  }
  // Six of a company on the average; of some many more.
  const company = companyOf(seed, Math.floor(number / 6));
  const { chance, first, last } = personOf(seed, number, company.pool);
  const host = company.website.slice('https://www.'.length);
  return {
    firstName: first,
    lastName: last,
    // No two people have one address, at work or at a mail provider.
    email: chance.is(0.85)
      ? `${slug(first)}.${slug(last)}${namesakes(seed, number, company.pool)}@${host}`
      : `${slug(first)}${slug(last)}${number % 9973}@mail.example`,
    phone: chance.is(0.6) ? company.phone : phone(chance),
    ...(chance.is(0.6) && { mobile: phone(chance) }),
    company: company.company,
    street: company.street,
    city: company.city,
    postalCode: company.postalCode,
  };
}

/** One slip of a hand: a letter left out, doubled, another one, or two exchanged. */
export function slip(chance: Chance, text: string): string {
  const letters = [...text];
  if (letters.length < 2) return text;
  const at = chance.below(letters.length - 1);
  const way = chance.below(4);
  if (way === 0) letters.splice(at, 1);
  else if (way === 1) letters.splice(at, 0, letters[at] ?? '');
  else if (way === 2) letters[at] = /\d/.test(letters[at] ?? '') ? chance.digits(1) : chance.pick([...'aeiorstn']);
  else letters.splice(at, 2, letters[at + 1] ?? '', letters[at] ?? '');
  return letters.join('');
}

const LATIN = /^[\p{Script=Latin}\s\d.,&'’-]+$/u;

/** The same company or person as somebody else would have entered it: each thing by its own chance. */
export function againOf(kind: MadeKind, seed: number, number: number): MadeRow {
  const chance = new Chance(Math.imul(seed, 15_485_863) ^ Math.imul(number + 1, 0xc2b2ae35));
  const row = { ...recordOf(kind, seed, number) };
  if (kind === 'Contact') changePerson(chance, row, seed);
  changePlace(chance, row);
  if (row.company !== undefined && chance.is(0.35)) row.company = otherForm(chance, row.company);
  if (row.company !== undefined && chance.is(0.08)) row.company = slip(chance, row.company);
  if (row.website !== undefined && chance.is(0.3))
    row.website =
      row.website.replace('https://www.', chance.pick(['', 'www.', 'http://'])) + chance.pick(['', '/', '/home']);
  if (row.website !== undefined && chance.is(0.15)) delete row.website;
  if (row.phone !== undefined && chance.is(0.5))
    row.phone = row.phone.replaceAll(/[^\d]/g, '').replace(/^(?:49|44|30|7|1)/, '0');
  if (row.phone !== undefined && chance.is(0.15)) delete row.phone;
  if (row.phone !== undefined && chance.is(0.04)) row.phone = slip(chance, row.phone);
  return row;
}

function otherForm(chance: Chance, company: string): string {
  const pool = POOLS.find(({ forms }) => forms.some((form) => form !== '' && company.endsWith(form)));
  const form = pool?.forms.find((one) => one !== '' && company.endsWith(one));
  if (!pool || form === undefined) return chance.is(0.5) ? company.toUpperCase() : company;
  return `${company.slice(0, -form.length)}${chance.pick(pool.forms)}`.trim();
}

function changePlace(chance: Chance, row: MadeRow): void {
  if (row.street !== undefined && chance.is(0.12)) row.street = slip(chance, row.street);
  if (row.street !== undefined && chance.is(0.3))
    row.street = row.street
      .replace('Street', 'St.')
      .replace('Avenue', 'Ave')
      .replace('Road', 'Rd')
      .replace('straße', 'str.');
  if (chance.is(0.1)) delete row.street;
  if (row.city !== undefined && chance.is(0.05)) row.city = slip(chance, row.city);
  if (chance.is(0.08)) delete row.postalCode;
  // Moved.
  if (chance.is(0.05)) {
    row.street = `${chance.below(200)} ${chance.pick(['New Street', 'Elsewhere Road', 'Harbour Lane'])}`;
    row.city = chance.pick(['Newtown', 'Otherham', 'Lakeside']);
    row.postalCode = chance.digits(5);
  }
}

function changePerson(chance: Chance, row: MadeRow, seed: number): void {
  const { firstName: first = '', lastName: last = '' } = row;
  const short = SHORT_FORMS[first];
  if (short !== undefined && chance.is(0.25)) row.firstName = short;
  else if (chance.is(0.06)) row.firstName = slip(chance, first);
  else if (chance.is(0.03)) row.firstName = [...first][0] ?? first;
  if (chance.is(0.07)) row.lastName = slip(chance, last);
  // An accent nobody found on the keyboard.
  if (LATIN.test(last) && chance.is(0.2))
    row.lastName = (row.lastName ?? '').normalize('NFD').replaceAll(/\p{M}/gu, '');
  if (chance.is(0.03)) [row.firstName, row.lastName] = [row.lastName ?? '', row.firstName ?? ''];
  if (chance.is(0.2)) delete row.email;
  else if (chance.is(0.05)) row.email = slip(chance, row.email ?? '');
  else if (chance.is(0.08)) row.email = `${slug(first)}${slug(last)}${chance.digits(2)}@mail.example`;
  if (chance.is(0.25)) delete row.mobile;
  // Works elsewhere now: what was the company's is another's.
  if (chance.is(0.04)) {
    const { pool: _pool, website: _website, ...company } = companyOf(seed, 10_000_000 + chance.below(1000));
    Object.assign(row, company);
  }
}

/** What a row of a made file is: the number of the record that it is again, or none. */
export interface MadeFile {
  readonly records: Iterable<readonly [key: string, row: MadeRow]>;
  readonly rows: Iterable<readonly [key: string, row: MadeRow]>;
  /** How many of the rows are a record again. Their keys are those of the record. */
  readonly again: number;
}

/**
 * An org of records and a file of rows, of which a share are records again. Of the others half are colleagues of people in the org, and
 * half of companies that it does not know. Keys are numbers of companies or people: equal ones are the same.
 */
export function madeFile(
  kind: MadeKind,
  { seed, records, rows, share }: { seed: number; records: number; rows: number; share: number },
): MadeFile {
  // Five of six people of a company are in the org.
  const inOrg = (at: number) => Math.floor(at / 5) * 6 + (at % 5);
  const again = Math.round(rows * share);
  const companies = Math.floor(records / 5);
  return {
    again,
    records: (function* () {
      for (let at = 0; at < records; at++) yield [String(inOrg(at)), recordOf(kind, seed, inOrg(at))] as const;
    })(),
    rows: (function* () {
      for (let at = 0; at < rows; at++) {
        // Records are taken from all over the org.
        const number = at < again ? inOrg(Math.floor((at * records) / again)) : null;
        if (number !== null) yield [String(number), againOf(kind, seed, number)] as const;
        else {
          const other = at % 2 === 0 && at < companies ? at * 6 + 5 : (companies + 1) * 6 + at;
          yield [String(other), recordOf(kind, seed, other)] as const;
        }
      }
    })(),
  };
}
