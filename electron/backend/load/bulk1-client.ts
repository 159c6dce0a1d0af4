import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { IngestJobInfo } from '../../../shared/domain/ingest-job.ts';
import { RefusedByOrg } from '../orgs/org-answers.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import { API_VERSION } from '../orgs/org-requests.ts';
import { xmlText } from '../orgs/xml-text.ts';
import {
  listJobs,
  sameId,
  type IngestJobSpec,
  type JobClient,
  type ListedJob,
  type ResultFile,
} from './ingest-job-client.ts';

/** What a job ends with whose batch was never begun: none of its rows was saved (Bulk API guide, "Interpret Batch State"). */
export const NOT_PROCESSED = 'NotProcessed';

const JOBS = `/services/async/${API_VERSION}/job`;
const NAMESPACE = 'http://www.force.com/2009/06/asyncapi/dataload';

/** One batch is worked on after another, of this job and of all others of this mode (Bulk API guide, "General Guidelines for Data Loads"). */
const MODE = 'Serial';

const parser = new XMLParser({
  removeNSPrefix: true,
  parseTagValue: false,
  isArray: (name, path) => name === 'batchInfo' && String(path).startsWith('batchInfoList'),
});
const count = z.coerce.number().default(0);

/** Bulk API guide, "JobInfo". */
const Job = z.object({
  jobInfo: z.object({
    id: z.string(),
    state: z.enum(['Open', 'Closed', 'Aborted', 'Failed']),
    concurrencyMode: z.string().nullish(),
    contentType: z.string().nullish(),
    externalIdFieldName: z.string().nullish(),
    assignmentRuleId: z.string().nullish(),
    apiVersion: z.coerce.number(),
    numberBatchesQueued: count,
    numberBatchesInProgress: count,
    numberBatchesCompleted: count,
    numberBatchesFailed: count,
    numberBatchesTotal: count,
    numberRecordsProcessed: count,
    numberRecordsFailed: count,
  }),
});
type Job = z.infer<typeof Job>['jobInfo'];

/** Bulk API guide, "BatchInfo"; a job without any has an empty list, which parses as a text. */
const Batches = z.object({
  batchInfoList: z.union([
    z.object({
      batchInfo: z
        .array(z.object({ id: z.string(), state: z.string(), stateMessage: z.string().nullish() }))
        .default([]),
    }),
    z.literal('').transform(() => ({ batchInfo: [] })),
  ]),
});

/**
 * The requests of a Bulk API 1.0 job with one batch, as those of an ingest job are (`IngestJobClient`). Its rows are worked on from the
 * moment on that they have arrived, in the order in which they were sent, and its results come in that order (Bulk API guide, "How Bulk API
 * Works", "Get Batch Results").
 */
export class Bulk1Client implements JobClient {
  readonly startsAtOnce = true;
  readonly #http: Pick<OrgClient, 'json' | 'text' | 'upload' | 'download'>;

  constructor(http: Pick<OrgClient, 'json' | 'text' | 'upload' | 'download'>) {
    this.#http = http;
  }

