import { DAILY_BULK_BATCHES } from '../admin/knobs.ts';
import { ApiError } from '../http/api-error.ts';
import type { Answer, Exchange } from '../http/exchange.ts';
import { buildXml, element, parseXml, textAt } from '../http/xml.ts';
import type { Org } from '../org.ts';
import type { Session } from '../records/org-data.ts';
import { makeId } from '../records/record-ids.ts';
import type { RecordTable } from '../records/record-store.ts';
import { bulkError, type SaveResult } from '../records/save-error.ts';
import { flatColumns, startSoql } from '../soql/run-soql.ts';
import { quotedRow, resultText } from './csv.ts';
import type { JobSummary } from './job-answers.ts';
import { readRows, type ContentType } from './batch-rows.ts';
import { UploadError } from './upload-reader.ts';
import { CHUNK, OPERATIONS, pause, RowSaver, type Operation } from './process-rows.ts';

const NAMESPACE = 'http://www.force.com/2009/06/asyncapi/dataload';
const MAX_ROWS = 10_000;
const MAX_BYTES = 10_000_000;

type BatchState = 'Queued' | 'InProgress' | 'Completed' | 'Failed' | 'NotProcessed';

interface Batch {
  readonly id: string;
  readonly createdDate: number;
  readonly request: Buffer;
  state: BatchState;
  stateMessage: string | null;
  modified: number;
  processed: number;
  failed: number;
  milliseconds: number;
  /** One result a row, in the order of the rows: Bulk API 1.0's are positional. */
  results: SaveResult[];
  /** Of a query batch: result id → rows. */
  queryResult: { readonly id: string; readonly header: string[]; readonly rows: string[][] } | null;
}

interface Job {
  readonly id: string;
  readonly operation: Operation | 'query' | 'queryAll';
  readonly table: RecordTable;
  readonly externalIdFieldName: string | null;
  readonly assignmentRuleId: string | null;
  readonly concurrencyMode: 'Parallel' | 'Serial';
  readonly contentType: ContentType;
  readonly version: string;
  readonly session: Session;
  readonly createdDate: number;
  state: 'Open' | 'Closed' | 'Aborted' | 'Failed';
  modified: number;
  readonly batches: Map<string, Batch>;
}

const stamp = (ms: number): string => new Date(ms).toISOString();
const clientError = (code: string, message: string): ApiError => new ApiError(400, code, message);

/** An error as Bulk API 1.0 prints it. jsforce signs in anew on exactly InvalidSessionId. */
export function bulk1Error(error: ApiError, wantsJson: boolean): Answer {
  const body = { exceptionCode: error.errorCode, exceptionMessage: error.message };
  return wantsJson
    ? { status: error.status, headers: JSON_TYPE, body: JSON.stringify(body) }
    : { status: error.status, headers: XML_TYPE, body: buildXml({ error: { '@xmlns': NAMESPACE, ...body } }) };
}

const XML_TYPE = { 'Content-Type': 'application/xml;charset=UTF-8' };
const JSON_TYPE = { 'Content-Type': 'application/json;charset=UTF-8' };

function answer(status: number, name: string, value: Record<string, unknown>, asJson: boolean): Answer {
  return asJson
    ? { status, headers: JSON_TYPE, body: JSON.stringify(value) }
    : { status, headers: XML_TYPE, body: buildXml({ [name]: { '@xmlns': NAMESPACE, ...value } }) };
}

/** Bulk API 1.0 (Bulk API 2.0 and Bulk API Developer Guide, "Bulk API"). */
export class BulkApi1 {
  readonly #org: Org;
  readonly #jobs = new Map<string, Job>();
  #jobCounter = 500_000_000;
  #batchCounter = 0;
  #resultCounter = 0;
  /** Serial jobs wait for one another: "batches are processed serially with other batches from the same job and batches from other serial mode jobs" (Bulk API guide, "General Guidelines for Data Loads"). */
  #serial: Promise<void> = Promise.resolve();

  constructor(org: Org) {
    this.#org = org;
  }

  clear(): void {
    this.#jobs.clear();
  }

