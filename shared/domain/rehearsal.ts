import { z } from 'zod';
import { RecordId, SourceRowNumber } from './ids.ts';

/** Records that one request of sObject Collections takes (REST API Developer Guide, "sObject Collections"). */
export const COLLECTION_ROWS = 200;

/** Rows that a sample has: the first ones, and as many more picked by a fixed draw. */
export const SAMPLE_ROWS = 400;

/** What the org said of rows that it was given for a try: its own words, with the rows it said them of. */
export const Refusal = z.object({
  statusCode: z.string(),
  message: z.string(),
  fields: z.array(z.string()),
  rows: z.number(),
  /** The first of them, in file order. */
  examples: z.array(SourceRowNumber),
});
export type Refusal = z.infer<typeof Refusal>;

/** `passed + refused + unsettled = tried`. */
export const RehearsalReport = z.object({
  tried: z.number(),
  passed: z.number(),
  refused: z.number(),
  /** Rows of which the org kept refusing others beside them, so that it can't be told. */
  unsettled: z.number(),
  /** Rows that can't be tried by themselves: their parent is another row of the file, which is not there yet. */
  untried: z.number(),
  /** API calls that it took. */
  calls: z.number(),
  refusals: z.array(Refusal),
  /** Refusals that are not among those, by different words. */
  moreRefusals: z.number(),
});
export type RehearsalReport = z.infer<typeof RehearsalReport>;

/** API calls that a rehearsal takes at least: one to see that the org takes things back, one row by itself, then the others. */
export function rehearsalCalls(rows: number): number {
  return rows === 0 ? 0 : 2 + Math.ceil(Math.max(0, rows - 1) / (COLLECTION_ROWS - 1));
}

/** Rows whose value of a unique field is taken: by a record of the org, or by another row of the file. */
export const TakenValues = z.object({
  field: z.string(),
  fieldLabel: z.string(),
  rows: z.number(),
  examples: z.array(
    z.object({
      row: SourceRowNumber,
      value: z.string(),
      by: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('record'), id: RecordId }),
        z.object({ kind: z.literal('row'), row: SourceRowNumber }),
      ]),
    }),
  ),
});
export type TakenValues = z.infer<typeof TakenValues>;

/** Rows whose picklist value is not one of their record type, or not one for their controlling value there. */
export const PicklistConflict = z.object({
  field: z.string(),
  fieldLabel: z.string(),
  recordType: z.string(),
  value: z.string(),
  /** The controlling value that does not allow it; null where the record type does not have it at all. */
  controlling: z.string().nullable(),
  rows: z.number(),
  firstRow: SourceRowNumber,
});
export type PicklistConflict = z.infer<typeof PicklistConflict>;
