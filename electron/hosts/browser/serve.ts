import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, rename, rm, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { Backend } from '../../backend/create-backend.ts';
import { CallRequest, CancelRequest } from '../../../shared/contract/wire.ts';
import { SourceId } from '../../../shared/domain/ids.ts';
import { FailureError, type Answer, type Failure } from '../../../shared/contract/failure.ts';
import type { SavedFile } from '../../../shared/contract/procedures.ts';
import { refusedByDisk } from '../node-ports/put-file.ts';
import { PAGE_HEADERS as HEADERS, readRendererFile } from '../node-ports/renderer-files.ts';
import { LoopbackGuard } from './loopback-guard.ts';

/** A call is small JSON; pasted text is the largest thing in one. */
const MAX_JSON = 24 * 1024 * 1024;
const DOWNLOAD_MINUTES = 2;

/** Finished files waiting for the browser to fetch them, each once. */
export class Downloads {
  readonly #waiting = new Map<string, { path: string; name: string; until: number }>();

  offer(path: string, name: string): SavedFile {
    for (const [id, { until }] of this.#waiting) if (until <= performance.now()) this.#waiting.delete(id);
    const id = randomBytes(24).toString('base64url');
    this.#waiting.set(id, { path, name, until: performance.now() + DOWNLOAD_MINUTES * 60_000 });
    return { kind: 'download', path: `/download/${id}`, fileName: name };
  }

  take(id: string): { path: string; name: string } | null {
    const found = this.#waiting.get(id);
    this.#waiting.delete(id);
    return found && found.until > performance.now() ? found : null;
  }
}

export interface ServeOptions {
  readonly backend: Backend;
  readonly downloads: Downloads;
  readonly port: number;
  /** Folder of the built renderer. */
  readonly renderer: string;
  /** Folder that dropped files are streamed into. */
  readonly uploads: string;
  /** Logs what nobody expected, and gives what may be said of it. */
  readonly unexpected: (error: unknown) => Failure;
}

/** The backend on a loopback port, with the renderer beside it. */
export async function serve(
  options: ServeOptions,
): Promise<{ url: string; newLink(): string; close(): Promise<void> }> {
  let guard: LoopbackGuard | null = null;
  const calls = new Map<string, AbortController>();

  const server = createServer((request, response) => {
    if (!guard?.isAddressedHere(request)) {
      response.writeHead(403, HEADERS).end();
      return;
    }
    route(request, response, guard).catch((error: unknown) => {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      if (isTheirs(error)) {
        const failure: Failure = { code: 'BAD_REQUEST', where: 'http', problem: 'unreadable request' };
        sendJson(response, error instanceof FailureError ? 413 : 400, { ok: false, failure });
      } else {
        sendJson(response, 500, { ok: false, failure: options.unexpected(error) });
      }
    });
  });

  async function route(request: IncomingMessage, response: ServerResponse, door: LoopbackGuard): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://loopback');
    if (!url.pathname.startsWith('/api/')) {
      if (url.pathname.startsWith('/download/')) return sendDownload(url.pathname.slice('/download/'.length), response);
      return sendPage(url.pathname, response);
    }
    if (request.method === 'POST' && url.pathname === '/api/session') {
      const { ticket } = z.object({ ticket: z.string() }).parse(await readJson(request));
      const bearer = door.exchange(ticket);
      return sendJson(response, bearer === null ? 401 : 200, { bearer });
    }
    if (!door.isSignedIn(request)) return sendJson(response, 401, {});
    switch (`${request.method ?? ''} ${url.pathname}`) {
      case 'POST /api/call': {
        const { callId, procedure, input } = CallRequest.parse(await readJson(request));
        const controller = new AbortController();
        calls.set(callId, controller);
        // A page that is closed or reloaded no longer wants its answers.
        response.on('close', () => {
          if (!response.writableEnded) controller.abort();
        });
        const answer = await options.backend.call(procedure, input, controller.signal);
        calls.delete(callId);
        return sendJson(response, 200, answer);
      }
      case 'POST /api/cancel':
        calls.get(CancelRequest.parse(await readJson(request)).callId)?.abort();
        return sendJson(response, 200, {});
      case 'GET /api/events':
        return sendEvents(response);
      case 'POST /api/source':
        return sendJson(response, 200, await receiveHead(request, url.searchParams));
      case 'PUT /api/source':
        return sendJson(response, 200, await receiveBody(request, url.searchParams.get('upload') ?? ''));
      default:
        return sendJson(response, 404, {});
    }
  }

