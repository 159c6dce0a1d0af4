import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { SObjectDescribe, SObjectSummary } from '../../../shared/domain/sobject.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import { parseJson } from '../parse-json.ts';
import { readText, saveBody, type BodyWatch } from './answer-body.ts';
import { headerOf } from './http-transport.ts';
import { isLoopback } from './instance-url.ts';
import { asFailure } from './org-answers.ts';
import { soapEnvelope } from './soap-envelope.ts';
import { API_VERSION, OrgRequests, type RequestTools } from './org-requests.ts';

/** REST API Developer Guide, "Query": up to 2,000 records a page. */
const QueryPage = z.object({
  totalSize: z.number(),
  done: z.boolean(),
  nextRecordsUrl: z.string().optional(),
  records: z.array(z.record(z.string(), z.unknown())),
});
type QueryPage = z.infer<typeof QueryPage>;

/** OpenID Connect user info, which every Salesforce token may ask for. */
const UserInfo = z.object({ user_id: z.string(), organization_id: z.string(), preferred_username: z.string() });

/** How long what is left behind at the org may take to be cleared away. */
const TIDY_TIMEOUT = 10_000;

/**
 * All calls to one org, REST and bulk (docs/decisions/0003). Reads are repeated with pauses; everything else is sent once, and only
 * its sender can say what a lost answer means.
 */
export class OrgClient {
  readonly #requests: OrgRequests;
  readonly #tools: RequestTools;
  readonly #tidying = new Set<Promise<void>>();

  constructor(tools: RequestTools) {
    this.#tools = tools;
    this.#requests = new OrgRequests(tools);
  }

  get username(): string {
    return this.#tools.session.username;
  }

  /** Host and port of the instance, as it is shown. */
  get host(): string {
    return this.#tools.session.host;
  }

  /** HTTP calls made to the org through this client. */
  get calls(): number {
    return this.#requests.calls;
  }

  /** Milliseconds since the epoch by the org's clock; by this machine's until the org has answered once (R39). */
  now(): number {
    return this.#requests.now();
  }

