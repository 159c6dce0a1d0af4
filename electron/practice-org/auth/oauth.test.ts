import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startOrg, type TestOrg } from '../test-support/start-org.ts';

let org: TestOrg;
beforeAll(async () => {
  org = await startOrg({ records: 5 });
});
afterAll(() => org.running.close());

const REDIRECT = 'http://localhost:1717/OauthRedirect';
const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(org.url + path, { method: 'POST', redirect: 'manual', headers, body: new URLSearchParams(fields) });
const token = async (fields: Record<string, string>) => {
  const response = await post('/services/oauth2/token', { client_id: 'Test', redirect_uri: REDIRECT, ...fields });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
};

/** Through the pages as a person; resolves with where the browser ends up. */
async function signIn(verifier: string, username = 'admin@practice.example', answer = 'allow'): Promise<URL> {
  const request = {
    response_type: 'code',
    client_id: 'Test',
    redirect_uri: REDIRECT,
    state: 's',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  };
  const page = await (await post('/login', { ...request, username, password: 'practice' })).text();
  const ticket = /name="ticket" value="(\w+)"/.exec(page)?.[1] ?? '';
  return new URL((await post('/consent', { ticket, answer })).headers.get('location') ?? '');
}

const jwt = (claims: object, key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey): string => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${part({ alg: 'RS256' })}.${part(claims)}`;
  return `${unsigned}.${createSign('RSA-SHA256').update(unsigned).sign(key).toString('base64url')}`;
};

describe('the web server flow with PKCE', () => {
  test('codes work once and for their verifier only', async () => {
    expect((await fetch(`${org.url}/services/oauth2/authorize?response_type=code&client_id=x`)).status).toBe(400);
    const wrong = await (
      await post('/login', {
        response_type: 'code',
        client_id: 'T',
        redirect_uri: REDIRECT,
        code_challenge: 'x',
        username: 'admin@practice.example',
        password: 'wrong',
      })
    ).text();
    expect(wrong).toContain('Please check your username and password');
    const verifier = randomBytes(32).toString('base64url');
    const code = async () => (await signIn(verifier)).searchParams.get('code') ?? '';
    expect(await token({ grant_type: 'authorization_code', code: await code(), code_verifier: 'other' })).toEqual({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'invalid code verifier' },
    });
    const good = await code();
    const { body } = await token({ grant_type: 'authorization_code', code: good, code_verifier: verifier });
    expect(body).toMatchObject({ token_type: 'Bearer', instance_url: org.url });
    expect(body['access_token']).toMatch(/^(00D\w{12,15})![.\w]*$/);
    expect((await token({ grant_type: 'authorization_code', code: good, code_verifier: verifier })).status).toBe(400);
    expect(
      (await org.ask(`//${(body['id'] ?? '').replace(/^http:\/\/[^/]+\//, '')}`, { token: body['access_token'] ?? '' }))
        .body,
    ).toMatchObject({
      username: 'admin@practice.example',
      urls: { rest: `${org.url}/services/data/v{version}/` },
    });
  });

  test('a refusal and an app that is not approved come back in the redirect', async () => {
    expect((await signIn('v'.repeat(43), 'admin@practice.example', 'deny')).searchParams.get('error')).toBe(
      'access_denied',
    );
    const blocked = await signIn('v'.repeat(43), 'unapproved@practice.example');
    expect(blocked.searchParams.get('error_description')).toBe('app must be installed into org');
  });

  test('refresh tokens outlive access tokens, can be revoked, and with rotation work once', async () => {
    const fresh = async () => {
      const verifier = randomBytes(32).toString('base64url');
      const code = (await signIn(verifier)).searchParams.get('code') ?? '';
      return (
        (await token({ grant_type: 'authorization_code', code, code_verifier: verifier })).body['refresh_token'] ?? ''
      );
    };
    const plain = await fresh();
    const refresh = (refresh_token: string) => token({ grant_type: 'refresh_token', refresh_token });
    expect((await refresh(plain)).body['refresh_token']).toBeUndefined();
    await post('/services/oauth2/revoke', { token: plain });
    expect((await refresh(plain)).body).toEqual({
      error: 'invalid_grant',
      error_description: 'expired access/refresh token',
    });
    await org.admin('PATCH', '/knobs', { rotateRefreshTokens: true });
    const first = await fresh();
    const second = (await refresh(first)).body['refresh_token'] ?? '';
    expect(second).not.toBe(first);
    expect((await refresh(first)).status).toBe(400);
    expect((await refresh(second)).status).toBe(200);
    await org.admin('PATCH', '/knobs', { rotateRefreshTokens: false });
  });
});

