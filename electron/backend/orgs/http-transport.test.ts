import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { failureOf } from '../test-support/test-orgs.ts';
import { HttpTransport } from './http-transport.ts';
import type { ProxyRoute } from '../settings/proxy-routes.ts';

/** Which way requests take. The proxy is a small server that notes what it is asked for, and refuses. */

const ORG = 'https://acme.my.salesforce.com/services/data';
const TOKEN = 'Bearer 00D000000000001!secret';
let proxy: Server;
let proxyUrl: string;
let asked: { line: string; headers: string }[];
const transports: HttpTransport[] = [];

beforeEach(async () => {
  asked = [];
  proxy = createServer((request, response) => {
    asked.push({ line: `${request.method} ${request.url}`, headers: JSON.stringify(request.headers) });
    response.writeHead(502).end();
  });
  proxy.on('connect', (request, socket) => {
    asked.push({ line: `CONNECT ${request.url}`, headers: JSON.stringify(request.headers) });
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const transport of transports.splice(0)) await transport.close();
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
});

function send(
  url: string,
  environment: Record<string, string>,
  systemProxy: (url: string) => Promise<string | null> = () => Promise.resolve(null),
): ReturnType<typeof failureOf> {
  const transport = new HttpTransport({ environment, systemProxy });
  transports.push(transport);
  const signal = new AbortController().signal;
  const headers = { authorization: TOKEN };
  return failureOf(transport.send({ method: 'GET', url: new URL(url), headers, body: null, signal }));
}

describe('the environment’s proxy', () => {
  test.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy', 'HTTP_PROXY', 'http_proxy'])(
    '%s is used, through a tunnel that is told no token; its refusal is an org out of reach',
    async (name) => {
      expect(await send(ORG, { [name]: proxyUrl })).toEqual({
        code: 'ORG_UNREACHABLE',
        host: 'acme.my.salesforce.com',
        reason: 'UND_ERR_ABORTED',
      });
      expect(asked.map(({ line }) => line)).toEqual(['CONNECT acme.my.salesforce.com:443']);
      expect(JSON.stringify(asked)).not.toContain('secret');
    },
  );

  test('lower case goes first, and the narrower name', async () => {
    const nowhere = 'http://127.0.0.1:1';
    await send(ORG, { HTTPS_PROXY: nowhere, https_proxy: proxyUrl });
    await send(ORG, { HTTPS_PROXY: proxyUrl, ALL_PROXY: nowhere, HTTP_PROXY: nowhere });
    expect(asked).toHaveLength(2);
  });

  test('a proxy’s own name and password go to the proxy', async () => {
    await send(ORG, { HTTPS_PROXY: proxyUrl.replace('//', '//me:word@') });
    expect(asked[0]?.headers).toContain(Buffer.from('me:word').toString('base64'));
  });

  test.each<Record<string, string>>([
    { NO_PROXY: 'nonesuch.invalid' },
    { no_proxy: '.invalid' },
    { NO_PROXY: 'a.example, *' },
    { NO_PROXY: '*.invalid' },
  ])('%j is gone around', async (exception) => {
    const failure = await send('https://nonesuch.invalid/', { HTTPS_PROXY: proxyUrl, ...exception });
    expect(failure).toMatchObject({ code: 'ORG_UNREACHABLE', host: 'nonesuch.invalid' });
    expect(asked).toEqual([]);
  });

  test('this machine is never asked for through a proxy', async () => {
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '127.8.8.8'])
      await send(`http://${host}:1/`, { HTTP_PROXY: proxyUrl, ALL_PROXY: proxyUrl }, () => Promise.resolve(proxyUrl));
    expect(asked).toEqual([]);
  });

  test('one that is no URL, or is not there, is an org out of reach and no bug', async () => {
    for (const value of ['http://', 'http://127.0.0.1:1', 'ftp://127.0.0.1', ':::'])
      expect(await send(ORG, { HTTPS_PROXY: value })).toMatchObject({ code: 'ORG_UNREACHABLE' });
  });

  test('one without a scheme is taken as http, as curl takes it', async () => {
    await send(ORG, { HTTPS_PROXY: proxyUrl.replace('http://', '') });
    expect(asked).toHaveLength(1);
  });
});

