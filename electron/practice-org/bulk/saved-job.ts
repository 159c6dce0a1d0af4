import { z } from 'zod';
import { OPERATIONS } from './process-rows.ts';

export const INGEST_STATES = ['Open', 'UploadComplete', 'InProgress', 'JobComplete', 'Failed', 'Aborted'] as const;

const Info = z.object({
  id: z.string(),
  object: z.string(),
  operation: z.enum(OPERATIONS),
  externalIdFieldName: z.string().nullable(),
  assignmentRuleId: z.string().nullable(),
  lineEnding: z.enum(['LF', 'CRLF']),
  columnDelimiter: z.string(),
  apiVersion: z.string(),
  createdById: z.string(),
  createdBy: z.string(),
  /** Milliseconds, as every time of a job. */
  createdDate: z.number(),
});

const Results = z.object({
  segments: z.array(z.object({ start: z.number(), end: z.number() })),
  order: z.array(z.number()),
});

/** What is kept of an ingest job between starts: everything but its rows, which are in files of their own. */
export const SavedIngestJob = z.object({
  info: Info,
  state: z.enum(INGEST_STATES),
  header: z.array(z.string()),
  processed: z.number(),
  failed: z.number(),
  errorMessage: z.string().nullable(),
  modified: z.number(),
  startedAt: z.number(),
  endedAt: z.number(),
  /** Who closed it, whose rights its rows are saved with. */
  closedBy: z.string().nullable().default(null),
  /** A fault: the message it is to fail with. */
  failWith: z.string().nullable().default(null),
  results: z.object({ successfulresults: Results, failedresults: Results, unprocessedrecords: Results }),
});
export type SavedIngestJob = z.infer<typeof SavedIngestJob>;
export type IngestJobInfo = SavedIngestJob['info'];
export type IngestState = SavedIngestJob['state'];
