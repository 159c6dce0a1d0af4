import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { Backend } from '../../backend/create-backend.ts';
import { CallRequest, CancelRequest } from '../../../shared/contract/wire.ts';
import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import { PAGE_HEADERS as HEADERS, readRendererFile } from '../node-ports/renderer-files.ts';
import type { Downloads } from './downloads.ts';
import { LoopbackGuard } from './loopback-guard.ts';
import { readJson } from './read-body.ts';
import { Uploads } from './uploads.ts';

/** A call is small JSON; pasted text is the largest thing in one. */
const MAX_CALL = 24 * 1024 * 1024;
/** A ticket, or the name of a call. */
const MAX_SMALL = 4096;
/** Node's own limit for the lines before a body, which is made explicit because the one for all of a request is lifted. */
const HEADERS_WITHIN = 60_000;
/** A request that sends nothing for so long has ended; so has a window that listens to no events for so long. */
const IDLE = 120_000;
/** So often, in milliseconds, a window that hears no event hears that the host is there. */
const SIGN_OF_LIFE = 10_000;

const SessionRequest = z.object({ ticket: z.string().max(200) });

export interface ServeOptions {
  readonly backend: Backend;
  readonly downloads: Downloads;
  readonly port: number;
  /** Folder of the built renderer. */
  readonly renderer: string;
  /** Folder that dropped files are streamed into. */
  readonly uploads: string;
  /** Lets another host of this user ask for a page. */
  readonly handoverSecret: string;
  /** Told of each address that opens a window, and when one has opened. */
  readonly links?: { made(url: string): void; used(url: string): void };
  /** Logs what nobody expected, and gives what may be said of it. */
  readonly unexpected: (error: unknown) => Failure;
  /** Milliseconds; see IDLE. */
  readonly idle?: number;
  /** Milliseconds; see SIGN_OF_LIFE. */
  readonly signOfLife?: number;
}

export interface LoopbackHost {
  readonly url: string;
  /** An address that opens one window. */
  newLink(): string;
  close(): Promise<void>;
}

