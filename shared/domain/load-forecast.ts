import { z } from 'zod';
import type { OrgLimit } from './org-facts.ts';

const Range = z.object({ least: z.number(), most: z.number() });
const Left = z.object({ max: z.number(), remaining: z.number() }).nullable();

/** What a load would use up of its org, worked out from its plan; and what the org has left. */
export const LoadForecast = z.object({
  /** Calls that the load makes however fast the org is, and those it makes if it takes as long as `seconds` says; null if that is unknown. */
  apiCalls: z.object({ least: z.number(), most: z.number().nullable() }),
  /** Of the Bulk API: ten thousand records each, job by job (Bulk API 2.0 Developer Guide, "Limits and Allocations"). */
  batches: Range,
  /** Data storage that new records take, in MB. Deleted ones give theirs back only when the Recycle Bin is emptied. */
  storageMB: z.number(),
  /** Published where Change Data Capture is on for the object, which an org does not tell: one for each record. */
  changeEvents: z.number(),
  /** From the pace of earlier loads into this org; null if there are none. */
  seconds: Range.nullable(),
  /** null for what the org does not tell. */
  left: z.object({ apiCalls: Left, batches: Left, storageMB: Left }),
});
export type LoadForecast = z.infer<typeof LoadForecast>;

/** The limits of which a load may need more than is left. */
export const FORECAST_LIMITS = {
  apiCalls: 'DailyApiRequests',
  batches: 'DailyBulkApiBatches',
  storageMB: 'DataStorageMB',
} as const satisfies Record<keyof LoadForecast['left'], OrgLimit>;

/** What a load needs at most of a limit, as far as is known. */
export function neededOf(forecast: LoadForecast, what: keyof LoadForecast['left']): number {
  if (what === 'storageMB') return forecast.storageMB;
  return what === 'batches' ? forecast.batches.most : (forecast.apiCalls.most ?? forecast.apiCalls.least);
}

/** The most that a batch holds: records, of either bulk API, and bytes, of Bulk API 1.0 (Bulk API guide, "Bulk API Limits", "Batch size"). */
export const BATCH_ROWS = 10_000;
export const BATCH_BYTES = 10_000_000;

/** Batches of rows that are sent in at most so many jobs: each job may end with one that is not full. */
export function batchesOf(rows: number, jobs: number): { least: number; most: number } {
  const least = Math.ceil(rows / BATCH_ROWS);
  return { least, most: least + Math.max(0, jobs - 1) };
}

/** KB of data storage that a record takes where it isn't two (Salesforce Help 000193871, "Salesforce record size overview"). */
const RECORD_KB: Readonly<Record<string, number>> = { Campaign: 8, CampaignMember: 1 };
const USUAL_KB = 2;

/** MB that new records of an object take; a person account is an account and a contact (Help 000193871). */
export function storageOf(objectName: string, records: number, personAccounts: boolean): number {
  const each = (RECORD_KB[objectName] ?? USUAL_KB) * (personAccounts ? 2 : 1);
  return (records * each) / 1024;
}
