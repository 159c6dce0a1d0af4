import { createWriteStream, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DAILY_BULK_BATCHES, DAILY_BULK_ROWS, DAILY_QUERY_JOBS } from '../admin/knobs.ts';
import { ApiError, methodNotAllowed, notFound } from '../http/api-error.ts';
import { json, type Answer } from '../http/exchange.ts';
import type { Org } from '../org.ts';
import { makeId } from '../records/record-ids.ts';
import type { Session } from '../records/org-data.ts';
import type { RecordTable } from '../records/record-store.ts';
import { bodyOf, type Call } from '../rest/call.ts';
import { flatColumns, startSoql, type SoqlResult, type ValueEntry } from '../soql/run-soql.ts';
import { DELIMITERS, quotedRow, resultText } from './csv.ts';
import { IngestJob, type IngestJobInfo, type SavedIngestJob } from './ingest-job.ts';
import { JobFiles, type ResultKind } from './job-files.ts';
import { OPERATIONS, pause } from './process-rows.ts';

/** 150 MB of base64, which is about 112 MB of bytes (Bulk API 2.0 guide, "Upload Job Data"). */
const MAX_UPLOAD = 113 * 1024 * 1024;
const MAX_MULTIPART = 100_000;
const JOBS_PAGE = 1000;
/** How long a job may stay open, and how long its results are kept (Bulk API 2.0 guide, limits). */
const OPEN_FOR = 24 * 3_600_000;
const KEPT_FOR = 7 * 24 * 3_600_000;

interface QueryJob {
  readonly id: string;
  readonly operation: string;
  readonly query: string;
  readonly columnDelimiter: string;
  readonly lineEnding: string;
  readonly createdDate: number;
  readonly createdById: string;
  readonly apiVersion: string;
  readonly table: RecordTable;
  readonly columns: readonly ValueEntry[];
  result: SoqlResult | null;
  state: 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Aborted' | 'Failed';
  errorMessage: string | null;
  startedAt: number;
  endedAt: number;
}

function stamp(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+0000');
}

function text(value: unknown, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value : fallback;
}

const jobError = (message: string): ApiError => new ApiError(400, 'INVALIDJOB', `InvalidJob : ${message}`);
const stateError = (message: string): ApiError => new ApiError(400, 'INVALIDJOBSTATE', `InvalidJobState : ${message}`);

/** Bulk API 2.0 (Bulk API 2.0 and Bulk API Developer Guide, "Bulk API 2.0 Ingest" and "Bulk API 2.0 Query"). */
export class BulkApi2 {
  readonly #org: Org;
  readonly #folder: string;
  readonly #ingest = new Map<string, IngestJob>();
  readonly #queries = new Map<string, QueryJob>();
  #counter = 0;

