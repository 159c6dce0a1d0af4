import type { IncomingMessage, ServerResponse } from 'node:http';
import { gunzipSync, gzipSync } from 'node:zlib';

/** One request as the handlers see it. */
export interface Exchange {
  readonly method: string;
  /** Path with repeated and trailing slashes collapsed: `sf` and SFDMU send both. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** Scheme and host the caller used, for every URL in an answer. */
  readonly origin: string;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/json;charset=UTF-8', ...headers },
    body: JSON.stringify(value),
  };
}

/** REST errors are arrays. */
export function apiError(status: number, errorCode: string, message: string): Answer {
  return json(status, [{ message, errorCode }]);
}

export function html(status: number, body: string): Answer {
  return {
    status,
    headers: {
      'Content-Type': 'text/html;charset=UTF-8',
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; form-action *",
    },
    body,
  };
}

export function form(body: Buffer): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(body.toString('utf8')));
}

/** Bulk API 2.0 takes at most 150 MB of base64, about 112 MB of bytes. */
const MAX_BODY = 113 * 1024 * 1024;

export async function readExchange(request: IncomingMessage): Promise<Exchange | { tooLarge: true }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) return { tooLarge: true };
    chunks.push(chunk);
  }
  let body: Buffer = Buffer.concat(chunks);
  if (request.headers['content-encoding'] === 'gzip' && body.length > 0) body = gunzipSync(body);
  const origin = `http://${request.headers.host ?? '127.0.0.1'}`;
  const url = new URL((request.url ?? '/').replace(/\/{2,}/g, '/'), origin);
  return {
    method: request.method ?? 'GET',
    path: url.pathname.replace(/(?<=.)\/$/, ''),
    query: url.searchParams,
    headers: request.headers,
    body,
    origin,
  };
}

export function send(
  response: ServerResponse,
  exchange: Pick<Exchange, 'headers'>,
  answer: Answer,
  truncate: boolean,
): void {
  let body = Buffer.from(answer.body ?? '');
  const headers: Record<string, string> = { ...answer.headers };
  if (body.length > 1024 && /\bgzip\b/.test(String(exchange.headers['accept-encoding'] ?? ''))) {
    body = gzipSync(body, { level: 1 });
    headers['Content-Encoding'] = 'gzip';
  }
  headers['Content-Length'] = String(body.length);
  response.writeHead(answer.status, headers);
  if (truncate) {
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
    return;
  }
  response.end(body);
}
