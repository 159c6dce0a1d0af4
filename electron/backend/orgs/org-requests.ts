import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import { parseJson } from '../parse-json.ts';
import type { Clock, Log, RandomSource } from '../ports.ts';
import { readText } from './answer-body.ts';
import { BACK_OFF, pauseAfter, retryAfterOf } from './back-off.ts';
import { headerOf, type HttpTransport } from './http-transport.ts';
import { asFailure, LostAnswer, NothingAsked, RefusedByOrg } from './org-answers.ts';
import { OrgClock } from './org-clock.ts';
import type { OrgSession } from './org-session.ts';

/** The API version every call is made in. */
export const API_VERSION = '66.0';
/** A token refused again after so many renewals is not going to be accepted (R15). */
const RENEWALS = 2;

/** REST and Bulk API 2.0 errors (REST API Developer Guide, "Status Codes and Error Responses"). */
const ErrorBody = z.array(z.looseObject({ errorCode: z.string(), message: z.string() })).min(1);
/** What the user info and identity endpoints say of a bad token, as text with status 403 (Salesforce Help, "Identity URLs"). */
const BAD_TOKEN = /^\s*Bad_OAuth_Token\s*$/;

/** The code and the text of a SOAP fault, `sf:LIMIT_EXCEEDED` (SOAP API Developer Guide, "API Fault Element"). */
function soapFault(text: string): { errorCode: string; message: string } | null {
  const code = /<faultcode>(?:\w+:)?(\w+)<\/faultcode>/.exec(text)?.[1];
  return code === undefined
    ? null
    : { errorCode: code, message: /<faultstring>([^<]*)<\/faultstring>/.exec(text)?.[1] ?? code };
}

/** The code and the text of an error of Bulk API 1.0 (Bulk API guide, "Errors"). */
function asyncError(text: string): { errorCode: string; message: string } | null {
  const code = /<exceptionCode>(\w+)<\/exceptionCode>/.exec(text)?.[1];
  return code === undefined
    ? null
    : { errorCode: code, message: /<exceptionMessage>([^<]*)<\/exceptionMessage>/.exec(text)?.[1] ?? code };
}

/** Bulk API 1.0 takes its token in a header of its own (Bulk API guide, "HTTP Headers"). */
const ASYNC = /^\/services\/async\//;

export interface RequestTools {
  readonly session: OrgSession;
  readonly transport: HttpTransport;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Log;
  /** API calls used and allowed, as an answer said. */
  readonly usage: (used: number, max: number) => void;
}

/** Body and headers of one try; made anew for each, since a stream can be sent once. */
export type MakeRequest = () => { body?: string | Readable; headers?: Record<string, string> };

/** Sends requests to one org with its token, and repeats those that only read. */
export class OrgRequests {
  readonly #tools: RequestTools;
  readonly #clock: OrgClock;
  /** HTTP calls made, tries that failed included. */
  calls = 0;

  constructor(tools: RequestTools) {
    this.#tools = tools;
    this.#clock = new OrgClock(tools.clock);
  }

  now(): number {
    return this.#clock.now();
  }

