import { z } from 'zod';
import { CheckReport } from './field-issue.ts';
import { FieldMapping } from './field-mapping.ts';
import { LoadPlan } from './load-plan.ts';
import { MappingMisfit } from './mapping-file.ts';
import {
  ResemblingDecision,
  ResemblingOutcome,
  ResemblingReport,
  ResemblingRow,
  ResemblingView,
} from './resembling.ts';
import { SourceSummary } from './source-file.ts';

/** Which mapping a source is loaded by where nobody is asked, and the source as that wants it cleaned. */
export const ChosenMapping = z.object({
  source: SourceSummary,
  mapping: FieldMapping,
  /** What of a mapping used before, or of a mapping file, does not fit; where one of them stops a load, nothing was cleaned. */
  misfits: z.array(MappingMisfit),
});
export type ChosenMapping = z.infer<typeof ChosenMapping>;

/** What becomes of new rows that resemble records, from a score in bits over even odds on, or from the one that is proposed. */
export const ResemblingRule = z.object({
  then: ResemblingDecision,
  threshold: ResemblingView.shape.threshold.optional(),
});
export type ResemblingRule = z.infer<typeof ResemblingRule>;

/** What came of looking for records that a plan's new rows resemble. */
export const Resembled = z.discriminatedUnion('kind', [
  /** The object, or what fills its fields, leaves nothing to compare by. */
  z.object({ kind: z.literal('not-comparable') }),
  /** No row would be created. */
  z.object({ kind: z.literal('nothing-new') }),
  z.object({
    kind: z.literal('looked'),
    report: ResemblingReport,
    /** From which score on pairs count, and how many do; the likeliest of them are shown. */
    threshold: z.number(),
    pairs: z.number(),
    shown: z.array(ResemblingRow),
    then: z.enum(['show', ...ResemblingDecision.options]),
    /** What the decision came to; null where there is none. */
    outcome: ResemblingOutcome.omit({ plan: true }).nullable(),
    /** Rows that somebody would have to be asked about, which are not sent. */
    asked: z.number(),
  }),
]);
export type Resembled = z.infer<typeof Resembled>;

/** A load up to its plan, with nobody asked: what its checks found and what its plan is; null where the mapping can't be loaded by. */
export const CheckedPlan = z.object({
  checks: CheckReport,
  plan: LoadPlan.nullable(),
  resembled: Resembled.nullable(),
});
export type CheckedPlan = z.infer<typeof CheckedPlan>;
