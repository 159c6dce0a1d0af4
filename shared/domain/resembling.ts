import { z } from 'zod';
import { RecordId, SourceRowNumber } from './ids.ts';
import { LoadPlan } from './load-plan.ts';
import { ResemblanceReason } from './resemblance.ts';

/**
 * What a person has done with a row that resembles a record: it updates that record, it is merged into it (`merge`: what is blank there is
 * filled, and the record's own values stay), it is not sent, or it is created all the same.
 */
export const ResemblingDecision = z.enum(['update', 'merge', 'skip', 'create']);
export type ResemblingDecision = z.infer<typeof ResemblingDecision>;

/** Whether the row is sent as an update of the record by its Id. */
export function isForRecord(decision: ResemblingDecision | null): decision is 'update' | 'merge' {
  return decision === 'update' || decision === 'merge';
}

/** What rows of a plan can be compared by; `calls` are API calls that it takes at least. */
export const ResemblingOffer = z.object({
  /** Rows that the plan would create. */
  rows: z.number(),
  /** Labels of the fields that are compared. */
  fields: z.array(z.string()),
  calls: z.number(),
});
export type ResemblingOffer = z.infer<typeof ResemblingOffer>;

/** What was found of the rows that a plan would create, by a threshold in bits over even odds. */
export const ResemblingReport = z.object({
  /** Rows and records that were compared. */
  rows: z.number(),
  records: z.number(),
  fields: z.array(z.string()),
  threshold: z.number(),
  /** Why pairs were looked at at all, with how many pairs at the threshold have it. */
  rules: z.array(z.object({ rule: z.string(), pairs: z.number() })),
  /** Of values that very many share, so many pairs were not looked at. */
  capped: z.array(z.object({ rule: z.string(), pairs: z.number(), lookedAt: z.number() })),
  /** Pairs that a person has labelled. */
  labelled: z.number(),
  /** API calls that it took. */
  calls: z.number(),
});
export type ResemblingReport = z.infer<typeof ResemblingReport>;

export const ThresholdCount = z.object({ threshold: z.number(), pairs: z.number(), rows: z.number() });
export type ThresholdCount = z.infer<typeof ThresholdCount>;

/** A row that would be created, and a record that it resembles. */
export const ResemblingRow = z.object({
  row: SourceRowNumber,
  record: RecordId,
  /** In bits over even odds. */
  weight: z.number(),
  reasons: z.array(ResemblanceReason),
  /** Why the two were looked at. */
  rules: z.array(z.string()),
  /** What both say, field by field. */
  fields: z.array(z.object({ field: z.string(), row: z.string(), record: z.string() })),
  /** Records that the row resembles at the threshold asked for, and rows that resemble the record. */
  records: z.number(),
  rows: z.number(),
  /** What was decided of the row; `update` and `merge` only at the pair of the record that it is for. */
  decision: ResemblingDecision.nullable(),
  /** The row is for another record. */
  elsewhere: z.boolean(),
  /** Another row of the plan that is for this record. */
  takenBy: SourceRowNumber.nullable(),
});
export type ResemblingRow = z.infer<typeof ResemblingRow>;

/** Which pairs are shown: all from a threshold on, those of rows that are not decided, or of rows that are. */
export const ResemblingView = z.object({
  threshold: z.number().min(-200).max(200),
  /** Pairs that were looked at for this reason only; null for any. */
  rule: z.string().max(100).nullable(),
  which: z.enum(['all', 'open', 'decided']),
});
export type ResemblingView = z.infer<typeof ResemblingView>;

/** One pair, or all of a view. */
export const ChosenPairs = z.union([
  z.object({ row: SourceRowNumber, record: RecordId }),
  ResemblingView.omit({ which: true }),
]);
export type ChosenPairs = z.infer<typeof ChosenPairs>;

/** What a decision came to. Rows that it could not be carried out for are left as they were. */
export const ResemblingOutcome = z.object({
  plan: LoadPlan,
  rows: z.number(),
  /** Rows that resemble several records: one has to be chosen. */
  several: z.number(),
  /** Rows whose record another row is for. */
  taken: z.number(),
  /** Rows whose record is gone, or was changed in the org since the date that the mapping's policies name. */
  gone: z.number(),
  changed: z.number(),
});
export type ResemblingOutcome = z.infer<typeof ResemblingOutcome>;

/** A person's word of a pair. */
export const PairWord = z.object({ row: SourceRowNumber, record: RecordId, same: z.boolean() });
export type PairWord = z.infer<typeof PairWord>;