/** The backend on a loopback port, with the renderer beside it. */
export async function serve(options: ServeOptions): Promise<LoopbackHost> {
  // An upload of 2 GB over a slow disk or VPN takes hours: Node would end every request after five minutes.
  const server = createServer({ requestTimeout: 0, headersTimeout: HEADERS_WITHIN });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const guard = new LoopbackGuard(port, options.handoverSecret);
  const newLink = (): string => {
    const link: string = `${url}/#ticket=${guard.newTicket(() => options.links?.used(link))}`;
    options.links?.made(link);
    return link;
  };
  const routes = new Routes(options, guard, newLink);
  server.on('request', (request: IncomingMessage, response: ServerResponse) => routes.answer(request, response));
  return {
    url,
    newLink,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

class Routes {
  readonly #options: ServeOptions;
  readonly #guard: LoopbackGuard;
  readonly #newLink: () => string;
  readonly #idle: number;
  readonly #uploads: Uploads;
  /** Calls under way by window and by the id that the window gave them: no window can name another's. */
  readonly #calls = new Map<string, Map<string, AbortController>>();
  /** How many event streams each window has open. */
  readonly #listening = new Map<string, number>();

  constructor(options: ServeOptions, guard: LoopbackGuard, newLink: () => string) {
    this.#options = options;
    this.#guard = guard;
    this.#newLink = newLink;
    this.#idle = options.idle ?? IDLE;
    this.#uploads = new Uploads({ backend: options.backend, folder: options.uploads, idle: this.#idle });
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#guard.isAddressedHere(request)) {
      response.writeHead(403, HEADERS).end();
      return;
    }
    this.#route(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else if (isTheirs(error)) refuse(response, error);
      else sendJson(response, 500, { ok: false, failure: this.#options.unexpected(error) });
    });
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://loopback');
    const method = request.method ?? '';
    if (!url.pathname.startsWith('/api/')) {
      if (method !== 'GET' && method !== 'HEAD') {
        response.writeHead(405, { ...HEADERS, Allow: 'GET, HEAD' }).end();
        return;
      }
      if (url.pathname.startsWith('/download/'))
        return this.#sendDownload(url.pathname.slice('/download/'.length), method, response);
      return this.#sendPage(url.pathname, response);
    }
    const asked = `${method} ${url.pathname}`;
    if (asked === 'POST /api/session') {
      const { ticket } = SessionRequest.parse(await readJson(request, MAX_SMALL, this.#idle));
      const bearer = this.#guard.exchange(ticket);
      return sendJson(response, bearer === null ? 401 : 200, { bearer });
    }
    if (asked === 'POST /api/handover') {
      const known = this.#guard.isNextHost(request);
      return sendJson(response, known ? 200 : 401, known ? { link: this.#newLink() } : {});
    }
    const window = this.#guard.windowOf(request);
    if (window === null) return sendJson(response, 401, {});
    return this.#routeOf(window, asked, url, request, response);
  }

  async #routeOf(
    window: string,
    asked: string,
    { searchParams }: URL,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    switch (asked) {
      case 'POST /api/call':
        return this.#call(window, CallRequest.parse(await readJson(request, MAX_CALL, this.#idle)), response);
      case 'POST /api/cancel': {
        const { callId } = CancelRequest.parse(await readJson(request, MAX_SMALL, this.#idle));
        this.#calls.get(window)?.get(callId)?.abort();
        return sendJson(response, 200, {});
      }
      case 'GET /api/events':
        return this.#sendEvents(window, response);
      case 'POST /api/source':
        return sendAnswer(response, await this.#uploads.receiveHead(request, window, searchParams));
      case 'PUT /api/source':
        return sendAnswer(response, await this.#uploads.receiveBody(request, window, searchParams.get('upload') ?? ''));
      default:
        return sendJson(response, 404, {});
    }
  }

  async #call(window: string, { callId, procedure, input }: CallRequest, response: ServerResponse): Promise<void> {
    const calls = this.#calls.get(window) ?? new Map<string, AbortController>();
    this.#calls.set(window, calls);
    if (calls.has(callId))
      throw new FailureError({ code: 'BAD_REQUEST', where: 'http', problem: 'a call of that id is under way' });
    const controller = new AbortController();
    calls.set(callId, controller);
    // A page that is closed or reloaded no longer wants its answers.
    response.on('close', () => {
      if (!response.writableEnded) controller.abort();
    });
    try {
      sendJson(response, 200, await this.#options.backend.call(procedure, input, controller.signal));
    } finally {
      calls.delete(callId);
    }
  }

  #sendEvents(window: string, response: ServerResponse): void {
    response.writeHead(200, { ...HEADERS, 'Content-Type': 'application/x-ndjson' });
    response.flushHeaders();
    const unsubscribe = this.#options.backend.subscribe((event) => response.write(`${JSON.stringify(event)}\n`));
    const sign = setInterval(() => response.write('\n'), this.#options.signOfLife ?? SIGN_OF_LIFE);
    this.#listening.set(window, (this.#listening.get(window) ?? 0) + 1);
    response.on('close', () => {
      unsubscribe();
      clearInterval(sign);
      this.#listening.set(window, (this.#listening.get(window) ?? 1) - 1);
      // A page that lost its connection comes back within seconds; one that was closed does not.
      setTimeout(() => this.#listening.get(window) === 0 && this.#uploads.abandon(window), this.#idle).unref();
    });
  }

  async #sendPage(pathname: string, response: ServerResponse): Promise<void> {
    const file = await readRendererFile(this.#options.renderer, pathname);
    if (file === null) response.writeHead(404, HEADERS).end();
    else response.writeHead(200, file.headers).end(file.body);
  }

  /** Only a GET takes what is offered once. */
  async #sendDownload(id: string, method: string, response: ServerResponse): Promise<void> {
    const { downloads } = this.#options;
    const file = method === 'GET' ? downloads.take(id) : downloads.look(id);
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
    if (method === 'GET') await pipeline(createReadStream(file.path), response);
    else response.end();
  }
}

/** A request that can't be read, in its address or its body, or that ended half-way: nothing of ours is wrong. */
function isTheirs(error: unknown): boolean {
  if (error instanceof FailureError || error instanceof z.ZodError) return true;
  if (error instanceof SyntaxError || error instanceof URIError) return true;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return ['ERR_INVALID_URL', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'].includes(code);
}

function refuse(response: ServerResponse, error: unknown): void {
  const unreadable: Failure = { code: 'BAD_REQUEST', where: 'http', problem: 'unreadable request' };
  const failure = error instanceof FailureError ? error.failure : unreadable;
  if (failure.code === 'REQUEST_TOO_LARGE') response.setHeader('Connection', 'close');
  sendJson(response, failure.code === 'REQUEST_TOO_LARGE' ? 413 : 400, { ok: false, failure });
}

/** What became of a file. After one that was not taken whole the rest may still be on its way. */
function sendAnswer(response: ServerResponse, answer: { ok: true } | { ok: false; failure: Failure }): void {
  if (!answer.ok) response.setHeader('Connection', 'close');
  sendJson(response, !answer.ok && answer.failure.code === 'REQUEST_TOO_LARGE' ? 413 : 200, answer);
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { ...HEADERS, 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}
