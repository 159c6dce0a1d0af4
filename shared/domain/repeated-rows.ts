import { z } from 'zod';
import { Digest, SourceRowNumber } from './ids.ts';

/**
 * What a person decides of one group of rows that repeat one another but differ: that one of them is sent alone, the first with its blanks
 * filled from the others (`merge`), or, of an insert, each of them (`all`).
 */
export const RepeatKeep = z.union([z.enum(['merge', 'all']), SourceRowNumber]);
export type RepeatKeep = z.infer<typeof RepeatKeep>;

/** A group by all its rows, in the order of the file. */
export const RepeatChoice = z
  .object({ rows: z.array(SourceRowNumber).min(2).max(10_000), keep: RepeatKeep })
  .refine(({ rows, keep }) => typeof keep !== 'number' || rows.includes(keep), 'a row of the group');
export type RepeatChoice = z.infer<typeof RepeatChoice>;

/** What was decided of single groups of one source, told by its digest: of another file's rows it says nothing. */
export const RepeatChoices = z.object({ source: Digest, groups: z.array(RepeatChoice).max(1000) });
export type RepeatChoices = z.infer<typeof RepeatChoices>;

export const RepeatedRow = z.object({
  row: SourceRowNumber,
  /** Its cells as they stand, by the columns of the page. */
  values: z.array(z.string()),
  what: z.enum(['sent', 'replaced', 'merged', 'notSent']),
});
export type RepeatedRow = z.infer<typeof RepeatedRow>;

export const RepeatedGroup = z.object({
  all: z.array(SourceRowNumber),
  /** The first of them. */
  rows: z.array(RepeatedRow),
  /** null where the mapping's rule holds. */
  choice: RepeatKeep.nullable(),
});
export type RepeatedGroup = z.infer<typeof RepeatedGroup>;

export const RepeatedPage = z.object({
  source: Digest,
  /** Places of the columns whose cells are shown. */
  columns: z.array(z.number()),
  groups: z.array(RepeatedGroup),
  total: z.number(),
});
export type RepeatedPage = z.infer<typeof RepeatedPage>;
