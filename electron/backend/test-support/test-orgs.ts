import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import { OrgId } from '../../../shared/domain/ids.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { HttpTransport } from '../orgs/http-transport.ts';
import { OrgDirectory, type OrgPorts } from '../orgs/org-directory.ts';
import type { StoredSession } from '../orgs/org-session.ts';
import type { Clock } from '../ports.ts';

export const ORG_ID = OrgId.parse('00D000000000001EAA');
/** What a person's log or error must never show. */
export const SECRET = '00D000000000001!AQ.very.secret.access.token';
const REFRESH_SECRET = '5Aep861verysecretrefreshtoken';

/** A clock whose pauses take no time but are noted; `elapsed` moves with them. */
export function notingClock(): Clock & { readonly pauses: number[]; skip(milliseconds: number): void } {
  const pauses: number[] = [];
  let skipped = 0;
  return {
    pauses,
    now: () => Date.now() + skipped,
    elapsed: () => performance.now() + skipped,
    timeZone: () => 'Europe/Berlin',
    skip: (milliseconds) => {
      skipped += milliseconds;
    },
    sleep: async (milliseconds, signal) => {
      if (signal.aborted) throw new FailureError({ code: 'CANCELLED' });
      pauses.push(milliseconds);
      skipped += milliseconds;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** A clock whose pauses last until they are called off. */
export function stoppedClock(): Clock & { readonly paused: Promise<void> } {
  let noticed = (): void => undefined;
  return {
    paused: new Promise((resolve) => (noticed = resolve)),
    now: () => Date.now(),
    elapsed: () => performance.now(),
    timeZone: () => 'Europe/Berlin',
    sleep: (_milliseconds, signal) =>
      new Promise((_resolve, reject) => {
        const cancel = (): void => reject(new FailureError({ code: 'CANCELLED' }));
        if (signal.aborted) return cancel();
        signal.addEventListener('abort', cancel, { once: true });
        noticed();
      }),
  };
}

export interface HandMade {
  readonly url: string;
  readonly requests: { method: string; path: string; headers: IncomingMessage['headers']; body: string }[];
  close(): Promise<void>;
}

/** A small server for what the practice org doesn't do. It notes what it is sent. */
export async function handMade(
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<HandMade> {
  const requests: HandMade['requests'] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      requests.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body });
      answer(request, response, body);
    });
    // A client that goes away is what some tests are about.
    request.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json;charset=UTF-8' }).end(JSON.stringify(value));
}

/** Tokens of a practice org's administrator, as a browser and a client get them together. */
export async function tokensOf(url: string): Promise<{ accessToken: string; refreshToken: string }> {
  const verifier = randomBytes(48).toString('base64url');
  const request = new URLSearchParams({
    response_type: 'code',
    client_id: 'Longshore',
    redirect_uri: 'http://localhost:1717/OauthRedirect',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  });
  const login = new URLSearchParams([...request, ['username', 'admin@practice.example'], ['password', 'practice']]);
  const page = await (await fetch(`${url}/login`, { method: 'POST', body: login })).text();
  const ticket = /name="ticket" value="([^"]*)"/.exec(page)?.[1] ?? '';
  const consent = new URLSearchParams({ ticket, answer: 'allow' });
  const sent = await fetch(`${url}/consent`, { method: 'POST', body: consent, redirect: 'manual' });
  const code = new URL(sent.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const exchange = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    client_id: 'Longshore',
    redirect_uri: 'http://localhost:1717/OauthRedirect',
  });
  const answer = await fetch(`${url}/services/oauth2/token`, { method: 'POST', body: exchange });
  const tokens = (await answer.json()) as { access_token: string; refresh_token: string };
  return { accessToken: tokens.access_token, refreshToken: tokens.refresh_token };
}

/** A signed-in org as an earlier process left it: its summary in settings, its session in the vault. */
export function keptOrg(
  url: string,
  tokens: { accessToken: string; refreshToken: string | null } = { accessToken: SECRET, refreshToken: REFRESH_SECRET },
): { settings: Map<string, unknown>; secrets: Map<string, string> } {
  const org: OrgSummary = {
    orgId: ORG_ID,
    kind: 'production',
    name: 'Test',
    username: 'admin@practice.example',
    instanceHost: new URL(url).host,
    session: 'active',
    apiUsage: null,
  };
  const session: StoredSession = {
    ...tokens,
    instanceUrl: url,
    loginUrl: url,
    clientId: 'Longshore',
    username: org.username,
  };
  return {
    settings: new Map([['orgs', [org]]]),
    secrets: new Map([[`org-session-${ORG_ID}`, JSON.stringify(session)]]),
  };
}

export interface TestOrgs {
  readonly orgs: OrgDirectory;
  readonly log: string[];
  /** How often settings were written. */
  readonly writes: () => number;
}

/** The directory as a backend makes it, on ports of the test. */
export function openOrgs(
  data: string,
  kept: ReturnType<typeof keptOrg>,
  options: {
    clock?: Clock;
    idleTimeout?: number;
    secrets?: Partial<OrgPorts['secrets']>;
    given?: OrgPorts['environmentSession'];
    openExternal?: OrgPorts['openExternal'];
    practiceOrg?: OrgPorts['practiceOrg'];
    officialCli?: OrgPorts['officialCli'];
  } = {},
): TestOrgs {
  const log: string[] = [];
  let writes = 0;
  const { settings, secrets } = kept;
  const ports: OrgPorts = {
    paths: { data },
    clock: options.clock ?? notingClock(),
    // Half of what six letters and digits can count to: no jitter.
    random: { token: () => 'i00000' },
    log: {
      place: '',
      info: (message, facts) => log.push(`${message} ${JSON.stringify(facts)}`),
      error: (message, error) =>
        log.push(`${message}: ${error instanceof Error ? (error.stack ?? '') : String(error)}`),
    },
    secrets: {
      get: (name) => Promise.resolve(secrets.get(name) ?? null),
      set: (name, value) => Promise.resolve(void secrets.set(name, value)),
      delete: (name) => Promise.resolve(void secrets.delete(name)),
      ...options.secrets,
    },
    settings: {
      get: (key) => settings.get(key),
      set: (key, value) => void settings.set(key, value),
      update: (key, change) => {
        writes++;
        settings.set(key, change(settings.get(key)));
      },
      refresh: () => Promise.resolve(),
    },
    openExternal: options.openExternal ?? (() => Promise.resolve()),
    systemProxy: () => Promise.resolve(null),
    practiceOrg: options.practiceOrg ?? null,
    ...(options.officialCli === undefined ? {} : { officialCli: options.officialCli }),
    environmentSession: options.given ?? null,
  };
  const { idleTimeout } = options;
  const transport = new HttpTransport({
    systemProxy: ports.systemProxy,
    environment: {},
    ...(idleTimeout === undefined ? {} : { idleTimeout }),
  });
  return { orgs: new OrgDirectory(ports, () => undefined, transport), log, writes: () => writes };
}

/** What a call failed with: the failure where it is one, else the error's own facts. */
export async function failureOf(work: Promise<unknown>): Promise<Failure | { code: string; message: string }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    return error instanceof Error
      ? { code: error.name, message: error.message }
      : { code: 'thrown', message: String(error) };
  }
  return { code: 'none', message: 'it did not fail' };
}
