import { z } from 'zod';
import { RecordId, SourceRowNumber } from './ids.ts';

/**
 * What a duplicate rule does with a save that it finds a duplicate of: refuses it always; refuses it unless the caller says
 * `allowSave`, which Bulk API has no header for; only notes it; nothing.
 */
export const RuleEffect = z.enum(['block', 'alert', 'report', 'nothing']);
export type RuleEffect = z.infer<typeof RuleEffect>;

/** Whether the org is asked for the rows that seem to have a duplicate, or for every row that would be created. */
export const AskedRows = z.enum(['candidates', 'all']);
export type AskedRows = z.infer<typeof AskedRows>;

/** What one of the org's duplicate rules says of the rows that a plan would create. */
export const RuleFinding = z.object({
  rule: z.string(),
  effect: RuleEffect,
  /** Rows that it found a record for. */
  rows: z.number(),
  /** The first of them, in file order, each with the record most like it and how much, 0 to 100, as the org has it. */
  examples: z.array(
    z.object({ row: SourceRowNumber, recordId: RecordId, recordName: z.string(), confidence: z.number() }),
  ),
});
export type RuleFinding = z.infer<typeof RuleFinding>;

export const DuplicateRuleReport = z.object({
  /** Names of the active duplicate rules of the object. */
  rules: z.array(z.string()),
  /** Matching rules that could not be worked out here, so that the org was asked for every row. */
  unread: z.array(z.string()),
  /** Rows that would be created. */
  rows: z.number(),
  /** Of those, the ones the org was asked about. */
  asked: z.number(),
  /** Rows that the org had no answer for, and what it said of the first. */
  unanswered: z.object({ rows: z.number(), message: z.string().nullable() }),
  findings: z.array(RuleFinding),
  /** API calls that it took. */
  calls: z.number(),
});
export type DuplicateRuleReport = z.infer<typeof DuplicateRuleReport>;
