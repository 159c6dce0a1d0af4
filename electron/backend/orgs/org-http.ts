import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Agent, request, type Dispatcher } from 'undici';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { Clock } from '../ports.ts';
import { API_VERSION, type OrgSession } from './org-session.ts';
import { parseJson } from '../parse-json.ts';

/**
 * A request whose answer never came: the org may or may not have acted on it. Who sent it must find out
 * before doing anything else.
 */
export class LostAnswer extends Error {
  readonly reason: string;
  constructor(reason: string) {
    super(`the answer was lost (${reason})`);
    this.name = 'LostAnswer';
    this.reason = reason;
  }
}

/** An answer of the org that is an error, with Salesforce's own code. */
export class RefusedByOrg extends Error {
  readonly status: number;
  readonly errorCode: string;
  constructor(status: number, errorCode: string, message: string) {
    super(message);
    this.name = 'RefusedByOrg';
    this.status = status;
    this.errorCode = errorCode;
  }
}

/** GETs are repeated after resets, 5xx and 429: this many times, 0.25 s doubling, with jitter. Writes never are. */
const READ_ATTEMPTS = 5;
const FIRST_PAUSE = 250;
/** A token refused twice in a row after renewals is not going to be accepted. */
const RENEWALS = 2;
/** Salesforce may think for long, but a connection silent for this long is dead. */
const IDLE_TIMEOUT = 120_000;

const ErrorBody = z.array(z.looseObject({ errorCode: z.string(), message: z.string() })).min(1);

