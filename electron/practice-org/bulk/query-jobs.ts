import { Readable } from 'node:stream';
import { DAILY_QUERY_JOBS } from '../admin/knobs.ts';
import { offsetDateTime } from '../records/field-values.ts';
import { ApiError, methodNotAllowed } from '../http/api-error.ts';
import { json, type Answer } from '../http/exchange.ts';
import type { Org } from '../org.ts';
import type { RecordTable } from '../records/record-store.ts';
import { bodyOf, type Call } from '../rest/call.ts';
import { flatColumns, startSoql, type SoqlResult, type ValueEntry } from '../soql/run-soql.ts';
import { DELIMITERS, quotedRow, resultText, withinQuotes } from './csv.ts';
import { jobError, jobNamed, jobsPage, stateError, textOr, type JobSummary } from './job-answers.ts';
import { pause } from './process-rows.ts';

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

/** Bulk API 2.0 query jobs (Bulk API 2.0 and Bulk API Developer Guide, "Bulk API 2.0 Query"). */
export class QueryJobs {
  readonly #org: Org;
  readonly #newId: () => string;
  readonly #jobs = new Map<string, QueryJob>();

  constructor(org: Org, newId: () => string) {
    this.#org = org;
    this.#newId = newId;
  }

  /** `jobs/query…`. */
  handle(call: Call, id: string | undefined, part: string | undefined): Answer {
    return id === undefined ? this.#all(call) : this.#one(call, id, part);
  }

