import { z } from 'zod';

/** States of a Bulk API 2.0 ingest job as Salesforce prints them. */
export const IngestJobState = z.enum(['Open', 'UploadComplete', 'InProgress', 'JobComplete', 'Failed', 'Aborted']);
export type IngestJobState = z.infer<typeof IngestJobState>;

export function isTerminal(state: IngestJobState): boolean {
  return state === 'JobComplete' || state === 'Failed' || state === 'Aborted';
}

export const IngestJobInfo = z.object({
  id: z.string(),
  state: IngestJobState,
  numberRecordsProcessed: z.number().default(0),
  numberRecordsFailed: z.number().default(0),
  errorMessage: z.string().nullish(),
  /** Of a job whose rows are worked on as soon as they have arrived: whether any have. */
  hasRows: z.boolean().optional(),
  /** Whether it was aborted, and comes to its end when what was begun is done. */
  isAborted: z.boolean().optional(),
});
export type IngestJobInfo = z.infer<typeof IngestJobInfo>;
