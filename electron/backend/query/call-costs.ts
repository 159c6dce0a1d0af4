/** What calls take, in seconds: assumed, for orgs differ; only how they compare decides. A query job is queued, and polled ever more slowly. */
export const JOB_SECONDS = 10;
export const JOB_RECORDS_A_SECOND = 10_000;
/** Created, looked at twice, read, and deleted. */
export const CALLS_A_JOB = 5;
/** Records of a page of results, where the org decides (Bulk API 2.0 guide, "Get Results for a Query Job"). */
export const JOB_PAGE = 50_000;

/** What an API call is worth beside the time it takes: an org has so many a day. */
export const CALL_WORTH = 0.5;

/** The cost of a way by which ways are compared. */
export function worth({ calls, seconds }: { readonly calls: number; readonly seconds: number }): number {
  return seconds + calls * CALL_WORTH;
}
