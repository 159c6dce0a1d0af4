import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { MergeCell } from '../../../shared/domain/merge.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import { ALLOW_SAVE, soapResults, type CallResult } from '../orgs/soap-results.ts';

/** "Up to 200 merge requests can be made in a single SOAP call" (SOAP API guide, "merge()"); `undelete()` takes as many ids. */
export const REQUESTS_A_CALL = 200;

export interface MergeRequest {
  readonly objectName: string;
  readonly masterId: string;
  readonly values: Readonly<Record<string, MergeCell>>;
  readonly loserIds: readonly string[];
}

/** A carriage return has to be written as a reference, or a parser makes a line feed of it (XML 1.0, section 2.11). */
function xml(text: string): string {
  const references: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };
  return text.replace(/[&<>\r]/g, (character) => references[character] ?? character);
}

/** `2026-01-02T21:33:43.000+0000` of the REST API has no colon in its zone, which xsd:dateTime wants. */
function xmlValue(value: string | number | boolean): string {
  return xml(String(value).replace(/^(\d{4}-\d\d-\d\dT[\d:.]+)\+0000$/, '$1Z'));
}

function requestXml({ objectName, masterId, values, loserIds }: MergeRequest): string {
  const entries = Object.entries(values);
  const cleared = entries.filter(([, value]) => value === null || value === '');
  const set = entries.flatMap(([name, value]) => (value === null || value === '' ? [] : [{ name, value }]));
  return [
    `<request><masterRecord><type>${objectName}</type>`,
    ...cleared.map(([name]) => `<fieldsToNull>${name}</fieldsToNull>`),
    `<Id>${masterId}</Id>`,
    ...set.map(({ name, value }) => `<${name}>${xmlValue(value)}</${name}>`),
    '</masterRecord>',
    ...loserIds.map((id) => `<recordToMergeIds>${id}</recordToMergeIds>`),
    '</request>',
  ].join('');
}

/**
 * Merges, each request in a transaction of its own; results in their order. Sent once: an answer that is lost, or can't be read, leaves
 * open what the org did. Throws what `OrgClient.soapOnce` does, and `ORG_ANSWER_UNREADABLE`.
 */
export async function callMerge(
  client: Pick<OrgClient, 'soapOnce'>,
  requests: readonly MergeRequest[],
  signal: AbortSignal,
): Promise<CallResult[]> {
  const call = `<merge>${requests.map(requestXml).join('')}</merge>`;
  return soapResults(await client.soapOnce(call, signal, ALLOW_SAVE), 'mergeResponse', requests.length);
}

const SaveResults = z.array(
  z.object({ success: z.boolean(), errors: z.array(z.object({ statusCode: z.string(), message: z.string() })) }),
);

/** Sets fields of up to 200 records of any objects, each by itself (REST API Developer Guide, "Update Multiple Records"). */
export async function callUpdate(
  client: Pick<OrgClient, 'json'>,
  records: readonly { objectName: string; id: string; values: Readonly<Record<string, MergeCell>> }[],
  signal: AbortSignal,
): Promise<CallResult[]> {
  const body = {
    allOrNone: false,
    records: records.map(({ objectName, id, values }) => ({ attributes: { type: objectName }, id, ...values })),
  };
  const allowSave = { 'Sforce-Duplicate-Rule-Header': 'allowSave=true' };
  const results = await client.json('PATCH', 'composite/sobjects', SaveResults, signal, body, allowSave);
  if (results.length !== records.length)
    throw new FailureError({ code: 'ORG_ANSWER_UNREADABLE', status: 200, what: 'PATCH composite/sobjects' });
  return results.map(({ success, errors }) => ({
    success,
    movedIds: [],
    code: errors[0]?.statusCode ?? '',
    message: errors.map(({ message }) => message).join('; '),
  }));
}
