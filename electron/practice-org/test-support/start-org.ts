import { PLAIN_OPTIONS, startPracticeOrg, type PracticeOrgOptions, type RunningPracticeOrg } from '../practice-org.ts';

export interface Reply {
  readonly status: number;
  /** Parsed where it is JSON, text otherwise. */
  readonly body: unknown;
  readonly headers: Headers;
}

/** An org of a test's own, spoken to over HTTP as everybody else does. */
export class TestOrg {
  readonly running: RunningPracticeOrg;
  token: string;

  constructor(running: RunningPracticeOrg) {
    this.running = running;
    this.token = running.accessToken;
  }

  get url(): string {
    return this.running.url;
  }

  /** `path` after `/services/data/v66.0`, or any path with `//` in front. */
  async ask(path: string, init: RequestInit & { token?: string } = {}): Promise<Reply> {
    const url = path.startsWith('//') ? this.url + path.slice(1) : `${this.url}/services/data/v66.0${path}`;
    const response = await fetch(url, {
      redirect: 'manual',
      ...init,
      headers: { authorization: `Bearer ${init.token ?? this.token}`, ...(init.headers as Record<string, string>) },
    });
    const text = await response.text();
    return {
      status: response.status,
      body:
        response.headers.get('content-type')?.includes('json') && text !== '' ? (JSON.parse(text) as unknown) : text,
      headers: response.headers,
    };
  }

  send(
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
    token?: string,
  ): Promise<Reply> {
    return this.ask(path, {
      method,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
      ...(token === undefined ? {} : { token }),
    });
  }

  async query<T = Record<string, unknown>>(soql: string): Promise<T[]> {
    const { body, status } = await this.ask(`/query?q=${encodeURIComponent(soql)}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    return (body as { records: T[] }).records;
  }

  /** The id of a record made by REST; throws with what the org says. */
  async create(object: string, fields: Record<string, unknown>): Promise<string> {
    const { body, status } = await this.send('POST', `/sobjects/${object}`, fields);
    if (status !== 201) throw new Error(JSON.stringify(body));
    return (body as { id: string }).id;
  }

  admin(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(this.running.adminUrl + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async tokenOf(username: string): Promise<string> {
    return ((await (await this.admin('POST', '/access-token', { username })).json()) as { accessToken: string })
      .accessToken;
  }

  /** A whole Bulk API 2.0 ingest job: create, upload, close, wait, and the three result files. */
  async ingest(job: object, csv: string | Uint8Array, token?: string): Promise<IngestOutcome> {
    const own = token === undefined ? {} : { token };
    const made = await this.ask('/jobs/ingest', {
      method: 'POST',
      body: JSON.stringify({ lineEnding: 'LF', ...job }),
      ...own,
    });
    if (made.status !== 200) throw new Error(JSON.stringify(made.body));
    const { id } = made.body as { id: string };
    const put = await this.ask(`/jobs/ingest/${id}/batches`, { method: 'PUT', body: csv as never, ...own });
    if (put.status !== 201) throw new Error(JSON.stringify(put.body));
    await this.ask(`/jobs/ingest/${id}`, {
      method: 'PATCH',
      body: JSON.stringify({ state: 'UploadComplete' }),
      ...own,
    });
    return this.outcome(id);
  }

  async outcome(id: string): Promise<IngestOutcome> {
    for (;;) {
      const info = (await this.ask(`/jobs/ingest/${id}`)).body as {
        state: string;
        errorMessage?: string;
        numberRecordsProcessed: number;
      };
      if (!/JobComplete|Failed|Aborted/.test(info.state)) continue;
      const file = async (name: string): Promise<string> =>
        String((await this.ask(`/jobs/ingest/${id}/${name}/`)).body);
      return {
        id,
        ...info,
        successful: await file('successfulResults'),
        failed: await file('failedResults'),
        unprocessed: await file('unprocessedrecords'),
      };
    }
  }
}

export interface IngestOutcome {
  readonly id: string;
  readonly state: string;
  readonly errorMessage?: string;
  readonly numberRecordsProcessed: number;
  readonly successful: string;
  readonly failed: string;
  readonly unprocessed: string;
}

export async function startOrg(options: Partial<PracticeOrgOptions> = {}): Promise<TestOrg> {
  return new TestOrg(
    await startPracticeOrg({ ...PLAIN_OPTIONS, records: options.data === undefined ? 60 : null, ...options }),
  );
}
