import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { BulkApi } from './bulk-api.ts';
import { FaultPlan, FaultRule } from './fault-plan.ts';
import { generateRecords, ORG_ID, USERS } from './generate-records.ts';
import { apiError, form, html, json, readExchange, send, type Answer, type Exchange } from './http-exchange.ts';
import { OAuthServer } from './oauth.ts';
import { RecordStore } from './record-store.ts';
import { RestApi } from './rest-api.ts';
import { loadSchema } from './schema.ts';
import { consentPage, frontPage, loginPage, messagePage } from './sign-in-pages.ts';

export interface PracticeOrgOptions {
  port: number;
  /** Accounts to generate; the other objects follow in proportion. */
  accounts: number;
  seed: number;
  /** 0 for as fast as it goes. */
  rowsPerSecond: number;
  queueDelay: number;
}

const VERSIONS = ['60.0', '61.0', '62.0', '63.0', '64.0', '65.0', '66.0', '67.0'];
const DAILY_API_REQUESTS = 100_000;

export interface RunningPracticeOrg {
  readonly url: string;
  readonly accessToken: string;
  close(): Promise<void>;
}

/** A local Salesforce, spoken to over HTTP only. */
export class PracticeOrg {
  readonly #store = new RecordStore(loadSchema());
  readonly #faults = new FaultPlan();
  readonly #oauth: OAuthServer;
  readonly #rest: RestApi;
  readonly #bulk: BulkApi;
  readonly #requests: { method: string; path: string; status: number }[] = [];
  #used = 0;