  constructor(org: Org, folder: string) {
    this.#org = org;
    this.#folder = folder;
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
    for (const job of this.#queries.values())
      if (job.endedAt > 0 && job.endedAt < now - KEPT_FOR) this.#queries.delete(job.id);
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
  list(): {
    id: string;
    kind: string;
    object: string;
    operation: string;
    state: string;
    processed: number;
    failed: number;
  }[] {
    const ingest = [...this.#ingest.values()].map((job) => ({
      id: job.info.id,
      kind: 'Bulk 2.0',
      object: job.info.object,
      operation: job.info.operation,
      state: job.state,
      processed: job.processed,
      failed: job.failed,
    }));
    const queries = [...this.#queries.values()].map((job) => ({
      id: job.id,
      kind: 'Bulk 2.0',
      object: job.table.object.name,
      operation: job.operation,
      state: job.state,
      processed: job.result?.records.length ?? 0,
      failed: 0,
    }));
    return [...ingest, ...queries];
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
        return id === undefined ? this.#queryJobs(call) : this.#queryJob(call, id, part?.toLowerCase());
      default:
        throw notFound();
    }
  }

  /** The data of a job: straight to its file. `keep` bytes of it at most, for the fault that loses some. */
  async upload(call: Call, body: Readable, keep: number): Promise<Answer> {
    const job = this.#jobNamed(this.#ingest, call.path[2] ?? '');
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

  #jobNamed<T>(jobs: Map<string, T>, id: string): T {
    const job = jobs.get(id) ?? (id.length === 15 ? [...jobs].find(([known]) => known.startsWith(id))?.[1] : undefined);
    if (!job) throw notFound();
    return job;
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
    return this.#page(
      call,
      [...this.#ingest.values()].map((job) => this.#ingestInfo(job, true)),
      'ingest',
    );
  }

  #page(call: Call, infos: Record<string, unknown>[], family: string): Answer {
    const start = Number(call.exchange.query.get('queryLocator') ?? 0) || 0;
    const end = start + JOBS_PAGE;
    const done = end >= infos.length;
    return json(200, {
      done,
      records: infos.slice(start, end),
      nextRecordsUrl: done ? null : `/services/data/v${call.version}/jobs/${family}?queryLocator=${end}`,
    });
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
    if (!operation) throw jobError(`Unable to find operation: ${text(body['operation'], 'null')}`);
    const table = this.#org.data.store.table(text(body['object'], ''));
    if (!table || table.object.readOnly)
      throw new ApiError(
        400,
        'INVALIDENTITY',
        `InvalidEntity : Entity '${text(body['object'], '')}' is not supported by the Bulk API.`,
      );
    if (operation === 'hardDelete' && !call.session.profile.has('BulkApiHardDelete'))
      throw new ApiError(
        400,
        'FEATURENOTENABLED',
        'FeatureNotEnabled : hardDelete operation requires special user profile permission, please contact your system administrator',
      );
    const externalIdFieldName =
      body['externalIdFieldName'] === undefined ? null : text(body['externalIdFieldName'], '');
    if (operation === 'upsert') {
      const field = table.field(externalIdFieldName ?? '');
      if (!field || !(field.idLookup || field.type === 'id'))
        throw jobError(
          `Field name provided, ${externalIdFieldName ?? 'null'} does not match an External ID, Salesforce Id, or indexed field for ${table.object.name}`,
        );
    }
    const columnDelimiter = text(body['columnDelimiter'], 'COMMA');
    if (!(columnDelimiter in DELIMITERS)) throw jobError(`Unsupported column delimiter ${columnDelimiter}`);
    const lineEnding = text(body['lineEnding'], 'LF');
    if (lineEnding !== 'LF' && lineEnding !== 'CRLF') throw jobError(`Unsupported line ending ${lineEnding}`);
    if (text(body['contentType'], 'CSV') !== 'CSV') throw jobError('Only CSV is supported as content type');
    const info: IngestJobInfo = {
      id: this.#newId(),
      object: table.object.name,
      operation,
      externalIdFieldName,
      assignmentRuleId: body['assignmentRuleId'] === undefined ? null : text(body['assignmentRuleId'], ''),
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
    const job = this.#jobNamed(this.#ingest, id);
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
    throw stateError(`Job state transition from ${job.state} to ${text(wanted, 'null')} is not allowed`);
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
      createdDate: stamp(info.createdDate),
      systemModstamp: stamp(job.modified),
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

  #queryJobs(call: Call): Answer {
    const { method } = call.exchange;
    if (method === 'GET')
      return this.#page(
        call,
        [...this.#queries.values()].map((job) => this.#queryInfo(job, true)),
        'query',
      );
    if (method !== 'POST') throw methodNotAllowed(method, 'GET,POST');
    if (this.#org.used.queryJobs >= DAILY_QUERY_JOBS)
      throw new ApiError(403, 'EXCEEDEDQUOTA', 'ExceededQuota : Maximum number of query jobs in 24 hours exceeded');
    const body = bodyOf(call);
    const operation = text(body['operation'], '');
    if (operation !== 'query' && operation !== 'queryAll')
      throw jobError(`Unable to find operation: ${operation || 'null'}`);
    const columnDelimiter = text(body['columnDelimiter'], 'COMMA');
    if (!(columnDelimiter in DELIMITERS)) throw jobError(`Unsupported column delimiter ${columnDelimiter}`);
    const soql = text(body['query'], '');
    for (const [pattern, what] of UNSUPPORTED)
      if (pattern.test(soql.replace(/'(?:[^'\\]|\\.)*'/g, "''")))
        throw new ApiError(400, 'API_ERROR', `Entity is not supported to use ${what} in Bulk API 2.0 Query`);
    const plan = startSoql(this.#org.data, call.session, soql, { includeDeleted: operation === 'queryAll' });
    const columns = flatColumns(plan.entries);
    if (!columns || columns.length === 0 || columns.some((column) => column.field?.kind === 'compound'))
      throw new ApiError(
        400,
        'FEATURENOTENABLED',
        'FeatureNotEnabled : Failed to process query: FUNCTIONALITY_NOT_ENABLED: Selecting compound data not supported in Bulk Query',
      );
    const job: QueryJob = {
      id: this.#newId(),
      operation,
      query: soql,
      columnDelimiter,
      lineEnding: text(body['lineEnding'], 'LF'),
      createdDate: this.#org.data.now(),
      createdById: call.session.userId,
      apiVersion: call.version,
      table: plan.table,
      columns,
      result: null,
      state: 'UploadComplete',
      errorMessage: null,
      startedAt: 0,
      endedAt: 0,
    };
    this.#org.used.queryJobs++;
    this.#queries.set(job.id, job);
    void this.#runQuery(job, plan.run);
    return json(200, this.#queryInfo(job, false));
  }

  async #runQuery(job: QueryJob, run: () => Promise<SoqlResult>): Promise<void> {
    await pause(this.#org.knobs.queueDelay);
    if (queryState(job) === 'Aborted') return;
    job.state = 'InProgress';
    job.startedAt = this.#org.data.now();
    try {
      job.result = await run();
      if (queryState(job) !== 'Aborted') job.state = 'JobComplete';
    } catch (error) {
      job.errorMessage = `InvalidBatch : Failed to process query: ${error instanceof Error ? error.message : String(error)}`;
      job.state = 'Failed';
    }
    job.endedAt = this.#org.data.now();
  }

  #queryJob(call: Call, id: string, part: string | undefined): Answer {
    const job = this.#jobNamed(this.#queries, id);
    const { method } = call.exchange;
    switch (`${method} ${part ?? ''}`) {
      case 'GET ':
        return json(200, this.#queryInfo(job, true));
      case 'PATCH ':
        if (bodyOf(call)['state'] !== 'Aborted' || (job.state !== 'UploadComplete' && job.state !== 'InProgress'))
          throw stateError(`Job state transition from ${job.state} is not allowed`);
        job.state = 'Aborted';
        return json(200, this.#queryInfo(job, false));
      case 'DELETE ':
        if (job.state !== 'JobComplete' && job.state !== 'Aborted' && job.state !== 'Failed')
          throw new ApiError(
            400,
            'API_ERROR',
            'Error encountered when deleting the job because the job is not terminated',
          );
        this.#queries.delete(job.id);
        return { status: 204 };
      case 'GET results':
        return this.#queryResults(call, job);
      case 'GET resultpages':
        return this.#resultPages(call, job);
      default:
        throw methodNotAllowed(method, 'GET,PATCH,DELETE');
    }
  }

  /** A page: locators are stable and can be read again, and every page has the header. */
  #queryResults(call: Call, job: QueryJob): Answer {
    const { result } = job;
    if (job.state !== 'JobComplete' || !result)
      throw new ApiError(400, 'API_ERROR', `The job is in state ${job.state}: its results are not available`);
    if (Number(call.version) !== Number(job.apiVersion))
      throw new ApiError(
        409,
        'API_ERROR',
        `The results of the job have to be read with API version ${job.apiVersion}, which it was created with`,
      );
    const { query } = call.exchange;
    const locator = query.get('locator');
    const start = locator === null ? 0 : Number(Buffer.from(locator, 'base64url').toString().replace(/^r/, ''));
    const asked = query.get('maxRecords');
    const size = asked === null ? this.#org.knobs.bulkQueryPage : Number(asked);
    if (!Number.isInteger(start) || start < 0 || start > result.records.length)
      throw new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
    if (!Number.isInteger(size) || size < 1)
      throw new ApiError(400, 'API_ERROR', `maxRecords must be a positive number, not ${asked ?? ''}`);
    const end = Math.min(start + size, result.records.length);
    return {
      status: 200,
      headers: {
        'Content-Type': 'text/csv;charset=UTF-8',
        'Sforce-Locator': end < result.records.length ? locatorAt(end) : 'null',
        'Sforce-NumberOfRecords': String(end - start),
      },
      body: Readable.from(csvPage(job, result, start, end), { objectMode: false }),
    };
  }

  #resultPages(call: Call, job: QueryJob): Answer {
    const total = job.result?.records.length ?? 0;
    if (job.state !== 'JobComplete')
      throw new ApiError(400, 'API_ERROR', `The job is in state ${job.state}: its results are not available`);
    const size = this.#org.knobs.bulkQueryPage;
    const from = Number(call.exchange.query.get('locator') ?? 0) || 0;
    const starts = Array.from({ length: Math.max(1, Math.ceil(total / size)) }, (_all, page) => page * size);
    const base = `/services/data/v${call.version}/jobs/query/${job.id}`;
    const shown = starts.slice(from, from + 5);
    const done = from + 5 >= starts.length;
    return json(200, {
      resultPages: shown.map((start) => {
        const url = `${base}/results${start === 0 ? '' : `?locator=${locatorAt(start)}`}`;
        return { resultUrl: url, resultLink: url };
      }),
      nextRecordsUrl: done ? null : `${base}/resultPages?locator=${from + 5}`,
      done,
    });
  }

  #queryInfo(job: QueryJob, full: boolean): Record<string, unknown> {
    return {
      id: job.id,
      operation: job.operation,
      object: job.table.object.name,
      createdById: job.createdById,
      createdDate: stamp(job.createdDate),
      systemModstamp: stamp(job.endedAt || job.createdDate),
      state: job.state,
      concurrencyMode: 'Parallel',
      contentType: 'CSV',
      apiVersion: Number(job.apiVersion),
      lineEnding: job.lineEnding,
      columnDelimiter: job.columnDelimiter,
      ...(full
        ? {
            jobType: 'V2Query',
            numberRecordsProcessed: job.state === 'JobComplete' ? (job.result?.records.length ?? 0) : 0,
            retries: 0,
            totalProcessingTime: job.endedAt > 0 ? Math.max(1, job.endedAt - job.startedAt) : 0,
            isPkChunkingSupported: true,
            ...(job.errorMessage === null ? {} : { errorMessage: job.errorMessage }),
          }
        : {}),
    };
  }
}

/** What bulk queries refuse (Bulk API 2.0 guide, "Considerations and Limitations" of query jobs). */
const UNSUPPORTED: readonly [RegExp, string][] = [
  [/\bGROUP\s+BY\b/i, 'GROUP BY'],
  [/\bOFFSET\b/i, 'OFFSET'],
  [/\bTYPEOF\b/i, 'TYPEOF'],
  [/\b(?:COUNT|SUM|AVG|MIN|MAX|COUNT_DISTINCT)\s*\(/i, 'aggregate functions'],
  [/\(\s*SELECT\b[^]*\bFROM\b[^]*\)[^]*\bFROM\b/i, 'parent-to-child relationship queries'],
];

function locatorAt(start: number): string {
  return Buffer.from(`r${start}`).toString('base64url');
}

function queryState(job: QueryJob): QueryJob['state'] {
  return job.state;
}

const ROWS_AT_ONCE = 500;

async function* csvPage(job: QueryJob, result: SoqlResult, start: number, end: number): AsyncGenerator<Buffer> {
  const delimiter = DELIMITERS[job.columnDelimiter] ?? ',';
  const { columns } = job;
  let rows = quotedRow(
    columns.map((column) => column.header),
    delimiter,
  );
  const newline = job.lineEnding === 'CRLF' ? '\r\n' : '\n';
  if (newline !== '\n') rows = rows.replace(/\n$/, newline);
  for (let at = start; at < end; at += ROWS_AT_ONCE) {
    for (let index = at; index < Math.min(at + ROWS_AT_ONCE, end); index++) {
      const record = result.records[index] ?? [];
      let row = '';
      for (let column = 0; column < columns.length; column++) {
        const entry = columns[column];
        const value = entry ? resultText(entry.read(record), entry.field) : '';
        row += `${column === 0 ? '"' : `${delimiter}"`}${value.includes('"') ? value.replaceAll('"', '""') : value}"`;
      }
      rows += row + newline;
    }
    yield Buffer.from(rows);
    rows = '';
    // Other callers get their turn between blocks.
    await pause(0);
  }
  if (rows !== '') yield Buffer.from(rows);
}

function parseJob(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(part);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below, as for every other body that is no JSON object.
  }
  throw new ApiError(400, 'JSON_PARSER_ERROR', 'The job part of the request is not a JSON object');
}

/** The two parts of a multipart job (Bulk API 2.0 guide, "Create a Job", multipart requests). */
function multipartOf(body: Buffer, boundary: string): { job: string; content: string } {
  const parts = body.toString('utf8').split(`--${boundary}`);
  const named = (name: string): string | null => {
    for (const part of parts) {
      const split = part.indexOf('\r\n\r\n') >= 0 ? '\r\n\r\n' : '\n\n';
      const at = part.indexOf(split);
      if (
        at > 0 &&
        part
          .slice(0, at)
          .toLowerCase()
          .replaceAll('"', '')
          .split(/[;\s]+/)
          .includes(`name=${name}`)
      )
        return part.slice(at + split.length).replace(/\r?\n$/, '');
    }
    return null;
  };
  const [job, content] = [named('job'), named('content')];
  if (job === null || content === null)
    throw new ApiError(
      400,
      'INVALIDJOB',
      'InvalidJob : a multipart request has a part named job and a part named content',
    );
  return { job, content };
}