/** Requests of our own to one org: small JSON, one file up, one file down. Nothing is retried behind the caller's back but reads. */
export class OrgHttp {
  readonly #session: OrgSession;
  readonly #clock: Clock;
  readonly #agent = new Agent({
    headersTimeout: IDLE_TIMEOUT,
    bodyTimeout: IDLE_TIMEOUT,
    connect: { timeout: 20_000 },
  });

  constructor(session: OrgSession, clock: Clock) {
    this.#session = session;
    this.#clock = clock;
  }

  get calls(): number {
    return this.#session.calls;
  }

  /** A JSON answer parsed by its schema. GETs are repeated; anything else is sent once. */
  async json<S extends z.ZodType>(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    schema: S,
    signal: AbortSignal,
    body?: unknown,
  ): Promise<z.infer<S>> {
    const send = async (): Promise<z.infer<S>> => {
      const { response } = await this.#send(method, path, signal, () =>
        body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } },
      );
      const text = await this.#text(response);
      const parsed = schema.safeParse(text === '' ? {} : parseJson(text));
      if (!parsed.success)
        throw new FailureError({
          code: 'ORG_ANSWER_UNREADABLE',
          status: response.statusCode,
          what: `${method} ${path}`,
        });
      return parsed.data;
    };
    return method === 'GET' ? this.#repeatRead(send, signal) : send();
  }

  /** Sends a file as one PUT with its length. The stream is made anew if the token had to be renewed. */
  async upload(path: string, file: string, signal: AbortSignal): Promise<{ bytes: number }> {
    const { size } = await stat(file);
    const { response } = await this.#send('PUT', path, signal, () => ({
      body: createReadStream(file, { highWaterMark: 256 * 1024 }),
      headers: { 'content-type': 'text/csv; charset=UTF-8', 'content-length': String(size) },
    }));
    await this.#text(response);
    return { bytes: size };
  }

  /** Writes a body to a file, whole or not at all. A torn or badly compressed body is fetched again. */
  async download(
    path: string,
    file: string,
    signal: AbortSignal,
  ): Promise<{ sha256: string; headers: Record<string, string> }> {
    return this.#repeatRead(async () => {
      const { response } = await this.#send('GET', path, signal, () => ({
        headers: { 'accept-encoding': 'gzip', accept: 'text/csv' },
      }));
      const hash = createHash('sha256');
      const measure = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          hash.update(chunk);
          done(null, chunk);
        },
      });
      const part = `${file}.part`;
      try {
        const target = createWriteStream(part, { mode: 0o600 });
        if (response.headers['content-encoding'] === 'gzip')
          await pipeline(response.body, createGunzip(), measure, target, { signal });
        else await pipeline(response.body, measure, target, { signal });
      } catch (error) {
        if (signal.aborted) throw new FailureError({ code: 'CANCELLED' });
        if (error instanceof Error && 'code' in error && error.code === 'ENOSPC')
          throw new FailureError({ code: 'DISK_FULL', what: 'the result files' });
        throw new LostAnswer(error instanceof Error ? error.message : String(error));
      }
      await rename(part, file);
      const headers = Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
      );
      return { sha256: hash.digest('hex'), headers };
    }, signal);
  }

  async #repeatRead<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await read();
      } catch (error) {
        const passing =
          error instanceof LostAnswer ||
          (error instanceof RefusedByOrg && (error.status >= 500 || error.status === 429)) ||
          (error instanceof FailureError && error.failure.code === 'ORG_ANSWER_UNREADABLE');
        if (!passing || attempt === READ_ATTEMPTS) throw this.#final(error);
        await this.#clock.sleep(FIRST_PAUSE * 2 ** (attempt - 1) * (0.75 + Math.random() / 2), signal);
      }
    }
  }

  /** A read that stays lost is an org that can't be reached; for a write only the caller can say what it means. */
  #final(error: unknown): unknown {
    if (error instanceof LostAnswer)
      return new FailureError({
        code: 'ORG_UNREACHABLE',
        host: new URL(this.#session.instanceUrl).host,
        reason: error.reason,
      });
    return error;
  }

  async #send(
    method: Dispatcher.HttpMethod,
    path: string,
    signal: AbortSignal,
    make: () => { body?: string | NodeJS.ReadableStream; headers?: Record<string, string> },
  ): Promise<{ response: Dispatcher.ResponseData }> {
    for (let renewals = 0; ; renewals++) {
      const token = this.#session.accessToken;
      const { body, headers } = make();
      const url = new URL(
        path.startsWith('/') ? path : `/services/data/v${API_VERSION}/${path}`,
        this.#session.instanceUrl,
      );
      let response: Dispatcher.ResponseData;
      try {
        this.#session.calls++;
        response = await request(url, {
          dispatcher: this.#agent,
          method,
          signal,
          headers: { authorization: `Bearer ${token}`, accept: 'application/json', ...headers },
          body: (body as Dispatcher.RequestOptions['body']) ?? null,
        });
      } catch (error) {
        if (signal.aborted) throw new FailureError({ code: 'CANCELLED' });
        const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
        if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
          throw new FailureError({ code: 'ORG_UNREACHABLE', host: url.host, reason: code });
        }
        throw new LostAnswer(code);
      }
      this.#session.noteUsage(headerOf(response, 'sforce-limit-info'));
      if (response.statusCode < 300) return { response };
      if (response.statusCode < 400) {
        await response.body.dump();
        throw new FailureError({ code: 'ORG_REDIRECT_REFUSED', host: headerOf(response, 'location') ?? '' });
      }
      const text = await this.#text(response);
      const error = ErrorBody.safeParse(parseJson(text));
      if (response.statusCode === 401 && renewals < RENEWALS) {
        await this.#session.refresh(token);
        continue;
      }
      if (response.statusCode === 401)
        throw new FailureError({ code: 'ORG_SESSION_EXPIRED', username: this.#session.username });
      const first = error.success ? error.data[0] : undefined;
      if (first?.errorCode === 'REQUEST_LIMIT_EXCEEDED')
        throw new FailureError({ code: 'ORG_API_LIMIT', message: first.message });
      if (!first && response.statusCode < 500) {
        throw new FailureError({
          code: 'ORG_ANSWER_UNREADABLE',
          status: response.statusCode,
          what: `${method} ${path}`,
        });
      }
      throw new RefusedByOrg(
        response.statusCode,
        first?.errorCode ?? '',
        first?.message ?? `HTTP ${response.statusCode}`,
      );
    }
  }

  async #text(response: Dispatcher.ResponseData): Promise<string> {
    try {
      return await response.body.text();
    } catch (error) {
      throw new LostAnswer(error instanceof Error ? error.message : String(error));
    }
  }

  close(): Promise<void> {
    return this.#agent.close();
  }
}

function headerOf(response: Dispatcher.ResponseData, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
