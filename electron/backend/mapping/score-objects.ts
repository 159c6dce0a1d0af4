import type { MappingReason, Operation } from '../../../shared/domain/field-mapping.ts';
import { isRequiredOnCreate, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import { fieldsOf } from './described-fields.ts';
import { SAYS_NOTHING, type Found } from './find-target.ts';
import { findTargets } from './suggest-mapping.ts';
import { ColumnValues } from './value-fit.ts';
import { fold } from './vocabulary/fold.ts';
import { wordsFor } from './vocabulary/vocabulary.ts';

/** The objects that files are most often for, the commonest first: where nothing else tells, one of them. */
const COMMON_OBJECTS = ['Account', 'Contact', 'Lead', 'Opportunity', 'Case', 'Campaign', 'Product2', 'Task'];

export function commonness(name: string): number {
  const at = COMMON_OBJECTS.indexOf(name);
  return at < 0 ? 0 : 0.2 - at * 0.02;
}

/** How much a column that finds a field says for the object; one that many objects have a field for says less. */
const WORTH: Partial<Record<MappingReason, number>> = {
  name: 2.6,
  relationship: 2.6,
  label: 2.4,
  synonym: 2,
  content: 1.2,
};
const MISSING_REQUIRED = 0.8;
const OWN_ID_BY_NAME = 4;
const NAMED_BY_FILE = 1.3;
const LONGER_NAME = 0.4;
/** A column that one object alone has a field for may be chance; beyond this it says no more. */
const RAREST = 6;
const PERSON_COLUMN = 0.35;
const PERSON_FIELDS = /^(?:FirstName|LastName|Salutation|Birthdate|Title|MobilePhone|HomePhone)$/;

export interface ObjectGuess {
  readonly objectName: string;
  /** How many columns find a field. */
  readonly matched: number;
  /** Upsert where the file has an external id, update where it has record ids, insert where it has no key. */
  readonly operation: Operation;
  readonly score: number;
}

/** Runs of up to three words of a file's name, folded, `HubSpot-CRM-all_contacts.csv` → …, `contacts`, `allcontacts`. */
function namesIn(fileName: string): Map<string, number> {
  const words = fileName
    .replace(/\.\w+$/, '')
    .replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ')
    .split(/[^\p{L}]+/u)
    .map(fold)
    .filter((word) => word !== '');
  const runs = new Map<string, number>();
  for (let from = 0; from < words.length; from += 1) {
    for (let length = 1; length <= 3 && from + length <= words.length; length += 1) {
      const run = words.slice(from, from + length).join('');
      runs.set(run, length);
      runs.set(run.replace(/s$/, ''), length);
    }
  }
  return runs;
}

/** What the name of a file says for an object: nothing, or more the more words of it are the object's. */
function namedBy(fileName: string, describe: Pick<SObjectDescribe, 'name' | 'label' | 'labelPlural'>): number {
  const runs = namesIn(fileName);
  const lengths = [...wordsFor(describe)].map((word) => {
    // Languages that write no spaces have no words to compare.
    if (/[^\p{Script=Latin}\p{N}]/u.test(word)) return fold(fileName).includes(word) ? word.length / 2 : 0;
    return runs.get(word) ?? 0;
  });
  const longest = Math.max(0, ...lengths);
  return longest === 0 ? 0 : NAMED_BY_FILE + (longest - 1) * LONGER_NAME;
}

/** Which operation a file is for, from the keys it has: no key, no record to match. */
function operationFor(describe: SObjectDescribe, found: readonly Found[]): Operation {
  const filled = new Set(found.flatMap(({ target }) => (target.kind === 'field' ? [target.field] : [])));
  const keys = describe.fields.filter((field) => filled.has(field.name));
  if (keys.some((field) => field.type === 'id')) return 'update';
  return keys.some((field) => field.externalId) ? 'upsert' : 'insert';
}

function isPerson(describe: SObjectDescribe): boolean {
  return describe.fields.some(({ name }) => name === 'LastName');
}

interface Try {
  readonly describe: SObjectDescribe;
  readonly found: readonly Found[];
  readonly taken: ReadonlyMap<string, number>;
}

/**
 * What columns about people say against objects that aren't people. A first and a last name after a company are its contact;
 * before it, or with a birthday or a mobile phone, or without a company, the rows are people.
 */
function personColumns(tries: readonly Try[]): number {
  const people = tries.filter(({ describe, taken }) => isPerson(describe) && taken.has('LastName'));
  const most = Math.max(
    0,
    ...people.map(({ taken }) => [...taken.keys()].filter((name) => PERSON_FIELDS.test(name)).length),
  );
  const company = Math.min(Infinity, ...people.map(({ taken }) => taken.get('Company') ?? Infinity));
  const lastName = Math.min(Infinity, ...people.map(({ taken }) => taken.get('LastName') ?? Infinity));
  return most > 2 || (most === 2 && lastName < company) ? most * PERSON_COLUMN : 0;
}

/** Required fields that no column fills, and that none can fill whose header says nothing. */
function missing({ describe, found, taken }: Try, columns: readonly SourceColumn[]): number {
  if (taken.has('Id')) return 0;
  const unread = columns.filter(
    ({ name }, at) => found[at]?.target.kind === 'ignored' && SAYS_NOTHING.test(fold(name)),
  ).length;
  const required = describe.fields.filter((field) => isRequiredOnCreate(field) && !taken.has(field.name)).length;
  return Math.max(0, required - unread);
}

/** What a file's name says for an object. A file of customers whose rows are people is a file of contacts. */
function named(fileName: string, { describe }: Try, tries: readonly Try[], person: number): number {
  const account = describe.name === 'Contact' && person > 0 && tries.find((other) => other.describe.name === 'Account');
  return Math.max(namedBy(fileName, describe), account ? namedBy(fileName, account.describe) : 0);
}

/** All objects with how well each fits a file's columns, values and name, the best first. */
export function scoreObjects(
  describes: readonly SObjectDescribe[],
  keyPrefixes: ReadonlyMap<string, string>,
  columns: readonly SourceColumn[],
  /** A few values a column, by column index. */
  examples: readonly (readonly string[])[],
  fileName: string,
): ObjectGuess[] {
  const values = columns.map(({ index }) => new ColumnValues(examples[index] ?? []));
  const tries = describes.map((describe): Try => {
    const prefixes = { own: describe.keyPrefix, of: keyPrefixes };
    const around = { fields: fieldsOf(describe, 'upsert'), parents: new Map<string, SObjectDescribe>(), prefixes };
    return { describe, ...findTargets(columns, values, around, 'upsert') };
  });
  const finders = columns.map((_, at) => tries.filter(({ found }) => found[at]?.target.kind !== 'ignored').length);
  // A column that no object has a field for says nothing for or against any, however many there are of them.
  const telling = Math.max(1, finders.filter((count) => count > 0).length);
  const person = personColumns(tries);
  return tries
    .map((tried): ObjectGuess => {
      const { describe, found, taken } = tried;
      const worth = found.reduce((sum, { target, reason }, at) => {
        if (target.kind === 'ignored') return sum;
        return sum + (WORTH[reason] ?? 0) * Math.log(1 + Math.min(RAREST, tries.length / (finders[at] ?? 1)));
      }, 0);
      const idAt = taken.get('Id') ?? -1;
      const ownId = found[idAt]?.reason === 'name' && !values[idAt]?.empty ? OWN_ID_BY_NAME : 0;
      const against = missing(tried, columns) * MISSING_REQUIRED + (isPerson(describe) ? 0 : person);
      const spokenFor = worth / telling + ownId + named(fileName, tried, tries, person);
      return {
        objectName: describe.name,
        matched: taken.size,
        operation: operationFor(describe, found),
        score: spokenFor + commonness(describe.name) - against,
      };
    })
    .sort((a, b) => b.score - a.score);
}

/** What a file's name and headers say for an object before its fields are known, to choose whom to ask about. */
export function likelihood(
  object: Pick<SObjectDescribe, 'name' | 'label' | 'labelPlural' | 'keyPrefix'>,
  columns: readonly SourceColumn[],
  examples: readonly (readonly string[])[],
  fileName: string,
): number {
  const words = wordsFor(object);
  const headed = columns.some(({ name }) => [...words].some((word) => fold(name).startsWith(word)));
  const ids = columns.some(({ index }) => new ColumnValues(examples[index] ?? []).idsOf(object.keyPrefix));
  return namedBy(fileName, object) + (headed ? 1 : 0) + (ids ? 2 : 0);
}
