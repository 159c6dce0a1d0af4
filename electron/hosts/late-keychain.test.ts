import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { allowOnPages, startBrowserHost, type BrowserHostProcess } from './test-support/browser-host-process.ts';

/** A keychain whose owner answers only when the host has long begun: the real browser host, on what stands for a keychain. */

const KEYCHAIN = new URL('./test-support/keychain-stand-in/register.ts', import.meta.url).href;

let folder: string;
let keychain: string;
let silent: string;
let running: BrowserHostProcess[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-late-'));
  keychain = join(folder, 'keychain');
  silent = join(keychain, 'silent');
  running = [];
  await mkdir(keychain);
});
afterEach(async () => {
  for (const host of running) await host.kill();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function start(): Promise<BrowserHostProcess> {
  const host = await startBrowserHost(
    folder,
    {
      ...process.env,
      SF_ACCESS_TOKEN: '',
      SF_ORG_INSTANCE_URL: '',
      LONGSHORE_DATA: join(folder, 'data'),
      DBUS_SESSION_BUS_ADDRESS: 'stand-in',
      LONGSHORE_STAND_IN_KEYCHAIN: keychain,
      NODE_OPTIONS: `--import ${KEYCHAIN}`,
    },
    ['--practice-records', '2'],
  );
  running.push(host);
  return host;
}

async function signIn(host: BrowserHostProcess): Promise<void> {
  const signedIn = host.call('orgs.signIn', { target: { kind: 'practice' } });
  await allowOnPages(await host.address());
  await signedIn;
}

test('what was signed in to while the keychain was silent is kept there once it answers, and is said once', async () => {
  await writeFile(silent, '');
  const host = await start();
  await signIn(host);
  expect(await host.call('app.info', {})).toMatchObject({ secretStore: 'memory', notices: [] });
  expect(await readdir(keychain)).toEqual(['silent']);
  await rm(silent);
  await expect.poll(async () => (await host.call('app.info', {})).secretStore).toBe('keychain');
  expect((await host.call('app.info', {})).notices).toEqual([{ code: 'KEYCHAIN_BACK' }]);
  await host.stop();
  const next = await start();
  const [org] = await next.call('orgs.list', {});
  expect(org).toMatchObject({ session: 'unchecked' });
  if (org) expect((await next.call('orgs.objects', { orgId: org.orgId })).length).toBeGreaterThan(5);
}, 60_000);

test('orgs that were kept before need no sign-in once it answers', async () => {
  const first = await start();
  await signIn(first);
  await first.stop();
  await writeFile(silent, '');
  const host = await start();
  expect(await host.call('orgs.list', {})).toMatchObject([{ session: 'expired', sessionTrouble: 'missing' }]);
  await rm(silent);
  await expect.poll(async () => (await host.call('orgs.list', {}))[0]?.session).toBe('unchecked');
}, 60_000);