  /** Jobs as Bulk API 2.0 lists those of the older API (Bulk API 2.0 guide, "Get Information About All Jobs", `Classic`). */
  classicJobs(): Record<string, unknown>[] {
    return [...this.#jobs.values()].map((job) => ({
      id: job.id,
      operation: job.operation,
      object: job.table.object.name,
      createdById: job.session.userId,
      createdDate: stamp(job.createdDate).replace('Z', '+0000'),
      systemModstamp: stamp(job.modified).replace('Z', '+0000'),
      state: job.state,
      concurrencyMode: job.concurrencyMode,
      contentType: job.contentType,
      apiVersion: Number(job.version),
      jobType: 'Classic',
    }));
  }

  /** Takes a job with its results away; false if there is none. What it works on is worked on to its end. */
  purge(id: string): boolean {
    return this.#jobs.delete(id);
  }

  list(): JobSummary[] {
    return [...this.#jobs.values()].map((job) => ({
      id: job.id,
      kind: `Bulk 1.0, ${job.concurrencyMode.toLowerCase()}`,
      object: job.table.object.name,
      operation: job.operation,
      state: job.state,
      ...counts(job),
    }));
  }

  /** `/services/async/XX.X/job…`; `path` is what follows the version. */
  handle(exchange: Exchange, version: string, path: readonly string[], session: Session): Answer {
    const { method } = exchange;
    const [resource = '', jobId, part, batchId, detail, resultId] = path;
    if (resource.toLowerCase() !== 'job')
      throw clientError(
        'InvalidUrl',
        `Destination URL not reset. The URL returned from login must be set: ${exchange.path}`,
      );
    const wantsJson =
      /json/i.test(String(exchange.headers['content-type'] ?? '')) ||
      /json/i.test(String(exchange.headers.accept ?? ''));
    if (jobId === undefined) {
      if (method !== 'POST') throw new ApiError(405, 'MethodNotAllowed', `${method} is not allowed here`);
      const job = this.#create(exchange, version, session, wantsJson);
      return answer(201, 'jobInfo', jobInfo(job), wantsJson);
    }
    const job =
      this.#jobs.get(jobId) ?? [...this.#jobs.values()].find(({ id }) => jobId.length === 15 && id.startsWith(jobId));
    if (!job) throw clientError('InvalidJob', `Unable to find job with id: ${jobId}`);
    const asJson = wantsJson || job.contentType === 'JSON';
    if (part === undefined) {
      if (method === 'POST') this.#change(job, exchange, wantsJson);
      else if (method !== 'GET') throw new ApiError(405, 'MethodNotAllowed', `${method} is not allowed here`);
      return answer(200, 'jobInfo', jobInfo(job), asJson);
    }
    if (part.toLowerCase() !== 'batch') throw clientError('InvalidUrl', exchange.path);
    if (batchId === undefined) {
      if (method === 'POST') return answer(201, 'batchInfo', batchInfo(job, this.#addBatch(job, exchange)), asJson);
      const infos = [...job.batches.values()].map((batch) => batchInfo(job, batch));
      return answer(200, 'batchInfoList', { batchInfo: infos }, asJson);
    }
    const batch = job.batches.get(batchId);
    if (!batch) throw clientError('InvalidBatch', `Unable to find batch with id: ${batchId}`);
    if (detail === undefined) return answer(200, 'batchInfo', batchInfo(job, batch), asJson);
    if (detail === 'request')
      return {
        status: 200,
        headers: {
          'Content-Type': job.contentType === 'CSV' ? 'text/csv;charset=UTF-8' : 'application/xml;charset=UTF-8',
        },
        body: batch.request,
      };
    if (detail !== 'result') throw clientError('InvalidUrl', exchange.path);
    if (batch.state !== 'Completed')
      throw clientError(
        'InvalidBatch',
        batch.state === 'Failed' ? `Records not processed: ${batch.stateMessage ?? ''}` : 'Batch not completed',
      );
    if (job.operation === 'query' || job.operation === 'queryAll') return queryAnswer(job, batch, resultId, asJson);
    return saveAnswer(job, batch);
  }

  #create(exchange: Exchange, version: string, session: Session, asJson: boolean): Job {
    const get = readInfo(exchange.body, asJson, 'jobInfo');
    const operation = ([...OPERATIONS, 'query', 'queryAll'] as const).find((one) => one === get('operation'));
    if (!operation) throw clientError('InvalidJob', `Unable to find operation: ${get('operation') ?? 'null'}`);
    const table = this.#org.data.store.table(get('object') ?? '');
    if (!table || (table.object.readOnly && !operation.startsWith('query')))
      throw clientError('InvalidEntity', `Unable to find object: ${get('object') ?? 'null'}`);
    if (operation === 'hardDelete' && !session.profile.has('BulkApiHardDelete'))
      throw clientError(
        'FeatureNotEnabled',
        'hardDelete operation requires special user profile permission, please contact your system administrator',
      );
    const externalIdFieldName = get('externalIdFieldName');
    if (operation === 'upsert') {
      const field = table.field(externalIdFieldName ?? '');
      if (!field || !(field.idLookup || field.type === 'id'))
        throw clientError(
          'InvalidJob',
          externalIdFieldName === null
            ? 'External ID was blank for ' + table.object.name + '. An External ID must be specified for upsert.'
            : `Field name provided, ${externalIdFieldName} does not match an External ID, Salesforce Id, or indexed field for ${table.object.name}`,
        );
    }
    const contentType = (get('contentType') ?? 'XML').toUpperCase();
    if (contentType !== 'CSV' && contentType !== 'JSON' && contentType !== 'XML')
      throw clientError('InvalidJob', `Unsupported content type: ${contentType}`);
    const job: Job = {
      id: makeId('750', ++this.#jobCounter),
      operation,
      table,
      externalIdFieldName,
      assignmentRuleId: get('assignmentRuleId'),
      concurrencyMode: get('concurrencyMode') === 'Serial' ? 'Serial' : 'Parallel',
      contentType,
      version,
      session,
      createdDate: this.#org.data.now(),
      state: 'Open',
      modified: this.#org.data.now(),
      batches: new Map(),
    };
    this.#jobs.set(job.id, job);
    return job;
  }

  #change(job: Job, exchange: Exchange, asJson: boolean): void {
    const state = readInfo(exchange.body, asJson, 'jobInfo')('state');
    if (state !== 'Closed' && state !== 'Aborted' && state !== 'Failed')
      throw clientError('InvalidJobState', `Invalid job state: ${state ?? 'null'}`);
    if (job.state !== 'Open' && !(job.state === 'Closed' && state === 'Aborted'))
      throw clientError(
        'InvalidJobState',
        `${state === 'Closed' ? 'Closing' : 'Aborting'} already ${job.state} Job not allowed`,
      );
    job.state = state;
    job.modified = this.#org.data.now();
    if (state === 'Aborted')
      for (const batch of job.batches.values()) if (batch.state === 'Queued') batch.state = 'NotProcessed';
  }

  #addBatch(job: Job, exchange: Exchange): Batch {
    if (job.state !== 'Open')
      throw clientError('InvalidJobState', `Job is in state ${job.state}, it takes no more batches`);
    if (exchange.body.length > MAX_BYTES)
      throw clientError('ExceededQuota', `Maximum size of a batch exceeded: ${MAX_BYTES} bytes`);
    if (this.#org.used.batches >= DAILY_BULK_BATCHES)
      throw clientError('ExceededQuota', 'Maximum number of batches in 24 hours exceeded');
    if (exchange.body.length === 0) throw clientError('ClientInputError', 'Unable to find any data to create batch');
    this.#org.used.batches++;
    const now = this.#org.data.now();
    const batch: Batch = {
      id: makeId('751', ++this.#batchCounter),
      createdDate: now,
      request: exchange.body,
      state: 'Queued',
      stateMessage: null,
      modified: now,
      processed: 0,
      failed: 0,
      milliseconds: 0,
      results: [],
      queryResult: null,
    };
    job.batches.set(batch.id, batch);
    const lineEnding = String(exchange.headers['sforce-line-ending'] ?? 'LF').toUpperCase() === 'CRLF' ? 'CRLF' : null;
    const run = (): Promise<void> =>
      this.#run(job, batch, lineEnding).catch((error: unknown) => {
        if (!(error instanceof UploadError) && !(error instanceof ApiError))
          process.stderr.write(
            `practice org: batch ${batch.id}: ${error instanceof Error ? (error.stack ?? '') : String(error)}\n`,
          );
        batch.state = 'Failed';
        batch.stateMessage =
          error instanceof ApiError
            ? `InvalidBatch : Failed to process query: ${error.errorCode}: ${error.message}`
            : error instanceof UploadError
              ? error.message
              : 'Unknown : the batch could not be processed';
        batch.modified = this.#org.data.now();
      });
    if (job.concurrencyMode === 'Serial') this.#serial = this.#serial.then(run);
    else void run();
    return batch;
  }

  async #run(job: Job, batch: Batch, lineEnding: 'CRLF' | null): Promise<void> {
    const org = this.#org;
    await pause(org.knobs.queueDelay);
    if (job.state === 'Aborted') {
      batch.state = 'NotProcessed';
      return;
    }
    batch.state = 'InProgress';
    const startedAt = performance.now();
    if (job.operation === 'query' || job.operation === 'queryAll') {
      await this.#runQuery(job, batch);
    } else {
      const failWith = org.failNextJob;
      org.failNextJob = null;
      if (failWith !== null) throw new UploadError(failWith);
      const { header, rows } = readRows(job.contentType, batch.request, lineEnding);
      if (rows.length === 0) throw new UploadError('ClientInputError : Unable to find any data to create batch');
      if (rows.length > MAX_ROWS)
        throw new UploadError(`InvalidBatch : Records not processed: the batch has more than ${MAX_ROWS} records`);
      const saver = new RowSaver({
        org,
        session: job.session,
        table: job.table,
        operation: job.operation,
        externalIdFieldName: job.externalIdFieldName,
        assignmentRuleId: job.assignmentRuleId,
        header,
        origin: `com/salesforce/api/bulkapi/${job.version}`,
        lockOwner: batch.id,
      });
      const { rowsPerSecond } = org.knobs;
      for (let start = 0; start < rows.length; start += CHUNK) {
        const chunk = rows.slice(start, start + CHUNK);
        const results = saver.save(chunk, rowsPerSecond > 0 ? (chunk.length / rowsPerSecond) * 1000 : 0);
        for (const result of results) {
          batch.results.push(result);
          if (!result.success) batch.failed++;
        }
        batch.processed += chunk.length;
        await pause(rowsPerSecond > 0 ? (batch.processed / rowsPerSecond) * 1000 - (performance.now() - startedAt) : 0);
      }
      org.data.locks.release(batch.id);
    }
    batch.state = 'Completed';
    batch.modified = org.data.now();
    batch.milliseconds = Math.max(1, Math.round(performance.now() - startedAt));
  }

  async #runQuery(job: Job, batch: Batch): Promise<void> {
    const soql = batch.request.toString('utf8').trim();
    const plan = startSoql(this.#org.data, job.session, soql, { includeDeleted: job.operation === 'queryAll' });
    const columns = flatColumns(plan.entries);
    if (!columns || columns.length === 0)
      throw new UploadError(
        'InvalidBatch : Failed to process query: FUNCTIONALITY_NOT_ENABLED: sub-queries and aggregates are not supported in Bulk Query',
      );
    const result = await plan.run();
    const rows: string[][] = [];
    for (const record of result.records) {
      rows.push(columns.map((column) => resultText(column.read(record), column.field)));
      if (rows.length % 2000 === 0) await pause(0);
    }
    batch.queryResult = {
      id: makeId('752', ++this.#resultCounter),
      header: columns.map((column) => column.header),
      rows,
    };
    batch.processed = rows.length;
  }
}

