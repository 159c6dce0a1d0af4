import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import { IngestJobInfo } from '../../../shared/domain/ingest-job.ts';
import type { Operation } from '../../../shared/domain/field-mapping.ts';
import { normaliseRecordId } from '../../../shared/domain/ids.ts';
import type { OrgClient } from '../orgs/org-client.ts';

export const RESULT_FILES = ['successfulResults', 'failedResults', 'unprocessedrecords'] as const;
export type ResultFile = (typeof RESULT_FILES)[number];

export interface IngestJobSpec {
  readonly object: string;
  readonly operation: Operation;
  readonly externalIdFieldName: string | null;
}

/** A job in the list of all jobs (Bulk API 2.0 guide, "Get Information About All Jobs"). */
const ListedJob = z.object({
  id: z.string().min(15),
  object: z.string().nullish(),
  operation: z.string(),
  state: z.string(),
  createdById: z.string(),
  createdDate: z.string(),
});
export type ListedJob = z.infer<typeof ListedJob>;
const JobList = z.object({ done: z.boolean(), records: z.array(ListedJob), nextRecordsUrl: z.string().nullish() });

/**
 * The requests of a Bulk API 2.0 ingest job, one each, nothing hidden (Bulk API 2.0 guide, "Bulk API 2.0 Ingest").
 * Our own, not jsforce's: that one re-sends an empty body after a 503 and deletes the job when polling times out
 * (docs/decisions/0003).
 */
export class IngestJobClient {
  readonly #http: Pick<OrgClient, 'json' | 'upload' | 'download'>;

  constructor(http: Pick<OrgClient, 'json' | 'upload' | 'download'>) {
    this.#http = http;
  }

  /** A new, open job. If the answer is lost an empty open job may be left (`findOrphans`). */
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

  /** Throws `ORG_ANSWER_UNREADABLE` for an answer about another job. */
  async info(jobId: string, signal: AbortSignal): Promise<IngestJobInfo> {
    const path = `jobs/ingest/${jobId}`;
    const info = await this.#http.json('GET', path, IngestJobInfo, signal);
    if (!sameId(info.id, jobId))
      throw new FailureError({ code: 'ORG_ANSWER_UNREADABLE', status: 200, what: `GET ${path}` });
    return info;
  }

  async results(jobId: string, kind: ResultFile, file: string, signal: AbortSignal): Promise<{ sha256: string }> {
    return this.#http.download(`jobs/ingest/${jobId}/${kind}`, file, signal);
  }

  /** Every Bulk API 2.0 ingest job that the org still knows, a page at a time. */
  async *list(signal: AbortSignal): AsyncGenerator<ListedJob[]> {
    for (let path: string | null = 'jobs/ingest?jobType=V2Ingest'; path !== null;) {
      const page: z.infer<typeof JobList> = await this.#http.json('GET', path, JobList, signal);
      yield page.records;
      path = page.done ? null : (page.nextRecordsUrl ?? null);
    }
  }
}

function sameId(one: string, other: string): boolean {
  const [a, b] = [normaliseRecordId(one), normaliseRecordId(other)];
  return 'id' in a && 'id' in b && a.id === b.id;
}