  constructor(options: PracticeOrgOptions) {
    const now = () => Date.now();
    generateRecords(this.#store, options.accounts, options.seed);
    this.#oauth = new OAuthServer(this.#store, now);
    this.#rest = new RestApi(this.#store);
    this.#bulk = new BulkApi(this.#store, {
      rowsPerSecond: options.rowsPerSecond,
      queueDelay: options.queueDelay,
      now,
    });
  }

  /** A ready access token for scripts, as an administrator. */
  accessToken(): string {
    const session = this.#oauth.sessionFor(USERS[0].username);
    if (!session) throw new Error('the administrator is missing');
    return this.#oauth.issueAccessToken(session);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const exchange = await readExchange(request);
    if ('tooLarge' in exchange) {
      send(
        response,
        { headers: {} },
        apiError(413, 'REQUEST_ENTITY_TOO_LARGE', 'The request entity is too large'),
        false,
      );
      return;
    }
    if (exchange.path.startsWith('/_practice/')) {
      send(response, exchange, this.#administer(exchange), false);
      return;
    }
    const actions = this.#faults.strike(exchange.method, exchange.path);
    let truncate = false;
    let resetAfter = false;
    let instead: Answer | null = null;
    let seen: Exchange = exchange;
    for (const action of actions) {
      if (action.kind === 'status') instead = apiError(action.status, action.errorCode, action.message);
      else if (action.kind === 'html')
        instead = html(action.status, messagePage('Down for maintenance', 'We are down for maintenance.'));
      else if (action.kind === 'reset' && action.when === 'before') return void response.destroy();
      else if (action.kind === 'reset') resetAfter = true;
      else if (action.kind === 'expire-session') this.#oauth.expireAccessTokens();
      else if (action.kind === 'revoke-everything') this.#oauth.revokeEverything();
      else if (action.kind === 'truncate-answer') truncate = true;
      else if (action.kind === 'lose-bytes') seen = { ...exchange, body: exchange.body.subarray(0, action.keep) };
      else if (action.kind === 'fail-job') this.#bulk.failNextJob = action.message;
      else await new Promise((resolve) => setTimeout(resolve, action.milliseconds));
    }
    const answer = instead ?? this.#route(seen);
    if (resetAfter) return void response.destroy();
    this.#requests.push({ method: exchange.method, path: exchange.path, status: answer.status });
    if (this.#requests.length > 2000) this.#requests.splice(0, 1000);
    send(response, exchange, answer, truncate);
  }

  #route(exchange: Exchange): Answer {
    const { method, path } = exchange;
    if (path === '/')
      return html(
        200,
        frontPage(
          [...this.#store.tables()].map((table) => ({ object: table.object.labelPlural, records: table.records.size })),
          exchange.origin,
        ),
      );
    if (path.startsWith('/services/oauth2/') || path === '/login' || path === '/consent')
      return this.#oauthRoute(exchange);
    if (path === '/services/data' && method === 'GET') {
      return json(
        200,
        VERSIONS.map((version) => ({ label: `v${version}`, url: `/services/data/v${version}`, version })),
      );
    }
    const match = /^\/services\/data\/v(\d+\.\d)(?:\/(.*))?$/.exec(path);
    const identity = path.startsWith('/id/');
    if (!match && !identity) return apiError(404, 'NOT_FOUND', 'The requested resource does not exist');

    const bearer = /^(?:Bearer|OAuth) (.+)$/i.exec(String(exchange.headers.authorization ?? ''))?.[1];
    const session = this.#oauth.sessionOf(
      bearer ?? (identity ? (exchange.query.get('oauth_token') ?? undefined) : undefined),
    );
    if (!session) return apiError(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
    if (identity) return this.#identity(exchange.origin, session.user);
    this.#used++;
    const rest = decodedPath(match?.[2] ?? '');
    if (rest === null) return apiError(400, 'MALFORMED_QUERY', 'the path is not percent-encoded correctly');
    const version = match?.[1] ?? '';
    const answer =
      rest[0]?.toLowerCase() === 'jobs'
        ? this.#bulk.handle(exchange, version, rest.slice(1), session)
        : this.#rest.handle(exchange, version, rest, session, { used: this.#used, max: DAILY_API_REQUESTS });
    answer.headers = { ...answer.headers, 'Sforce-Limit-Info': `api-usage=${this.#used}/${DAILY_API_REQUESTS}` };
    return answer;
  }

  #identity(origin: string, user: { Id: string } & Record<string, unknown>): Answer {
    return json(200, {
      id: `${origin}/id/${ORG_ID}/${user.Id}`,
      user_id: user.Id,
      organization_id: ORG_ID,
      username: user['Username'],
      preferred_username: user['Username'],
      display_name: user['Name'],
      email: user['Email'],
      urls: {
        rest: `${origin}/services/data/v{version}/`,
        sobjects: `${origin}/services/data/v{version}/sobjects/`,
        query: `${origin}/services/data/v{version}/query/`,
      },
    });
  }

  #oauthRoute(exchange: Exchange): Answer {
    const fields = exchange.method === 'POST' ? form(exchange.body) : Object.fromEntries(exchange.query);
    switch (`${exchange.method} ${exchange.path}`) {
      case 'GET /services/oauth2/authorize': {
        const problem = this.#oauth.authorizeProblem(fields);
        return problem === null
          ? html(200, loginPage(fields, USERS[0].username, null))
          : html(400, messagePage('OAuth error', problem));
      }
      case 'POST /login': {
        const { username = '', password = '', ...request } = fields;
        const pending =
          this.#oauth.authorizeProblem(request) === null ? this.#oauth.login(username, password, request) : null;
        if (!pending)
          return html(
            200,
            loginPage(
              request,
              username,
              "Please check your username and password. If you still can't log in, contact your Salesforce administrator.",
            ),
          );
        return html(200, consentPage(pending.ticket, request['client_id'] ?? '', username));
      }
      case 'POST /consent': {
        const target = this.#oauth.consent(fields['ticket'] ?? '', fields['answer'] === 'allow');
        return target === null
          ? html(400, messagePage('OAuth error', 'This page has been used already.'))
          : { status: 302, headers: { Location: target } };
      }
      case 'POST /services/oauth2/token': {
        const answer = this.#oauth.token(fields, exchange.origin);
        return json(answer.status, answer.body, { 'Cache-Control': 'no-store' });
      }
      case 'GET /services/oauth2/userinfo': {
        const session = this.#oauth.sessionOf(/^Bearer (.+)$/i.exec(String(exchange.headers.authorization ?? ''))?.[1]);
        return session ? this.#identity(exchange.origin, session.user) : { status: 403, body: 'Bad_OAuth_Token' };
      }
      case 'POST /services/oauth2/revoke':
      case 'GET /services/oauth2/revoke':
        this.#oauth.revoke(fields['token'] ?? '');
        return { status: 200 };
      default:
        return apiError(404, 'NOT_FOUND', 'The requested resource does not exist');
    }
  }

  /** The trainer's and the tests' side door, not part of Salesforce: faults in force and what was asked so far. */
  #administer(exchange: Exchange): Answer {
    if (exchange.method === 'PUT' && exchange.path === '/_practice/faults') {
      const rules = z.array(FaultRule).safeParse(JSON.parse(exchange.body.toString('utf8')));
      if (!rules.success) return json(400, { problem: z.prettifyError(rules.error) });
      this.#faults.set(rules.data);
      return json(200, { rules: rules.data.length });
    }
    if (exchange.method === 'GET' && exchange.path === '/_practice/requests') return json(200, this.#requests);
    if (exchange.method === 'POST' && exchange.path === '/_practice/access-token')
      return json(200, { accessToken: this.accessToken() });
    return json(404, {});
  }
}

function decodedPath(path: string): string[] | null {
  try {
    return path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
  } catch {
    return null;
  }
}

export async function startPracticeOrg(options: PracticeOrgOptions): Promise<RunningPracticeOrg> {
  const org = new PracticeOrg(options);
  const server: Server = createServer((request, response) => {
    org.answer(request, response).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) return void response.destroy();
      process.stderr.write(
        `practice org: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
      send(
        response,
        { headers: {} },
        apiError(
          500,
          'UNKNOWN_EXCEPTION',
          'An unexpected error occurred. Please include this ErrorId if you contact support: 1',
        ),
        false,
      );
    });
  });
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    accessToken: org.accessToken(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
