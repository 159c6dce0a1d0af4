import { createWriteStream, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DAILY_BULK_BATCHES, DAILY_BULK_ROWS } from '../admin/knobs.ts';
import { ApiError, methodNotAllowed, notFound } from '../http/api-error.ts';
import { json, type Answer } from '../http/exchange.ts';
import type { Org } from '../org.ts';
import { counterOf, makeId } from '../records/record-ids.ts';
import type { Session } from '../records/org-data.ts';
import { bodyOf, type Call } from '../rest/call.ts';
import { DELIMITERS } from './csv.ts';
import { ingestInfo } from './ingest-answers.ts';
import { IngestJob } from './ingest-job.ts';
import { JobFiles, type ResultKind } from './job-files.ts';
import { jobError, jobNamed, jobsPage, stateError, textOr, type JobSummary } from './job-answers.ts';
import { multipartOf, parseJob } from './multipart-job.ts';
import { OPERATIONS } from './process-rows.ts';
import { QueryJobs } from './query-jobs.ts';
import { SavedIngestJob, type IngestJobInfo, type IngestState } from './saved-job.ts';

/** 150 MB of base64, which is about 112 MB of bytes (Bulk API 2.0 guide, "Upload Job Data"). */
const MAX_UPLOAD = 113 * 1024 * 1024;
const MAX_MULTIPART = 100_000;
/** How long a job may stay open, and how long its results are kept (Bulk API 2.0 guide, limits). */
const OPEN_FOR = 24 * 3_600_000;
const KEPT_FOR = 7 * 24 * 3_600_000;
/** A job that was only just made. */
const NEW_JOB = { state: 'Open', processed: 0, failed: 0, errorMessage: null, startedAt: 0, endedAt: 0 } as const;

/** Bulk API 2.0 (Bulk API 2.0 and Bulk API Developer Guide, "Bulk API 2.0 Ingest"), and the way to its queries. */
export class BulkApi2 {
  readonly #org: Org;
  readonly #folder: string;
  readonly #ingest = new Map<string, IngestJob>();
  readonly #log: { noteJobEnded: (jobId: string) => void } | null;
  readonly #queries: QueryJobs;
  /** Those of Bulk API 1.0. */
  readonly #classicJobs: () => Record<string, unknown>[];
  #counter = 0;

  constructor(
    org: Org,
    folder: string,
    log: { noteJobEnded: (jobId: string) => void } | null,
    classicJobs: () => Record<string, unknown>[],
  ) {
    this.#org = org;
    this.#classicJobs = classicJobs;
    this.#folder = folder;
    this.#log = log;
    this.#queries = new QueryJobs(org, () => this.#newId());
    mkdirSync(folder, { recursive: true });
  }

