import { offsetDateTime } from '../records/field-values.ts';
import type { IngestJobInfo, IngestState } from './saved-job.ts';

/** What an answer says of an ingest job. */
export interface ShownJob {
  readonly info: IngestJobInfo;
  readonly state: IngestState;
  readonly processed: number;
  readonly failed: number;
  readonly errorMessage: string | null;
  readonly modified: number;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** A job as its resource answers it; `full` with what only a GET tells (Bulk API 2.0 guide, "Get Job Info"). */
export function ingestInfo(job: ShownJob, full: boolean): Record<string, unknown> {
  const { info } = job;
  const milliseconds = job.endedAt > 0 ? Math.max(1, job.endedAt - job.startedAt) : 0;
  return {
    id: info.id,
    operation: info.operation,
    object: info.object,
    createdById: info.createdById,
    createdDate: offsetDateTime(info.createdDate),
    systemModstamp: offsetDateTime(job.modified),
    state: job.state,
    ...(info.externalIdFieldName === null ? {} : { externalIdFieldName: info.externalIdFieldName }),
    ...(info.assignmentRuleId === null ? {} : { assignmentRuleId: info.assignmentRuleId }),
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: Number(info.apiVersion),
    ...(job.state === 'Open' ? { contentUrl: `services/data/v${info.apiVersion}/jobs/ingest/${info.id}/batches` } : {}),
    lineEnding: info.lineEnding,
    columnDelimiter: info.columnDelimiter,
    ...(full
      ? {
          jobType: 'V2Ingest',
          numberRecordsProcessed: job.processed,
          numberRecordsFailed: job.failed,
          retries: 0,
          totalProcessingTime: milliseconds,
          apiActiveProcessingTime: milliseconds,
          apexProcessingTime: 0,
          ...(job.errorMessage === null ? {} : { errorMessage: job.errorMessage }),
        }
      : {}),
  };
}
