import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { AdminServer } from './admin/admin-server.ts';
import { FaultPlan, type Strikes } from './admin/fault-plan.ts';
import { Knobs } from './admin/knobs.ts';
import { answerInstead, askedOf, distorted, invented, jobOf, resultsOf } from './admin/lying-answers.ts';
import { RequestLog } from './admin/request-log.ts';
import { OAuthServer } from './auth/oauth.ts';
import { SignInRoutes } from './auth/sign-in-routes.ts';
import { bulk1Error, BulkApi1 } from './bulk/bulk-v1.ts';
import { BulkApi2 } from './bulk/bulk-v2.ts';
import { ApiError, notFound } from './http/api-error.ts';
import { certificateIn } from './http/certificate.ts';
import {
  bodyStream,
  BodyTooLarge,
  errorAnswer,
  json,
  readBody,
  send,
  targetOf,
  type Answer,
  type Exchange,
  type Target,
} from './http/exchange.ts';
import { guard, listen } from './http/listen.ts';
import { slowed } from './http/slow-stream.ts';
import { API_VERSIONS, OLDEST_VERSION, Org, releaseOf } from './org.ts';
import { portOf, writeAddress, type OrgAddress } from './org-address.ts';
import { OrgData } from './records/org-data.ts';
import { StateLog, type Origin } from './records/state-log.ts';
import type { Call } from './rest/call.ts';
import { RestApi } from './rest/rest-api.ts';
import { generateRecords } from './sample/generate-records.ts';
import { loadOrgFile, loadSchema } from './schema/schema.ts';
import { SoapApi } from './soap/soap-api.ts';
import { CometServer, MAX_COMET_BODY } from './streaming/comet-server.ts';
import { EventBus } from './streaming/event-bus.ts';

export interface PracticeOrgOptions {
  /** 0 for any that is free. */
  readonly port: number;
  /** null for no TLS. */
  readonly tlsPort: number | null;
  readonly adminPort: number;
  /** Where it was, and is again where any port will do and that one is free: those who are signed in to it know it by its address. */
  readonly before: OrgAddress | null;
  /** Accounts to generate, the other objects follow in proportion; null is what the kept state began with, or 2,400. */
  readonly records: number | null;
  readonly seed: number | null;
  /** Where state is kept between starts; null keeps none. */
  readonly data: string | null;
  /** Forget what is kept there first. */
  readonly reset: boolean;
  /** Schema additions to read. */
  readonly schema: readonly string[];
  readonly personAccounts: boolean;
  readonly multiCurrency: boolean;
  readonly stateCountryPicklists: boolean;
  /** A PEM certificate that JWT assertions must be signed for. */
  readonly jwtCertificate: string | null;
  readonly knobs: Partial<Knobs>;
}

export const PLAIN_OPTIONS: PracticeOrgOptions = {
  port: 0,
  tlsPort: null,
  adminPort: 0,
  before: null,
  records: null,
  seed: null,
  data: null,
  reset: false,
  schema: [],
  personAccounts: false,
  multiCurrency: false,
  stateCountryPicklists: false,
  jwtCertificate: null,
  knobs: {},
};

export interface RunningPracticeOrg {
  readonly url: string;
  readonly tlsUrl: string | null;
  readonly certificate: string | null;
  readonly adminUrl: string;
  readonly accessToken: string;
  readonly users: readonly { readonly username: string; readonly profile: string; readonly password: string }[];
  close(): Promise<void>;
}

/** The most a request other than an upload may weigh: REST takes 50 MB, Bulk API 1.0 batches 10 MB. */
const MAX_BODY = 52 * 1024 * 1024;

/** How a struck request is to be handled. */
interface Handling {
  /** So many bytes of the body are taken, at most. */
  readonly keep: number;
  /** Set where the request is to have no effect and to be answered as if it had. */
  readonly pretend: { readonly status?: number | undefined } | null;
}

/** A local Salesforce, spoken to over HTTP only. */
class PracticeOrg {
  readonly org: Org;
  readonly requests = new RequestLog();
  readonly #oauth: OAuthServer;
  readonly #signIn: SignInRoutes;
  readonly #rest = new RestApi();
  readonly #bulk2: BulkApi2;
  readonly #bulk1: BulkApi1;
  readonly #soap: SoapApi;
  readonly #comet: CometServer;
  readonly #log: StateLog | null;
  readonly #origin: Origin;
  readonly #jobsDone: ReadonlyMap<string, number> = new Map();
  #adminUrl = '';

