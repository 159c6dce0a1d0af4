import { createWriteStream, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DAILY_BULK_BATCHES, DAILY_BULK_ROWS } from '../admin/knobs.ts';
import { offsetDateTime } from '../records/field-values.ts';
import { ApiError, methodNotAllowed, notFound } from '../http/api-error.ts';
import { json, type Answer } from '../http/exchange.ts';
import type { Org } from '../org.ts';
import { makeId } from '../records/record-ids.ts';
import type { Session } from '../records/org-data.ts';
import { bodyOf, type Call } from '../rest/call.ts';
import { DELIMITERS } from './csv.ts';
import { IngestJob, type IngestJobInfo, type SavedIngestJob } from './ingest-job.ts';
import { JobFiles, type ResultKind } from './job-files.ts';
import { jobError, jobNamed, jobsPage, stateError, textOr, type JobSummary } from './job-answers.ts';
import { multipartOf, parseJob } from './multipart-job.ts';
import { OPERATIONS } from './process-rows.ts';
import { QueryJobs } from './query-jobs.ts';

/** 150 MB of base64, which is about 112 MB of bytes (Bulk API 2.0 guide, "Upload Job Data"). */
const MAX_UPLOAD = 113 * 1024 * 1024;
const MAX_MULTIPART = 100_000;
/** How long a job may stay open, and how long its results are kept (Bulk API 2.0 guide, limits). */
const OPEN_FOR = 24 * 3_600_000;
const KEPT_FOR = 7 * 24 * 3_600_000;

/** Bulk API 2.0 (Bulk API 2.0 and Bulk API Developer Guide, "Bulk API 2.0 Ingest"), and the way to its queries. */
export class BulkApi2 {
  readonly #org: Org;
  readonly #folder: string;
  readonly #ingest = new Map<string, IngestJob>();
  readonly #queries: QueryJobs;
  #counter = 0;

  constructor(org: Org, folder: string) {
    this.#org = org;
    this.#folder = folder;
    this.#queries = new QueryJobs(org, () => this.#newId());
    mkdirSync(folder, { recursive: true });
  }

