import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { OrgClient } from '../orgs/org-client.ts';

/** "The input array is limited to 50 elements" (SOAP API guide, "findDuplicates()"). */
export const RECORDS_A_CALL = 50;

/** What the org itself says of one record: what each of its active duplicate rules found. */
export interface OrgAnswer {
  readonly found: readonly {
    readonly rule: string;
    /** False where the rule blocks. */
    readonly allowSave: boolean;
    readonly matches: readonly {
      readonly matchingRule: string;
      readonly recordId: string;
      readonly confidence: number;
    }[];
  }[];
  /** Why it could not say; null where it could. */
  readonly error: string | null;
}

const LISTS = new Set(['result', 'duplicateResults', 'matchResults', 'matchRecords', 'errors']);
const parser = new XMLParser({
  removeNSPrefix: true,
  parseTagValue: false,
  isArray: (name) => LISTS.has(name),
});
const builder = new XMLBuilder({ suppressEmptyNode: true });

/** A partner record names its Id twice (SOAP API guide, "sObject"). */
const RecordId = z.union([
  z.string(),
  z
    .array(z.string())
    .min(1)
    .transform(([id = '']) => id),
]);
const Result = z.object({
  success: z.enum(['true', 'false']),
  errors: z.array(z.object({ message: z.string() })).default([]),
  duplicateResults: z
    .array(
      z.object({
        allowSave: z.enum(['true', 'false']),
        duplicateRule: z.string(),
        matchResults: z
          .array(
            z.object({
              rule: z.string(),
              matchRecords: z
                .array(z.object({ matchConfidence: z.coerce.number(), record: z.object({ Id: RecordId }) }))
                .default([]),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
});
const Answer = z.object({
  Envelope: z.object({
    Body: z.object({ findDuplicatesResponse: z.object({ result: z.array(Result).default([]) }) }),
  }),
});

function answerOf({ success, errors, duplicateResults }: z.infer<typeof Result>): OrgAnswer {
  const found = duplicateResults.map(({ allowSave, duplicateRule, matchResults }) => ({
    rule: duplicateRule,
    allowSave: allowSave === 'true',
    matches: matchResults.flatMap(({ rule, matchRecords }) =>
      matchRecords.map(({ matchConfidence, record }) => ({
        matchingRule: rule,
        recordId: record.Id,
        confidence: matchConfidence,
      })),
    ),
  }));
  return {
    found: found.filter(({ matches }) => matches.length > 0),
    error: success === 'true' ? null : errors.map(({ message }) => message).join('; ') || 'no reason given',
  };
}

/**
 * Asks the org which records its duplicate rules find for records that are not there yet, by field names and texts; one answer each,
 * in their order, 50 a call. Calls are made one after the other, each is one of the day's API calls, and nothing is written.
 * Throws `ORG_ANSWER_UNREADABLE`, and what calls to an org throw.
 */
export async function findDuplicates(
  org: Pick<OrgClient, 'soap'>,
  object: string,
  records: readonly Readonly<Record<string, string>>[],
  signal: AbortSignal,
): Promise<OrgAnswer[]> {
  const answers: OrgAnswer[] = [];
  for (let at = 0; at < records.length; at += RECORDS_A_CALL) {
    const asked = records.slice(at, at + RECORDS_A_CALL);
    const filled = asked.map((record) => Object.entries(record).filter(([, value]) => value !== ''));
    const sObjects = filled.map((fields) => ({ type: object, ...Object.fromEntries(fields) }));
    const text = await org.soap(String(builder.build({ findDuplicates: { sObjects } })), signal);
    const parsed = Answer.safeParse(parser.parse(text));
    const results = parsed.data?.Envelope.Body.findDuplicatesResponse.result ?? [];
    if (results.length !== asked.length)
      throw new FailureError({ code: 'ORG_ANSWER_UNREADABLE', status: 200, what: 'findDuplicates' });
    answers.push(...results.map(answerOf));
  }
  return answers;
}
