import type { Target } from '../http/exchange.ts';

export interface LoggedRequest {
  readonly number: number;
  readonly at: number;
  readonly method: string;
  /** Without its query: that may hold a token. */
  readonly path: string;
  /** 0 where the connection was cut instead of answered. */
  readonly status: number;
  readonly milliseconds: number;
  /** Those of its headers that say how to carry it out (REST API Developer Guide, "Headers"); none of them is secret. */
  readonly headers: Readonly<Record<string, string>>;
}

function callHeaders(headers: Target['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith('sforce-') && typeof value === 'string' ? [[name, value]] : [],
    ),
  );
}

/** The latest requests, for tests and the org's page. */
export class RequestLog {
  #requests: LoggedRequest[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(target: Target, status: number, milliseconds: number): void {
    this.#requests.push({
      number: ++this.#count,
      at: Date.now(),
      method: target.method,
      path: target.path,
      status,
      milliseconds: Math.round(milliseconds * 10) / 10,
      headers: callHeaders(target.headers),
    });
    if (this.#requests.length > 4000) this.#requests = this.#requests.slice(-2000);
  }

  list(): readonly LoggedRequest[] {
    return this.#requests;
  }

  latest(count: number): readonly LoggedRequest[] {
    return this.#requests.slice(-count);
  }
}