describe('the system’s proxy', () => {
  test('is asked for the org’s origin, and used', async () => {
    const questions: string[] = [];
    await send(ORG, {}, (url) => {
      questions.push(url);
      return Promise.resolve(proxyUrl);
    });
    expect(questions).toEqual(['https://acme.my.salesforce.com']);
    expect(asked.map(({ line }) => line)).toEqual(['CONNECT acme.my.salesforce.com:443']);
  });

  test('leads to the org by TLS within the tunnel: who stands in between is not trusted', async () => {
    const pem = await generate([{ name: 'commonName', value: 'acme.my.salesforce.com' }]);
    const seen: unknown[] = [];
    const impostor = createTlsServer({ key: pem.private, cert: pem.cert }, (request) => seen.push(request.headers));
    await new Promise<void>((resolve) => impostor.listen(0, '127.0.0.1', resolve));
    proxy.removeAllListeners('connect');
    proxy.on('connect', (_request, socket) => {
      const through = connect((impostor.address() as AddressInfo).port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        through.pipe(socket).pipe(through);
      });
      through.on('error', () => socket.destroy());
      socket.on('error', () => through.destroy());
    });
    expect(await send(ORG, {}, () => Promise.resolve(proxyUrl))).toMatchObject({
      code: 'ORG_UNREACHABLE',
      reason: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    expect(seen).toEqual([]);
    await new Promise((resolve) => impostor.close(resolve));
  });

  test('is not asked where the environment names one', async () => {
    await send(ORG, { HTTPS_PROXY: proxyUrl }, () => Promise.reject(new Error('asked')));
    expect(asked).toHaveLength(1);
  });
});

describe('the proxy that the settings want', () => {
  const own = (authorization: string | null) => ({ kind: 'own' as const, address: proxyUrl, authorization });
  const sendBy = (route: ProxyRoute, environment: Record<string, string> = {}, system: string | null = null) => {
    const transport = new HttpTransport({
      environment,
      systemProxy: () => Promise.resolve(system),
      route: () => Promise.resolve(route),
    });
    transports.push(transport);
    const [url, signal] = [new URL('https://nonesuch.invalid/'), new AbortController().signal];
    return failureOf(transport.send({ method: 'GET', url, headers: {}, body: null, signal }));
  };
  const nowhere = 'http://127.0.0.1:1';

  test('an own one goes before the environment’s and the system’s, and gets what it wants to be told', async () => {
    await sendBy(own('Basic bWU6d29yZA=='), { HTTPS_PROXY: nowhere }, nowhere);
    expect(asked.map(({ line }) => line)).toEqual(['CONNECT nonesuch.invalid:443']);
    expect(asked[0]?.headers).toContain('Basic bWU6d29yZA==');
  });

  test('its failure names no secret', async () => {
    const failure = await sendBy(own('Basic bWU6d29yZA=='));
    expect(failure).toMatchObject({ code: 'ORG_UNREACHABLE', host: 'nonesuch.invalid' });
    expect(JSON.stringify(failure)).not.toContain('bWU6');
  });

  test('none goes straight', async () => {
    await sendBy({ kind: 'none' }, { HTTPS_PROXY: proxyUrl }, proxyUrl);
    expect(asked).toEqual([]);
  });

  test('the system’s does not look at the environment, nor the environment’s at the system', async () => {
    await sendBy({ kind: 'system' }, { HTTPS_PROXY: nowhere }, proxyUrl);
    expect(asked).toHaveLength(1);
    await sendBy({ kind: 'environment' }, {}, proxyUrl);
    expect(asked).toHaveLength(1);
    await sendBy({ kind: 'environment' }, { HTTPS_PROXY: proxyUrl }, nowhere);
    expect(asked).toHaveLength(2);
  });

  test('a change holds for the next request', async () => {
    let route: ProxyRoute = { kind: 'none' };
    const systemProxy = () => Promise.resolve(null);
    const transport = new HttpTransport({ environment: {}, systemProxy, route: () => Promise.resolve(route) });
    transports.push(transport);
    const [url, signal] = [new URL('https://nonesuch.invalid/'), new AbortController().signal];
    const send = () => failureOf(transport.send({ method: 'GET', url, headers: {}, body: null, signal }));
    await send();
    route = own(null);
    await send();
    expect(asked).toHaveLength(1);
  });
});
