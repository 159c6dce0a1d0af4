import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import { IngestJobInfo } from '../../../shared/domain/ingest-job.ts';
import type { Operation } from '../../../shared/domain/field-mapping.ts';
import { normaliseRecordId } from '../../../shared/domain/ids.ts';
import { API_VERSION } from '../orgs/org-requests.ts';
import type { OrgClient } from '../orgs/org-client.ts';

export const RESULT_FILES = ['successfulResults', 'failedResults', 'unprocessedrecords'] as const;
export type ResultFile = (typeof RESULT_FILES)[number];

export interface IngestJobSpec {
  readonly object: string;
  readonly operation: Operation;
  readonly externalIdFieldName: string | null;
  /** Id of the assignment rule that gives cases or leads their owner; null for none. */
  readonly assignmentRuleId: string | null;
}

/** What every job of ours is made with. */
const SETTINGS = { contentType: 'CSV', lineEnding: 'LF', columnDelimiter: 'COMMA' } as const;

/** How a job was made (Bulk API 2.0 guide, "Get Information About an Ingest Job"). */
const MadeJob = z.object({
  state: z.string(),
  apiVersion: z.union([z.number(), z.string().transform(Number)]),
  externalIdFieldName: z.string().nullish(),
  assignmentRuleId: z.string().nullish(),
  contentType: z.string().nullish(),
  lineEnding: z.string().nullish(),
  columnDelimiter: z.string().nullish(),
});

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

/** The requests of a job that takes a part's rows, whichever of the two bulk APIs it is of; one each, nothing hidden. */
export interface JobClient {
  /** Whether rows are worked on as soon as they have arrived, and not only once the job is closed. */
  readonly startsAtOnce: boolean;
  create(spec: IngestJobSpec, signal: AbortSignal): Promise<string>;
  isLike(jobId: string, spec: IngestJobSpec, signal: AbortSignal): Promise<boolean>;
  upload(jobId: string, file: string, signal: AbortSignal): Promise<{ bytes: number; sha256: string }>;
  close(jobId: string, signal: AbortSignal): Promise<void>;
  abort(jobId: string, signal: AbortSignal): Promise<void>;
  info(jobId: string, signal: AbortSignal): Promise<IngestJobInfo>;
  results(jobId: string, kind: ResultFile, file: string, signal: AbortSignal): Promise<{ sha256: string }>;
  list(signal: AbortSignal): AsyncGenerator<ListedJob[]>;
}

/**
 * The requests of a Bulk API 2.0 ingest job, one each, nothing hidden (Bulk API 2.0 guide, "Bulk API 2.0 Ingest").
 * Our own, not jsforce's: that one re-sends an empty body after a 503 and deletes the job when polling times out
 * (docs/decisions/0003).
 */
export class IngestJobClient implements JobClient {
  readonly startsAtOnce = false;
  readonly #http: Pick<OrgClient, 'json' | 'upload' | 'download'>;

  constructor(http: Pick<OrgClient, 'json' | 'upload' | 'download'>) {
    this.#http = http;
  }

  /** A new, open job. If the answer is lost an empty open job may be left (`leave-no-job-open.ts`). */
  async create(spec: IngestJobSpec, signal: AbortSignal): Promise<string> {
    const body = {
      object: spec.object,
      operation: spec.operation,
      ...SETTINGS,
      ...(spec.externalIdFieldName === null ? {} : { externalIdFieldName: spec.externalIdFieldName }),
      ...(spec.assignmentRuleId === null ? {} : { assignmentRuleId: spec.assignmentRuleId }),
    };
    const job = await this.#http.json('POST', 'jobs/ingest', z.object({ id: z.string().min(15) }), signal, body);
    return job.id;
  }

  /** Whether a job was made with every setting that ours are made with. */
  async isLike(jobId: string, spec: IngestJobSpec, signal: AbortSignal): Promise<boolean> {
    const job = await this.#http.json('GET', `jobs/ingest/${jobId}`, MadeJob, signal);
    const settings = Object.entries(SETTINGS) as [keyof typeof SETTINGS, string][];
    return (
      job.state === 'Open' &&
      String(job.apiVersion) === String(Number(API_VERSION)) &&
      (job.externalIdFieldName ?? null) === spec.externalIdFieldName &&
      (job.assignmentRuleId ?? '').slice(0, 15) === (spec.assignmentRuleId ?? '').slice(0, 15) &&
      settings.every(([name, value]) => (job[name] ?? value) === value)
    );
  }

  upload(jobId: string, file: string, signal: AbortSignal): Promise<{ bytes: number; sha256: string }> {
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
  list(signal: AbortSignal): AsyncGenerator<ListedJob[]> {
    return listJobs(this.#http, 'V2Ingest', signal);
  }
}

/** Every job of a kind that the org still knows, a page at a time. */
export async function* listJobs(
  http: Pick<OrgClient, 'json'>,
  jobType: 'V2Ingest' | 'Classic',
  signal: AbortSignal,
): AsyncGenerator<ListedJob[]> {
  const seen = new Set<string>();
  for (let path: string | null = `jobs/ingest?jobType=${jobType}`; path !== null;) {
    seen.add(path);
    const page: z.infer<typeof JobList> = await http.json('GET', path, JobList, signal);
    yield page.records;
    const next: string | null = page.done ? null : (page.nextRecordsUrl ?? '');
    // A list that goes on nowhere, or round in a circle, is no list.
    if (next !== null && (next === '' || seen.has(next)))
      throw new FailureError({ code: 'ORG_ANSWER_UNREADABLE', status: 200, what: `GET ${path}` });
    path = next;
  }
}

export function sameId(one: string, other: string): boolean {
  const [a, b] = [normaliseRecordId(one), normaliseRecordId(other)];
  return 'id' in a && 'id' in b && a.id === b.id;
}