  /**
   * One request, once; only a refused token is renewed and the request sent again. Throws `CANCELLED`, `LostAnswer`, `RefusedByOrg`,
   * and as failures what no repeating helps: `ORG_SESSION_EXPIRED`, `ORG_API_LIMIT`, `ORG_REDIRECT_REFUSED`, `ORG_UNREACHABLE`.
   */
  async send(
    method: Dispatcher.HttpMethod,
    path: string,
    signal: AbortSignal,
    make: MakeRequest,
  ): Promise<Dispatcher.ResponseData> {
    const { session, transport } = this.#tools;
    for (let renewals = 0; ; renewals++) {
      const token = session.accessToken;
      const url = this.#urlOf(path);
      const { body = null, headers } = make();
      this.calls++;
      const response = await transport.send({
        method,
        url,
        headers: {
          ...(ASYNC.test(path) ? { 'x-sfdc-session': token } : { authorization: `Bearer ${token}` }),
          accept: 'application/json',
          ...headers,
        },
        body,
        signal,
      });
      this.#clock.note(headerOf(response, 'date'));
      if (response.statusCode !== 401) this.#noteUsage(headerOf(response, 'sforce-limit-info'));
      if (response.statusCode < 300) return response;
      const text = await readText(response, signal);
      const ended =
        response.statusCode === 401 ||
        (response.statusCode === 403 && BAD_TOKEN.test(text)) ||
        soapFault(text)?.errorCode === 'INVALID_SESSION_ID' ||
        asyncError(text)?.errorCode === 'InvalidSessionId';
      if (!ended) throw this.#refusal(response, text.replaceAll(token, '[secret]'), `${method} ${path}`);
      if (renewals === RENEWALS) throw session.refuse();
      await session.renew(token, signal).catch((error: unknown) => {
        // The request was refused for its token, and goes no further.
        throw error instanceof FailureError ? new NothingAsked(error.failure) : error;
      });
    }
  }

  /** Where a path leads. An answer may name the next page; a token goes to no other host for that. */
  #urlOf(path: string): URL {
    const { instanceUrl } = this.#tools.session;
    const url = new URL(path.startsWith('/') ? path : `/services/data/v${API_VERSION}/${path}`, instanceUrl);
    if (url.origin !== new URL(instanceUrl).origin)
      throw new FailureError({ code: 'ORG_REDIRECT_REFUSED', host: url.host });
    return url;
  }

  #refusal(response: Dispatcher.ResponseData, text: string, what: string): Error {
    const { statusCode: status } = response;
    const fault = soapFault(text);
    const error = fault ?? asyncError(text) ?? ErrorBody.safeParse(parseJson(text)).data?.[0];
    if (error?.errorCode === 'REQUEST_LIMIT_EXCEEDED')
      return new FailureError({ code: 'ORG_API_LIMIT', message: error.message });
    if (!error && status < 500 && status !== 429)
      return new FailureError({ code: 'ORG_ANSWER_UNREADABLE', status, what });
    const retryAfter = retryAfterOf(headerOf(response, 'retry-after'), this.now());
    // A fault comes with status 500 whatever it is about: it is an answer, not an outage.
    return new RefusedByOrg(
      fault ? 400 : status,
      error?.errorCode ?? '',
      error?.message ?? `HTTP ${status}`,
      retryAfter,
    );
  }

  #noteUsage(header: string | undefined): void {
    const match = /api-usage=(\d+)\/(\d+)/.exec(header ?? '');
    if (match) this.#tools.usage(Number(match[1]), Number(match[2]));
  }

  /**
   * Repeats what only reads after a lost answer, 5xx, 429 and what cannot be read, within BACK_OFF. A read that stays lost is an
   * org that can't be reached; what is refused for good is thrown as `RefusedByOrg`.
   */
  async repeat<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const { clock, random, session, transport } = this.#tools;
    const began = clock.elapsed();
    for (let attempt = 1; ; attempt++) {
      try {
        return await read();
      } catch (error) {
        if (transport.closed) throw new FailureError({ code: 'CONNECTION_LOST' });
        const final = error instanceof LostAnswer ? asFailure(error, session.host) : error;
        if (!isPassing(error) || attempt === BACK_OFF.attempts) throw final;
        const retryAfter = error instanceof RefusedByOrg ? error.retryAfter : null;
        const pause = pauseAfter(attempt, retryAfter, fraction(random));
        if (clock.elapsed() - began + pause > BACK_OFF.budget) throw final;
        await clock.sleep(pause, signal);
      }
    }
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof RefusedByOrg) return error.status >= 500 || error.status === 429;
  return (
    error instanceof LostAnswer || (error instanceof FailureError && error.failure.code === 'ORG_ANSWER_UNREADABLE')
  );
}

/** A number from 0 to 1 out of a token of letters and digits. */
function fraction(random: RandomSource): number {
  return Number.parseInt(random.token(6), 36) / 36 ** 6;
}