  list(): JobSummary[] {
    return Array.from(this.#jobs.values(), (job) => ({
      id: job.id,
      kind: 'Bulk 2.0',
      object: job.table.object.name,
      operation: job.operation,
      state: job.state,
      processed: job.result?.records.length ?? 0,
      failed: 0,
    }));
  }

  /** Forgets jobs that ended before `oldest`, a time in ms. */
  sweep(oldest: number): void {
    for (const job of this.#jobs.values()) if (job.endedAt > 0 && job.endedAt < oldest) this.#jobs.delete(job.id);
  }

  /** The jobs that have results to read, other than `except`. */
  complete(except: string): string[] {
    return [...this.#jobs.values()].flatMap((job) =>
      job.state === 'JobComplete' && job.id !== except ? [job.id] : [],
    );
  }

  /** For a fault: the answer a request would get, without any effect. */
  pretend(call: Call, id: string | undefined): Answer {
    const { method } = call.exchange;
    if (id === undefined) {
      const before = new Set(this.#jobs.keys());
      const answer = this.#all(call);
      for (const made of this.#jobs.keys()) if (!before.has(made)) this.#jobs.delete(made);
      return answer;
    }
    const job = jobNamed(this.#jobs, id);
    if (method === 'DELETE') return { status: 204 };
    return json(
      200,
      this.#info({ ...job, state: textOr(bodyOf(call)['state'], job.state) as QueryJob['state'] }, false),
    );
  }

  /** Forgets a job whatever its state. */
  purge(id: string): boolean {
    return this.#jobs.delete(id);
  }

  clear(): void {
    this.#jobs.clear();
  }

  #all(call: Call): Answer {
    const { method } = call.exchange;
    if (method === 'GET')
      return jobsPage(
        call,
        [...this.#jobs.values()].map((job) => this.#info(job, true)),
        'query',
      );
    if (method !== 'POST') throw methodNotAllowed(method, 'GET,POST');
    if (this.#org.used.queryJobs >= DAILY_QUERY_JOBS)
      throw new ApiError(403, 'EXCEEDEDQUOTA', 'ExceededQuota : Maximum number of query jobs in 24 hours exceeded');
    const body = bodyOf(call);
    const operation = textOr(body['operation'], '');
    if (operation !== 'query' && operation !== 'queryAll')
      throw jobError(`Unable to find operation: ${operation || 'null'}`);
    const columnDelimiter = textOr(body['columnDelimiter'], 'COMMA');
    if (!(columnDelimiter in DELIMITERS)) throw jobError(`Unsupported column delimiter ${columnDelimiter}`);
    const soql = textOr(body['query'], '');
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
      lineEnding: textOr(body['lineEnding'], 'LF'),
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
    this.#jobs.set(job.id, job);
    void this.#run(job, plan.run);
    return json(200, this.#info(job, false));
  }

  async #run(job: QueryJob, run: () => Promise<SoqlResult>): Promise<void> {
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

  #one(call: Call, id: string, part: string | undefined): Answer {
    const job = jobNamed(this.#jobs, id);
    const { method } = call.exchange;
    switch (`${method} ${part ?? ''}`) {
      case 'GET ':
        return json(200, this.#info(job, true));
      case 'PATCH ':
        if (bodyOf(call)['state'] !== 'Aborted' || (job.state !== 'UploadComplete' && job.state !== 'InProgress'))
          throw stateError(`Job state transition from ${job.state} is not allowed`);
        job.state = 'Aborted';
        return json(200, this.#info(job, false));
      case 'DELETE ':
        if (job.state !== 'JobComplete' && job.state !== 'Aborted' && job.state !== 'Failed')
          throw new ApiError(
            400,
            'API_ERROR',
            'Error encountered when deleting the job because the job is not terminated',
          );
        this.#jobs.delete(job.id);
        return { status: 204 };
      case 'GET results':
        return this.#results(call, job);
      case 'GET resultpages':
        return this.#resultPages(call, job);
      default:
        throw methodNotAllowed(method, 'GET,PATCH,DELETE');
    }
  }

  /** A page: locators are stable and can be read again, and every page has the header. */
  #results(call: Call, job: QueryJob): Answer {
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

  #info(job: QueryJob, full: boolean): Record<string, unknown> {
    return {
      id: job.id,
      operation: job.operation,
      object: job.table.object.name,
      createdById: job.createdById,
      createdDate: offsetDateTime(job.createdDate),
      systemModstamp: offsetDateTime(job.endedAt || job.createdDate),
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
const BYTES_AT_ONCE = 256 * 1024;
/** Bytes that a UTF-16 code unit takes in UTF-8 at most. */
const UTF8_BYTES = 3;

/** Each row is written by itself: a text of many is put together twice, as a text and as bytes. */
async function* csvPage(job: QueryJob, result: SoqlResult, start: number, end: number): AsyncGenerator<Buffer> {
  const delimiter = DELIMITERS[job.columnDelimiter] ?? ',';
  const { columns } = job;
  const newline = job.lineEnding === 'CRLF' ? '\r\n' : '\n';
  const headers = columns.map((column) => column.header);
  yield Buffer.from(quotedRow(headers, delimiter).replace(/\n$/, newline));
  const between = `"${delimiter}"`;
  const rowOf = (record: SoqlResult['records'][number]): string => {
    let row = '"';
    for (let column = 0; column < columns.length; column++) {
      const entry = columns[column];
      const value = entry ? resultText(entry.read(record), entry.field) : '';
      row += (column === 0 ? '' : between) + withinQuotes(value);
    }
    return `${row}"${newline}`;
  };
  let bytes = Buffer.allocUnsafe(BYTES_AT_ONCE);
  let used = 0;
  for (let index = start; index < end; index++) {
    const row = rowOf(result.records[index] ?? []);
    const most = row.length * UTF8_BYTES;
    if (used > 0 && used + most > bytes.length) {
      yield bytes.subarray(0, used);
      [bytes, used] = [Buffer.allocUnsafe(Math.max(BYTES_AT_ONCE, most)), 0];
    }
    if (most > bytes.length) bytes = Buffer.allocUnsafe(most);
    used += bytes.write(row, used);
    // Other callers get their turn between blocks.
    if ((index - start) % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) await pause(0);
  }
  if (used > 0) yield bytes.subarray(0, used);
}
