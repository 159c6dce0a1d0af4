import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { json, readBody, send, targetOf, type Answer } from '../http/exchange.ts';
import type { BulkApi2 } from '../bulk/bulk-v2.ts';
import type { JobSummary } from '../bulk/job-answers.ts';
import type { Org } from '../org.ts';
import type { GapType } from '../streaming/event-bus.ts';
import { FaultRule } from './fault-plan.ts';
import { writeRuleRecords } from '../sample/duplicate-rule-records.ts';
import { RulesFile } from '../schema/schema-file.ts';
import { Knobs } from './knobs.ts';
import type { RequestLog } from './request-log.ts';

export interface AdminOf {
  readonly org: Org;
  readonly requests: RequestLog;
  readonly addresses: { readonly url: string; readonly tlsUrl: string | null; readonly certificate: string | null };
  readonly accessToken: (username?: string) => string;
  readonly jobs: () => readonly JobSummary[];
  readonly bulk2: Pick<BulkApi2, 'ingestJobs' | 'purge' | 'purgeEnded'>;
  readonly streamingClients: () => number;
  readonly reset: () => Promise<void>;
}

const Gap = z.strictObject({
  object: z.string(),
  type: z.enum(['GAP_CREATE', 'GAP_UPDATE', 'GAP_DELETE', 'GAP_UNDELETE', 'GAP_OVERFLOW']),
  recordIds: z.array(z.string()).default([]),
});

const PAGE: Record<string, [string, string]> = {
  '/': ['page.html', 'text/html;charset=UTF-8'],
  '/page.js': ['page.js', 'text/javascript;charset=UTF-8'],
  '/page.css': ['page.css', 'text/css;charset=UTF-8'],
};

const HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

/** How often the page hears of what changed. */
const TICK = 400;

/**
 * The side door for trainers and tests, on a port of its own and no part of Salesforce: the org's page, its knobs, its
 * fault plan and what was asked of it. It answers its own origin only.
 */
export class AdminServer {
  readonly #of: AdminOf;
  readonly #watchers = new Set<ServerResponse>();
  readonly #ticker: NodeJS.Timeout;
  #url = '';
  #lastState = '';

  constructor(of: AdminOf) {
    this.#of = of;
    this.#ticker = setInterval(() => this.#tell(), TICK);
    this.#ticker.unref();
  }

  announce(url: string): void {
    this.#url = url;
  }

  close(): void {
    clearInterval(this.#ticker);
    for (const watcher of this.#watchers) watcher.end();
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = targetOf(request, 'http');
    try {
      if (target === null || !this.#allowed(request)) {
        await send(
          response,
          { headers: {}, method: 'GET' },
          json(403, { problem: 'this port answers its own page and local tools only' }, HEADERS),
        );
        return;
      }
      if (target.path === '/watch' && target.method === 'GET') {
        this.#watch(response);
        return;
      }
      const body = await readBody(request, 1024 * 1024);
      const answer = await this.#route(`${target.method} ${target.path}`, body);
      answer.headers = { ...HEADERS, ...answer.headers };
      await send(response, target, answer);
    } catch (error) {
      const problem =
        error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error);
      await send(response, { headers: {}, method: 'GET' }, json(400, { problem }, HEADERS));
    }
  }

  /** Pages of other sites must not reach it through a person's browser. */
  #allowed(request: IncomingMessage): boolean {
    const host = request.headers.host ?? '';
    const own = new URL(this.#url).port;
    if (host !== `127.0.0.1:${own}` && host !== `localhost:${own}`) return false;
    const { origin } = request.headers;
    return origin === undefined || origin === `http://${host}`;
  }

  async #route(route: string, body: Buffer): Promise<Answer> {
    const { org, requests, bulk2 } = this.#of;
    const parsed = (): unknown => JSON.parse(body.toString('utf8') || '{}') as unknown;
    const page = PAGE[route.replace(/^GET /, '')];
    if (page && route.startsWith('GET '))
      return {
        status: 200,
        headers: { 'Content-Type': page[1] },
        body: readFileSync(new URL(`./page/${page[0]}`, import.meta.url)),
      };
    switch (route) {
      case 'GET /state':
        return json(200, this.#state());
      case 'GET /faults':
        return json(200, org.faults.list());
      case 'PUT /faults': {
        const rules = z.array(FaultRule).parse(parsed());
        org.faults.set(rules);
        // What an earlier plan had in store for the next job goes with it.
        org.failNextJob = null;
        return json(200, { rules: rules.length });
      }
      case 'GET /knobs':
        return json(200, org.knobs);
      case 'PATCH /knobs':
        org.setKnobs(Knobs.parse({ ...org.knobs, ...z.record(z.string(), z.unknown()).parse(parsed()) }));
        return json(200, org.knobs);
      case 'GET /duplicate-rules':
        return json(200, org.data.duplicateRules.file);
      case 'PUT /duplicate-rules':
        org.data.duplicateRules.set(RulesFile.parse(parsed()));
        writeRuleRecords(org.data);
        return json(200, org.data.duplicateRules.file);
      case 'GET /requests':
        return json(200, requests.list());
      case 'POST /access-token': {
        const { username } = z.object({ username: z.string().optional() }).parse(parsed());
        return json(200, { accessToken: this.#of.accessToken(username) });
      }
      case 'POST /gap': {
        const gap = Gap.parse(parsed());
        const table = org.data.store.table(gap.object);
        if (!table) return json(400, { problem: `there is no object ${gap.object}` });
        org.events.gap(table, gap.type satisfies GapType, gap.recordIds);
        return json(200, {});
      }
      case 'POST /reset':
        await this.#of.reset();
        return json(200, {});
      case 'GET /jobs':
        return json(200, bulk2.ingestJobs());
      case 'DELETE /jobs':
        return json(200, { purged: await bulk2.purgeEnded() });
      default: {
        const job = /^DELETE \/jobs\/(\w+)$/.exec(route)?.[1];
        if (job !== undefined && (await bulk2.purge(job))) return json(200, { purged: 1 });
        return json(404, { problem: `${route} is nothing here` });
      }
    }
  }

  #state(): Record<string, unknown> {
    const { org, requests } = this.#of;
    return {
      addresses: this.#of.addresses,
      users: org.data.file.users
        .filter(({ active }) => active)
        .map(({ username, profile, password, appApproved }) => ({ username, profile, password, appApproved })),
      objects: [...org.data.store.tables()]
        .filter((table) => !table.object.event)
        .map((table) => ({
          name: table.object.name,
          label: table.object.labelPlural,
          custom: table.object.custom,
          setup: table.object.readOnly,
          records: table.records.size,
          deleted: table.bin.size,
        })),
      jobs: this.#of.jobs().slice(-50).reverse(),
      usage: { ...org.used, apiLimit: org.knobs.apiLimit },
      streamingClients: this.#of.streamingClients(),
      knobs: org.knobs,
      faults: org.faults.list(),
      requestCount: requests.count,
      requests: requests.latest(60).toReversed(),
    };
  }

  #watch(response: ServerResponse): void {
    response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream' });
    response.write(`data: ${JSON.stringify(this.#state())}\n\n`);
    this.#watchers.add(response);
    response.on('close', () => this.#watchers.delete(response));
  }

  #tell(): void {
    if (this.#watchers.size === 0) return;
    const state = JSON.stringify(this.#state());
    if (state === this.#lastState) return;
    this.#lastState = state;
    for (const watcher of this.#watchers) watcher.write(`data: ${state}\n\n`);
  }
}