  /**
   * A JSON answer parsed by its schema; an empty body is `{}`. What reads only is repeated, as GETs do. Throws `ORG_ANSWER_UNREADABLE`, and what
   * `OrgRequests.send` does; a GET that stays lost is `ORG_UNREACHABLE`.
   */
  async json<S extends z.ZodType>(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    schema: S,
    signal: AbortSignal,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
    readsOnly = method === 'GET',
  ): Promise<z.infer<S>> {
    const send = async (): Promise<z.infer<S>> => {
      const response = await this.#requests.send(method, path, signal, () => ({
        headers: {
          ...headers,
          'accept-encoding': 'gzip',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }));
      const text = await readText(response, signal);
      const value = text === '' ? {} : parseJson(text);
      const parsed = schema.safeParse(value);
      // Whatever the schema takes: what is no JSON is no answer of the API.
      if (!parsed.success || value === null)
        throw unreadable(response.statusCode, `${method} ${path.split('?', 1)[0] ?? ''}`);
      return parsed.data;
    };
    return readsOnly ? this.#requests.repeat(send, signal) : send();
  }

  /**
   * Sends a CSV file as one PUT, or POST, with its length, in `bytes`; `sha256` is of what was sent. The stream is made anew if the token had to be renewed.
   * Throws `DATA_DAMAGED` if there is no such file.
   */
  async upload(
    path: string,
    file: string,
    signal: AbortSignal,
    method: 'PUT' | 'POST' = 'PUT',
  ): Promise<{ bytes: number; sha256: string }> {
    const { size } = await stat(file).catch(() => {
      throw new FailureError({ code: 'DATA_DAMAGED', what: 'The upload file' });
    });
    let hash = createHash('sha256');
    const response = await this.#requests.send(method, path, signal, () => {
      hash = createHash('sha256');
      return {
        body: Readable.from(hashed(createReadStream(file, { highWaterMark: 256 * 1024 }), hash)),
        headers: { 'content-type': 'text/csv; charset=UTF-8', 'content-length': String(size) },
      };
    });
    await readText(response, signal);
    return { bytes: size, sha256: hash.digest('hex') };
  }

  /** Bytes that never leave this computer are zipped for nothing, which takes longer than to read them. */
  get #wantsZipped(): boolean {
    return !isLoopback(new URL(`http://${this.host}`).hostname);
  }

  /**
   * Writes a CSV body to a file, whole or not at all. What is torn, badly compressed or no CSV, such as a page that says the org
   * is down with status 200, is asked for again, and then `ORG_ANSWER_UNREADABLE` or `ORG_UNREACHABLE`.
   */
  async download(
    path: string,
    file: string,
    signal: AbortSignal,
    watch?: BodyWatch,
  ): Promise<{ sha256: string; bytes: number; headers: Record<string, string> }> {
    return this.#requests.repeat(async () => {
      const response = await this.#requests.send('GET', path, signal, () => ({
        headers: { 'accept-encoding': this.#wantsZipped ? 'gzip' : 'identity', accept: 'text/csv' },
      }));
      const type = headerOf(response, 'content-type') ?? '';
      const encoding = headerOf(response, 'content-encoding') ?? 'identity';
      if (!/^text\/csv\s*(?:;|$)/i.test(type) || !/^(?:gzip|identity)$/.test(encoding)) {
        response.body.on('error', () => undefined).destroy();
        throw unreadable(response.statusCode, `GET ${path}`);
      }
      const saved = await saveBody(response, file, signal, watch);
      const headers = Object.keys(response.headers).map((name) => [name, headerOf(response, name) ?? '']);
      return { ...saved, headers: Object.fromEntries(headers) as Record<string, string> };
    }, signal);
  }

  /**
   * The answer to a SOAP call that only reads, given as the XML inside the body (SOAP API Developer Guide, partner WSDL). It is repeated
   * like a GET; a fault is thrown as `ORG_REFUSED`.
   */
  async soap(call: string, signal: AbortSignal): Promise<string> {
    try {
      return await this.#requests.repeat(() => this.soapOnce(call, signal), signal);
    } catch (error) {
      throw asFailure(error, this.host);
    }
  }

  /** An answer of Bulk API 1.0 as its XML; one to a GET is asked for again as `json` does. Throws what `OrgRequests.send` does. */
  async text(method: 'GET' | 'POST', path: string, signal: AbortSignal, body?: string): Promise<string> {
    const send = async () => {
      const response = await this.#requests.send(method, path, signal, () => ({
        headers: { accept: 'application/xml', 'content-type': 'application/xml; charset=UTF-8' },
        ...(body === undefined ? {} : { body }),
      }));
      return readText(response, signal);
    };
    return method === 'GET' ? this.#requests.repeat(send, signal) : send();
  }

  /** A SOAP call that writes: sent once, with more headers as XML. Throws what `OrgRequests.send` does, a fault as `RefusedByOrg`. */
  async soapOnce(call: string, signal: AbortSignal, headers = ''): Promise<string> {
    const response = await this.#requests.send('POST', `/services/Soap/u/${API_VERSION}`, signal, () => ({
      headers: { accept: 'text/xml', 'content-type': 'text/xml; charset=UTF-8', soapaction: '""' },
      body: soapEnvelope(call, this.#tools.session.accessToken, headers),
    }));
    return readText(response, signal);
  }

  /** A query with a small result, all pages of it. Throws `ORG_REFUSED` for SOQL that the org does not take. */
  async query(soql: string, signal: AbortSignal): Promise<Record<string, unknown>[]> {
    const records: Record<string, unknown>[] = [];
    for await (const page of this.pages(soql, signal)) records.push(...page);
    return records;
  }

  /** The pages of a query, one at a time. Throws as `query` does. */
  async *pages(soql: string, signal: AbortSignal): AsyncGenerator<Record<string, unknown>[]> {
    const seen = new Set<string>();
    let page = await this.#page(`query?q=${encodeURIComponent(soql)}`, signal);
    for (;;) {
      yield page.records;
      if (page.done) return;
      const next = page.nextRecordsUrl;
      if (next === undefined || seen.has(next)) throw unreadable(200, 'GET query, the next page');
      seen.add(next);
      page = await this.#page(next, signal);
    }
  }

  /** How many records a `SELECT COUNT() …` counts. */
  async count(soql: string, signal: AbortSignal): Promise<number> {
    return (await this.#page(`query?q=${encodeURIComponent(soql)}`, signal)).totalSize;
  }

  #page(path: string, signal: AbortSignal): Promise<QueryPage> {
    return this.get(path, QueryPage, signal);
  }

  /** The objects of the org (REST API Developer Guide, "Describe Global"). */
  async objects(signal: AbortSignal): Promise<SObjectSummary[]> {
    return (await this.get('sobjects', z.object({ sobjects: z.array(SObjectSummary) }), signal)).sobjects;
  }

  /** Throws `OBJECT_UNKNOWN`. */
  async describe(objectName: string, signal: AbortSignal): Promise<SObjectDescribe> {
    try {
      return await this.get(`sobjects/${encodeURIComponent(objectName)}/describe`, SObjectDescribe, signal);
    } catch (error) {
      const unknown =
        error instanceof FailureError &&
        error.failure.code === 'ORG_REFUSED' &&
        error.failure.errorCode === 'NOT_FOUND';
      if (unknown) throw new FailureError({ code: 'OBJECT_UNKNOWN', object: objectName });
      throw error;
    }
  }

  /** Who the token belongs to. */
  async userInfo(signal: AbortSignal): Promise<{ userId: string; organizationId: string; username: string }> {
    const info = await this.get('/services/oauth2/userinfo', UserInfo, signal);
    return { userId: info.user_id, organizationId: info.organization_id, username: info.preferred_username };
  }

  /** A GET whose refusal is a failure to show, `ORG_REFUSED`. */
  async get<S extends z.ZodType>(path: string, schema: S, signal: AbortSignal): Promise<z.infer<S>> {
    try {
      return await this.json('GET', path, schema, signal);
    } catch (error) {
      throw asFailure(error, this.host);
    }
  }

  /** Clears away what is left at the org without keeping anybody waiting. What can't be is given up: the org lets it expire. */
  tidy(what: string, work: (signal: AbortSignal) => Promise<void>): void {
    const done = work(AbortSignal.timeout(TIDY_TIMEOUT))
      .catch((error: unknown) => this.#tools.log.info(`${what} was left at the org`, { reason: String(error) }))
      .finally(() => this.#tidying.delete(done));
    this.#tidying.add(done);
  }

  /** Waits for tokens on their way to the vault, and for what is being cleared away. */
  async settled(): Promise<void> {
    await Promise.all([this.#tools.session.settled(), ...this.#tidying]);
  }
}

function unreadable(status: number, what: string): FailureError {
  return new FailureError({ code: 'ORG_ANSWER_UNREADABLE', status, what });
}

async function* hashed(chunks: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}