function counts(job: Job): { processed: number; failed: number } {
  let [processed, failed] = [0, 0];
  for (const batch of job.batches.values()) {
    processed += batch.processed;
    failed += batch.failed;
  }
  return { processed, failed };
}

function readInfo(body: Buffer, asJson: boolean, name: string): (field: string) => string | null {
  if (asJson) {
    try {
      const value = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
      return (field) => (typeof value[field] === 'string' ? value[field] : null);
    } catch (error) {
      throw clientError('InvalidBatch', `Unable to parse JSON: ${error instanceof Error ? error.message : ''}`);
    }
  }
  const info = element(parseXml(body), name);
  if (!info) throw clientError('InvalidXML', `Unable to parse ${name}`);
  return (field) => textAt(info, field);
}

function jobInfo(job: Job): Record<string, unknown> {
  const batches = [...job.batches.values()];
  const inState = (state: BatchState): number => batches.filter((batch) => batch.state === state).length;
  const { processed, failed } = counts(job);
  return {
    id: job.id,
    operation: job.operation,
    object: job.table.object.name,
    createdById: job.session.userId,
    createdDate: stamp(job.createdDate),
    systemModstamp: stamp(job.modified),
    state: job.state,
    ...(job.externalIdFieldName === null ? {} : { externalIdFieldName: job.externalIdFieldName }),
    concurrencyMode: job.concurrencyMode,
    contentType: job.contentType,
    numberBatchesQueued: inState('Queued'),
    numberBatchesInProgress: inState('InProgress'),
    numberBatchesCompleted: inState('Completed'),
    numberBatchesFailed: inState('Failed'),
    numberBatchesTotal: batches.length,
    numberRecordsProcessed: processed,
    numberRetries: 0,
    apiVersion: Number(job.version),
    numberRecordsFailed: failed,
    totalProcessingTime: batches.reduce((sum, batch) => sum + batch.milliseconds, 0),
    apiActiveProcessingTime: batches.reduce((sum, batch) => sum + batch.milliseconds, 0),
    apexProcessingTime: 0,
  };
}

