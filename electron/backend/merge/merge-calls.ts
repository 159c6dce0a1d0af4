import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { MergeCell } from '../../../shared/domain/merge.ts';
import type { OrgClient } from '../orgs/org-client.ts';

/** "Up to 200 merge requests can be made in a single SOAP call" (SOAP API guide, "merge()"); `undelete()` takes as many ids. */
export const REQUESTS_A_CALL = 200;

export interface MergeRequest {
  readonly objectName: string;
  readonly masterId: string;
  readonly values: Readonly<Record<string, MergeCell>>;
  readonly loserIds: readonly string[];
}

/** What the org said of one request, or of one id. */
export interface CallResult {
  readonly success: boolean;
  /** Records that moved to the master, "viewable by the user sending the merge call" (MergeResult). */
  readonly movedIds: readonly string[];
  readonly code: string;
  readonly message: string;
}

/** What a merge leaves still resembles others: a rule that only alerts does not keep it from being saved. */
const ALLOW_SAVE = '<DuplicateRuleHeader><allowSave>true</allowSave></DuplicateRuleHeader>';

const LISTS = new Set(['result', 'errors', 'updatedRelatedIds']);
const parser = new XMLParser({ removeNSPrefix: true, parseTagValue: false, isArray: (name) => LISTS.has(name) });
const Result = z.object({
  success: z.enum(['true', 'false']),
  updatedRelatedIds: z.array(z.string()).default([]),
  errors: z.array(z.object({ statusCode: z.string(), message: z.string() })).default([]),
});
const Results = z.object({ result: z.array(Result).default([]) });
const Answer = z.object({
  Envelope: z.object({
    Body: z.object({ mergeResponse: Results.optional(), undeleteResponse: Results.optional() }),
  }),
});

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
  return resultsOf(await client.soapOnce(call, signal, ALLOW_SAVE), 'mergeResponse', requests.length);
}

/** Brings records back from the recycle bin; asking again for one that is back is refused and changes nothing. */
export async function callUndelete(
  client: Pick<OrgClient, 'soapOnce'>,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<CallResult[]> {
  const call = `<undelete>${ids.map((id) => `<ids>${id}</ids>`).join('')}</undelete>`;
  return resultsOf(await client.soapOnce(call, signal, ALLOW_SAVE), 'undeleteResponse', ids.length);
}

function resultsOf(text: string, response: 'mergeResponse' | 'undeleteResponse', wanted: number): CallResult[] {
  const parsed = Answer.safeParse(parser.parse(text));
  const results = parsed.data?.Envelope.Body[response]?.result ?? [];
  if (results.length !== wanted) throw new FailureError({ code: 'ORG_ANSWER_UNREADABLE', status: 200, what: response });
  return results.map(({ success, updatedRelatedIds, errors }) => ({
    success: success === 'true',
    movedIds: updatedRelatedIds,
    code: errors[0]?.statusCode ?? '',
    message: errors.map(({ message }) => message).join('; '),
  }));
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
