import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { OrgClient } from './org-client.ts';

/** What the org said of one request, or of one id. */
export interface CallResult {
  readonly success: boolean;
  /** Records that moved to the master, "viewable by the user sending the merge call" (MergeResult). */
  readonly movedIds: readonly string[];
  readonly code: string;
  readonly message: string;
}

/** What is brought back, or what a merge leaves, may resemble others: a rule that only alerts does not keep it from being saved. */
export const ALLOW_SAVE = '<DuplicateRuleHeader><allowSave>true</allowSave></DuplicateRuleHeader>';

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

/** The results of a SOAP call in the order of what was asked. Throws `ORG_ANSWER_UNREADABLE` where they are not as many. */
export function soapResults(
  text: string,
  response: 'mergeResponse' | 'undeleteResponse',
  wanted: number,
): CallResult[] {
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

/**
 * Brings up to 200 records back from the Recycle Bin, each by itself, with what was deleted with it (SOAP API guide, "undelete()"). Sent
 * once; asking again for one that is back is refused and changes nothing. Throws what `OrgClient.soapOnce` does, and
 * `ORG_ANSWER_UNREADABLE`.
 */
export async function callUndelete(
  client: Pick<OrgClient, 'soapOnce'>,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<CallResult[]> {
  const call = `<undelete>${ids.map((id) => `<ids>${id}</ids>`).join('')}</undelete>`;
  return soapResults(await client.soapOnce(call, signal, ALLOW_SAVE), 'undeleteResponse', ids.length);
}
