import { ApiError, methodNotAllowed, notFound } from '../http/api-error.ts';
import { json, type Answer } from '../http/exchange.ts';
import { ORG_ID } from '../records/org-data.ts';
import type { Call } from './call.ts';
import { collections, tree } from './collections.ts';
import { batch, composite } from './composite.ts';
import { QueryApi } from './query.ts';
import { sobjects } from './sobjects.ts';
import { uiApi } from './ui-api.ts';

/** REST API resources under `/services/data/vXX.X` but for jobs (REST API Developer Guide, "Reference"). */
export class RestApi {
  readonly #queries = new QueryApi();

  /** A request of its own; `handle` answers those inside composite ones, at once. */
  respond(call: Call): Answer | Promise<Answer> {
    const query = /^query(?:all)?$/i.test(call.path[0] ?? '') && call.exchange.method === 'GET';
    return query ? this.#queries.querySlowly(call) : this.handle(call);
  }

  readonly handle = (call: Call): Answer => {
    const { method } = call.exchange;
    const [resource = '', second = ''] = call.path;
    switch (resource.toLowerCase()) {
      case '':
        return this.#resources(call);
      case 'sobjects':
        return sobjects(call);
      case 'query':
      case 'queryall':
        if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed(method, 'HEAD,GET');
        return this.#queries.query(call);
      case 'search':
        return this.#queries.search(call);
      case 'parameterizedsearch':
        return this.#queries.parameterized(call);
      case 'limits':
        if (second === '') return json(200, call.org.limits());
        if (second.toLowerCase() === 'recordcount') return this.#recordCount(call);
        throw notFound();
      case 'composite':
        return this.#composite(call, second.toLowerCase());
      case 'ui-api':
        return uiApi(call);
      case 'recent':
        return json(200, []);
      case 'tabs':
        return json(
          200,
          [...call.org.data.schema.values()]
            .filter((object) => !object.readOnly && !object.event)
            .map((object) => ({
              custom: object.custom,
              label: object.labelPlural,
              name: object.name,
              sobjectName: object.name,
            })),
        );
      default:
        throw notFound();
    }
  };

  #composite(call: Call, second: string): Answer {
    switch (second) {
      case '':
        if (call.exchange.method === 'GET') {
          const base = `/services/data/v${call.version}/composite`;
          return json(200, { tree: `${base}/tree`, batch: `${base}/batch`, sobjects: `${base}/sobjects` });
        }
        return composite(call, this.handle);
      case 'batch':
        return batch(call, this.handle);
      case 'sobjects':
        return collections(call);
      case 'tree':
        return tree(call);
      default:
        throw notFound();
    }
  }

  #recordCount(call: Call): Answer {
    const asked = call.exchange.query.get('sObjects');
    const tables =
      asked === null
        ? [...call.org.data.store.tables()]
        : asked.split(',').flatMap((name) => call.org.data.store.table(name.trim()) ?? []);
    return json(200, {
      sObjects: tables
        .filter((table) => !table.object.event)
        .map((table) => ({ count: table.records.size, name: table.object.name })),
    });
  }

  #resources(call: Call): Answer {
    if (call.exchange.method !== 'GET' && call.exchange.method !== 'HEAD')
      throw new ApiError(
        405,
        'METHOD_NOT_ALLOWED',
        `HTTP Method '${call.exchange.method}' not allowed. Allowed are GET,HEAD`,
      );
    const base = `/services/data/v${call.version}`;
    const names = [
      'composite',
      'jobs',
      'limits',
      'parameterizedSearch',
      'query',
      'queryAll',
      'recent',
      'search',
      'sobjects',
      'tabs',
      'ui-api',
    ];
    return json(200, {
      ...Object.fromEntries(names.map((name) => [name, `${base}/${name}`])),
      identity: `${call.exchange.origin}/id/${ORG_ID}/${call.session.userId}`,
    });
  }
}
