import { DELIMITERS, quotedRow, readUpload, resultText } from './bulk-csv.ts';
import { processJob, type IngestJob, type ProcessingPace } from './bulk-ingest.ts';
import { apiError, json, type Answer, type Exchange } from './http-exchange.ts';
import type { Session } from './oauth.ts';
import { makeId, type RecordStore } from './record-store.ts';
import { runSoql, SoqlError, type SoqlResult } from './soql.ts';

/** Result sets and queries are kept in memory; a page of query results is this many records unless asked otherwise. */
const DEFAULT_QUERY_PAGE = 50_000;

interface QueryJob {
  readonly id: string;
  readonly operation: string;
  readonly query: string;
  readonly columnDelimiter: string;
  readonly lineEnding: string;
  readonly createdDate: number;
  readonly createdById: string;
  readonly apiVersion: string;
  result: SoqlResult;
  state: 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Aborted' | 'Failed';
}

const OPERATIONS = ['insert', 'update', 'upsert', 'delete', 'hardDelete'] as const;

function stamp(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+0000');
}

function parsed(body: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body.toString('utf8') || '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function text(value: unknown, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value : fallback;
}

/** Bulk API 2.0 (Bulk API 2.0 and Bulk API Developer Guide, "Bulk API 2.0 Ingest" and "Query"). */
export class BulkApi {
  readonly #store: RecordStore;
  readonly #pace: ProcessingPace;
  readonly #ingest = new Map<string, IngestJob>();
  readonly #queries = new Map<string, QueryJob>();
  #counter = 0;
  /** Set by the fault plan: the next closed job fails with this message. */
  failNextJob: string | null = null;

  constructor(store: RecordStore, pace: ProcessingPace) {
    this.#store = store;
    this.#pace = pace;
  }

  handle(exchange: Exchange, version: string, rest: string[], session: Session): Answer {
    const [family, id, part] = rest;
    if (family?.toLowerCase() === 'ingest')
      return this.#handleIngest(exchange, version, id, part?.toLowerCase(), session);
    if (family?.toLowerCase() === 'query')
      return this.#handleQuery(exchange, version, id, part?.toLowerCase(), session);
    return apiError(404, 'NOT_FOUND', 'The requested resource does not exist');
  }

