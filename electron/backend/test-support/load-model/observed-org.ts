import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const Ready = z.object({ url: z.string(), adminUrl: z.string(), accessToken: z.string() });
const Page = z.object({
  records: z.array(z.record(z.string(), z.unknown())),
  nextRecordsUrl: z.string().optional(),
});
const SaveResults = z.array(
  z.object({ id: z.string().optional(), success: z.boolean(), errors: z.array(z.unknown()) }),
);
const JobList = z.object({
  records: z.array(z.object({ id: z.string(), state: z.string(), object: z.string() })),
  nextRecordsUrl: z.string().nullable(),
});
const Requests = z.array(
  z.object({ number: z.number(), at: z.number(), method: z.string(), path: z.string(), status: z.number() }),
);
const State = z.object({ requestCount: z.number() });

export type OrgRecord = Readonly<Record<string, unknown>>;
export type LoggedRequest = z.infer<typeof Requests>[number];

/** Records of one collections request (REST API Developer Guide, "Limits for sObject Collections"). */
const COLLECTION = 200;
const MAIN = fileURLToPath(new URL('../../../practice-org/main.ts', import.meta.url));

/** A practice org seen from beside the backend: by its own token, and by the admin port that tells what was asked of it. */
export class ObservedOrg {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #admin: string;
  #token: string;

  private constructor(child: ChildProcess, ready: z.infer<typeof Ready>) {
    this.#child = child;
    this.url = ready.url;
    this.#admin = ready.adminUrl;
    this.#token = ready.accessToken;
  }

  static async start(): Promise<ObservedOrg> {
    const knobs = ['--rows-per-second', '0', '--queue-delay', '0', '--knob', 'apiLimit=100000000'];
    const child = fork(MAIN, ['--records', '4', ...knobs], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const ready = await new Promise<unknown>((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', (code) => reject(new Error(`the practice org ended with ${String(code)}`)));
    });
    return new ObservedOrg(child, Ready.parse(ready));
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }

  async #adminCall(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.#admin}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
    return JSON.parse(text) as unknown;
  }

  async faults(rules: readonly unknown[]): Promise<void> {
    await this.#adminCall('PUT', '/faults', rules);
  }

  async knobs(knobs: Record<string, unknown>): Promise<void> {
    await this.#adminCall('PATCH', '/knobs', knobs);
  }

  async requestCount(): Promise<number> {
    return State.parse(await this.#adminCall('GET', '/state')).requestCount;
  }

  /** The latest requests, at most some thousands of them. */
  async requestsAfter(number: number): Promise<LoggedRequest[]> {
    return Requests.parse(await this.#adminCall('GET', '/requests')).filter((request) => request.number > number);
  }

  /** A REST call with a token of this observer's own; one that a fault took away is got anew. */
  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    for (let attempt = 0; ; attempt++) {
      const response = await fetch(`${this.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (response.status === 401 && attempt === 0) {
        const granted = await this.#adminCall('POST', '/access-token', {});
        this.#token = z.object({ accessToken: z.string() }).parse(granted).accessToken;
        continue;
      }
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text === '' ? null : (JSON.parse(text) as unknown);
    }
  }

  async query(soql: string): Promise<OrgRecord[]> {
    const records: OrgRecord[] = [];
    let path: string | undefined = `/services/data/v66.0/query?q=${encodeURIComponent(soql)}`;
    while (path !== undefined) {
      const page: z.infer<typeof Page> = Page.parse(await this.#ask('GET', path));
      records.push(...page.records);
      path = page.nextRecordsUrl;
    }
    return records;
  }

  /** Every record of an object, by id. */
  async snapshot(objectName: string, fields: readonly string[]): Promise<Map<string, OrgRecord>> {
    const records = await this.query(`SELECT Id, SystemModstamp, ${fields.join(', ')} FROM ${objectName}`);
    return new Map(records.map(({ attributes: _, ...record }) => [String(record['Id']), record]));
  }

  async create(objectName: string, records: readonly Record<string, unknown>[]): Promise<string[]> {
    const ids: string[] = [];
    for (let first = 0; first < records.length; first += COLLECTION) {
      const batch = records.slice(first, first + COLLECTION);
      const answer = await this.#ask('POST', '/services/data/v66.0/composite/sobjects', {
        allOrNone: true,
        records: batch.map((record) => ({ attributes: { type: objectName }, ...record })),
      });
      for (const { id, errors } of SaveResults.parse(answer)) {
        if (id === undefined) throw new Error(`a record of ${objectName} was not made: ${JSON.stringify(errors)}`);
        ids.push(id);
      }
    }
    return ids;
  }

  /** As somebody else would. */
  async change(objectName: string, records: readonly Record<string, unknown>[]): Promise<void> {
    const answer = await this.#ask('PATCH', '/services/data/v66.0/composite/sobjects', {
      allOrNone: true,
      records: records.map((record) => ({ attributes: { type: objectName }, ...record })),
    });
    for (const { success, errors } of SaveResults.parse(answer))
      if (!success) throw new Error(`a record of ${objectName} was not changed: ${JSON.stringify(errors)}`);
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (let first = 0; first < ids.length; first += COLLECTION)
      await this.#ask(
        'DELETE',
        `/services/data/v66.0/composite/sobjects?ids=${ids.slice(first, first + COLLECTION).join(',')}`,
      );
  }

  /** Forgets every job; those that are open are given up first. */
  async purgeJobs(): Promise<void> {
    for (const { id, state } of await this.jobs())
      if (state === 'Open') await this.#ask('PATCH', `/services/data/v66.0/jobs/ingest/${id}`, { state: 'Aborted' });
    await this.#adminCall('DELETE', '/jobs');
  }

  /** Every Bulk API 2.0 ingest job the org knows. */
  async jobs(): Promise<z.infer<typeof JobList>['records']> {
    const jobs: z.infer<typeof JobList>['records'] = [];
    let path: string | null = '/services/data/v66.0/jobs/ingest';
    while (path !== null) {
      const page: z.infer<typeof JobList> = JobList.parse(await this.#ask('GET', path));
      jobs.push(...page.records);
      path = page.nextRecordsUrl;
    }
    return jobs;
  }
}
