import { z } from 'zod';
import { BackendEvent } from '../../shared/contract/events.ts';
import { SourceId } from '../../shared/domain/ids.ts';
import { readAnswer, readPlain } from './answers.ts';
import { CallFailed, type BackendConnection } from './connection.ts';

/** Survives a reload of this tab and nothing else: session storage belongs to one tab and one port. */
const STORAGE_KEY = 'longshore-bearer';
const RECONNECT = 1000;
/** As much as the backend judges a file by. */
const HEAD_BYTES = 256 * 1024;

/** What the host calls the source and the upload of one of its files. */
const Received = z.object({ sourceId: SourceId, upload: z.string() });

/** Exchanges the one-time ticket in the address for a bearer token, and takes the ticket out of the address. */
async function signIn(): Promise<string | null> {
  const ticket = new URLSearchParams(location.hash.slice(1)).get('ticket');
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

/** The backend of the loopback host, over fetch. */
export async function connectBrowser(): Promise<BackendConnection> {
  const bearer = await signIn();
  if (bearer === null) throw new CallFailed({ code: 'CONNECTION_LOST' });
  const headers = { authorization: `Bearer ${bearer}` };
  // A tab that was duplicated has the same bearer token: its calls must have other names.
  const page = crypto.randomUUID();
  let calls = 0;

  const post = async (path: string, body: unknown, signal?: AbortSignal): Promise<unknown> => {
    const response = await fetch(path, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal ? { signal } : {}),
    }).catch(() => {
      throw new CallFailed(signal?.aborted ? { code: 'CANCELLED' } : { code: 'CONNECTION_LOST' });
    });
    if (response.status === 401) throw new CallFailed({ code: 'CONNECTION_LOST' });
    return response.json();
  };

  return {
    call: async (name, input, options) => {
      const callId = `${page}-${++calls}`;
      const controller = new AbortController();
      options?.signal?.addEventListener('abort', () => controller.abort());
      return readAnswer(name, await post('/api/call', { callId, procedure: name, input }, controller.signal));
    },
    subscribe: (listener) => {
      const controller = new AbortController();
      void listen(headers, listener, controller.signal);
      return () => controller.abort();
    },
    desk: null,
    handOver: async (files) => {
      const octets = { ...headers, 'content-type': 'application/octet-stream' };
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
        const answer = await fetch(`/api/source?${facts.toString()}`, { method: 'POST', headers: octets, body: head });
        const received = Received.parse(readPlain(await answer.json()));
        sourceId ??= received.sourceId;
        uploads.push({ file, query: new URLSearchParams({ upload: received.upload }).toString() });
      }
      if (sourceId === null) throw new CallFailed({ code: 'SOURCE_UNKNOWN' });
      // The first rows need not wait for the last: what becomes of the rest is told by the source's own state.
      void (async () => {
        for (const { file, query } of uploads)
          await fetch(`/api/source?${query}`, { method: 'PUT', headers: octets, body: file }).catch(() => undefined);
      })();
      return sourceId;
    },
  };
}

/** Events as lines of JSON. Each is a whole snapshot, so that what is missed while reconnecting does not matter. */
async function listen(
  headers: Record<string, string>,
  listener: (event: BackendEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await fetch('/api/events', { headers, signal });
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) {
        const lines = (rest + piece.value).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const event = BackendEvent.safeParse(JSON.parse(line));
          if (event.success) listener(event.data);
        }
      }
    } catch {
      // The backend is restarting or gone; calls say so, this only waits for it.
    }
    await new Promise((resolve) => setTimeout(resolve, RECONNECT));
  }
}
