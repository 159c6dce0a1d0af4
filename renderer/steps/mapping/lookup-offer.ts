import type { FoundTarget } from '../../../shared/domain/field-mapping.ts';
import { canFindBy, isMatchField, type FieldDescribe, type SObjectDescribe } from '../../../shared/domain/sobject.ts';

/** Lower case, letters and digits only: "Owner: E-Mail" and "owner_email" say the same. */
function plain(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** What headers call the fields that people know a record by. */
const KNOWN_BY: Readonly<Record<string, string>> = {
  '': 'Name',
  name: 'Name',
  fullname: 'Name',
  label: 'Name',
  email: 'Email',
  emailaddress: 'Email',
  username: 'Username',
  alias: 'Alias',
  developername: 'DeveloperName',
  apiname: 'DeveloperName',
  federationid: 'FederationIdentifier',
};
const USERS_ONLY: ReadonlySet<string> = new Set(['Username', 'Alias', 'FederationIdentifier']);

/** A field that holds the Id of another record and can be filled. */
export function isLookup(field: FieldDescribe | undefined): field is FieldDescribe {
  return field?.type === 'reference' && field.referenceTo.length > 0 && (field.createable || field.updateable);
}

/**
 * A lookup as it begins when it is chosen: rows whose value does not name exactly one record are not sent. Inactive users are refused
 * as owners only (Salesforce Help, "Update Records with Inactive Owners"); elsewhere they are taken.
 */
export function newLookup(field: FieldDescribe, parentObject: string, parentField: string): FoundTarget {
  return {
    kind: 'found',
    field: field.name,
    parentObject,
    parentField,
    and: null,
    whenNone: 'home',
    whenSeveral: 'home',
    whenInactive: field.name === 'OwnerId' ? 'home' : 'use',
  };
}

/** The object that a lookup most likely leads to: who owns a record is a user. */
export function likelyParent(field: FieldDescribe): string {
  return field.referenceTo.find((name) => name === 'User') ?? field.referenceTo[0] ?? '';
}

/**
 * A lookup that a header may mean: "Account Name" or "Account" of a contact, "Owner Email", "Record Type". It is offered and not
 * mapped by itself, for a name is no key. null where the header says nothing of the kind, or the field is taken.
 */
export function lookupOffer(header: string, describe: SObjectDescribe, taken: ReadonlySet<string>): FoundTarget | null {
  const wanted = plain(header);
  for (const field of describe.fields) {
    if (!isLookup(field) || taken.has(field.name)) continue;
    const names = [field.label, field.relationshipName ?? ''].map((name) => plain(name).replace(/id$/, ''));
    const parent = likelyParent(field);
    for (const name of names) {
      if (name === '' || !wanted.startsWith(name)) continue;
      const parentField = KNOWN_BY[wanted.slice(name.length)];
      if (parentField === undefined || (USERS_ONLY.has(parentField) && parent !== 'User')) continue;
      if (parentField === 'DeveloperName' && parent !== 'RecordType') continue;
      return newLookup(field, parent, parentField);
    }
  }
  return null;
}

/** The fields of a parent that can find it, the ones that mostly do first. */
export function findingFields(parent: SObjectDescribe): FieldDescribe[] {
  const rank = (field: FieldDescribe) =>
    field.nameField ? 0 : field.type === 'email' || isMatchField(field) ? 1 : field.unique ? 1 : 2;
  return parent.fields.filter(canFindBy).sort((a, b) => rank(a) - rank(b) || a.label.localeCompare(b.label, 'en'));
}
