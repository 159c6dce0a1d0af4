import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { OrgId } from '../../shared/domain/ids.ts';
import type { OrgSummary } from '../../shared/domain/org.ts';
import { allowOnPages, startBrowserHost, type BrowserHostProcess } from './test-support/browser-host-process.ts';
import { startCliWorld, type CliWorld } from './test-support/cli-process.ts';

/** Two hosts, each a process of its own, on one data folder and one keychain; their org rotates refresh tokens. */

const KEYCHAIN = new URL('./test-support/keychain-stand-in/register.ts', import.meta.url).href;
const ELECTRON = new URL('../../e2e/support/electron-stand-in/register.ts', import.meta.url).href;
const DESKTOP_SETTINGS = fileURLToPath(new URL('./test-support/desktop-settings.ts', import.meta.url));

let world: CliWorld;
let env: NodeJS.ProcessEnv;
let host: BrowserHostProcess;
let orgId: OrgId;

beforeAll(async () => {
  world = await startCliWorld([
    ...['--records', '5', '--rows-per-second', '400', '--queue-delay', '0'],
    ...['--knob', 'rotateRefreshTokens=true'],
  ]);
  env = {
    ...world.env,
    SF_ACCESS_TOKEN: '',
    SF_ORG_INSTANCE_URL: '',
    DBUS_SESSION_BUS_ADDRESS: 'stand-in',
    LONGSHORE_STAND_IN_KEYCHAIN: join(world.folder, 'keychain'),
    NODE_OPTIONS: `--import ${KEYCHAIN}`,
  };
  host = await startBrowserHost(world.folder, env);
  const signedIn = host.call('orgs.signIn', {
    target: { kind: 'custom', loginUrl: world.url },
    clientId: 'Longshore',
  });
  await allowOnPages(await host.address());
  ({ orgId } = await signedIn);
}, 60_000);
afterEach(() => world.faults([]));
afterAll(async () => {
  await host.stop();
  await world.close();
});

const cli = (args: readonly string[]) => world.run(args, env);

async function orgsOfCli(): Promise<OrgSummary[]> {
  return (JSON.parse((await cli(['orgs', '--json'])).stdout) as { result: OrgSummary[] }).result;
}

async function endSession(): Promise<void> {
  await world.faults([{ path: '/nonesuch', action: { kind: 'expire-session' } }]);
  await fetch(`${world.url}/nonesuch`);
  await world.faults([]);
}

async function refreshes(): Promise<number> {
  return (await world.requests()).filter(({ path }) => path === '/services/oauth2/token').length;
}

const rowsOf = (name: string, count: number): string =>
  `Opportunity Name,Stage,Close Date\n${Array.from({ length: count }, (_, n) => `${name} ${n},Prospecting,2026-05-05`).join('\n')}\n`;

async function recordsNamed(name: string): Promise<number> {
  const soql = `SELECT Id FROM Opportunity WHERE Name LIKE '${name} %'`;
  const { stdout } = await cli(['export', '-q', soql, '--output-file', 'found.csv', '--json']);
  return (JSON.parse(stdout) as { result: { records: number } }).result.records;
}

test('an org that was signed in to in one is there in the other, with its session', async () => {
  expect(await orgsOfCli()).toMatchObject([{ orgId, username: 'admin@practice.example', session: 'active' }]);
  expect(await recordsNamed('nobody')).toBe(0);
});

test('a token from the environment is for its process alone: the kept session is renewed afterwards as before', async () => {
  const given = { SF_ACCESS_TOKEN: world.env['SF_ACCESS_TOKEN'], SF_ORG_INSTANCE_URL: world.url };
  const args = ['export', '-q', 'SELECT Id FROM Account', '--output-file', 'given.csv'];
  expect((await world.run(args, { ...env, ...given })).code).toBe(0);
  await endSession();
  expect(await recordsNamed('nobody')).toBe(0);
  expect((await host.call('orgs.objects', { orgId })).length).toBeGreaterThan(5);
}, 60_000);

test('both renew an ended session at once: once, and it ends for neither', async () => {
  await endSession();
  const before = await refreshes();
  const [objects, { code }] = await Promise.all([
    host.call('orgs.objects', { orgId }),
    cli(['export', '-q', 'SELECT Id FROM Account', '--output-file', 'accounts.csv']),
  ]);
  expect(objects.length).toBeGreaterThan(5);
  expect(code).toBe(0);
  expect((await refreshes()) - before).toBe(1);
  // The other way round: the one that waited has the token that is good by now.
  await endSession();
  expect(await recordsNamed('nobody')).toBe(0);
  await host.call('export.query', { orgId, soql: 'SELECT Id FROM Account', fileName: 'a.csv' });
  expect((await refreshes()) - before).toBe(2);
  expect(await host.call('orgs.list', {})).toMatchObject([{ session: 'active' }]);
  expect(await orgsOfCli()).toMatchObject([{ session: 'active' }]);
}, 60_000);

test('a keychain that refuses one host costs that host a sign-in, and the other nothing', async () => {
  const locked = join(world.folder, 'keychain', `Longshore-org-session-${orgId}.locked`);
  await writeFile(locked, '');
  const [org] = await orgsOfCli();
  expect(org).toMatchObject({ session: 'expired', sessionTrouble: 'refused' });
  const { code, stderr } = await cli(['export', '-q', 'SELECT Id FROM Account', '--output-file', 'x.csv']);
  expect(code).toBe(2);
  expect(stderr).toContain('keychain is locked or denied access to the session');
  expect(await host.call('orgs.list', {})).toMatchObject([{ session: 'active' }]);
  expect((await host.call('orgs.objects', { orgId })).length).toBeGreaterThan(5);
  await rm(locked);
  expect(await orgsOfCli()).toMatchObject([{ session: 'active' }]);
}, 60_000);

