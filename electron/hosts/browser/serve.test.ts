import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../backend/create-backend.ts';
import type { Failure } from '../../../shared/contract/failure.ts';
import { SourceId } from '../../../shared/domain/ids.ts';
import { contractSuite } from '../test-support/contract-suite.ts';
import { Downloads } from './downloads.ts';
import { serve } from './serve.ts';

async function signIn(url: string, link: string): Promise<Record<string, string>> {
  const ticket = new URLSearchParams(new URL(link).hash.slice(1)).get('ticket');
  const response = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { origin: url, 'content-type': 'application/json' },
    body: JSON.stringify({ ticket }),
  });
  const { bearer } = (await response.json()) as { bearer: string };
  return { authorization: `Bearer ${bearer}`, origin: url, 'content-type': 'application/json' };
}

contractSuite('HTTP on loopback', async (backend, folder) => {
  const host = await serve({
    backend,
    downloads: new Downloads(),
    port: 0,
    renderer: folder,
    uploads: join(folder, 'uploads'),
    handoverSecret: 'c2VjcmV0',
    unexpected: () => ({ code: 'BUG', incidentId: 'x', log: '' }),
  });
  const headers = await signIn(host.url, host.newLink());
  const post = async (path: string, body: unknown) =>
    (await fetch(host.url + path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
  return {
    call: (given) => post('/api/call', given),
    // One that comes while the host closes is cut.
    cancel: (callId) => void post('/api/cancel', { callId }).catch(() => undefined),
    subscribe: (listener) => {
      const controller = new AbortController();
      void (async () => {
        const response = await fetch(`${host.url}/api/events`, { headers, signal: controller.signal });
        let rest = '';
        for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
          const lines = (rest + piece).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) if (line !== '') listener(JSON.parse(line));
        }
      })().catch(() => undefined);
      return () => controller.abort();
    },
    handOver: async (path) => {
      const bytes = await readFile(path);
      const headed = await fetch(
        `${host.url}/api/source?name=${encodeURIComponent(basename(path))}&size=${bytes.length}`,
        { method: 'POST', headers, body: bytes.subarray(0, 8) },
      );
      const answer = (await headed.json()) as { ok: true; value: { sourceId: string; upload: string } };
      await fetch(`${host.url}/api/source?upload=${answer.value.upload}`, { method: 'PUT', headers, body: bytes });
      return { ok: answer.ok, value: answer.value.sourceId };
    },
    close: () => host.close(),
  };
});

