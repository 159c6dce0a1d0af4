import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OrgId } from '../../shared/domain/ids.ts';
import { allowOnPages, startBrowserHost, type BrowserHostProcess } from './test-support/browser-host-process.ts';
import { startCli, type Ended } from './test-support/cli-process.ts';

/** Browser host and command line, each a process of its own, on one data folder and its one practice org. */

const KEYCHAIN = new URL('./test-support/keychain-stand-in/register.ts', import.meta.url).href;
const WORDS = ['--practice-records', '5', '--practice-rows-per-second', '300'];

let folder: string;
let env: NodeJS.ProcessEnv;
let host: BrowserHostProcess;
let orgId: OrgId;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-shared-'));
  env = {
    ...process.env,
    SF_ACCESS_TOKEN: '',
    SF_ORG_INSTANCE_URL: '',
    LONGSHORE_DATA: join(folder, 'data'),
    DBUS_SESSION_BUS_ADDRESS: 'stand-in',
    LONGSHORE_STAND_IN_KEYCHAIN: join(folder, 'keychain'),
    NODE_OPTIONS: `--import ${KEYCHAIN}`,
  };
  host = await startBrowserHost(folder, env, WORDS);
  const signedIn = host.call('orgs.signIn', { target: { kind: 'practice' } });
  await allowOnPages(await host.address());
  ({ orgId } = await signedIn);
}, 60_000);
afterAll(async () => {
  await host.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

const cli = (...args: string[]): Promise<Ended> => startCli(args, { env, cwd: folder }).ended;

const named = (name: string): string => `SELECT Id FROM Opportunity WHERE Name LIKE '${name} %'`;

async function seenByCli(name: string): Promise<number> {
  const { stdout, stderr } = await cli('export', '-q', named(name), '--output-file', 'found.csv', '--json');
  if (stdout === '') throw new Error(stderr);
  return (JSON.parse(stdout) as { result: { records: number } }).result.records;
}

const rowsOf = (name: string, count: number): string =>
  `Opportunity Name,Stage,Close Date\n${Array.from({ length: count }, (_, n) => `${name} ${n},Prospecting,2026-05-05`).join('\n')}\n`;

test('what is loaded from the command line is in the org that the browser host shows, and the other way round', async () => {
  await writeFile(join(folder, 'his.csv'), rowsOf('his', 3));
  const load = await cli('load', '-f', 'his.csv', '-s', 'Opportunity', '--operation', 'insert', '--results-dir', 'out');
  expect(load.stdout).toContain('3 created = 3 rows');
  expect(await host.call('export.query', { orgId, soql: named('his'), fileName: 'a.csv' })).toMatchObject({
    records: 3,
  });
  expect(await seenByCli('his')).toBe(3);
}, 60_000);

test('a load that was begun in the browser host, which was killed, goes on from the command line: the org is started there', async () => {
  const sourceId = await host.handOver('theirs.csv', rowsOf('theirs', 3000));
  await host.call('source.open', { sourceId, choice: null });
  await expect.poll(async () => (await host.call('source.get', { sourceId })).state.kind).toBe('staged');
  const mapping = await host.call('mapping.suggest', {
    ...{ orgId, sourceId, objectName: 'Opportunity' },
    ...{ operation: 'insert', useSaved: true },
  });
  const { planId, planDigest } = await host.call('plan.build', { orgId, sourceId, mapping });
  const { loadId } = await host.call('load.start', { planId, planDigest });
  await expect.poll(async () => (await host.call('load.get', { loadId })).jobs[0]?.processed ?? 0).toBeGreaterThan(0);
  await host.kill();
  const resumed = await cli('resume', loadId, '--results-dir', 'out');
  expect(resumed.stderr).toBe('');
  expect(resumed.stdout).toContain('3,000 created = 3,000 rows');
  expect(await seenByCli('theirs')).toBe(3000);
}, 120_000);

test('a load of the command line goes on when the host ends that ran its org', async () => {
  host = await startBrowserHost(folder, env, WORDS);
  await host.call('orgs.objects', { orgId });
  await writeFile(join(folder, 'ours.csv'), rowsOf('ours', 3000));
  const words = ['load', '-f', 'ours.csv', '-s', 'Opportunity', '--operation', 'insert', '--results-dir', 'out'];
  const load = startCli(words, { env, cwd: folder });
  const processed = async (): Promise<number> => {
    const loads = await host.call('load.list', {});
    return loads.find(({ fileName }) => fileName === 'ours.csv')?.jobs[0]?.processed ?? 0;
  };
  await expect.poll(processed, { timeout: 30_000 }).toBeGreaterThan(0);
  await host.stop();
  const { stdout, stderr, code } = await load.ended;
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toContain('3,000 created = 3,000 rows');
  expect(await seenByCli('ours')).toBe(3000);
}, 120_000);

test('after a restart the session is kept, and the org is started when it is wanted', async () => {
  host = await startBrowserHost(folder, env, WORDS);
  expect(await host.call('orgs.list', {})).toMatchObject([{ orgId, session: 'unchecked' }]);
  const theirs = { orgId, soql: named('theirs'), fileName: 'b.csv' };
  expect(await host.call('export.query', theirs)).toMatchObject({ records: 3000 });
  expect(await host.call('orgs.list', {})).toMatchObject([{ orgId, session: 'active' }]);
}, 60_000);

test('an org whose port was taken meanwhile has another, and its sessions go with it', async () => {
  await host.stop();
  const place = join(folder, 'data', 'practice-org', 'address.json');
  const { url } = JSON.parse(await readFile(place, 'utf8')) as { url: string };
  const other = createServer((_request, response) => void response.writeHead(500).end());
  await new Promise<void>((resolve) => void other.listen(Number(new URL(url).port), '127.0.0.1', resolve));
  expect(await seenByCli('his')).toBe(3);
  host = await startBrowserHost(folder, env, WORDS);
  expect((await host.call('orgs.objects', { orgId })).length).toBeGreaterThan(5);
  const [org] = await host.call('orgs.list', {});
  expect(org?.instanceHost).not.toBe(new URL(url).host);
  other.close();
}, 60_000);
