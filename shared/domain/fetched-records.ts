import { z } from 'zod';

/**
 * How records were asked for: not at all, for there were no keys; key lists in REST queries; Ids, 2,000 a call, through sObject
 * Collections; key lists in query jobs; one query job over the whole object.
 */
export const FetchWay = z.enum(['none', 'key-lists', 'collections', 'key-jobs', 'object']);
export type FetchWay = z.infer<typeof FetchWay>;

/** What fetching a plan's records took. */
export const FetchedRecords = z.object({
  way: FetchWay,
  /** Records that came; of a whole object more than rows name. */
  records: z.number(),
  /** Of all tries, where it had broken off. */
  apiCalls: z.number(),
  /** When it began, in milliseconds since the epoch, by the org's clock. */
  at: z.number(),
  /** It had broken off, and what was fetched until then was kept. */
  resumed: z.boolean(),
  /** It was fetched for an earlier plan. */
  reused: z.boolean(),
});
export type FetchedRecords = z.infer<typeof FetchedRecords>;