function batchInfo(job: Job, batch: Batch): Record<string, unknown> {
  return {
    id: batch.id,
    jobId: job.id,
    state: batch.state,
    ...(batch.stateMessage === null ? {} : { stateMessage: batch.stateMessage }),
    createdDate: stamp(batch.createdDate),
    systemModstamp: stamp(batch.modified),
    numberRecordsProcessed: batch.processed,
    numberRecordsFailed: batch.failed,
    totalProcessingTime: batch.milliseconds,
    apiActiveProcessingTime: batch.milliseconds,
    apexProcessingTime: 0,
  };
}

function saveAnswer(job: Job, batch: Batch): Answer {
  if (job.contentType === 'CSV') {
    const rows = batch.results.map((result) =>
      result.success
        ? quotedRow([result.id, 'true', String(result.created), ''], ',')
        : quotedRow([result.id ?? '', 'false', 'false', bulkError(result.errors)], ','),
    );
    return {
      status: 200,
      headers: { 'Content-Type': 'text/csv;charset=UTF-8' },
      body: `"Id","Success","Created","Error"\n${rows.join('')}`,
    };
  }
  const list = batch.results.map((result) => ({
    ...(result.id === null || !result.success ? {} : { id: result.id }),
    success: result.success,
    created: result.success && result.created,
    ...(result.success
      ? {}
      : { errors: result.errors.map(({ statusCode, message, fields }) => ({ statusCode, message, fields })) }),
  }));
  return job.contentType === 'JSON'
    ? { status: 200, headers: JSON_TYPE, body: JSON.stringify(list.map((one) => ({ id: null, errors: [], ...one }))) }
    : { status: 200, headers: XML_TYPE, body: buildXml({ results: { '@xmlns': NAMESPACE, result: list } }) };
}

