import type { MappingReason, MappingTarget } from '../../../shared/domain/field-mapping.ts';
import { isMatchField, type FieldDescribe, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { DescribedFields } from './described-fields.ts';
import { couldHold, denies, type ColumnValues, type KeyPrefixes } from './value-fit.ts';
import type { Concept } from './vocabulary/concepts.ts';
import { fold } from './vocabulary/fold.ts';
import { conceptsOf, scoped, scopedConceptsOf } from './vocabulary/vocabulary.ts';

/** Columns that result files put before the data: they come back when an error file is dropped in again. */
export const RESULT_COLUMNS = new Set(['sf__id', 'sf__error', 'sf__created', 'sf__outcome']);
/** Headers that a spreadsheet made up, or that say no more than where a column stands. */
export const SAYS_NOTHING =
  /^(?:(?:unnamed|column|col|field|feld|spalte|champ|campo|colonne|colonna|kolom|veld|列|value|wert|f|c)?\d*|[a-z]|value|wert|data)$/;
/** What tools write after a header that changes nothing: units, currencies, "value". */
const DECORATION = /\s*\((?:%|kg|m|months?|monate|mois|meses|mesi|maanden|utc|usd|eur|gbp|lcy|original name)\)\s*$/i;

export interface Found {
  readonly target: MappingTarget;
  readonly reason: MappingReason;
}

/** What is known while a file's columns are looked at: the object's fields and what its lookups point to. */
export interface Surroundings {
  readonly fields: DescribedFields;
  readonly parents: ReadonlyMap<string, SObjectDescribe>;
  readonly prefixes: KeyPrefixes;
}

/** `Account.ERP_Id__c`, `Account: ERP Id`, `Account__r.ERP_Id__c`, `Owner:User.Username`: a lookup by the parent's external id. */
function findLookup(name: string, { fields, parents }: Surroundings): MappingTarget | null {
  const match = /^\s*([\w ]+?)\s*[.:/]\s*(?:(\w+)\.)?([\w -]+?)\s*$/.exec(name);
  if (!match) return null;
  const relationship = fold(match[1] ?? '');
  const field = fields.describe.fields.find(
    (candidate) =>
      candidate.type === 'reference' &&
      candidate.relationshipName &&
      (fold(candidate.relationshipName) === relationship || fold(candidate.label) === relationship),
  );
  const relationshipName = field?.relationshipName;
  if (!field || !relationshipName) return null;
  const wanted = fold(match[3] ?? '');
  const found = (match[2] ? [match[2]] : field.referenceTo).flatMap((parentObject) => {
    const parentField = parents
      .get(parentObject.toLowerCase())
      ?.fields.find(
        (candidate) =>
          isMatchField(candidate) &&
          candidate.type !== 'id' &&
          (fold(candidate.name) === wanted || fold(candidate.label) === wanted),
      );
    return parentField ? [{ parentObject, parentField: parentField.name }] : [];
  });
  // A lookup that could mean two objects (M12) is left to be named by hand: `Owner:User.Username`.
  const [only] = found;
  if (!only || found.length > 1) return null;
  return { kind: 'lookup', field: field.name, relationshipName, ...only, polymorphic: field.referenceTo.length > 1 };
}

/** The readings of a folded header: as it stands, without a number or "value" at its end, without the object's own name before it. */
function readings(folded: string, fields: DescribedFields): string[] {
  const plain = folded.replace(/1value$/, '').replace(/(?<=\p{L})1$/u, '');
  const bare = fields.prefixes.flatMap((prefix) =>
    folded.startsWith(prefix) && folded.length > prefix.length ? [folded.slice(prefix.length)] : [],
  );
  return [...new Set([folded, plain, ...bare])];
}

/** Of fields that a phrase may mean, the first that could hold the values; one whose picklist has them goes before others. */
function fitting(
  concepts: readonly Concept[],
  holders: (concept: Concept) => readonly FieldDescribe[],
  values: ColumnValues,
  { prefixes }: Surroundings,
): FieldDescribe | undefined {
  const candidates = concepts.flatMap((concept) =>
    holders(concept).filter(
      (field) => couldHold(field, values, prefixes) && fitsConcept(concept, concepts, field, values),
    ),
  );
  const listed = candidates.filter(
    (field) => field.picklistValues.length > 0 && values.among(field.picklistValues) >= 0.5,
  );
  return (
    listed[0] ?? candidates.find((field) => candidates.length === 1 || !isOutOfPlace(field, values)) ?? candidates[0]
  );
}

/** A picklist whose values the column has none of, where other fields could be meant too. */
function isOutOfPlace(field: FieldDescribe, values: ColumnValues): boolean {
  return field.picklistValues.length > 0 && !values.empty && values.among(field.picklistValues) === 0;
}

/**
 * Words with two meanings are told apart by the values: a title is "Dr." or "Manager", a name one word or two. Words with one
 * are believed: in many countries a last name is two words.
 */
function fitsConcept(
  concept: Concept,
  concepts: readonly Concept[],
  field: FieldDescribe,
  values: ColumnValues,
): boolean {
  if (values.empty) return true;
  if (concept === 'jobTitle' || concept === 'recordTitle') return !values.salutations;
  if (concept === 'salutation') return values.salutations || values.among(field.picklistValues) > 0;
  if (concept === 'firstName' || concept === 'lastName') {
    return !values.companies && !(concepts.length > 1 && values.fullNames);
  }
  return true;
}

function findByWords(folded: string, values: ColumnValues, around: Surroundings): FieldDescribe | undefined {
  const { fields } = around;
  for (const reading of readings(folded, fields)) {
    const found = fitting(conceptsOf(reading), (concept) => fields.holding(concept), values, around);
    if (found) return found;
  }
  // "Berth" over the berths' own names.
  if (fields.words.has(folded) && fields.nameField && values.ids === null) return fields.nameField;
  for (const reading of readings(folded, fields)) {
    for (const { rest, scope } of scoped(reading)) {
      const holders = (concept: Concept): readonly FieldDescribe[] => fields.holdingScoped(concept, scope);
      for (const inner of readings(rest, fields)) {
        const found = fitting(scopedConceptsOf(inner), holders, values, around);
        if (found) return found;
      }
    }
  }
  return undefined;
}

/** What values alone tell: ids of one object, and under a header that says nothing also e-mail addresses and picklist values. */
function findByValues(
  folded: string,
  values: ColumnValues,
  { fields, prefixes }: Surroundings,
): FieldDescribe | undefined {
  if (values.empty) return undefined;
  const only = (found: readonly FieldDescribe[]): FieldDescribe | undefined =>
    found.length === 1 ? found[0] : undefined;
  if (values.ids !== null) {
    if (values.idsOf(prefixes.own) && !folded.includes('parent')) {
      return fields.loadable.find((field) => field.type === 'id');
    }
    return only(
      fields.loadable.filter(
        (field) =>
          field.type === 'reference' &&
          field.referenceTo.some((name) => values.idsOf(prefixes.of.get(name.toLowerCase()))),
      ),
    );
  }
  if (!SAYS_NOTHING.test(folded)) return undefined;
  if (values.emails) return only(fields.loadable.filter((field) => field.type === 'email'));
  return only(
    fields.loadable.filter(
      (field) =>
        field.picklistValues.length > 0 && new Set(values.values).size > 1 && values.among(field.picklistValues) === 1,
    ),
  );
}

/** The field or lookup that one column fills, with the reason; nothing where it isn't sure, since a wrong one costs more than none. */
export function findTarget(name: string, values: ColumnValues, around: Surroundings, lookups: boolean): Found {
  const ignored = (reason: MappingReason): Found => ({ target: { kind: 'ignored' }, reason });
  const { fields, prefixes } = around;
  const to = (field: FieldDescribe, reason: MappingReason): Found => ({
    target: { kind: 'field', field: field.name },
    reason,
  });
  if (RESULT_COLUMNS.has(name.toLowerCase())) return ignored('result-column');
  const folded = fold(name.replace(DECORATION, ''));

  const exact = fields.named(name);
  if (exact && couldBeMeant(exact, values, prefixes)) return to(exact, 'name');
  const lookup = lookups ? findLookup(name, around) : null;
  if (lookup) return { target: lookup, reason: 'relationship' };
  const whole = fold(name);
  const label = [...fields.labelled(whole), ...fields.labelled(folded)].find(
    (field) => !denies(field, values, prefixes) && isMeant(field, values) && !(field.type === 'id' && values.empty),
  );
  if (label) return to(label, 'label');
  if (fields.isReadOnly(whole)) return ignored('read-only');
  const words = folded === '' ? undefined : findByWords(folded, values, around);
  if (words && !(words.type === 'id' && values.empty)) return to(words, 'synonym');
  const content = findByValues(folded, values, around);
  return content ? to(content, 'content') : ignored('no-match');
}

/** A label in the values' own sense: a title isn't "Mr.", and a first name isn't the whole of it. */
function isMeant(field: FieldDescribe, values: ColumnValues): boolean {
  if (field.name === 'Title') return !values.salutations;
  if (!/^(?:First|Last)Name$/.test(field.name)) return true;
  return !(conceptsOf(fold(field.label)).length > 1 && values.fullNames);
}

/**
 * A header that is a field's API name is that field, whatever is in need of cleaning below it. But numbers of another system
 * are no `Id`, and an API name of one plain word (`Site`, `Title`) is also what other tools say.
 */
function couldBeMeant(field: FieldDescribe, values: ColumnValues, prefixes: KeyPrefixes): boolean {
  const ordinary = /^[A-Z][a-z]+$/.test(field.name);
  return !ordinary || (!denies(field, values, prefixes) && isMeant(field, values));
}
