import type { FetchTools } from '../plan/fetch-current-records.ts';

/** Records that the REST API gives a page (REST API Developer Guide, "Query"). */
const PAGE = 2000;

/** A client that counts the calls made through it: a page of records each, a request of a query job each. */
export class CountedCalls {
  #count = 0;
  readonly client: FetchTools['client'];

  constructor(client: FetchTools['client']) {
    this.client = {
      host: client.host,
      tidy: (what, work) => client.tidy(what, work),
      json: (...given) => {
        this.#count++;
        return client.json(...given);
      },
      download: (...given) => {
        this.#count++;
        return client.download(...given);
      },
      count: (...given) => {
        this.#count++;
        return client.count(...given);
      },
      query: async (...given) => {
        const records = await client.query(...given);
        this.#count += Math.max(1, Math.ceil(records.length / PAGE));
        return records;
      },
    };
  }

  get count(): number {
    return this.#count;
  }
}