function queryAnswer(job: Job, batch: Batch, resultId: string | undefined, asJson: boolean): Answer {
  const { queryResult: result } = batch;
  if (resultId === undefined) {
    const ids = result ? [result.id] : [];
    return asJson
      ? { status: 200, headers: JSON_TYPE, body: JSON.stringify(ids) }
      : { status: 200, headers: XML_TYPE, body: buildXml({ 'result-list': { '@xmlns': NAMESPACE, result: ids } }) };
  }
  if (!result || result.id !== resultId) throw clientError('NotFound', `Unable to find result ${resultId}`);
  const { header, rows } = result;
  if (job.contentType === 'CSV')
    return {
      status: 200,
      headers: { 'Content-Type': 'text/csv;charset=UTF-8' },
      body:
        rows.length === 0
          ? 'Records not found for this query\n'
          : quotedRow(header, ',') + rows.map((row) => quotedRow(row, ',')).join(''),
    };
  const records = rows.map((row) =>
    Object.fromEntries(header.map((name, column) => [name, row[column] === '' ? null : row[column]])),
  );
  return job.contentType === 'JSON'
    ? {
        status: 200,
        headers: JSON_TYPE,
        body: JSON.stringify(records.map((record) => ({ attributes: { type: job.table.object.name }, ...record }))),
      }
    : {
        status: 200,
        headers: XML_TYPE,
        body: buildXml({
          queryResult: {
            '@xmlns': NAMESPACE,
            records: records.map((record) => ({ type: job.table.object.name, ...record })),
          },
        }),
      };
}
