import { randomBytes } from 'node:crypto';
import { ApiError } from '../http/api-error.ts';
import { json, type Answer } from '../http/exchange.ts';
import { columnMetadata, renderRecord } from '../soql/render.ts';
import { parseSosl, runSearch, type SearchRequest } from '../soql/run-sosl.ts';
import { runSoql, startSoql, type SoqlOptions, type SoqlResult } from '../soql/run-soql.ts';
import { bodyOf, type Call } from './call.ts';
import { plainText } from '../http/plain-text.ts';

interface Cursor {
  readonly result: SoqlResult;
  readonly size: number;
  readonly owner: string;
}

/** A user may have ten cursors open; the oldest goes (SOQL Reference, limits). */
const OPEN_CURSORS = 10;

/** `query`, `queryAll` and their next pages; `search` and `parameterizedSearch`. */
export class QueryApi {
  readonly #cursors = new Map<string, Cursor>();

  /** At once; inside a composite request nothing may come in between. */
  query(call: Call): Answer {
    const [, locator] = call.path;
    if (locator !== undefined) return this.#more(call, locator);
    const { soql, options } = asked(call);
    return this.#answer(call, soql, runSoql(call.org.data, call.session, soql, options));
  }

  /** In slices, so that a scan over everything lets other callers through. */
  async querySlowly(call: Call): Promise<Answer> {
    const [, locator] = call.path;
    if (locator !== undefined) return this.#more(call, locator);
    const { soql, options } = asked(call);
    return this.#answer(call, soql, await startSoql(call.org.data, call.session, soql, options).run());
  }

  #answer(call: Call, soql: string, result: SoqlResult): Answer {
    if (call.exchange.query.get('columns') === 'true') return json(200, columnMetadata(result, soql));
    if (result.countOnly) return json(200, { totalSize: result.records.length, done: true, records: [] });
    if (result.aggregates) {
      return json(200, {
        totalSize: result.aggregates.length,
        done: true,
        records: result.aggregates.map((row) => ({ attributes: { type: 'AggregateResult' }, ...row })),
      });
    }
    const header = String(call.exchange.headers['sforce-query-options'] ?? '');
    const asked = Number(/batchSize\s*=\s*(\d+)/i.exec(header)?.[1] ?? call.org.knobs.restQueryPage);
    const size = Math.min(/batchSize/i.test(header) ? Math.max(asked, 200) : asked, 2000);
    const id = `01gPR0${randomBytes(7).toString('hex').slice(0, 9)}AAA`;
    if (result.records.length > size) this.#open(id, { result, size, owner: call.session.userId });
    return this.#page(call, id, { result, size, owner: call.session.userId }, 0);
  }

  #open(id: string, cursor: Cursor): void {
    this.#cursors.set(id, cursor);
    const own = [...this.#cursors].filter(([, one]) => one.owner === cursor.owner);
    for (const [old] of own.slice(0, Math.max(0, own.length - OPEN_CURSORS))) this.#cursors.delete(old);
  }

  #more(call: Call, locator: string): Answer {
    const [, id = '', offset = ''] = /^(\w+)-(\d+)$/.exec(locator) ?? [];
    const cursor = this.#cursors.get(id);
    if (!cursor || cursor.owner !== call.session.userId || Number(offset) > cursor.result.records.length)
      throw new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
    return this.#page(call, id, cursor, Number(offset));
  }

  #page(call: Call, id: string, cursor: Cursor, offset: number): Answer {
    const { result, size } = cursor;
    const end = Math.min(offset + size, result.records.length);
    const done = end >= result.records.length;
    return json(200, {
      totalSize: result.records.length,
      done,
      ...(done ? {} : { nextRecordsUrl: `/services/data/v${call.version}/query/${id}-${end}` }),
      records: result.records.slice(offset, end).map((record) => renderRecord(result, record, call.version)),
    });
  }

  search(call: Call): Answer {
    const sosl = call.exchange.query.get('q');
    if (sosl === null) throw new ApiError(400, 'MALFORMED_SEARCH', 'A search string has to be specified');
    const { data } = call.org;
    return json(200, { searchRecords: runSearch(data, call.session, parseSosl(data, sosl), call.version) });
  }

  /** `parameterizedSearch`, by GET or POST (REST API Developer Guide, "Parameterized Search"). */
  parameterized(call: Call): Answer {
    const { query, method } = call.exchange;
    const body = method === 'POST' ? bodyOf(call) : Object.fromEntries(query);
    const term = body['q'];
    if (typeof term !== 'string' || term === '') throw new ApiError(400, 'INVALID_SEARCH', 'q is required');
    const listed =
      method === 'POST'
        ? ((body['sobjects'] ?? []) as { name?: unknown; fields?: unknown }[]).map(({ name, fields }) => ({
            object: String(name),
            select: Array.isArray(fields) ? fields.join(', ') : 'Id',
          }))
        : query.getAll('sobject').map((object) => ({
            object,
            select: query.get(`${object}.fields`) ?? query.get('fields') ?? 'Id',
          }));
    const everything = [...call.org.data.schema.values()]
      .filter((object) => object.searchable && !object.event)
      .map(({ name }) => ({ object: name, select: 'Id' }));
    const request: SearchRequest = {
      term,
      where: (plainText(body['in']) || 'ALL').toUpperCase() as SearchRequest['where'],
      objects: listed.length > 0 ? listed : everything,
      limit: Math.min(Number(body['overallLimit'] ?? 2000) || 2000, 2000),
    };
    return json(200, { searchRecords: runSearch(call.org.data, call.session, request, call.version) });
  }
}

function asked(call: Call): { soql: string; options: SoqlOptions } {
  const soql = call.exchange.query.get('q');
  if (soql === null) throw new ApiError(400, 'MALFORMED_QUERY', 'A query string has to be specified');
  return { soql, options: { includeDeleted: call.path[0]?.toLowerCase() === 'queryall' } };
}
