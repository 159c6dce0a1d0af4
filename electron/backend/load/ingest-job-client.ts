import { z } from 'zod';
import { IngestJobInfo } from '../../../shared/domain/ingest-job.ts';
import type { Operation } from '../../../shared/domain/field-mapping.ts';
import type { OrgClient } from '../orgs/org-client.ts';

export const RESULT_FILES = ['successfulResults', 'failedResults', 'unprocessedrecords'] as const;
export type ResultFile = (typeof RESULT_FILES)[number];

export interface IngestJobSpec {
  readonly object: string;
  readonly operation: Operation;
  readonly externalIdFieldName: string | null;
}

/**
 * The requests of a Bulk API 2.0 ingest job, one each, nothing hidden (Bulk API 2.0 guide, "Bulk API 2.0 Ingest").
 * Our own, not jsforce's: that one re-sends an empty body after a 503 and deletes the job when polling times out
 * (docs/decisions/0003).
 */
export class IngestJobClient {
  readonly #http: OrgClient;

  constructor(http: OrgClient) {
    this.#http = http;
  }

  /** A new, open job. If the answer is lost an empty open job may be left, which holds no row and expires by itself. */
  async create(spec: IngestJobSpec, signal: AbortSignal): Promise<string> {
    const body = {
      object: spec.object,
      operation: spec.operation,
      contentType: 'CSV',
      lineEnding: 'LF',
      columnDelimiter: 'COMMA',
      ...(spec.externalIdFieldName === null ? {} : { externalIdFieldName: spec.externalIdFieldName }),
    };
    const job = await this.#http.json('POST', 'jobs/ingest', z.object({ id: z.string().min(15) }), signal, body);
    return job.id;
  }

  upload(jobId: string, file: string, signal: AbortSignal): Promise<{ bytes: number }> {
    return this.#http.upload(`jobs/ingest/${jobId}/batches`, file, signal);
  }

  /** The commit point: from here on the org works on the rows. */
  async close(jobId: string, signal: AbortSignal): Promise<void> {
    await this.#http.json('PATCH', `jobs/ingest/${jobId}`, z.unknown(), signal, { state: 'UploadComplete' });
  }

  async abort(jobId: string, signal: AbortSignal): Promise<void> {
    await this.#http.json('PATCH', `jobs/ingest/${jobId}`, z.unknown(), signal, { state: 'Aborted' });
  }

  info(jobId: string, signal: AbortSignal): Promise<IngestJobInfo> {
    return this.#http.json('GET', `jobs/ingest/${jobId}`, IngestJobInfo, signal);
  }

  async results(jobId: string, kind: ResultFile, file: string, signal: AbortSignal): Promise<string> {
    return (await this.#http.download(`jobs/ingest/${jobId}/${kind}`, file, signal)).sha256;
  }
}
