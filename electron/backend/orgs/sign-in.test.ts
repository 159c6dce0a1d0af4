import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { failureOf, handMade, sendJson, type HandMade } from '../test-support/test-orgs.ts';
import { HttpTransport } from './http-transport.ts';
import { signIn } from './sign-in.ts';

/** A browser that comes back, and whatever else finds the port in the meantime. */

let server: HandMade;
let instanceUrl: string;
const transport = new HttpTransport({ environment: {}, systemProxy: () => Promise.resolve(null) });

beforeEach(async () => {
  server = await handMade((_request, response) =>
    sendJson(response, 200, { access_token: 'access', refresh_token: 'refresh', instance_url: instanceUrl }),
  );
  instanceUrl = server.url;
});
afterEach(() => server.close());

/** A request as it stands, and the first line of its answer. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (data) => (answer += data.toString()));
    socket.on('close', () => resolve(answer.split('\r\n')[0] ?? ''));
    socket.on('error', reject);
  });
}

function signInWith(
  openExternal: (url: string, port: number, state: string) => Promise<unknown>,
  signal = new AbortController().signal,
): ReturnType<typeof signIn> {
  const ports = {
    random: { token: () => 'thestate' },
    openExternal: async (url: string) => {
      const { searchParams } = new URL(url);
      const port = Number(new URL(searchParams.get('redirect_uri') ?? '').port);
      await openExternal(url, port, searchParams.get('state') ?? '');
    },
  };
  return signIn(ports, transport, server.url, 'client', signal);
}

const comeBack = (port: number, state: string, what = 'code=abc%3D') =>
  fetch(`http://127.0.0.1:${port}/OauthRedirect?state=${state}&${what}`);

test('whatever else is asked of the port is answered 404, and the sign-in goes on', async () => {
  const answers: string[] = [];
  const session = await signInWith(async (_url, port, state) => {
    for (const path of [
      '//',
      '///',
      '//:0',
      '/\\',
      'http://[',
      '/OauthRedirect',
      '/OauthRedirect?state=other&code=x',
      '*',
    ])
      answers.push(await raw(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`));
    await comeBack(port, state);
  });
  expect(new Set(answers)).toEqual(new Set(['HTTP/1.1 404 Not Found']));
  expect(session).toMatchObject({ accessToken: 'access', refreshToken: 'refresh', instanceUrl: server.url });
  expect(server.requests[0]?.body).toContain('code=abc%3D');
  expect(server.requests[0]?.body).toContain('code_verifier=');
});

test('an instance that no token may be sent to is refused', async () => {
  instanceUrl = 'https://evil.example';
  const failure = await failureOf(signInWith((_url, port, state) => comeBack(port, state)));
  expect(failure).toEqual({ code: 'ORG_REDIRECT_REFUSED', host: 'evil.example' });
});

test('a sign-in is called off at once: while the page is open, and while the code is exchanged', async () => {
  const first = new AbortController();
  const onPage = failureOf(signInWith(() => Promise.resolve(first.abort()), first.signal));
  expect(await onPage).toEqual({ code: 'CANCELLED' });
  await server.close();
  const second = new AbortController();
  server = await handMade(() => second.abort());
  expect(await failureOf(signInWith((_url, port, state) => comeBack(port, state), second.signal))).toEqual({
    code: 'CANCELLED',
  });
});

test('what the token endpoint says is a failure with its words, without the code', async () => {
  await server.close();
  server = await handMade((_request, response, body) =>
    sendJson(response, 400, { error: 'invalid_grant', error_description: `expired: ${decodeURIComponent(body)}` }),
  );
  const failure = await failureOf(signInWith((_url, port, state) => comeBack(port, state)));
  expect(failure).toMatchObject({ code: 'SIGN_IN_REFUSED', error: 'invalid_grant' });
  expect(JSON.stringify(failure)).not.toContain('abc=');
});
