import { z } from 'zod';
import { SourceId } from '../../shared/domain/ids.ts';
import { readAnswer, readPlain } from './answers.ts';
import { CallFailed, type BackendConnection } from './connection.ts';
import { EventStream } from './event-stream.ts';
import { Reach } from './reach.ts';
import { REPEATABLE } from './repeatable.ts';

/** Survives a reload of this tab and nothing else: session storage belongs to one tab and one port. */
const STORAGE_KEY = 'longshore-bearer';
/** As much as the backend judges a file by. */
const HEAD_BYTES = 256 * 1024;
const OCTETS = { 'content-type': 'application/octet-stream' };

/** What the host calls the source and the upload of one of its files. */
const Received = z.object({ sourceId: SourceId, upload: z.string() });

const ticketInAddress = (): string | null => new URLSearchParams(location.hash.slice(1)).get('ticket');

/** Exchanges the one-time ticket in the address for a bearer token, and takes the ticket out of the address. */
async function signIn(): Promise<string | null> {
  const ticket = ticketInAddress();
  if (ticket !== null) {
    history.replaceState(null, '', location.pathname);
    const response = await fetch('/api/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ticket }),
    });
    const { bearer } = z.object({ bearer: z.string().nullable() }).parse(await response.json());
    if (bearer !== null) sessionStorage.setItem(STORAGE_KEY, bearer);
  }
  return sessionStorage.getItem(STORAGE_KEY);
}

/** The backend of the loopback host, over fetch. Throws `CONNECTION_LOST` in a tab that was never signed in. */
export async function connectBrowser(): Promise<BackendConnection> {
  const bearer = await signIn();
  if (bearer === null) throw new CallFailed({ code: 'CONNECTION_LOST' });
  const link = new Link(bearer);
  // A host that was started anew on the same port gives this tab another ticket, and the page stays as it is.
  window.addEventListener('hashchange', () => {
    if (ticketInAddress() !== null) void signIn().then((next) => link.use(next ?? bearer), link.events.look);
  });
  // A tab that was duplicated has the same bearer token: its calls must have other names.
  const page = crypto.randomUUID();
  let calls = 0;
  return {
    reach: link.reach,
    call: async (name, input, options) => {
      const controller = new AbortController();
      options?.signal?.addEventListener('abort', () => controller.abort());
      const ask = () => link.post('/api/call', { callId: `${page}-${++calls}`, procedure: name, input }, controller);
      for (;;) {
        try {
          return readAnswer(name, await ask());
        } catch (error) {
          if (!REPEATABLE.has(name) || !isLost(error)) throw error;
        }
        await link.reach.back(controller.signal);
        if (controller.signal.aborted) throw new CallFailed({ code: 'CANCELLED' });
      }
    },
    subscribe: (listener) => {
      const controller = new AbortController();
      void link.events.listen(listener, controller.signal);
      return () => controller.abort();
    },
    desk: null,
    handOver: (files) => handOver(link, files),
  };
}

function isLost(error: unknown): boolean {
  return error instanceof CallFailed && error.failure.code === 'CONNECTION_LOST';
}

/** Requests with this window's token. One without an answer says at once that the backend is out of reach. */
class Link {
  readonly reach = new Reach();
  readonly events = new EventStream({ headers: () => this.#headers, reach: this.reach });
  #headers: Record<string, string>;

  constructor(bearer: string) {
    this.#headers = { authorization: `Bearer ${bearer}` };
  }

  use(bearer: string): void {
    this.#headers = { authorization: `Bearer ${bearer}` };
    this.events.look();
  }

  post(path: string, body: unknown, { signal }: AbortController): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    return this.send(path, { method: 'POST', headers, body: JSON.stringify(body), signal });
  }

  /** The answer's JSON. Throws `CONNECTION_LOST`, or `CANCELLED` if the signal called it off. */
  async send(path: string, request: RequestInit & { readonly headers: Record<string, string> }): Promise<unknown> {
    const lost = (state: 'lost' | 'unknown-here'): never => {
      if (request.signal?.aborted) throw new CallFailed({ code: 'CANCELLED' });
      this.reach.set(state);
      this.events.look();
      throw new CallFailed({ code: 'CONNECTION_LOST' });
    };
    const headers = { ...this.#headers, ...request.headers };
    const response = await fetch(path, { ...request, headers }).catch(() => lost('lost'));
    if (response.status === 401) return lost('unknown-here');
    return response.json().catch(() => lost('lost'));
  }

  /** Sends the whole of a file. What becomes of it is told by the source's own state; the host may cut off what it has refused. */
  async upload(path: string, file: File): Promise<void> {
    const headers = { ...this.#headers, ...OCTETS };
    await fetch(path, { method: 'PUT', headers, body: file }).catch(() => undefined);
  }
}

/** The head of each file first: the backend judges by it. The rest follows while the first rows are looked at. */
async function handOver(link: Link, files: readonly File[]): Promise<SourceId> {
  await link.reach.back();
  let sourceId: SourceId | null = null;
  const uploads: { file: File; query: string }[] = [];
  for (const file of files) {
    // A folder comes as a file that cannot be read.
    const head = await file
      .slice(0, HEAD_BYTES)
      .arrayBuffer()
      .catch(() => {
        throw new CallFailed({ code: 'FILE_IS_FOLDER' });
      });
    const facts = new URLSearchParams({ name: file.name, size: String(file.size) });
    if (sourceId !== null) facts.set('of', sourceId);
    const answer = await link.send(`/api/source?${facts.toString()}`, { method: 'POST', headers: OCTETS, body: head });
    const received = Received.parse(readPlain(answer));
    sourceId ??= received.sourceId;
    uploads.push({ file, query: new URLSearchParams({ upload: received.upload }).toString() });
  }
  if (sourceId === null) throw new CallFailed({ code: 'SOURCE_UNKNOWN' });
  // The first rows need not wait for the last: what becomes of the rest is told by the source's own state.
  void (async () => {
    for (const { file, query } of uploads) await link.upload(`/api/source?${query}`, file);
  })();
  return sourceId;
}
