import { ApiError } from '../http/api-error.ts';
import { element, elements, textsAt, type XmlElement } from '../http/xml.ts';
import type { Org, SaveOptions } from '../org.ts';
import { mergeRecords, type Merged } from '../records/merge-records.ts';
import type { Session } from '../records/org-data.ts';
import { idOf } from '../records/record-store.ts';
import { refuse, type SaveError } from '../records/save-error.ts';
import { attempt, existingById, saveRecord } from '../records/save-record.ts';
import type { SObjectInput } from './soap-api.ts';

/** "Up to 200 merge requests can be made in a single SOAP call" (SOAP API guide, "merge()"). */
const REQUESTS_A_CALL = 200;
/** `request` in the WSDL; jsforce and salesforcer call it by the other names, and the API takes them. */
const REQUEST_NAMES = ['request', 'mergeRequests', 'mergeRequest'];

/**
 * `merge()`: a result for each request, each a transaction of its own, so that several may merge into one master in turn. Throws
 * `ApiError` for more requests than a call takes, and for an object that cannot be merged (StevenMMortimer/salesforcer#102).
 */
export function mergeAll(
  org: Org,
  session: Session,
  options: SaveOptions,
  call: XmlElement,
  sObject: (node: XmlElement) => SObjectInput,
  errorsOf: (errors: readonly SaveError[]) => object[],
): object[] {
  const requests = REQUEST_NAMES.flatMap((name) => elements(call, name));
  // The code that create() has for more than 200 records; the guide names none for merge().
  if (requests.length > REQUESTS_A_CALL)
    throw new ApiError(
      500,
      'EXCEEDED_ID_LIMIT',
      `record limit reached. cannot submit more than 200 records in this call`,
    );
  const read = requests.map((request) => ({
    input: sObject(element(request, 'masterRecord') ?? {}),
    losers: textsAt(request, 'recordToMergeIds'),
    byKey: namesParentByKey(element(request, 'masterRecord') ?? {}),
  }));
  for (const { input } of read) {
    const { object } = input.table;
    if (!object.mergeable)
      throw new ApiError(500, 'INVALID_TYPE_FOR_OPERATION', `entity type ${object.name} does not support merge`);
  }
  return read.map(({ input, losers, byKey }) => {
    let merged: Merged = { mergedRecordIds: [], updatedRelatedIds: [] };
    const result = org.saves(session, options, (context) =>
      attempt(input.id, () =>
        // Whatever is refused half-way takes back what was done before.
        context.data.store.transaction({ userId: session.userId, origin: options.origin }, () => {
          // "External ID fields cannot be used with merge()".
          if (byKey) refuse('INVALID_FIELD', 'External ID fields cannot be used with merge');
          const id = idOf(existingById(input.table, input.id));
          merged = mergeRecords(context, input.table, id, losers);
          return saveRecord(context, input.table, input.read(), existingById(input.table, id));
        }),
      ),
    );
    return result.success
      ? { id: result.id, ...merged, success: true }
      : { errors: errorsOf(result.errors), id: input.id, success: false };
  });
}

/** Whether a lookup of the record is given as a parent's external id instead of an Id. */
function namesParentByKey(record: XmlElement): boolean {
  return Object.keys(record).some((name) => {
    const inner = element(record, name) ?? {};
    return !/^[@#]/.test(name) && Object.keys(inner).some((key) => !/^[@#]/.test(key) && key !== 'type');
  });
}