  async create(spec: IngestJobSpec, signal: AbortSignal): Promise<string> {
    // In the order of the schema, which a job that is out of it does not pass (Bulk API guide, "JobInfo").
    const body = jobXml({
      operation: spec.operation,
      object: spec.object,
      ...(spec.externalIdFieldName === null ? {} : { externalIdFieldName: spec.externalIdFieldName }),
      concurrencyMode: MODE,
      contentType: 'CSV',
      ...(spec.assignmentRuleId === null ? {} : { assignmentRuleId: spec.assignmentRuleId }),
    });
    return (await this.#job('POST', JOBS, signal, body)).id;
  }

  async isLike(jobId: string, spec: IngestJobSpec, signal: AbortSignal): Promise<boolean> {
    const job = await this.#job('GET', `${JOBS}/${jobId}`, signal);
    return (
      job.state === 'Open' &&
      job.numberBatchesTotal === 0 &&
      job.apiVersion === Number(API_VERSION) &&
      job.concurrencyMode === MODE &&
      job.contentType === 'CSV' &&
      (job.externalIdFieldName ?? null) === spec.externalIdFieldName &&
      (job.assignmentRuleId ?? '').slice(0, 15) === (spec.assignmentRuleId ?? '').slice(0, 15)
    );
  }

  /** The commit point: from here on the org works on the rows. */
  upload(jobId: string, file: string, signal: AbortSignal): Promise<{ bytes: number; sha256: string }> {
    return this.#found(() => this.#http.upload(`${JOBS}/${jobId}/batch`, file, signal, 'POST'));
  }

  /** Says that no more rows come. */
  async close(jobId: string, signal: AbortSignal): Promise<void> {
    await this.#job('POST', `${JOBS}/${jobId}`, signal, jobXml({ state: 'Closed' }));
  }

  async abort(jobId: string, signal: AbortSignal): Promise<void> {
    await this.#job('POST', `${JOBS}/${jobId}`, signal, jobXml({ state: 'Aborted' }));
  }

  /** The job's state as an ingest job would have it. Throws `ORG_ANSWER_UNREADABLE` for an answer about another job. */
  async info(jobId: string, signal: AbortSignal): Promise<IngestJobInfo> {
    const path = `${JOBS}/${jobId}`;
    const job = await this.#job('GET', path, signal);
    if (!sameId(job.id, jobId)) throw unreadable(`GET ${path}`);
    const state = stateOf(job);
    const hasFailed = state === 'Failed' && job.numberBatchesFailed > 0;
    const [batch] = hasFailed ? await this.batches(jobId, signal) : [];
    const isUntouched = job.numberBatchesTotal > 0 && job.numberBatchesCompleted + job.numberBatchesFailed === 0;
    return {
      id: job.id,
      state,
      numberRecordsProcessed: job.numberRecordsProcessed,
      numberRecordsFailed: job.numberRecordsFailed,
      errorMessage: hasFailed ? (batch?.stateMessage ?? '') : isUntouched ? NOT_PROCESSED : null,
      hasRows: job.numberBatchesTotal > 0,
      isAborted: job.state === 'Aborted',
    };
  }

  /** The batches of a job: one at most is ours to make. */
  async batches(
    jobId: string,
    signal: AbortSignal,
  ): Promise<{ id: string; stateMessage?: string | null | undefined }[]> {
    const path = `${JOBS}/${jobId}/batch`;
    const text = await this.#found(() => this.#http.text('GET', path, signal));
    const parsed = Batches.safeParse(xmlOf(text));
    if (!parsed.success) throw unreadable(`GET ${path}`);
    return parsed.data.batchInfoList.batchInfo;
  }

  /** All results of a batch are in one file, a line for each row in its order; there are no others. */
  async results(jobId: string, kind: ResultFile, file: string, signal: AbortSignal): Promise<{ sha256: string }> {
    const [batch, another] = kind === 'successfulResults' ? await this.batches(jobId, signal) : [];
    if (!batch || another) throw new RefusedByOrg(404, 'NotFound', `job ${jobId} has no one batch`);
    return this.#found(() => this.#http.download(`${JOBS}/${jobId}/batch/${batch.id}/result`, file, signal));
  }

  /** Bulk API 2.0 lists jobs of both (Bulk API 2.0 guide, "Get Information About All Jobs", `jobType`). */
  list(signal: AbortSignal): AsyncGenerator<ListedJob[]> {
    return listJobs(this.#http, 'Classic', signal);
  }

  async #job(method: 'GET' | 'POST', path: string, signal: AbortSignal, body?: string): Promise<Job> {
    const text = await this.#found(() => this.#http.text(method, path, signal, body));
    const parsed = Job.safeParse(xmlOf(text));
    if (!parsed.success) throw unreadable(`${method} ${path}`);
    return parsed.data.jobInfo;
  }

  /** That there is no such job is said with status 400 (Bulk API guide, "Errors": `InvalidJob`). */
  async #found<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      const isGone = error instanceof RefusedByOrg && error.errorCode === 'InvalidJob' && error.status === 400;
      throw isGone ? new RefusedByOrg(404, error.errorCode, error.message, error.retryAfter) : error;
    }
  }
}

/**
 * A batch that was begun is finished even if its job is aborted (Bulk API guide, "Interpret Batch State"): until then the job has not come
 * to its end.
 */
function stateOf(job: Job): IngestJobInfo['state'] {
  if (job.state === 'Open') return 'Open';
  if (job.numberBatchesInProgress > 0 || (job.numberBatchesQueued > 0 && job.state === 'Closed')) return 'InProgress';
  if (job.state === 'Aborted') return 'Aborted';
  if (job.state === 'Failed' || job.numberBatchesFailed > 0) return 'Failed';
  return job.numberBatchesCompleted === job.numberBatchesTotal ? 'JobComplete' : 'Failed';
}

function jobXml(fields: Readonly<Record<string, string>>): string {
  const elements = Object.entries(fields).map(([name, value]) => `<${name}>${xmlText(value)}</${name}>`);
  return `<?xml version="1.0" encoding="UTF-8"?><jobInfo xmlns="${NAMESPACE}">${elements.join('')}</jobInfo>`;
}

function xmlOf(text: string): unknown {
  try {
    return parser.parse(text);
  } catch {
    return null;
  }
}

function unreadable(what: string): FailureError {
  return new FailureError({ code: 'ORG_ANSWER_UNREADABLE', status: 200, what });
}