  /** Takes up the jobs of an earlier run, and goes on with those that had not ended; `done` has how many of their rows are saved. */
  async restore(done: ReadonlyMap<string, number>): Promise<void> {
    for (const id of readdirSync(this.#folder)) {
      const files = new JobFiles(join(this.#folder, id));
      const saved = SavedIngestJob.safeParse(await files.load().catch(() => null));
      if (!saved.success) {
        process.stderr.write(`practice org: job ${id} cannot be read and is forgotten\n`);
        files.remove();
        continue;
      }
      const job = new IngestJob(saved.data.info, files);
      job.restore(saved.data);
      this.#ingest.set(job.info.id, job);
      this.#counter = Math.max(this.#counter, counterOf(job.info.id));
      if (!job.unfinished) continue;
      if (job.closedBy === null) {
        // Closed under an earlier version, which did not keep how far it had come.
        job.fail('InternalServerError : The practice org was stopped while the job was running', this.#org.data.now());
        continue;
      }
      await job.takeUp(done.get(id) ?? 0);
      this.#work(job, this.#org.data.session(job.closedBy), done.get(id) ?? 0);
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

  /** Lets go of what runs; the next start goes on with it. */
  async suspend(): Promise<void> {
    for (const job of this.#ingest.values()) job.suspend();
    await Promise.all(Array.from(this.#ingest.values(), (job) => job.stopped));
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

  /** Takes a job with its results away, as Salesforce does in time; one that still runs is ended first. False if there is none. */
  async purge(id: string): Promise<boolean> {
    const job = this.#ingest.get(id);
    if (!job) return this.#queries.purge(id);
    await this.#remove(job);
    return true;
  }

  /** Purges every ingest job that has ended; how many. */
  async purgeEnded(): Promise<number> {
    const ended = [...this.#ingest.values()].filter((job) => job.ended);
    await Promise.all(ended.map((job) => this.#remove(job)));
    return ended.length;
  }

  /** For a fault: an ended job other than `except`, `wanted` or the newest one; null if there is none. */
  anotherJob(family: string, except: string, wanted: string | undefined): string | null {
    const others =
      family === 'query'
        ? this.#queries.complete(except)
        : [...this.#ingest.values()].flatMap((job) => (job.ended && job.info.id !== except ? [job.info.id] : []));
    return (wanted === undefined ? others.at(-1) : others.find((id) => id === wanted)) ?? null;
  }

  /** For a fault: the answer a request would get, without any effect. Null for requests that have none anyway. */
  pretend(call: Call, uploaded: number): Answer | null {
    const [, family = '', id, part] = call.path;
    const { method } = call.exchange;
    if (method === 'GET') return null;
    if (family.toLowerCase() !== 'ingest') return this.#queries.pretend(call, id);
    if (id === undefined) {
      const { info } = this.#newJob(call);
      const modified = info.createdDate;
      return json(200, ingestInfo({ ...NEW_JOB, info, modified }, false));
    }
    const job = jobNamed(this.#ingest, id);
    if (part?.toLowerCase() === 'batches') return { status: uploaded };
    if (method === 'DELETE') return { status: 204 };
    const state = textOr(bodyOf(call)['state'], job.state) as IngestState;
    return json(200, ingestInfo({ ...job.shown(this.#org.data.now()), state }, false));
  }

  /** Every ingest job as it is, whatever its callers are told. */
  ingestJobs(): JobSummary[] {
    return this.list().filter(({ id }) => this.#ingest.has(id));
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
      await pipeline(body, limit, createWriteStream(job.files.incoming));
    } catch (error) {
      job.uploaded = false;
      if (error instanceof ApiError) throw error;
      throw new ApiError(400, 'BAD_REQUEST', 'the upload ended before it was complete');
    }
    // The job may have been deleted while its rows came.
    if (!this.#ingest.has(job.info.id)) throw notFound();
    job.files.keepUpload();
    return { status: 201 };
  }

  #newId(): string {
    return makeId('750', ++this.#counter);
  }

  #ingestJobs(call: Call): Answer {
    const { method } = call.exchange;
    if (method === 'POST') return this.#createIngest(call);
    if (method !== 'GET') throw methodNotAllowed(method, 'GET,POST');
    if (call.exchange.query.get('jobType') === 'Classic') return jobsPage(call, this.#classicJobs(), 'ingest');
    return jobsPage(
      call,
      [...this.#ingest.values()].map((job) => this.#info(job, true)),
      'ingest',
    );
  }

  #createIngest(call: Call): Answer {
    const { info, content } = this.#newJob(call);
    const job = new IngestJob(info, new JobFiles(join(this.#folder, info.id)));
    this.#ingest.set(info.id, job);
    job.files.save(job);
    if (content !== null) {
      writeFileSync(job.files.upload, content);
      job.uploaded = true;
      this.#close(job, call.session);
    }
    return json(200, this.#info(job, false));
  }

  /** The job that a request asks for, and its rows if they came along; throws what Salesforce refuses. */
  #newJob(call: Call): { info: IngestJobInfo; content: string | null } {
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
    if (parts && parts.content.length > MAX_MULTIPART)
      throw jobError(`The data of a multipart job may have at most ${MAX_MULTIPART} characters`);
    return { info, content: parts?.content ?? null };
  }

  #ingestJob(call: Call, id: string, part: string | undefined): Answer | Promise<Answer> {
    const job = jobNamed(this.#ingest, id);
    const shown = job.shown(this.#org.data.now());
    const { method } = call.exchange;
    switch (`${method} ${part ?? ''}`) {
      case 'GET ':
        return json(200, this.#info(job, true));
      case 'PATCH ':
        return this.#changeState(call, job);
      case 'DELETE ':
        if (shown.state === 'Open' || shown.state === 'InProgress')
          throw new ApiError(
            400,
            'API_ERROR',
            'Error encountered when deleting the job because the job is not terminated',
          );
        return this.#remove(job);
      case 'GET successfulresults':
      case 'GET failedresults':
      case 'GET unprocessedrecords':
        if (!job.ended || shown.state === 'Open')
          throw stateError(`Results are not available while the job is ${shown.state}`);
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
      this.#close(job, call.session);
      const answer = json(200, this.#info(job, false));
      job.shownOpenUntil = now + this.#org.knobs.commitLatency;
      return answer;
    }
    // Closed already, which cannot be seen yet: closing it again changes nothing.
    if (wanted === 'UploadComplete' && job.shown(now).state === 'Open')
      return json(200, ingestInfo({ ...job.shown(now), state: 'UploadComplete' }, false));
    if (wanted === 'Aborted' && !job.ended) {
      job.abort(now);
      await job.stopped;
      return json(200, this.#info(job, false));
    }
    throw stateError(`Job state transition from ${job.state} to ${textOr(wanted, 'null')} is not allowed`);
  }

  #close(job: IngestJob, session: Session): void {
    job.setState('UploadComplete', this.#org.data.now());
    job.closedBy = session.username;
    job.failWith = this.#org.failNextJob;
    this.#org.failNextJob = null;
    job.files.save(job);
    this.#work(job, session, 0);
  }

  /** Works on a closed job in the background; `done` of its rows are saved already. */
  #work(job: IngestJob, session: Session | null, done: number): void {
    const { data } = this.#org;
    const table = data.store.table(job.info.object);
    if (!table || !session) {
      job.fail(`InternalServerError : ${table ? 'The user' : 'The object'} of the job is gone`, data.now());
      return;
    }
    job.stopped = job
      .process({ org: this.#org, session, table, done, durable: this.#log !== null })
      .catch((error: unknown) => {
        report(job, error);
        job.fail('InternalServerError : Unknown exception while processing the job', data.now());
      })
      .then(() => {
        if (job.ended) this.#log?.noteJobEnded(job.info.id);
      })
      .catch((error: unknown) => report(job, error));
  }

  #info(job: IngestJob, full: boolean): Record<string, unknown> {
    return ingestInfo(job.shown(this.#org.data.now()), full);
  }
}

function report(job: IngestJob, error: unknown): void {
  process.stderr.write(
    `practice org: job ${job.info.id}: ${error instanceof Error ? (error.stack ?? '') : String(error)}\n`,
  );
}
