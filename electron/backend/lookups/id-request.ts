import type { FieldDescribe, SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { Referenced } from '../mapping/parent-describes.ts';
import type { FetchRequest } from '../plan/fetch-current-records.ts';
import { isQueue, ofObject } from './find-parents.ts';

/**
 * The record type of rows that have none of their own. No query finds it: the object holds custom record types (Tooling API,
 * "RecordType": "represents a custom record type").
 */
export const MASTER_RECORD_TYPE = '012000000000000AAA';

/** Where a user's being active lies among what is read of a record. */
export const ACTIVE = 0;

/** Of the objects that a column of Ids may lead to, those that can be asked for them. */
export function askedObjects(field: FieldDescribe, referenced: readonly Referenced[]): Referenced[] {
  return referenced.filter(
    ({ name, queryable, keyPrefix }) => field.referenceTo.includes(name) && queryable && keyPrefix,
  );
}

/** What records are called that Ids in a column may be of. */
export function namedWord(field: FieldDescribe, object: Referenced, { labelPlural }: SObjectDescribe): string {
  return isQueue({ field: field.name, parentObject: object.name }) ? `queue of ${labelPlural}` : object.label;
}

/** Only owners must be active: elsewhere Salesforce takes whoever is a user (Salesforce Help, "Update Records with Inactive Owners"). */
export function mustBeActive(field: FieldDescribe, object: Referenced): boolean {
  return field.name === 'OwnerId' && object.name === 'User';
}

/**
 * Asks one object for records that Ids in a column name. "Only active record types can be applied to records" (Object Reference,
 * "RecordType"), but that the API refuses the Id of an inactive one is said nowhere: such rows are sent.
 */
export function idRequest(
  field: FieldDescribe,
  object: Referenced,
  describe: SObjectDescribe,
  place: Pick<FetchRequest, 'alias' | 'table' | 'folder'>,
): FetchRequest {
  const active: FieldDescribe = { ...field, name: 'IsActive', type: 'boolean' };
  return {
    ...place,
    objectName: object.name,
    keyField: { ...field, name: 'Id', type: 'id' },
    columns: mustBeActive(field, object) ? [{ column: ACTIVE, path: active.name, field: active }] : [],
    stamp: null,
    wantsDeleted: false,
    condition: ofObject({ field: field.name, parentObject: object.name }, describe.name),
  };
}
