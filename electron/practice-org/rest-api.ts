import { apiError, json, type Answer, type Exchange } from './http-exchange.ts';
import type { Session } from './oauth.ts';
import type { RecordStore, Stored } from './record-store.ts';
import { describe, objectSummary } from './schema.ts';
import { runSoql, SoqlError, type SoqlResult } from './soql.ts';

/** Records a page of REST query results holds unless `Sforce-Query-Options` says less. */
const QUERY_PAGE = 2000;

interface Cursor {
  readonly result: SoqlResult;
  readonly size: number;
}

/** REST API: describe, query and limits (REST API Developer Guide). */
export class RestApi {
  readonly #store: RecordStore;
  readonly #cursors = new Map<string, Cursor>();
  #counter = 0;

  constructor(store: RecordStore) {
    this.#store = store;
  }

  handle(
    exchange: Exchange,
    version: string,
    rest: string[],
    session: Session,
    usage: { used: number; max: number },
  ): Answer {
    const base = `/services/data/v${version}`;
    const [resource, name, detail] = rest;
    switch (`${exchange.method} ${(resource ?? '').toLowerCase()}`) {
      case 'GET ':
        return json(200, {
          sobjects: `${base}/sobjects`,
          query: `${base}/query`,
          queryAll: `${base}/queryAll`,
          jobs: `${base}/jobs`,
          limits: `${base}/limits`,
          identity: `${exchange.origin}/id`,
        });
      case 'GET sobjects':
        return this.#sobjects(name, detail, session);
      case 'GET query':
      case 'GET queryall':
        return name === undefined ? this.#query(exchange, version) : this.#more(exchange, version, name);
      case 'GET limits':
        return json(200, {
          DailyApiRequests: { Max: usage.max, Remaining: usage.max - usage.used },
          DailyBulkApiBatches: { Max: 15000, Remaining: 15000 },
          DailyBulkV2QueryJobs: { Max: 10000, Remaining: 10000 },
          DataStorageMB: { Max: 1024, Remaining: 1000 },
        });
      default:
        return apiError(404, 'NOT_FOUND', 'The requested resource does not exist');
    }
  }

  #sobjects(name: string | undefined, detail: string | undefined, session: Session): Answer {
    if (name === undefined) {
      return json(200, {
        encoding: 'UTF-8',
        maxBatchSize: 200,
        sobjects: [...this.#store.tables()].map((table) => objectSummary(table.object)),
      });
    }
    const table = this.#store.table(name);
    if (!table) return apiError(404, 'NOT_FOUND', 'The requested resource does not exist');
    if (detail === undefined) return json(200, { objectDescribe: objectSummary(table.object), recentItems: [] });
    if (detail.toLowerCase() === 'describe') return json(200, describe(table.object, session.profile));
    const record = table.find(table.object.fields[0] ?? failNoFields(), detail)[0];
    if (!record) return apiError(404, 'NOT_FOUND', 'The requested resource does not exist');
    return json(200, { attributes: { type: table.object.name, url: '' }, ...record });
  }

  #query(exchange: Exchange, version: string): Answer {
    try {
      const result = runSoql(this.#store, exchange.query.get('q') ?? '');
      if (result.countOnly) return json(200, { totalSize: result.records.length, done: true, records: [] });
      if (result.aggregates) {
        return json(200, {
          totalSize: 1,
          done: true,
          records: [{ attributes: { type: 'AggregateResult' }, ...result.aggregates }],
        });
      }
      const asked = Number(
        /batchSize=(\d+)/i.exec(String(exchange.headers['sforce-query-options'] ?? ''))?.[1] ?? QUERY_PAGE,
      );
      const id = `01gPR0${String(++this.#counter).padStart(9, '0')}AAA`;
      this.#cursors.set(id, { result, size: Math.min(Math.max(asked, 200), QUERY_PAGE) });
      return this.#page(id, 0, version);
    } catch (error) {
      if (error instanceof SoqlError) return apiError(400, error.errorCode, error.message);
      throw error;
    }
  }

  #more(_exchange: Exchange, version: string, locator: string): Answer {
    const [id = '', offset = '0'] = locator.split('-');
    return this.#cursors.has(id)
      ? this.#page(id, Number(offset), version)
      : apiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
  }

  #page(id: string, offset: number, version: string): Answer {
    const cursor = this.#cursors.get(id);
    if (!cursor) return apiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
    const { table, columns, records } = cursor.result;
    const end = offset + cursor.size;
    const page = records.slice(offset, end).map((record) => {
      const row: Record<string, unknown> = {
        attributes: {
          type: table.object.name,
          url: `/services/data/v${version}/sobjects/${table.object.name}/${record.Id}`,
        },
      };
      for (const column of columns) nest(row, column.path, column.read(record));
      return row;
    });
    const done = end >= records.length;
    if (done) this.#cursors.delete(id);
    return json(200, {
      totalSize: records.length,
      done,
      records: page,
      ...(done ? {} : { nextRecordsUrl: `/services/data/v${version}/query/${id}-${end}` }),
    });
  }
}

function nest(row: Record<string, unknown>, path: string[], value: Stored): void {
  const [head = '', ...rest] = path;
  if (rest.length === 0) {
    row[head] = value;
    return;
  }
  const inner = (row[head] ??= { attributes: { type: head } }) as Record<string, unknown>;
  nest(inner, rest, value);
}

function failNoFields(): never {
  throw new Error('an object without fields');
}
