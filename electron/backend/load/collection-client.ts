import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { Operation } from '../../../shared/domain/field-mapping.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import { RefusedByOrg } from '../orgs/org-answers.ts';
import { callUndelete } from '../orgs/soap-results.ts';
import type { SavedRecord } from '../plan/saved-record.ts';

/** One item of a collection's answer, in request order (REST API Developer Guide, "sObject Collections"). */
export const SaveItem = z.object({
  id: z.string().nullish(),
  success: z.boolean(),
  created: z.boolean().optional(),
  errors: z
    .array(z.object({ statusCode: z.string(), message: z.string(), fields: z.array(z.string()).default([]) }))
    .default([]),
  /** What is said of a row that was not sent, or not taken, for its record has changed since an undo was planned. */
  kept: z.string().optional(),
});
export type SaveItem = z.infer<typeof SaveItem>;

/** How the records of a collection are saved. */
export interface CollectionSave {
  readonly operation: Operation;
  readonly objectName: string;
  /** The external id by which an upsert finds its records. */
  readonly matchField: string | null;
  /** Whether one failure undoes them all. */
  readonly allOrNone: boolean;
  /** Whether records are saved that a duplicate rule tells of without blocking them. */
  readonly allowDuplicates: boolean;
  /** Id of the assignment rule that gives cases or leads their owner; null for none. */
  readonly assignmentRule: string | null;
}

/**
 * Bulk API applies no assignment rule unless one is named; REST does unless it is told not to. A rule's Id has that one applied (REST API
 * Developer Guide, "Assignment Rule Header").
 */
const ASSIGNMENT = 'Sforce-Auto-Assign';
/** REST API Developer Guide, "Duplicate Rule Header". */
const ALLOW_DUPLICATES = { 'Sforce-Duplicate-Rule-Header': 'allowSave=true' };

/**
 * Saves up to 200 records by one request; what became of each comes in their order. Records to delete are named in the address (REST
 * API Developer Guide, "Create", "Update", "Upsert" and "Delete Records Using sObject Collections"). REST has no undelete: these go by SOAP. Never asked twice by itself.
 */
export function saveCollection(
  client: Pick<OrgClient, 'json' | 'soapOnce'>,
  { operation, objectName, matchField, allOrNone, allowDuplicates, assignmentRule }: CollectionSave,
  records: readonly SavedRecord[],
  signal: AbortSignal,
): Promise<SaveItem[]> {
  if (operation === 'undelete')
    return undelete(
      client,
      records.map(({ id }) => id ?? ''),
      signal,
    );
  // Its records would go to the Recycle Bin, and be there to be found.
  if (operation === 'hardDelete') throw new Error('no collection deletes for good');
  const items = z.array(SaveItem);
  if (operation === 'delete') {
    const ids = records.map(({ id }) => id).join(',');
    return client.json('DELETE', `composite/sobjects?allOrNone=${allOrNone}&ids=${ids}`, items, signal);
  }
  const path =
    operation === 'upsert'
      ? `composite/sobjects/${encodeURIComponent(objectName)}/${encodeURIComponent(matchField ?? '')}`
      : 'composite/sobjects';
  const headers = { [ASSIGNMENT]: assignmentRule ?? 'FALSE', ...(allowDuplicates ? ALLOW_DUPLICATES : {}) };
  const method = operation === 'insert' ? 'POST' : 'PATCH';
  return client.json(method, path, items, signal, { allOrNone, records }, headers);
}

/**
 * Saves one record if nobody has changed it since `unchangedSince` (ms, whole seconds), which the org itself sees to: else it answers with 412
 * (REST API Developer Guide, "Conditional Request Headers", "Update Records Using sObject Rows"). null for one that was changed since.
 */
export async function saveUnchanged(
  client: Pick<OrgClient, 'json'>,
  { objectName, assignmentRule, allowDuplicates }: CollectionSave,
  { id = '', attributes: _type, ...fields }: SavedRecord,
  unchangedSince: number,
  signal: AbortSignal,
): Promise<SaveItem | null> {
  const headers = {
    'If-Unmodified-Since': new Date(unchangedSince).toUTCString(),
    [ASSIGNMENT]: assignmentRule ?? 'FALSE',
    ...(allowDuplicates ? ALLOW_DUPLICATES : {}),
  };
  const path = `sobjects/${encodeURIComponent(objectName)}/${encodeURIComponent(id)}`;
  try {
    await client.json('PATCH', path, z.unknown(), signal, fields, headers);
    return { id, success: true, errors: [] };
  } catch (error) {
    if (isChangedSince(error)) return null;
    if (!(error instanceof RefusedByOrg) || !isOfRecord(error)) throw error;
    return { id, success: false, errors: [{ statusCode: error.errorCode, message: error.message, fields: [] }] };
  }
}

/** A 412 comes with or without a body. */
function isChangedSince(error: unknown): boolean {
  if (error instanceof RefusedByOrg) return error.status === 412;
  return (
    error instanceof FailureError && error.failure.code === 'ORG_ANSWER_UNREADABLE' && error.failure.status === 412
  );
}

/** Whether a refusal is about the record, and not about the caller or the org (REST API Developer Guide, "Status Codes and Error Responses"). */
function isOfRecord({ status, errorCode }: RefusedByOrg): boolean {
  return (
    (status === 400 || status === 404 || status === 403) &&
    errorCode !== '' &&
    !/^(?:API_|INVALID_SESSION|REQUEST_LIMIT)/.test(errorCode)
  );
}

/** Faults after which the org may have done what it was asked; all others say that a call was not taken (SOAP API guide, "ExceptionCode"). */
const UNCERTAIN = new Set(['', 'UNKNOWN_EXCEPTION', 'SERVER_UNAVAILABLE']);
/** What REST answers such calls with: a fault is a 500 whatever it says. */
const NOT_TAKEN = 403;

async function undelete(
  client: Pick<OrgClient, 'soapOnce'>,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<SaveItem[]> {
  try {
    const results = await callUndelete(client, ids, signal);
    return results.map(({ success, code, message }, at) => ({
      id: ids[at],
      success,
      errors: success ? [] : [{ statusCode: code, message, fields: [] }],
    }));
  } catch (error) {
    if (!(error instanceof RefusedByOrg) || error.status !== 500 || UNCERTAIN.has(error.errorCode)) throw error;
    throw new RefusedByOrg(NOT_TAKEN, error.errorCode, error.message, error.retryAfter);
  }
}