test.each<[string, Record<string, string>, number, Record<string, string>]>([
  ['client credentials', { grant_type: 'client_credentials', client_secret: 's' }, 200, { token_type: 'Bearer' }],
  ['client credentials without a secret', { grant_type: 'client_credentials' }, 400, { error: 'invalid_client' }],
  [
    'username-password',
    { grant_type: 'password', username: 'standard@practice.example', password: 'practice' },
    200,
    { token_type: 'Bearer' },
  ],
  [
    'username-password with a security token',
    { grant_type: 'password', username: 'admin@practice.example', password: 'practiceA1b2C3' },
    200,
    { token_type: 'Bearer' },
  ],
  [
    'a wrong password',
    { grant_type: 'password', username: 'admin@practice.example', password: 'x' },
    400,
    { error: 'invalid_grant', error_description: 'authentication failure' },
  ],
  ['an unknown grant', { grant_type: 'device' }, 400, { error: 'unsupported_grant_type' }],
  [
    'no JWT at all',
    { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: 'x.y.z' },
    400,
    { error_description: 'invalid assertion' },
  ],
])('%s', async (_name, fields, status, body) => {
  const answer = await token(fields);
  expect(answer.status).toBe(status);
  expect(answer.body).toMatchObject(body);
});

test('JWT bearer: for a user who has approved the app, until it expires, in seconds or milliseconds', async () => {
  const ask = (claims: object) =>
    token({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: jwt({ iss: 'T', aud: org.url, ...claims }),
    });
  const soon = Math.floor(Date.now() / 1000) + 300;
  expect((await ask({ sub: 'admin@practice.example', exp: soon })).status).toBe(200);
  expect((await ask({ sub: 'admin@practice.example', exp: soon * 1000 })).status).toBe(200);
  expect((await ask({ sub: 'admin@practice.example', exp: soon - 900 })).body['error_description']).toBe(
    'assertion is expired',
  );
  expect((await ask({ sub: 'unapproved@practice.example', exp: soon })).body['error_description']).toBe(
    "user hasn't approved this consumer",
  );
  expect((await ask({ sub: 'nobody@practice.example', exp: soon })).status).toBe(400);
});

test.each<[string, object, Record<string, string>, Record<string, string>]>([
  [
    'another consumer secret',
    { consumerSecret: 'right' },
    { grant_type: 'client_credentials', client_secret: 'wrong' },
    { error: 'invalid_client', error_description: 'invalid client credentials' },
  ],
  [
    'an app without a user to run as',
    { clientCredentialsUser: false },
    { grant_type: 'client_credentials', client_secret: 's' },
    { error: 'invalid_grant', error_description: 'no client credentials user enabled' },
  ],
  [
    'passwords where they are not allowed',
    { passwordFlow: false },
    { grant_type: 'password', username: 'admin@practice.example', password: 'practice' },
    { error: 'invalid_grant', error_description: 'authentication failure' },
  ],
  [
    'an assertion for somebody else',
    { jwtAudience: 'https://test.salesforce.com' },
    {
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: jwt({ iss: 'T', aud: 'https://login.salesforce.com', sub: 'admin@practice.example', exp: 2e9 }),
    },
    { error: 'invalid_grant', error_description: 'Audience validation failed' },
  ],
])('%s: refused', async (_name, knobs, fields, body) => {
  await org.admin('PATCH', '/knobs', knobs);
  expect(await token(fields)).toEqual({ status: 400, body });
  await org.admin('PATCH', '/knobs', {
    consumerSecret: '',
    clientCredentialsUser: true,
    passwordFlow: true,
    jwtAudience: '',
  });
});

test('with a certificate the signature of a JWT counts', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const strict = await startOrg({
    records: 1,
    jwtCertificate: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  });
  try {
    const ask = (key?: typeof privateKey) =>
      fetch(`${strict.url}/services/oauth2/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
          assertion: jwt(
            { iss: 'T', aud: 'x', sub: 'admin@practice.example', exp: Math.floor(Date.now() / 1000) + 60 },
            key,
          ),
        }),
      });
    expect((await ask(privateKey)).status).toBe(200);
    expect((await ask()).status).toBe(400);
  } finally {
    await strict.running.close();
  }
});

test('an access token may be good for so many calls only, and userinfo says whose it is', async () => {
  const own = await org.tokenOf('standard@practice.example');
  expect((await org.ask('//services/oauth2/userinfo', { token: own })).body).toMatchObject({
    preferred_username: 'standard@practice.example',
  });
  await org.admin('PATCH', '/knobs', { expireTokenAfter: 3 });
  expect((await org.ask('/limits', { token: own })).status).toBe(200);
  expect((await org.ask('/limits', { token: own })).status).toBe(200);
  expect(await org.ask('/limits', { token: own })).toMatchObject({
    status: 401,
    body: [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }],
  });
  await org.admin('PATCH', '/knobs', { expireTokenAfter: 0 });
});