  /** Files of which the head has come and the body is awaited, by the name of the upload. */
  const arriving = new Map<string, { path: string; done: () => void; failed: (error: unknown) => void }>();

  /** The first bytes of a dropped file: enough to show its rows while the rest is on its way. */
  async function receiveHead(
    request: IncomingMessage,
    facts: URLSearchParams,
  ): Promise<Answer<{ sourceId: string; upload: string }>> {
    const { name, size, of } = z
      .object({ name: z.string(), size: z.coerce.number().int().nonnegative(), of: SourceId.optional() })
      .parse(Object.fromEntries(facts));
    const upload = randomBytes(16).toString('hex');
    const path = join(options.uploads, upload);
    return answered(path, async () => {
      await mkdir(options.uploads, { recursive: true, mode: 0o700 });
      // One that was there before may have been open to others.
      await chmod(options.uploads, 0o700);
      await pipeline(request, createWriteStream(path, { mode: 0o600 }));
      const complete = Promise.withResolvers<void>();
      // Whoever stages the file hears of a failure; before that nobody does.
      complete.promise.catch(() => undefined);
      const fileName = name.replace(/[/\\]/g, '_').slice(0, 255);
      const copy = { fileName, arriving: { byteLength: size, complete: complete.promise } };
      if (of !== undefined) await options.backend.addFile(of, path, copy);
      const sourceId = of ?? (await options.backend.handOver([path], copy));
      arriving.set(upload, { path, done: complete.resolve, failed: complete.reject });
      return { sourceId, upload };
    });
  }

  /** The whole file, streamed to disk; the backend then stages it as the desktop stages a path. */
  async function receiveBody(request: IncomingMessage, upload: string): Promise<Answer<null>> {
    const expected = arriving.get(upload);
    if (!expected) return { ok: false, failure: { code: 'SOURCE_UNKNOWN' } };
    arriving.delete(upload);
    const whole = `${expected.path}.whole`;
    const answer = await answered(whole, async () => {
      await pipeline(request, createWriteStream(whole, { mode: 0o600, highWaterMark: 1024 * 1024 }));
      await rename(whole, expected.path);
      return null;
    });
    if (answer.ok) expected.done();
    else expected.failed(new FailureError(answer.failure));
    return answer;
  }

  async function answered<T>(path: string, work: () => Promise<T>): Promise<Answer<T>> {
    try {
      return { ok: true, value: await work() };
    } catch (error) {
      // Where it could not be written there may be nothing that could be removed; the sweep at the next start looks again.
      await rm(path, { force: true }).catch(() => undefined);
      if (error instanceof FailureError) return { ok: false, failure: error.failure };
      const refused = refusedByDisk(error, 'the dropped file');
      return { ok: false, failure: refused?.failure ?? { code: 'CONNECTION_LOST' } };
    }
  }

  function sendEvents(response: ServerResponse): void {
    response.writeHead(200, { ...HEADERS, 'Content-Type': 'application/x-ndjson' });
    response.flushHeaders();
    const unsubscribe = options.backend.subscribe((event) => response.write(`${JSON.stringify(event)}\n`));
    response.on('close', unsubscribe);
  }

  async function sendPage(pathname: string, response: ServerResponse): Promise<void> {
    const file = await readRendererFile(options.renderer, pathname);
    if (file === null) response.writeHead(404, HEADERS).end();
    else response.writeHead(200, file.headers).end(file.body);
  }

  async function sendDownload(id: string, response: ServerResponse): Promise<void> {
    const file = options.downloads.take(id);
    if (file === null) {
      response.writeHead(404, HEADERS).end();
      return;
    }
    const { size } = await stat(file.path);
    response.writeHead(200, {
      ...HEADERS,
      'Content-Type': 'text/csv;charset=utf-8',
      'Content-Length': String(size),
      'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
    });
    await pipeline(createReadStream(file.path), response);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const door = new LoopbackGuard(port);
  guard = door;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    newLink: () => `${url}/#ticket=${door.newTicket()}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A request that can't be read, in its address or its body, or that ended half-way: nothing of ours is wrong. */
function isTheirs(error: unknown): boolean {
  if (error instanceof FailureError || error instanceof z.ZodError) return true;
  if (error instanceof SyntaxError || error instanceof URIError) return true;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return ['ERR_INVALID_URL', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'].includes(code);
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { ...HEADERS, 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_JSON) throw new FailureError({ code: 'BAD_REQUEST', where: 'http', problem: 'too large' });
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
