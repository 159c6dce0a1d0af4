import { z } from 'zod';

/** What holds a run of a job although it fits; null: nothing of the kind does. */
export const JobGuards = z.object({
  /** Rows that are fewer than those of the last run by more than this share, per cent. */
  shrunkPercent: z.number().min(1).max(100).nullable(),
  /** More changes than so many times those that its runs usually make. */
  changesTimes: z.number().min(1).max(1000).nullable(),
  /** Deletes of more than this share of the object's records, per cent. */
  deletesPercent: z.number().min(0).max(100).nullable(),
  /** More deletes than this. */
  deletes: z.number().int().nonnegative().nullable(),
  /** A load stops once more than this share of the rows that were worked on has failed, per cent; one that it did not stop has failed by it. */
  failedPercent: z.number().min(1).max(100).nullable(),
  /** So many failed runs, one after another: the next one is held. */
  failedRuns: z.number().int().min(1).max(100).nullable(),
});
export type JobGuards = z.infer<typeof JobGuards>;

/** Those of a job that doesn't say otherwise. */
export const USUAL_GUARDS: JobGuards = {
  shrunkPercent: 20,
  changesTimes: 5,
  deletesPercent: 5,
  deletes: null,
  failedPercent: 10,
  failedRuns: 3,
};