test.each([
  ['is locked as a whole', { LOCKED: 'yes' }],
  ['can’t be reached, as from a job of the system', { DBUS_SESSION_BUS_ADDRESS: '' }],
])('a host whose keychain %s knows the orgs, needs a sign-in, and ends nobody’s session', async (_name, more) => {
  const locked = join(world.folder, 'keychain', 'locked');
  if ('LOCKED' in more) await writeFile(locked, '');
  const { stdout, code } = await world.run(['orgs'], { ...env, ...more });
  await rm(locked, { force: true });
  expect(code).toBe(0);
  expect(stdout).toContain('admin@practice.example) needs a sign-in: This computer’s keychain has no session for it');
  expect(await host.call('orgs.list', {})).toMatchObject([{ session: 'active' }]);
  expect((await host.call('orgs.objects', { orgId })).length).toBeGreaterThan(5);
  expect(await orgsOfCli()).toMatchObject([{ session: 'active' }]);
});

test('a load begun in the browser host is seen from the command line, and goes on there when the host was killed', async () => {
  const sourceId = await host.handOver('theirs.csv', rowsOf('theirs', 3000));
  await host.call('source.open', { sourceId, choice: null });
  await expect.poll(async () => (await host.call('source.get', { sourceId })).state.kind).toBe('staged');
  const source = { orgId, sourceId };
  const mapping = await host.call('mapping.suggest', {
    ...source,
    objectName: 'Opportunity',
    operation: 'insert',
    useSaved: true,
  });
  const { planId, planDigest } = await host.call('plan.build', { ...source, mapping });
  const { loadId } = await host.call('load.start', { planId, planDigest });
  await expect.poll(async () => (await host.call('load.get', { loadId })).jobs.length).toBeGreaterThan(0);
  const seen = await cli(['report', loadId]);
  expect(seen.stdout).toContain('Running in another process');
  await host.kill();
  const resumed = await cli(['resume', loadId]);
  expect(resumed.stderr).toBe('');
  expect(resumed.code).toBe(0);
  expect(resumed.stdout).toContain('3,000 created = 3,000 rows');
  expect(await recordsNamed('theirs')).toBe(3000);
  host = await startBrowserHost(world.folder, env);
  expect(await host.call('load.get', { loadId })).toMatchObject({ state: { kind: 'finished' } });
}, 120_000);

test('a load begun on the command line goes on in the browser host when the command was killed', async () => {
  await writeFile(join(world.folder, 'his.csv'), rowsOf('his', 3000));
  const running = world.start(
    ['load', '-f', 'his.csv', '-s', 'Opportunity', '--operation', 'insert', '--results-dir', 'out'],
    env,
  );
  const loadId = await running.printed(/(load_\w+)/);
  await expect
    .poll(async () => (await host.call('load.list', {})).find((load) => load.loadId === loadId)?.jobs.length ?? 0, {
      timeout: 30_000,
    })
    .toBeGreaterThan(0);
  running.signal('SIGKILL');
  await running.ended;
  const load = (await host.call('load.list', {})).find((known) => known.loadId === loadId);
  if (!load) throw new Error('the host does not see the load');
  await host.call('load.resume', { loadId: load.loadId });
  await expect
    .poll(async () => (await host.call('load.get', { loadId: load.loadId })).state.kind, { timeout: 60_000 })
    .toBe('finished');
  expect((await host.call('load.get', { loadId: load.loadId })).counts).toMatchObject({ created: 3000 });
  expect(await recordsNamed('his')).toBe(3000);
}, 120_000);

test('settings of desktop, browser host and command line are one file, and each leaves what the others put there', async () => {
  const data = env['LONGSHORE_DATA'] ?? '';
  const desktop = fork(DESKTOP_SETTINGS, [], {
    execArgv: ['--import', ELECTRON],
    env: { ...env, LONGSHORE_STAND_IN_DATA: world.folder },
  });
  desktop.send({ key: 'window', value: { width: 800 } });
  expect((await once(desktop, 'message'))[0], 'no notice').toEqual([]);
  const sourceId = await host.handOver('of-host.csv', rowsOf('of host', 2));
  await host.call('source.open', { sourceId, choice: null });
  await writeFile(join(world.folder, 'small.csv'), rowsOf('small', 2));
  await cli(['check', '-f', 'small.csv', '-s', 'Opportunity', '--operation', 'insert']);
  desktop.send({ key: 'window', value: { width: 900 } });
  await once(desktop, 'message');
  desktop.disconnect();
  await once(desktop, 'exit');
  const kept = async () => JSON.parse(await readFile(join(data, 'settings.json'), 'utf8')) as Record<string, unknown>;
  const sources = async () =>
    ((await kept())['sources'] as { summary: { fileName: string } }[]).map(({ summary }) => summary.fileName);
  await expect.poll(sources).toEqual(expect.arrayContaining(['of-host.csv', 'small.csv']));
  expect(await kept()).toMatchObject({ window: { width: 900 }, orgs: [{ orgId, session: 'active' }] });
}, 60_000);
