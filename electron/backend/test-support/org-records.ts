interface Reached {
  readonly url: string;
  readonly accessToken: string;
}

export interface OrgRecords {
  rest(method: string, path: string, body?: unknown): Promise<unknown>;
  create(object: string, values: object): Promise<string>;
  query(soql: string): Promise<Record<string, unknown>[]>;
  /** Every cell of the objects that merges of accounts touch, but when and by whom a record was saved last. */
  cells(): Promise<Record<string, unknown>>;
}

const SYSTEM = new Set(['SystemModstamp', 'LastModifiedDate', 'LastModifiedById']);
/** Salesforce works it out from the other lookups; the practice org moves it with the account and leaves it there. */
const FOLLOWING = 'Task.AccountId';
const OBJECTS = ['Account', 'Contact', 'Opportunity', 'Case', 'Task', 'Contract', 'Asset'];

/** A practice org's records, made and read as another client would. */
export function recordsOf({ url, accessToken }: Reached): OrgRecords {
  const rest: OrgRecords['rest'] = async (method, path, body) => {
    const response = await fetch(`${url}/services/data/v66.0/${path}`, {
      method,
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text === '' ? null : (JSON.parse(text) as unknown);
  };
  const query: OrgRecords['query'] = async (soql) => {
    const { records } = (await rest('GET', `query?q=${encodeURIComponent(soql)}`)) as {
      records: Record<string, unknown>[];
    };
    return records.map(({ attributes: _, ...record }) => record);
  };
  return {
    rest,
    query,
    create: async (object, values) => ((await rest('POST', `sobjects/${object}`, values)) as { id: string }).id,
    cells: async () => {
      const cells: Record<string, unknown> = {};
      for (const object of OBJECTS) {
        const { fields } = (await rest('GET', `sobjects/${object}/describe`)) as {
          fields: { name: string; type: string }[];
        };
        const names = fields
          .filter(({ name, type }) => !SYSTEM.has(name) && `${object}.${name}` !== FOLLOWING && type !== 'address')
          .map(({ name }) => name);
        cells[object] = await query(`SELECT ${names.join(',')} FROM ${object} ORDER BY Id`);
      }
      return cells;
    },
  };
}