  #handleIngest(
    exchange: Exchange,
    version: string,
    id: string | undefined,
    part: string | undefined,
    session: Session,
  ): Answer {
    if (id === undefined) {
      if (exchange.method === 'POST') return this.#createIngest(exchange, version, session);
      return json(200, {
        done: true,
        records: [...this.#ingest.values()].map((job) => this.#ingestInfo(job, true)),
        nextRecordsUrl: null,
      });
    }
    const job =
      this.#ingest.get(id) ??
      [...this.#ingest.values()].find((candidate) => candidate.id.startsWith(id) && id.length === 15);
    if (!job) return apiError(404, 'NOT_FOUND', 'The requested resource does not exist');
    const route = `${exchange.method} ${part ?? ''}`;
    switch (route) {
      case 'GET ':
        return json(200, this.#ingestInfo(job, true));
      case 'PATCH ':
        return this.#changeState(exchange, job);
      case 'DELETE ':
        if (job.state === 'Open' || job.state === 'InProgress') {
          return apiError(
            400,
            'API_ERROR',
            'Error encountered when deleting the job because the job is not terminated',
          );
        }
        this.#ingest.delete(job.id);
        return { status: 204 };
      case 'PUT batches':
        return this.#upload(exchange, job);
      case 'GET successfulresults':
      case 'GET failedresults':
      case 'GET unprocessedrecords':
        return this.#results(job, part ?? '');
      default:
        return apiError(
          405,
          'METHOD_NOT_ALLOWED',
          `HTTP Method '${exchange.method}' not allowed. Allowed are GET, PATCH, DELETE`,
        );
    }
  }

  #createIngest(exchange: Exchange, version: string, session: Session): Answer {
    const body = parsed(exchange.body);
    if (!body) return apiError(400, 'JSON_PARSER_ERROR', 'Unexpected character in the request body');
    const operation = OPERATIONS.find((candidate) => candidate === body['operation']);
    if (!operation)
      return apiError(400, 'INVALIDJOB', `InvalidJob : Unable to find operation: ${text(body['operation'], 'null')}`);
    const table = this.#store.table(text(body['object'], ''));
    if (!table || table.object.readOnly)
      return apiError(
        400,
        'INVALIDENTITY',
        `InvalidEntity : Entity '${text(body['object'], '')}' is not supported by the Bulk API.`,
      );
    if (operation === 'hardDelete')
      return apiError(
        400,
        'FEATURENOTENABLED',
        'FeatureNotEnabled : hardDelete operation requires special user profile permission, please contact your system administrator',
      );
    const externalIdFieldName =
      body['externalIdFieldName'] === undefined ? null : text(body['externalIdFieldName'], '');
    if (operation === 'upsert') {
      const field = table.object.byName.get((externalIdFieldName ?? '').toLowerCase());
      if (!field || !(field.idLookup || field.type === 'id')) {
        return apiError(
          400,
          'INVALIDJOB',
          `InvalidJob : Field name provided, ${externalIdFieldName ?? 'null'} does not match an External ID, Salesforce Id, or indexed field for ${table.object.name}`,
        );
      }
    }
    const columnDelimiter = text(body['columnDelimiter'], 'COMMA');
    if (!(columnDelimiter in DELIMITERS))
      return apiError(400, 'INVALIDJOB', `InvalidJob : Unsupported column delimiter ${columnDelimiter}`);
    const job: IngestJob = {
      id: makeId('750', ++this.#counter),
      object: table.object.name,
      operation,
      externalIdFieldName,
      lineEnding: body['lineEnding'] === 'CRLF' ? 'CRLF' : 'LF',
      columnDelimiter,
      apiVersion: version,
      createdById: session.user.Id,
      profile: session.profile,
      createdDate: this.#pace.now(),
      state: 'Open',
      upload: null,
      header: [],
      successful: [],
      failed: [],
      pending: [],
      processedCount: 0,
      failedCount: 0,
      errorMessage: null,
    };
    this.#ingest.set(job.id, job);
    return json(200, this.#ingestInfo(job, false));
  }

  #upload(exchange: Exchange, job: IngestJob): Answer {
    if (job.state !== 'Open') {
      return apiError(
        400,
        'INVALIDJOBSTATE',
        `InvalidJobState : Unable to upload data: job ${job.id} is in state ${job.state}`,
      );
    }
    if (job.upload) {
      return apiError(
        400,
        'BULK_API_ERROR',
        `Found multiple contents for job: <${job.id}>, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job and make sure you only do 'PUT' once on a given Job.`,
      );
    }
    job.upload = exchange.body;
    return { status: 201 };
  }

  #changeState(exchange: Exchange, job: IngestJob): Answer {
    const wanted = parsed(exchange.body)?.['state'];
    if (wanted === 'UploadComplete' && job.state === 'Open') {
      job.state = 'UploadComplete';
      if (this.failNextJob === null) {
        processJob(this.#store, job, this.#pace).catch((error: unknown) => {
          job.errorMessage = `InternalServerError : ${String(error)}`;
          job.state = 'Failed';
        });
      } else {
        job.errorMessage = this.failNextJob;
        this.failNextJob = null;
        const upload = readUpload(
          (job.upload ?? Buffer.alloc(0)).toString('utf8'),
          DELIMITERS[job.columnDelimiter] ?? ',',
          job.lineEnding,
        );
        if ('rows' in upload) {
          job.header = upload.header;
          job.pending = upload.rows;
        }
        job.state = 'Failed';
      }
      return json(200, this.#ingestInfo(job, false));
    }
    if (
      wanted === 'Aborted' &&
      (job.state === 'Open' || job.state === 'UploadComplete' || job.state === 'InProgress')
    ) {
      job.state = 'Aborted';
      return json(200, this.#ingestInfo(job, false));
    }
    return apiError(
      400,
      'INVALIDJOBSTATE',
      `InvalidJobState : Job state transition from ${job.state} to ${text(wanted, 'null')} is not allowed`,
    );
  }

  #results(job: IngestJob, part: string): Answer {
    if (job.state !== 'JobComplete' && job.state !== 'Failed' && job.state !== 'Aborted') {
      return apiError(
        400,
        'INVALIDJOBSTATE',
        `InvalidJobState : Results are not available while the job is ${job.state}`,
      );
    }
    const delimiter = DELIMITERS[job.columnDelimiter] ?? ',';
    const own = job.header.join(delimiter);
    const headed = {
      successfulresults: [`"sf__Id"${delimiter}"sf__Created"${delimiter}${own}\n`, job.successful],
      failedresults: [`"sf__Id"${delimiter}"sf__Error"${delimiter}${own}\n`, job.failed],
      unprocessedrecords: [`${own}\n`, job.pending.map((row) => quotedRow(row, delimiter))],
    } as const;
    const [header, rows] = headed[part as keyof typeof headed];
    return {
      status: 200,
      headers: { 'Content-Type': 'text/csv;charset=UTF-8' },
      body: Buffer.from(header + rows.join('')),
    };
  }

  #ingestInfo(job: IngestJob, full: boolean): Record<string, unknown> {
    return {
      id: job.id,
      operation: job.operation,
      object: job.object,
      createdById: job.createdById,
      createdDate: stamp(job.createdDate),
      systemModstamp: stamp(job.createdDate),
      state: job.state,
      ...(job.externalIdFieldName === null ? {} : { externalIdFieldName: job.externalIdFieldName }),
      concurrencyMode: 'Parallel',
      contentType: 'CSV',
      apiVersion: Number(job.apiVersion),
      ...(job.state === 'Open' ? { contentUrl: `services/data/v${job.apiVersion}/jobs/ingest/${job.id}/batches` } : {}),
      lineEnding: job.lineEnding,
      columnDelimiter: job.columnDelimiter,
      ...(full
        ? {
            jobType: 'V2Ingest',
            numberRecordsProcessed: job.processedCount,
            numberRecordsFailed: job.failedCount,
            retries: 0,
            totalProcessingTime: Math.max(1, this.#pace.now() - job.createdDate),
            apiActiveProcessingTime: 0,
            apexProcessingTime: 0,
            ...(job.errorMessage === null ? {} : { errorMessage: job.errorMessage }),
          }
        : {}),
    };
  }

  #handleQuery(
    exchange: Exchange,
    version: string,
    id: string | undefined,
    part: string | undefined,
    session: Session,
  ): Answer {
    if (id === undefined) {
      if (exchange.method !== 'POST')
        return json(200, {
          done: true,
          records: [...this.#queries.values()].map((job) => this.#queryInfo(job)),
          nextRecordsUrl: null,
        });
      const body = parsed(exchange.body) ?? {};
      try {
        const soql = text(body['query'], '');
        const job: QueryJob = {
          id: makeId('750', ++this.#counter),
          operation: text(body['operation'], 'query'),
          query: soql,
          columnDelimiter: text(body['columnDelimiter'], 'COMMA'),
          lineEnding: text(body['lineEnding'], 'LF'),
          createdDate: this.#pace.now(),
          createdById: session.user.Id,
          apiVersion: version,
          result: runSoql(this.#store, soql),
          state: 'UploadComplete',
        };
        this.#queries.set(job.id, job);
        setTimeout(() => {
          if (job.state === 'UploadComplete') job.state = 'JobComplete';
        }, this.#pace.queueDelay);
        return json(200, this.#queryInfo(job));
      } catch (error) {
        if (error instanceof SoqlError) return apiError(400, error.errorCode, error.message);
        throw error;
      }
    }
    const job = this.#queries.get(id);
    if (!job) return apiError(404, 'NOT_FOUND', 'The requested resource does not exist');
    if (exchange.method === 'GET' && part === undefined) return json(200, this.#queryInfo(job));
    if (exchange.method === 'GET' && part === 'results') return this.#queryResults(exchange, job);
    if (exchange.method === 'PATCH' && (job.state === 'UploadComplete' || job.state === 'InProgress')) {
      job.state = 'Aborted';
      return json(200, this.#queryInfo(job));
    }
    if (exchange.method === 'DELETE' && (job.state === 'JobComplete' || job.state === 'Aborted')) {
      this.#queries.delete(job.id);
      return { status: 204 };
    }
    return apiError(400, 'API_ERROR', 'Error encountered when deleting the job because the job is not terminated');
  }

  #queryResults(exchange: Exchange, job: QueryJob): Answer {
    if (job.state !== 'JobComplete') return apiError(400, 'API_ERROR', 'The query job is not complete');
    const locator = exchange.query.get('locator');
    const start = locator === null ? 0 : Number(Buffer.from(locator, 'base64url').toString());
    const size = Number(exchange.query.get('maxRecords') ?? DEFAULT_QUERY_PAGE);
    if (!Number.isInteger(start) || !(size > 0)) return apiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
    const { columns, records } = job.result;
    const delimiter = DELIMITERS[job.columnDelimiter] ?? ',';
    const page = records.slice(start, start + size);
    const rows = page.map((record) =>
      quotedRow(
        columns.map((column) => resultText(column.read(record), column.field)),
        delimiter,
      ),
    );
    const next = start + size < records.length ? Buffer.from(String(start + size)).toString('base64url') : 'null';
    return {
      status: 200,
      headers: {
        'Content-Type': 'text/csv;charset=UTF-8',
        'Sforce-Locator': next,
        'Sforce-NumberOfRecords': String(page.length),
      },
      body: Buffer.from(
        quotedRow(
          columns.map((column) => column.header),
          delimiter,
        ) + rows.join(''),
      ),
    };
  }

  #queryInfo(job: QueryJob): Record<string, unknown> {
    return {
      id: job.id,
      operation: job.operation,
      object: job.result.table.object.name,
      createdById: job.createdById,
      createdDate: stamp(job.createdDate),
      systemModstamp: stamp(job.createdDate),
      state: job.state,
      concurrencyMode: 'Parallel',
      contentType: 'CSV',
      apiVersion: Number(job.apiVersion),
      jobType: 'V2Query',
      lineEnding: job.lineEnding,
      columnDelimiter: job.columnDelimiter,
      numberRecordsProcessed: job.state === 'JobComplete' ? job.result.records.length : 0,
      retries: 0,
      totalProcessingTime: 1,
      isPkChunkingSupported: true,
    };
  }
}