  constructor(options: PracticeOrgOptions, folder: string, log: StateLog | null) {
    const now = (): number => Date.now() + this.org.knobs.clockOffset;
    const { schema: additions, personAccounts, multiCurrency, stateCountryPicklists } = options;
    const schema = loadSchema({ additions, personAccounts, multiCurrency, stateCountryPicklists });
    const data = new OrgData(schema, loadOrgFile(), now);
    const events = new EventBus(data, () => this.org.knobs.replayHours);
    this.org = new Org(data, new FaultPlan(), events, Knobs.parse(options.knobs));
    this.#log = log;
    this.#origin = originOf(options, log);
    this.#oauth = new OAuthServer(
      data,
      () => this.org.knobs,
      { added: (hash, username) => log?.noteToken(hash, username), removed: (hash) => log?.noteRevoked(hash) },
      options.jwtCertificate,
    );
    this.#signIn = new SignInRoutes(data, this.#oauth);
    generateRecords(data, this.#origin.records, this.#origin.seed);
    this.org.tellOfItself();
    if (log) {
      this.#jobsDone = log.replay(data, {
        added: (hash, username) => this.#oauth.remember(hash, username),
        removed: (hash) => this.#oauth.forget(hash),
      });
      log.open(data, this.#origin);
    }
    this.#bulk1 = new BulkApi1(this.org);
    this.#bulk2 = new BulkApi2(this.org, join(folder, 'jobs'), log, () => this.#bulk1.classicJobs());
    this.#soap = new SoapApi(this.org, this.#oauth);
    this.#comet = new CometServer(this.org);
  }

  async restoreJobs(): Promise<void> {
    await this.#bulk2.restore(this.#jobsDone);
  }

  announce(adminUrl: string): void {
    this.#adminUrl = adminUrl;
  }

  /** A ready access token for scripts, as an administrator. */
  accessToken(username = this.org.data.file.users[0]?.username ?? ''): string {
    const session = this.org.data.session(username);
    if (!session) throw new Error(`there is no user ${username}`);
    return this.#oauth.issueAccessToken(session);
  }

  jobs(): ReturnType<BulkApi2['list']> {
    return [...this.#bulk2.list(), ...this.#bulk1.list()];
  }

  get bulk2(): Pick<BulkApi2, 'ingestJobs' | 'purge' | 'purgeEnded'> {
    return this.#bulk2;
  }

  get streamingClients(): number {
    return this.#comet.clients;
  }

  /** Back to the generated records: writes, jobs, sessions and faults are forgotten. */
  async reset(): Promise<void> {
    await this.#bulk2.stop();
    this.#oauth.revokeEverything();
    this.#bulk1.clear();
    this.#bulk2.clear();
    this.org.faults.set([]);
    this.org.data.clear();
    generateRecords(this.org.data, this.#origin.records, this.#origin.seed);
    this.org.tellOfItself();
    this.#log?.reset(this.#origin);
  }

  async close(): Promise<void> {
    await this.#bulk2.suspend();
    this.#comet.close();
    this.#log?.close();
  }

  async answer(request: IncomingMessage, response: ServerResponse, scheme: 'http' | 'https'): Promise<void> {
    const target = targetOf(request, scheme);
    if (target === null) {
      await send(
        response,
        { headers: {}, method: 'GET' },
        errorAnswer(new ApiError(400, 'MALFORMED_URL', 'the URL of the request cannot be read')),
      );
      return;
    }
    const startedAt = performance.now();
    this.org.countDay();
    const { faults, knobs } = this.org;
    const strikes = faults.strike(target.method, target.path);
    if (strikes.has('reset', (action) => action.when === 'before')) {
      this.requests.add(target, 0, 0);
      return void response.destroy();
    }
    await this.#strikeOrg(strikes, target);
    const wait = knobs.latency + (strikes.find('delay')?.milliseconds ?? 0);
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const drop = strikes.find('drop-upload');
    const body = slowed(
      bodyStream(request),
      strikes.find('slow-upload')?.bytesPerSecond ?? knobs.uploadBytesPerSecond,
      drop ? { after: drop.after, drop: () => request.destroy() } : null,
    );
    let answer: Answer;
    try {
      answer = await this.#struck(strikes, target, body, response);
    } catch (error) {
      if (response.destroyed) return;
      answer = failureAnswer(error);
    }
    answer = distorted(strikes, target, answer, this.org.data.now());
    if (strikes.has('reset', (action) => action.when === 'after')) {
      this.requests.add(target, 0, performance.now() - startedAt);
      return void response.destroy();
    }
    this.requests.add(target, answer.status, performance.now() - startedAt);
    await send(response, target, answer, { truncate: strikes.find('truncate-answer') !== null });
  }

  /** Faults that change the org before the request is handled. */
  async #strikeOrg(strikes: Strikes, target: Target): Promise<void> {
    if (strikes.find('expire-session')) this.#oauth.expireAccessTokens();
    if (strikes.find('revoke-everything')) this.#oauth.revokeEverything();
    const failJob = strikes.find('fail-job');
    if (failJob) this.org.failNextJob = failJob.message;
    const removed = strikes.find('remove-field');
    if (removed) this.org.data.removeField(removed.object, removed.field);
    const job = jobOf(target);
    if (job !== null && strikes.find('purge-job') && !this.#bulk1.purge(job)) await this.#bulk2.purge(job);
  }

  /** The answer of a fault, or what the request is answered for itself or in place of another. */
  async #struck(strikes: Strikes, target: Target, body: Readable, response: ServerResponse): Promise<Answer> {
    const instead = answerInstead(strikes);
    if (instead) {
      body.resume();
      return instead;
    }
    const results = resultsOf(target);
    const others = results && strikes.find('other-results');
    const handled: Handling = {
      keep: strikes.find('lose-bytes')?.keep ?? Infinity,
      pretend: strikes.find('pretend'),
    };
    if (!results || !others) return this.#route(target, body, handled, response);
    const otherId = this.#bulk2.anotherJob(results.family, results.id, others.jobId);
    if (otherId !== null) return this.#route(askedOf(target, results, otherId), body, handled, response);
    return invented(await this.#route(target, body, handled, response));
  }

  async #route(target: Target, body: Readable, handling: Handling, response: ServerResponse): Promise<Answer> {
    const { path, method } = target;
    const { keep, pretend } = handling;
    const read = async (limit = MAX_BODY): Promise<Exchange> => {
      const bytes = await readBody(body, limit);
      return { ...target, body: keep < bytes.length ? bytes.subarray(0, keep) : bytes };
    };
    if (path === '/') {
      body.resume();
      return { status: 302, headers: { Location: this.#adminUrl } };
    }
    if (path.startsWith('/services/oauth2/') || path === '/login' || path === '/consent')
      return this.#signIn.handle(await read(1024 * 1024));
    if (path === '/.well-known/openid-configuration') return this.#signIn.openIdConfiguration(target.origin);
    if (path === '/services/data' && method === 'GET') {
      body.resume();
      return json(
        200,
        API_VERSIONS.map((version) => ({ label: releaseOf(version), url: `/services/data/v${version}`, version })),
      );
    }
    const soap = /^\/services\/Soap\/([uc])\/(\d+\.\d)(?:\/|$)/i.exec(path);
    if (soap && method === 'POST')
      return this.#soap.handle(await read(), soap[1]?.toLowerCase() === 'c' ? 'c' : 'u', soap[2] ?? '');
    if (/^\/cometd\/(?:replay\/)?\d+\.\d$/.test(path)) return this.#streaming(await read(MAX_COMET_BODY), response);
    const async_ = /^\/services\/async\/(\d+\.\d)\/(.+)$/.exec(path);
    if (async_) return this.#bulk1Route(await read(), async_[1] ?? '', decodedPath(async_[2] ?? ''));
    if (path.startsWith('/id/')) {
      body.resume();
      return this.#signIn.identity(target);
    }
    const match = /^\/services\/data\/v(\d+\.\d)(?:\/(.*))?$/.exec(path);
    if (!match || !isKnownVersion(match[1] ?? '')) {
      body.resume();
      throw notFound();
    }
    const session = this.#signIn.bearer(target);
    if (!session) {
      body.resume();
      throw new ApiError(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
    }
    const version = match[1] ?? '';
    const parts = decodedPath(match[2] ?? '');
    const { org } = this;
    const usage = (): Record<string, string> => ({
      'Sforce-Limit-Info': `api-usage=${org.used.requests}/${org.knobs.apiLimit}`,
    });
    let answer: Answer;
    try {
      if (org.used.requests >= org.knobs.apiLimit) {
        body.resume();
        throw new ApiError(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
      }
      org.used.requests++;
      const uploads = this.#bulk2.takesUpload(method, parts);
      const exchange = uploads ? { ...target, body: Buffer.alloc(0) } : await read();
      const call: Call = { org, exchange, version, path: parts, session };
      if (pretend) {
        if (uploads) body.resume();
        answer = await this.#pretend(call, pretend.status ?? 201);
      } else if (uploads) answer = await this.#bulk2.upload(call, body, keep);
      else if (parts[0]?.toLowerCase() === 'jobs') answer = await this.#bulk2.handle(call);
      else answer = await this.#rest.respond(call);
    } catch (error) {
      if (uploadsStill(body)) body.resume();
      answer = failureAnswer(error);
    }
    answer.headers = { ...answer.headers, ...usage() };
    return answer;
  }

  /** What the request would be answered, with nothing done. `uploaded` is the status of an upload. */
  #pretend(call: Call, uploaded: number): Answer | Promise<Answer> {
    if (call.path[0]?.toLowerCase() === 'jobs') return this.#bulk2.pretend(call, uploaded) ?? this.#bulk2.handle(call);
    if (call.exchange.method === 'GET') return this.#rest.respond(call);
    return this.org.data.store.rehearse(() => this.#rest.handle(call));
  }

  #bulk1Route(exchange: Exchange, version: string, path: readonly string[]): Answer {
    const wantsJson = /json/i.test(String(exchange.headers['content-type'] ?? ''));
    try {
      const header = exchange.headers['x-sfdc-session'];
      const session = typeof header === 'string' ? this.#oauth.sessionOf(header) : this.#signIn.bearer(exchange);
      if (!session) throw new ApiError(400, 'InvalidSessionId', 'Invalid session id');
      const { org } = this;
      if (org.used.requests >= org.knobs.apiLimit)
        throw new ApiError(400, 'ExceededQuota', 'TotalRequests Limit exceeded.');
      org.used.requests++;
      return this.#bulk1.handle(exchange, version, path, session);
    } catch (error) {
      if (error instanceof ApiError) return bulk1Error(error, wantsJson);
      throw error;
    }
  }

  async #streaming(exchange: Exchange, response: ServerResponse): Promise<Answer> {
    if (exchange.method !== 'POST')
      return { status: 400, headers: { 'Content-Type': 'text/plain' }, body: '400::Unknown Bayeux Transport' };
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    return this.#comet.handle(exchange, this.#signIn.bearer(exchange), gone.signal);
  }
}

const DEFAULT_RECORDS = 2400;
const DEFAULT_SEED = 1;

/** Generated records lie under everything that was written since: other ones would pull the ground away. */
function originOf(options: PracticeOrgOptions, log: StateLog | null): Origin {
  const kept = log?.origin() ?? null;
  const asked: Origin = { records: options.records ?? DEFAULT_RECORDS, seed: options.seed ?? DEFAULT_SEED };
  if (kept === null) return asked;
  if ((options.records ?? kept.records) !== kept.records || (options.seed ?? kept.seed) !== kept.seed)
    throw new Error(
      `The org in ${options.data ?? ''} was created with --records ${kept.records} --seed ${kept.seed}. Start it with these, or delete its state with --reset.`,
    );
  return kept;
}

function uploadsStill(body: Readable): boolean {
  return !body.readableEnded && !body.destroyed;
}

function isKnownVersion(version: string): boolean {
  return Number(version) >= OLDEST_VERSION && Number(version) <= Number(API_VERSIONS.at(-1)) && version.endsWith('.0');
}

function decodedPath(path: string): string[] {
  try {
    return path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
  } catch {
    throw new ApiError(400, 'MALFORMED_URL', 'the path is not percent-encoded correctly');
  }
}

let errorIds = 0;
/** Salesforce never shows a stack; the org's own output has it, under the id that the caller is given. */
function failureAnswer(error: unknown): Answer {
  if (error instanceof ApiError) return errorAnswer(error);
  if (error instanceof BodyTooLarge)
    return errorAnswer(new ApiError(413, 'REQUEST_ENTITY_TOO_LARGE', 'Request entity is too large'));
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && code.startsWith('Z_'))
    return errorAnswer(new ApiError(400, 'BAD_REQUEST', 'the body of the request is not valid gzip'));
  const id = `${Math.abs(++errorIds * 7919)}-${errorIds} (-${errorIds})`;
  process.stderr.write(
    `practice org: ErrorId ${id}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return errorAnswer(
    new ApiError(
      500,
      'UNKNOWN_EXCEPTION',
      `An unexpected error occurred. Please include this ErrorId if you contact support: ${id}`,
    ),
  );
}

/** Starts an org on loopback. Throws where a port is taken, a schema file is malformed or the folder is in use. */
export async function startPracticeOrg(options: PracticeOrgOptions): Promise<RunningPracticeOrg> {
  const folder = options.data ?? mkdtempSync(join(tmpdir(), 'practice-org-'));
  const log = options.data === null ? null : new StateLog(folder);
  const dispose = (): void => {
    log?.close();
    if (options.data === null) rmSync(folder, { recursive: true, force: true });
  };
  const servers: Server[] = [];
  try {
    if (options.reset && log) {
      log.forget();
      rmSync(join(folder, 'jobs'), { recursive: true, force: true });
    }
    const org = new PracticeOrg(options, folder, log);
    await org.restoreJobs();
    const handler =
      (scheme: 'http' | 'https') =>
      (request: IncomingMessage, response: ServerResponse): void => {
        request.on('error', () => response.destroy());
        org.answer(request, response, scheme).catch((error: unknown) => {
          process.stderr.write(
            `practice org: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
          );
          response.destroy();
        });
      };
    const plain = createServer(handler('http'));
    guard(plain);
    const { before } = options;
    const url = `http://127.0.0.1:${await listen(plain, options.port, before && portOf(before.url))}`;
    servers.push(plain);
    let tlsUrl: string | null = null;
    let certificate: string | null = null;
    if (options.tlsPort !== null) {
      const made = await certificateIn(join(folder, 'tls'));
      const secure = createTlsServer({ key: made.key, cert: made.cert }, handler('https'));
      guard(secure);
      tlsUrl = `https://localhost:${await listen(secure, options.tlsPort)}`;
      certificate = made.path;
      servers.push(secure);
    }
    const { users } = org.org.data.file;
    const admin = new AdminServer({
      org: org.org,
      requests: org.requests,
      addresses: { url, tlsUrl, certificate },
      accessToken: (username) => org.accessToken(username),
      jobs: () => org.jobs(),
      bulk2: org.bulk2,
      streamingClients: () => org.streamingClients,
      reset: () => org.reset(),
    });
    const adminServer = createServer((request, response) => void admin.answer(request, response));
    guard(adminServer);
    const adminUrl = `http://127.0.0.1:${await listen(adminServer, options.adminPort, before && portOf(before.adminUrl))}`;
    servers.push(adminServer);
    admin.announce(adminUrl);
    org.announce(adminUrl);
    if (options.data !== null) writeAddress(folder, { pid: process.pid, url, adminUrl });
    return {
      url,
      tlsUrl,
      certificate,
      adminUrl,
      accessToken: org.accessToken(),
      users: users
        .filter(({ active }) => active)
        .map(({ username, profile, password }) => ({ username, profile, password })),
      close: async () => {
        // Nobody is sent there from now on.
        if (options.data !== null) writeAddress(folder, { pid: null, url, adminUrl });
        admin.close();
        await Promise.all(
          servers.map(
            (server) =>
              new Promise<void>((resolve) => {
                server.close(() => resolve());
                server.closeAllConnections();
              }),
          ),
        );
        await org.close();
        dispose();
      },
    };
  } catch (error) {
    for (const server of servers) server.close();
    dispose();
    throw error;
  }
}