  /** Takes up the ended jobs of an earlier run; a job that was still running then has failed. */
  async restore(): Promise<void> {
    for (const id of readdirSync(this.#folder)) {
      const files = new JobFiles(join(this.#folder, id));
      const saved = (await files.load().catch(() => null)) as SavedIngestJob | null;
      if (saved === null) {
        files.remove();
        continue;
      }
      const job = new IngestJob(saved.info, files);
      job.restore(saved, (await files.uploadSize()) > 0);
      this.#ingest.set(job.info.id, job);
      this.#counter = Math.max(this.#counter, Number.parseInt(saved.info.id.slice(6, 15), 36) || 0);
    }
    // Ids of a new run must not meet those of an old one, whichever of them are still there.
    this.#counter = Math.max(this.#counter, Math.floor(Date.now() / 1000));
  }

  #sweep(): void {
    const now = this.#org.data.now();
    for (const job of this.#ingest.values()) {
      if (job.state === 'Open' && job.info.createdDate < now - OPEN_FOR) job.abort(now);
      if (job.ended && job.modified < now - KEPT_FOR) void this.#remove(job);
    }
    this.#queries.sweep(now - KEPT_FOR);
  }

  /** Forgets every job, after `stop`. */
  clear(): void {
    for (const job of this.#ingest.values()) job.files.remove();
    this.#ingest.clear();
    this.#queries.clear();
  }

  /** Ends what runs, so that nobody writes to a folder that is gone. */
  async stop(): Promise<void> {
    const now = this.#org.data.now();
    for (const job of this.#ingest.values()) if (!job.ended && job.state !== 'Open') job.abort(now);
    await Promise.all(Array.from(this.#ingest.values(), (job) => job.stopped));
  }

  async #remove(job: IngestJob): Promise<Answer> {
    this.#ingest.delete(job.info.id);
    if (!job.ended) job.abort(this.#org.data.now());
    await job.stopped;
    job.files.remove();
    return { status: 204 };
  }

  /** For the org's page. */
  list(): JobSummary[] {
    const ingest = [...this.#ingest.values()].map((job) => ({
      id: job.info.id,
      kind: 'Bulk 2.0',
      object: job.info.object,
      operation: job.info.operation,
      state: job.state,
      processed: job.processed,
      failed: job.failed,
    }));
    return [...ingest, ...this.#queries.list()];
  }

  /** True if this request's body is an upload to take with `upload`, not one to read first. */
  takesUpload(method: string, path: readonly string[]): boolean {
    return method === 'PUT' && path[1]?.toLowerCase() === 'ingest' && path[3]?.toLowerCase() === 'batches';
  }

  /** `jobs/…` but for uploads. */
  handle(call: Call): Answer | Promise<Answer> {
    this.#sweep();
    const [, family = '', id, part] = call.path;
    switch (family.toLowerCase()) {
      case 'ingest':
        return id === undefined ? this.#ingestJobs(call) : this.#ingestJob(call, id, part?.toLowerCase());
      case 'query':
        return this.#queries.handle(call, id, part?.toLowerCase());
      default:
        throw notFound();
    }
  }

  /** The data of a job: straight to its file. `keep` bytes of it at most, for the fault that loses some. */
  async upload(call: Call, body: Readable, keep: number): Promise<Answer> {
    const job = jobNamed(this.#ingest, call.path[2] ?? '');
    if (job.state !== 'Open') throw stateError(`Unable to upload data: job ${job.info.id} is in state ${job.state}`);
    if (job.uploaded)
      throw new ApiError(
        400,
        'BULK_API_ERROR',
        `Found multiple contents for job: <${job.info.id}>, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job and make sure you only do 'PUT' once on a given Job.`,
      );
    // Taken at once: a second upload that comes while this one is still coming is refused.
    job.uploaded = true;
    let size = 0;
    let kept = 0;
    const limit = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        size += chunk.length;
        if (size > MAX_UPLOAD) {
          done(new ApiError(413, 'REQUEST_ENTITY_TOO_LARGE', 'Request entity is too large'));
          return;
        }
        const part = chunk.subarray(0, Math.max(0, keep - kept));
        kept += part.length;
        done(null, part);
      },
    });
    try {
      await pipeline(body, limit, createWriteStream(job.files.upload));
    } catch (error) {
      job.uploaded = false;
      if (error instanceof ApiError) throw error;
      throw new ApiError(400, 'BAD_REQUEST', 'the upload ended before it was complete');
    }
    return { status: 201 };
  }

  #newId(): string {
    return makeId('750', ++this.#counter);
  }

  #ingestJobs(call: Call): Answer {
    const { method } = call.exchange;
    if (method === 'POST') return this.#createIngest(call);
    if (method !== 'GET') throw methodNotAllowed(method, 'GET,POST');
    if (call.exchange.query.get('jobType') === 'Classic')
      return json(200, { done: true, records: [], nextRecordsUrl: null });
    return jobsPage(
      call,
      [...this.#ingest.values()].map((job) => this.#ingestInfo(job, true)),
      'ingest',
    );
  }

  #createIngest(call: Call): Answer {
    if (this.#org.used.batches >= DAILY_BULK_BATCHES)
      throw new ApiError(403, 'EXCEEDEDQUOTA', 'ExceededQuota : Maximum number of batches in 24 hours exceeded');
    if (this.#org.used.bulkRows >= DAILY_BULK_ROWS)
      throw new ApiError(403, 'EXCEEDEDQUOTA', 'ExceededQuota : Maximum number of records in 24 hours exceeded');
    const multipart = /^multipart\/form-data;.*\bboundary="?([^";]+)/i.exec(
      String(call.exchange.headers['content-type'] ?? ''),
    )?.[1];
    const parts = multipart === undefined ? null : multipartOf(call.exchange.body, multipart);
    const body = parts ? parseJob(parts.job) : bodyOf(call);
    const operation = OPERATIONS.find((candidate) => candidate === body['operation']);
    if (!operation) throw jobError(`Unable to find operation: ${textOr(body['operation'], 'null')}`);
    const table = this.#org.data.store.table(textOr(body['object'], ''));
    if (!table || table.object.readOnly)
      throw new ApiError(
        400,
        'INVALIDENTITY',
        `InvalidEntity : Entity '${textOr(body['object'], '')}' is not supported by the Bulk API.`,
      );
    if (operation === 'hardDelete' && !call.session.profile.has('BulkApiHardDelete'))
      throw new ApiError(
        400,
        'FEATURENOTENABLED',
        'FeatureNotEnabled : hardDelete operation requires special user profile permission, please contact your system administrator',
      );
    const externalIdFieldName =
      body['externalIdFieldName'] === undefined ? null : textOr(body['externalIdFieldName'], '');
    if (operation === 'upsert') {
      const field = table.field(externalIdFieldName ?? '');
      if (!field || !(field.idLookup || field.type === 'id'))
        throw jobError(
          `Field name provided, ${externalIdFieldName ?? 'null'} does not match an External ID, Salesforce Id, or indexed field for ${table.object.name}`,
        );
    }
    const columnDelimiter = textOr(body['columnDelimiter'], 'COMMA');
    if (!(columnDelimiter in DELIMITERS)) throw jobError(`Unsupported column delimiter ${columnDelimiter}`);
    const lineEnding = textOr(body['lineEnding'], 'LF');
    if (lineEnding !== 'LF' && lineEnding !== 'CRLF') throw jobError(`Unsupported line ending ${lineEnding}`);
    if (textOr(body['contentType'], 'CSV') !== 'CSV') throw jobError('Only CSV is supported as content type');
    const info: IngestJobInfo = {
      id: this.#newId(),
      object: table.object.name,
      operation,
      externalIdFieldName,
      assignmentRuleId: body['assignmentRuleId'] === undefined ? null : textOr(body['assignmentRuleId'], ''),
      lineEnding,
      columnDelimiter,
      apiVersion: call.version,
      createdById: call.session.userId,
      createdBy: call.session.username,
      createdDate: this.#org.data.now(),
    };
    const job = new IngestJob(info, new JobFiles(join(this.#folder, info.id)));
    this.#ingest.set(info.id, job);
    job.files.save(job);
    if (parts) {
      if (parts.content.length > MAX_MULTIPART)
        throw jobError(`The data of a multipart job may have at most ${MAX_MULTIPART} characters`);
      void Readable.from([parts.content])
        .pipe(createWriteStream(job.files.upload))
        .on('finish', () => this.#close(job, call.session));
      job.uploaded = true;
      job.setState('UploadComplete', this.#org.data.now());
    }
    return json(200, this.#ingestInfo(job, false));
  }

  #ingestJob(call: Call, id: string, part: string | undefined): Answer | Promise<Answer> {
    const job = jobNamed(this.#ingest, id);
    const { method } = call.exchange;
    switch (`${method} ${part ?? ''}`) {
      case 'GET ':
        return json(200, this.#ingestInfo(job, true));
      case 'PATCH ':
        return this.#changeState(call, job);
      case 'DELETE ':
        if (job.state === 'Open' || job.state === 'InProgress')
          throw new ApiError(
            400,
            'API_ERROR',
            'Error encountered when deleting the job because the job is not terminated',
          );
        return this.#remove(job);
      case 'GET successfulresults':
      case 'GET failedresults':
      case 'GET unprocessedrecords':
        if (!job.ended) throw stateError(`Results are not available while the job is ${job.state}`);
        if (Number(job.info.apiVersion) !== Number(call.version) && Number(call.version) < 41)
          throw new ApiError(409, 'API_VERSION_MISMATCH', 'The API version does not match');
        return {
          status: 200,
          headers: { 'Content-Type': 'text/csv;charset=UTF-8' },
          body: job.read(part as ResultKind),
        };
      default:
        throw methodNotAllowed(method, part === undefined ? 'GET,PATCH,DELETE' : part === 'batches' ? 'PUT' : 'GET');
    }
  }

  async #changeState(call: Call, job: IngestJob): Promise<Answer> {
    const wanted = bodyOf(call)['state'];
    const now = this.#org.data.now();
    if (wanted === 'UploadComplete' && job.state === 'Open') {
      job.setState('UploadComplete', now);
      this.#close(job, call.session);
      return json(200, this.#ingestInfo(job, false));
    }
    if (wanted === 'Aborted' && !job.ended) {
      const untouched = job.state === 'Open';
      job.abort(now);
      if (untouched) job.files.dropUpload();
      await job.stopped;
      return json(200, this.#ingestInfo(job, false));
    }
    throw stateError(`Job state transition from ${job.state} to ${textOr(wanted, 'null')} is not allowed`);
  }

  #close(job: IngestJob, session: Session): void {
    const table = this.#org.data.store.table(job.info.object);
    const fail = this.#org.failNextJob;
    this.#org.failNextJob = null;
    if (!table) return;
    job.stopped = job
      .process(this.#org, session, table, fail)
      .catch((error: unknown) => {
        process.stderr.write(
          `practice org: job ${job.info.id}: ${error instanceof Error ? (error.stack ?? '') : String(error)}\n`,
        );
        job.errorMessage = 'InternalServerError : Unknown exception while processing the job';
        job.setState('Failed', this.#org.data.now());
      })
      .then(() => job.files.save(job));
    job.files.save(job);
  }

  #ingestInfo(job: IngestJob, full: boolean): Record<string, unknown> {
    const { info } = job;
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
      ...(job.state === 'Open'
        ? { contentUrl: `services/data/v${info.apiVersion}/jobs/ingest/${info.id}/batches` }
        : {}),
      lineEnding: info.lineEnding,
      columnDelimiter: info.columnDelimiter,
      ...(full
        ? {
            jobType: 'V2Ingest',
            numberRecordsProcessed: job.processed,
            numberRecordsFailed: job.failed,
            retries: 0,
            totalProcessingTime: job.endedAt > 0 ? Math.max(1, job.endedAt - job.startedAt) : 0,
            apiActiveProcessingTime: job.endedAt > 0 ? Math.max(1, job.endedAt - job.startedAt) : 0,
            apexProcessingTime: 0,
            ...(job.errorMessage === null ? {} : { errorMessage: job.errorMessage }),
          }
        : {}),
    };
  }
}
