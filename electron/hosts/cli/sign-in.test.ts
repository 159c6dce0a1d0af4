import { createCipheriv, generateKeyPairSync } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onTerminal, startCliWorld, type CliWorld } from '../test-support/cli-process.ts';

/** Signing in without a screen: which flags, where secrets come from, and that they are shown and kept nowhere. */

const ADMIN = 'admin@practice.example';
const KEY = 'c0ffee00c0ffee00c0ffee00c0ffee00';
let world: CliWorld;
let org: string;
let token: string;
/** Without the token that the other tests of the CLI sign in with. */
const nobody = { SF_ACCESS_TOKEN: '', DBUS_SESSION_BUS_ADDRESS: '', SF_USE_GENERIC_UNIX_KEYCHAIN: 'true' };

beforeAll(async () => {
  world = await startCliWorld(['--records', '3', '--rows-per-second', '0', '--queue-delay', '0']);
  org = world.env['SF_ORG_INSTANCE_URL'] ?? '';
  token = world.env['SF_ACCESS_TOKEN'] ?? '';
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(join(world.folder, 'server.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
});
afterAll(() => world.close());

const where = () => ['--login', org, '--client-id', 'TheKey'];
const jwt = () => [...where(), '--jwt-key-file', 'server.key', '--username', ADMIN];

test.each<[string, () => string[], NodeJS.ProcessEnv, string]>([
  ['by JWT', jwt, {}, ''],
  [
    'by client credentials, the secret in the environment',
    () => [...where(), '--client-credentials'],
    { LONGSHORE_CLIENT_SECRET: 'the.consumer.secret' },
    '',
  ],
  ['by client credentials, piped in', () => [...where(), '--client-credentials'], {}, 'the.consumer.secret\n'],
  [
    'by password, piped in',
    () => [...where(), '--username-password', '--username', ADMIN],
    {},
    'practiceTOKEN\nmore\n',
  ],
  ['by a token that is piped in', () => ['--login', org, '--access-token-stdin'], {}, '<token>'],
])('%s: signed in, and in a command that does its work', async (_name, flags, env, given) => {
  const input = given === '<token>' ? token : given;
  const signedIn = await world.run(['orgs', 'sign-in', ...flags(), '--json'], { ...nobody, ...env }, input);
  expect(signedIn.code, signedIn.stderr).toBe(0);
  expect(JSON.parse(signedIn.stdout)).toMatchObject({ status: 0, result: { username: ADMIN, session: 'active' } });
  const query = ['export', '-q', 'SELECT Name FROM Account', '--output-file', 'out.csv'];
  const exported = await world.run([...query, ...flags()], { ...nobody, ...env }, input);
  expect(exported.code, exported.stderr).toBe(0);
  expect((await readFile(join(world.folder, 'out.csv'), 'utf8')).trimEnd().split('\n')).toHaveLength(4);
  for (const secret of ['the.consumer.secret', 'practiceTOKEN', token, '!AQ', 'PRIVATE KEY']) {
    expect(signedIn.stdout + signedIn.stderr + exported.stdout + exported.stderr).not.toContain(secret);
    const data = join(world.folder, 'data');
    for (const entry of await readdir(data, { recursive: true, withFileTypes: true }))
      if (entry.isFile())
        expect(await readFile(join(entry.parentPath, entry.name), 'latin1'), entry.name).not.toContain(secret);
  }
});

test.skipIf(process.platform !== 'linux')('a password that is typed is asked for, and not shown', async () => {
  const flags = ['orgs', 'sign-in', ...where(), '--username-password', '--username', ADMIN];
  const typing = { asks: /password: /, env: nobody };
  const signedIn = await onTerminal(world, flags, { ...typing, typed: 'practiceTOKEN\n' });
  expect(signedIn.shown).toContain(`Signed in to Practice org as ${ADMIN}.`);
  expect(signedIn.shown).not.toContain('practiceTOKEN');
  expect(signedIn.code).toBe(0);
  const left = await onTerminal(world, flags, { ...typing, typed: 'pract\u0003' });
  expect(left.shown).not.toContain('pract\u0003');
  expect(left.code).not.toBe(0);
});

test.each<[string, () => string[], string, number, RegExp]>([
  ['two ways at once', () => [...jwt(), '--client-credentials'], '', 1, /Choose one way/],
  ['no consumer key', () => ['--jwt-key-file', 'server.key', '--username', ADMIN], '', 1, /needs --client-id/],
  ['no user', () => [...where(), '--jwt-key-file', 'server.key'], '', 1, /needs --username/],
  ['no secret', () => [...where(), '--client-credentials'], '', 1, /LONGSHORE_CLIENT_SECRET/],
  ['no address for client credentials', () => ['--client-id', 'x', '--client-credentials'], 's', 1, /My Domain/],
  [
    'a wrong password',
    () => [...where(), '--username-password', '--username', ADMIN],
    'no.secret',
    2,
    /did not accept this username and password/,
  ],
  ['a host of somebody else', () => [...jwt(), '--login', 'evil.example'], '', 3, /not a Salesforce address/],
  [
    'no key file',
    () => [...where(), '--jwt-key-file', 'none.key', '--username', ADMIN],
    '',
    3,
    /“none.key” can’t be read/,
  ],
])('%s is said in words', async (_name, flags, input, code, words) => {
  const ended = await world.run(['orgs', 'sign-in', ...flags()], nobody, input);
  expect(ended.stderr).toMatch(words);
  expect(ended.stderr).not.toContain('no.secret');
  expect(ended.code).toBe(code);
});

test('orgs of the Salesforce CLI are listed, used by alias, and left as they are', async () => {
  const home = join(world.folder, 'home');
  const sf = join(home, '.sfdx');
  await mkdir(sf, { recursive: true });
  const iv = 'abcdef012345';
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(KEY), Buffer.from(iv));
  const body = cipher.update(token, 'utf8', 'hex') + cipher.final('hex');
  const accessToken = `${iv}${body}:${cipher.getAuthTag().toString('hex')}`;
  const file = join(sf, `${ADMIN}.json`);
  await writeFile(file, JSON.stringify({ username: ADMIN, accessToken, instanceUrl: org, clientId: 'PlatformCLI' }));
  await writeFile(join(sf, 'broken@org.example.json'), '{}');
  await writeFile(join(sf, 'alias.json'), JSON.stringify({ orgs: { dev: ADMIN } }));
  await writeFile(join(sf, 'key.json'), JSON.stringify({ service: 'sfdx', account: 'local', key: KEY }));
  const before = { bytes: await readFile(file), at: (await stat(file)).mtimeMs, names: await readdir(sf) };
  const env = { ...nobody, HOME: home, USERPROFILE: home, LONGSHORE_DATA: join(world.folder, 'data-sf') };
  const listed = await world.run(['orgs', 'list', '--sf'], env);
  expect(listed.stdout).toContain(`${ADMIN} [dev] at `);
  expect(listed.stdout).toMatch(/broken@org\.example: .*can’t be read/);
  const query = ['export', '-q', 'SELECT Name FROM Account', '--output-file', 'sf.csv', '-o', 'dev'];
  const exported = await world.run(query, env);
  expect(exported.code, exported.stderr).toBe(0);
  const { stdout } = await world.run(['orgs', 'list'], env);
  expect(stdout).toContain(`(${ADMIN})`);
  expect(stdout).not.toContain('needs a sign-in');
  expect((await world.run(['orgs', 'sign-out', ADMIN], env)).stdout).toContain('Signed out of');
  expect({ bytes: await readFile(file), at: (await stat(file)).mtimeMs, names: await readdir(sf) }).toEqual(before);
});
