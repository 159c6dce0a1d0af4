import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { connectBrowser } from './browser-connection.ts';
import type { BackendConnection } from './connection.ts';
import { REPEATABLE } from './repeatable.ts';

/** A host that is there or not, and knows one token; the part of a page that a connection needs. */
class Host {
  state: 'up' | 'down' | 'silent' = 'up';
  knows = 'first';
  readonly asked: string[] = [];
  readonly #streams = new Set<ReadableStreamDefaultController<Uint8Array>>();

  readonly fetch = (path: string, request: RequestInit = {}): Promise<Response> => {
    if (this.state === 'down') return Promise.reject(new TypeError('Failed to fetch'));
    if (path === '/api/session') return Promise.resolve(Response.json({ bearer: this.knows }));
    const given = new Headers(request.headers).get('authorization');
    if (given !== `Bearer ${this.knows}`) return Promise.resolve(Response.json({}, { status: 401 }));
    if (path === '/api/events') return Promise.resolve(this.#stream(request.signal ?? null));
    const { procedure } = JSON.parse(request.body as string) as { procedure: string };
    this.asked.push(procedure);
    return Promise.resolve(Response.json({ ok: true, value: [] }));
  };

  #stream(signal: AbortSignal | null): Response {
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => {
        this.#streams.add(stream);
        signal?.addEventListener('abort', () => {
          if (this.#streams.delete(stream)) stream.error(new DOMException('aborted', 'AbortError'));
        });
      },
    });
    return new Response(body);
  }

  say(line: string): void {
    for (const stream of this.#streams) stream.enqueue(new TextEncoder().encode(line));
  }

  /** As a process that is killed: what is open breaks, and nothing is answered. */
  die(): void {
    this.state = 'down';
    for (const stream of this.#streams) stream.error(new TypeError('network error'));
    this.#streams.clear();
  }
}

let host: Host;
let connection: BackendConnection;
let leave: () => void;
const heard: unknown[] = [];
let page: EventTarget;

beforeEach(async () => {
  vi.useFakeTimers();
  host = new Host();
  page = new EventTarget();
  heard.length = 0;
  const kept = new Map<string, string>();
  vi.stubGlobal('fetch', host.fetch);
  vi.stubGlobal('window', page);
  vi.stubGlobal('location', { hash: '#ticket=one', pathname: '/' });
  vi.stubGlobal('history', { replaceState: () => Object.assign(location, { hash: '' }) });
  vi.stubGlobal('sessionStorage', {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
  });
  connection = await connectBrowser();
  leave = connection.subscribe((event) => heard.push(event));
  await vi.advanceTimersByTimeAsync(10);
});
afterEach(() => {
  leave();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a host that goes is said to be lost at once, and to be there within a second of its return', async () => {
  expect(connection.reach.current()).toBe('there');
  await vi.advanceTimersByTimeAsync(5000);
  host.die();
  await vi.advanceTimersByTimeAsync(20);
  expect(connection.reach.current()).toBe('lost');
  host.state = 'up';
  await vi.advanceTimersByTimeAsync(1100);
  expect(connection.reach.current()).toBe('there');
  host.say('{"topic":"read-only","orgIds":[]}\n\n');
  await vi.advanceTimersByTimeAsync(10);
  expect(heard).toEqual([{ topic: 'read-only', orgIds: [] }]);
});

test('what is asked meanwhile waits and is asked then; what writes to an org fails, and is never repeated', async () => {
  host.die();
  const listed = connection.call('load.list', {});
  await expect(connection.call('load.cancel', { loadId: 'load_1' as never })).rejects.toMatchObject({
    failure: { code: 'CONNECTION_LOST' },
  });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(host.asked).toEqual([]);
  host.state = 'up';
  await vi.advanceTimersByTimeAsync(1100);
  await expect(listed).resolves.toEqual([]);
  expect(host.asked).toEqual(['load.list']);
  for (const name of [
    'load.start',
    'load.resume',
    'load.complete',
    'load.cancel',
    'rehearsal.run',
    'orgs.signIn',
  ] as const)
    expect(REPEATABLE.has(name)).toBe(false);
});

test('what waits can be called off', async () => {
  host.die();
  const controller = new AbortController();
  const listed = connection.call('load.list', {}, { signal: controller.signal });
  const failed = expect(listed).rejects.toMatchObject({ failure: { code: 'CANCELLED' } });
  await vi.advanceTimersByTimeAsync(100);
  controller.abort();
  await failed;
});

test('a host that was started anew does not know the tab, until a new ticket is opened in it', async () => {
  host.die();
  host.state = 'up';
  host.knows = 'second';
  const listed = connection.call('load.list', {});
  await vi.advanceTimersByTimeAsync(2000);
  expect(connection.reach.current()).toBe('unknown-here');
  Object.assign(location, { hash: '#ticket=two' });
  page.dispatchEvent(new Event('hashchange'));
  await vi.advanceTimersByTimeAsync(1100);
  expect(connection.reach.current()).toBe('there');
  await expect(listed).resolves.toEqual([]);
});

test('a host that says nothing any more is looked for anew', async () => {
  await vi.advanceTimersByTimeAsync(24_000);
  host.say('\n');
  await vi.advanceTimersByTimeAsync(24_000);
  expect(connection.reach.current()).toBe('there');
  host.state = 'down';
  await vi.advanceTimersByTimeAsync(1100);
  expect(connection.reach.current()).toBe('lost');
});