describe('the loopback host trusts nobody by default', () => {
  let folder: string;
  let uploads: string;
  let host: Awaited<ReturnType<typeof serve>>;
  const logged: unknown[] = [];
  const downloads = new Downloads();
  const backend: Backend = {
    call: () => Promise.resolve({ ok: true, value: 1 }),
    subscribe: () => () => undefined,
    handOver: () => Promise.resolve(SourceId.parse('src_aaaaaaaaaaaaaaaa')),
    addFile: () => Promise.reject(new Error('unused')),
    signInWith: () => Promise.reject(new Error('not here')),
    importJob: () => Promise.reject(new Error('not here')),
    listJobs: () => Promise.reject(new Error('not here')),
    saveChannel: () => Promise.reject(new Error('not asked for')),
    startSchedules: () => undefined,
    runDue: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longshore-guard-'));
    await writeFile(join(folder, 'index.html'), '<script nonce="__CSP_NONCE__"></script>');
    const unexpected = (error: unknown): Failure => {
      logged.push(error);
      return { code: 'BUG', incidentId: 'abc', log: '~/log' };
    };
    uploads = join(folder, 'uploads');
    host = await serve({
      backend,
      downloads,
      port: 0,
      renderer: folder,
      uploads,
      unexpected,
      handoverSecret: 'c2VjcmV0',
      signOfLife: 20,
    });
  });
  afterAll(async () => {
    await host.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Raw, because fetch would not let a test lie about Host. */
  function status(path: string, headers: Record<string, string>, method = 'GET', body = ''): Promise<number> {
    const { port } = new URL(host.url);
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      sent.once('error', reject);
      sent.end(body);
    });
  }
  const here = () => new URL(host.url).host;
  /** What a browser says of a page that leads to another: the file by which we open ours is another site to it. */
  const fromAfar = () => ({
    host: here(),
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
  });

  test.each([
    ['a rebound name', () => ({ host: 'evil.example' })],
    ['another port', () => ({ host: '127.0.0.1:1' })],
    ['a foreign origin', () => ({ host: here(), origin: 'https://evil.example' })],
    ['another local origin', () => ({ host: here(), origin: 'http://127.0.0.1:1' })],
    ['an opaque origin', () => ({ host: here(), origin: 'null' })],
    ['a cross-site request', () => ({ host: here(), 'sec-fetch-site': 'cross-site' })],
    ['a frame of another site', () => ({ ...fromAfar(), 'sec-fetch-dest': 'iframe' })],
  ])('%s is refused before anything else', async (_name, headers) => {
    expect(await status('/', headers())).toBe(403);
    expect(await status('/api/session', headers(), 'POST', '{}')).toBe(403);
  });

  test('the page itself may be gone to from anywhere, and nothing else', async () => {
    expect(await status('/', fromAfar())).toBe(200);
    expect(await status('/', fromAfar(), 'POST')).toBe(403);
    expect(await status('/index.html', fromAfar())).toBe(403);
    expect(await status('/api/events', fromAfar())).toBe(403);
  });

  test('pages are only got: other methods are refused, and a HEAD has no body', async () => {
    expect(await status('/', { host: here() }, 'POST', '{}')).toBe(405);
    expect(await status('/download/x', { host: here() }, 'DELETE')).toBe(405);
    const head = await fetch(host.url, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
  });

  test('another host of this user is given a page for the secret of the data folder', async () => {
    const ask = (headers: Record<string, string>) => fetch(`${host.url}/api/handover`, { method: 'POST', headers });
    const given = await ask({ authorization: 'Handover c2VjcmV0' });
    const { link } = (await given.json()) as { link: string };
    expect((await signIn(host.url, link))['authorization']).toMatch(/^Bearer .{40}/);
    expect((await ask({ authorization: 'Handover d3Jvbmc' })).status).toBe(401);
    expect((await ask({ authorization: 'Handover ' })).status).toBe(401);
    expect((await ask({})).status).toBe(401);
    const page = { authorization: 'Handover c2VjcmV0', origin: host.url };
    expect((await ask(page)).status, 'no page has any business there').toBe(401);
  });

  test('an address that was not opened yet is not undone by the next', async () => {
    const [first, second] = [host.newLink(), host.newLink()];
    expect((await signIn(host.url, first))['authorization']).toMatch(/^Bearer .{40}/);
    expect((await signIn(host.url, second))['authorization']).toMatch(/^Bearer .{40}/);
  });

  test('what is too large is said in words: a session, a call, the head of a file', async () => {
    const headers = await signIn(host.url, host.newLink());
    const send = async (path: string, bytes: number) => {
      const response = await fetch(host.url + path, { method: 'POST', headers, body: 'x'.repeat(bytes) });
      return [response.status, await response.json()];
    };
    const tooLarge = (limit: number) => [413, { ok: false, failure: { code: 'REQUEST_TOO_LARGE', limit } }];
    expect(await send('/api/session', 5000)).toEqual(tooLarge(4096));
    expect(await send('/api/cancel', 5000)).toEqual(tooLarge(4096));
    expect(await send('/api/source?name=a.csv&size=3', 1_100_000)).toEqual(tooLarge(1_048_576));
    expect(await send('/api/call', 24 * 1024 * 1024 + 1)).toEqual(tooLarge(24 * 1024 * 1024));
    expect(await readdir(uploads)).toEqual([]);
    await rm(uploads, { recursive: true });
  });

  test('no call without a bearer token, and the ticket for one works once', async () => {
    expect(await status('/api/call', { host: here() }, 'POST', '{}')).toBe(401);
    expect(await status('/api/events', { host: here(), authorization: 'Bearer x' })).toBe(401);
    const link = host.newLink();
    const headers = await signIn(host.url, link);
    expect(
      await status(
        '/api/call',
        { ...headers, host: here() },
        'POST',
        JSON.stringify({ callId: 'a', procedure: 'app.info', input: {} }),
      ),
    ).toBe(200);
    const ticket = new URLSearchParams(new URL(link).hash.slice(1)).get('ticket');
    expect(await status('/api/session', { host: here() }, 'POST', JSON.stringify({ ticket }))).toBe(401);
  });

  test('a window that listens hears that the host is there, though nothing happens', async () => {
    const controller = new AbortController();
    const headers = await signIn(host.url, host.newLink());
    const { body } = await fetch(`${host.url}/api/events`, { headers, signal: controller.signal });
    const first = await body?.getReader().read();
    expect(Buffer.from(first?.value ?? []).toString()).toMatch(/^\n+$/);
    controller.abort();
  });

  test('pages carry a strict policy with a nonce of their own, and nothing outside the folder is served', async () => {
    const [first, second] = await Promise.all([fetch(host.url), fetch(host.url)]);
    const policy = first.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe-(?:inline|eval)/);
    expect(policy).not.toBe(second.headers.get('content-security-policy'));
    expect(await first.text()).not.toContain('__CSP_NONCE__');
    for (const path of ['/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json', '//etc/passwd', '/main.ts']) {
      expect(await status(path, { host: here() }), path).toBe(404);
    }
  });

  test('a download address works once', async () => {
    const path = join(folder, 'report.csv');
    await writeFile(path, 'a,b\n');
    const offered = downloads.offer(path, 'report – final.csv');
    const address = offered.kind === 'download' ? offered.path : '';
    expect((await fetch(host.url + address, { method: 'HEAD' })).headers.get('content-length')).toBe('4');
    const response = await fetch(host.url + address);
    expect(await response.text(), 'a HEAD took nothing').toBe('a,b\n');
    expect(response.headers.get('content-disposition')).toContain('report%20%E2%80%93%20final.csv');
    expect(await status(address, { host: here() })).toBe(404);
  });

  test('dropped files are for this user only, whatever their folder was before', async () => {
    await mkdir(uploads, { mode: 0o755 });
    const headers = { ...(await signIn(host.url, host.newLink())), host: here() };
    expect(await status('/api/source?name=a.csv&size=3', headers, 'POST', 'abc')).toBe(200);
    expect((await stat(uploads)).mode & 0o777).toBe(0o700);
    const [name = ''] = await readdir(uploads);
    expect((await stat(join(uploads, name))).mode & 0o777).toBe(0o600);
  });

  test('a disk that takes no dropped file is said, and the host goes on', async () => {
    await rm(uploads, { recursive: true, force: true });
    await writeFile(uploads, 'in the way');
    const headers = await signIn(host.url, host.newLink());
    const response = await fetch(`${host.url}/api/source?name=a.csv&size=3`, { method: 'POST', headers, body: 'abc' });
    expect(await response.json()).toEqual({
      ok: false,
      failure: { code: 'DISK_REFUSED', what: 'the dropped file', reason: 'EEXIST' },
    });
    await rm(uploads);
    expect(await status('/', { host: here() })).toBe(200);
  });

  test('what nobody expected is logged and answered as an incident', async () => {
    const offered = downloads.offer(join(folder, 'gone.csv'), 'gone.csv');
    expect(await status(offered.kind === 'download' ? offered.path : '', { host: here() })).toBe(500);
    expect(logged).toMatchObject([{ code: 'ENOENT' }]);
    expect(await status('//', { host: here() })).toBe(400);
    expect(logged).toHaveLength(1);
  });

  test('broken bodies are answered, not crashed on', async () => {
    const headers = { ...(await signIn(host.url, host.newLink())), host: here() };
    expect(await status('/api/call', headers, 'POST', '{"callId":')).toBe(400);
    expect(await status('/api/call', headers, 'POST', '[]')).toBe(400);
    expect(await status('/%E0%A4%A', { host: here() })).toBe(400);
    expect(await status('/', { host: here() })).toBe(200);
  });
});
