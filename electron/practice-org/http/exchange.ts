import type { IncomingMessage, ServerResponse } from 'node:http';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGunzip, createGzip, gzip } from 'node:zlib';
import type { ApiError } from './api-error.ts';

const gzipAsync = promisify(gzip);

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
  /** A stream is sent as it comes, without a length. */
  body?: string | Buffer | Readable;
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/json;charset=UTF-8', ...headers },
    body: JSON.stringify(value),
  };
}

/** REST errors are arrays. */
export function errorAnswer(error: ApiError): Answer {
  return json(error.status, [
    {
      message: error.message,
      errorCode: error.errorCode,
      ...(error.fields === null ? {} : { fields: error.fields }),
    },
  ]);
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

/** Where a request goes, known before its body has come. */
export type Target = Omit<Exchange, 'body'>;

export function targetOf(request: IncomingMessage, scheme: 'http' | 'https'): Target | null {
  const origin = `${scheme}://${request.headers.host ?? '127.0.0.1'}`;
  let url: URL;
  try {
    url = new URL(origin + (request.url ?? '/').replace(/^[^?]*/, (path) => path.replace(/\/{2,}/g, '/')));
  } catch {
    return null;
  }
  return {
    method: request.method ?? 'GET',
    path: url.pathname.replace(/(?<=.)\/+$/, ''),
    query: url.searchParams,
    headers: request.headers,
    origin,
  };
}

/** The bytes of a request as sent, unzipped where they were zipped. */
export function bodyStream(request: IncomingMessage): Readable {
  if (!/\bgzip\b/.test(String(request.headers['content-encoding'] ?? ''))) return request;
  const gunzip = createGunzip();
  // An upload that ends early ends its unzipping too: whoever reads hears of it.
  pipeline(request, gunzip).catch((error: unknown) => gunzip.destroy(error instanceof Error ? error : undefined));
  return gunzip;
}

export class BodyTooLarge extends Error {}

export async function readBody(stream: Readable, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

/** Part of a file as an answer's body. */
export function fileBody(path: string, start: number, end: number): Readable {
  return end > start ? createReadStream(path, { start, end: end - 1 }) : Readable.from([]);
}

export interface SendOptions {
  readonly truncate: boolean;
}

/** Answers, zipped where the caller takes that. Resolves when the answer is out or the caller has gone. */
export async function send(
  response: ServerResponse,
  target: Pick<Target, 'headers' | 'method'>,
  answer: Answer,
  options: SendOptions = { truncate: false },
): Promise<void> {
  const headers: Record<string, string> = { ...answer.headers };
  const takesGzip = /\bgzip\b/.test(String(target.headers['accept-encoding'] ?? ''));
  if (answer.body instanceof Readable) {
    const stream = answer.body;
    if (target.method === 'HEAD') {
      stream.destroy();
      response.writeHead(answer.status, headers).end();
      return;
    }
    if (options.truncate) {
      response.writeHead(answer.status, headers);
      for await (const chunk of stream as AsyncIterable<Buffer | string>) {
        const bytes = Buffer.from(chunk);
        response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => response.destroy());
        return;
      }
      response.destroy();
      return;
    }
    if (takesGzip) headers['Content-Encoding'] = 'gzip';
    response.writeHead(answer.status, headers);
    // A caller that leaves is no fault of ours: the pipeline cleans up behind it.
    const parts = takesGzip ? [stream, createGzip({ level: 1 }), response] : [stream, response];
    await pipeline(parts).catch(() => response.destroy());
    return;
  }
  let body = Buffer.from(answer.body ?? '');
  if (body.length > 1024 && takesGzip && headers['Content-Encoding'] === undefined) {
    body = await gzipAsync(body, { level: 1 });
    headers['Content-Encoding'] = 'gzip';
  }
  if (answer.status !== 204 && answer.status !== 304) headers['Content-Length'] = String(body.length);
  if (response.destroyed) return;
  response.writeHead(answer.status, headers);
  if (options.truncate) {
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
    return;
  }
  response.end(target.method === 'HEAD' ? undefined : body);
}
