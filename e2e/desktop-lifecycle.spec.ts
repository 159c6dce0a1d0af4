import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { ALL_ROWS } from '../shared/domain/source-file.ts';
import { allowOnPages } from '../electron/hosts/test-support/browser-host-process.ts';
import { startCli } from '../electron/hosts/test-support/cli-process.ts';
import { usePracticeOrg } from './support/actions.ts';
import { startDesktopHarness } from './support/desktop-harness.ts';
import { listed, windowlessDesktops, type WindowlessDesktop } from './support/windowless.ts';

const KEYCHAIN = new URL('../electron/hosts/test-support/keychain-stand-in/register.ts', import.meta.url).href;

/** Each handler of the desktop's life, on what stands for Electron. */
const accounts = fileURLToPath(new URL('../examples/accounts.csv', import.meta.url));

const start = windowlessDesktops();

test('a second instance ends without a window, a backend or a look at the data, and the first comes forward', async () => {
  const first = await (await start()).shown();
  await first.act({ kind: 'minimize-window' });
  const folder = join(first.data, 'data');
  const before = await listed(folder);
  const second = await start({ data: first.data, words: ['other.csv'] });
  expect(await second.ended).toBe(0);
  for (const kind of ['load', 'process', 'window', 'error-box'] as const) expect(second.said(kind)).toEqual([]);
  expect(await listed(folder)).toEqual(before);
  await first.until('window', ({ event }) => event === 'focus');
  expect(first.said('window').map(({ event }) => event)).toEqual(['show', 'minimize', 'restore', 'show', 'focus']);
});

test('the last window that closes ends the app, and leaves its place in the settings', async () => {
  const host = await (await start()).shown();
  await host.act({ kind: 'close-window' });
  expect(await host.ended).toBe(0);
  const settings = JSON.parse(await readFile(join(host.data, 'data', 'settings.json'), 'utf8')) as object;
  expect(settings).toMatchObject({ window: { width: 1360, height: 880, maximized: false } });
});

for (const [name, how] of [
  ['quitting', { kind: 'quit' }],
  ['the end of the session', { kind: 'session-end' }],
  ['a shutdown', { kind: 'shutdown' }],
] as const) {
  test(`${name} waits until every process of the app has put its work away`, async () => {
    const host = await (await start()).shown();
    await staged(host);
    const staging = await host.until('process', ({ serviceName }) => serviceName === 'Longshore staging');
    // A shutdown is delayed meanwhile.
    expect(await host.act(how)).toBe(true);
    expect(await host.ended).toBe(0);
    expect(isAlive(staging.pid)).toBe(false);
    // What lay in the staging process's folder for spilling is gone only when the backend has closed.
    const left = await readdir(join(host.data, 'data'), { recursive: true });
    expect(left.filter((one) => one.includes('spill') && one.split('/').length > 1)).toEqual([]);
  });
}

/** A source whose rows are staged. */
async function staged(host: WindowlessDesktop): Promise<string> {
  const { value: sourceId } = (await host.invoke('hand-over', [[accounts]])) as { value: string };
  await host.call('source.open', { sourceId, choice: null });
  const looked = () => host.call('source.glance', { sourceId }).then(Array.isArray, () => false);
  await expect.poll(looked).toBe(true);
  return sourceId;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('a page that is gone is loaded anew, and said in the log; one that keeps going is asked about', async () => {
  const host = await (await start()).shown();
  for (const loads of [2, 3]) {
    await host.pageGone('crashed');
    await expect.poll(() => host.said('load').length).toBe(loads);
  }
  await host.pageGone('oom');
  const { id, message, buttons } = await host.until('ask-message');
  expect(message).toBe('The window keeps closing unexpectedly');
  expect(host.said('load')).toHaveLength(3);
  host.post({ kind: 'message-answer', id, button: buttons.indexOf('Reload the window') });
  await expect.poll(() => host.said('load').length).toBe(4);
  const log = await host.log();
  expect(log).toContain('the window’s process is gone');
  expect(log).toContain('oom');
  expect(await host.call('app.info', {})).toMatchObject({ host: 'desktop' });
});

test('a page that keeps going and is given up ends the app as closing its window does', async () => {
  const host = await (await start()).shown();
  for (let time = 0; time < 3; time++) {
    await host.pageGone('crashed');
    if (time < 2) await expect.poll(() => host.said('load').length).toBe(time + 2);
  }
  const { id, buttons } = await host.until('ask-message');
  host.post({ kind: 'message-answer', id, button: buttons.indexOf('Close Longshore') });
  expect(await host.ended).toBe(0);
});

test('a page that does not answer may be loaded anew; the question goes when it answers again', async () => {
  const host = await (await start()).shown();
  await host.act({ kind: 'unresponsive' });
  const first = await host.until('ask-message');
  await host.act({ kind: 'unresponsive' });
  expect(host.said('ask-message')).toHaveLength(1);
  await host.act({ kind: 'responsive' });
  expect((await host.until('unask')).id).toBe(first.id);
  expect(host.said('load')).toHaveLength(1);
  await host.act({ kind: 'unresponsive' });
  const second = await host.until('ask-message', ({ id }) => id !== first.id);
  host.post({ kind: 'message-answer', id: second.id, button: second.buttons.indexOf('Reload the window') });
  await host.until('crash-page');
  await expect.poll(() => host.said('load').length).toBe(2);
});

test('the staging process runs with the limits it was measured with, and one that dies is replaced', async () => {
  const host = await (await start()).shown();
  const sourceId = await staged(host);
  const staging = await host.until('process', ({ serviceName }) => serviceName === 'Longshore staging');
  if (process.platform === 'linux') {
    const command = (await readFile(`/proc/${staging.pid}/cmdline`, 'utf8')).split('\0');
    expect(command).toEqual(expect.arrayContaining(['--max-semi-space-size=4', '--max-old-space-size=256']));
    expect((await readFile(`/proc/${staging.pid}/environ`, 'utf8')).split('\0')).toContain('MALLOC_ARENA_MAX=2');
  }
  process.kill(staging.pid, 'SIGKILL');
  await expect.poll(() => host.log()).toContain('the staging process ended {"code":9}');
  // What was staged is read by the next one.
  await host.call('source.page', { sourceId, view: ALL_ROWS, offset: 0, limit: 1 });
  const next = await host.until(
    'process',
    ({ serviceName, pid }) => serviceName === staging.serviceName && pid !== staging.pid,
  );
  expect(isAlive(next.pid)).toBe(true);
});

test('a practice org that dies is told and replaced at its address', async () => {
  const host = await (await start()).shown();
  const signingIn = host.call('orgs.signIn', { target: { kind: 'practice' } }).catch(() => undefined);
  const { url } = await host.until('open-external');
  const org = await host.until('process', ({ serviceName }) => serviceName === 'Longshore practice org');
  process.kill(org.pid, 'SIGKILL');
  await expect.poll(() => host.log()).toContain('the practice org was started anew');
  expect((await fetch(new URL('/services/data', url))).status).toBe(200);
  await host.quit();
  await signingIn;
});

test('the practice org is the command line’s too, which goes on with it and its session when the app has ended', async () => {
  test.setTimeout(90_000);
  const data = await mkdtemp(join(tmpdir(), 'longshore-two-kinds-'));
  const env = {
    NODE_OPTIONS: `--import ${KEYCHAIN}`,
    LONGSHORE_STAND_IN_KEYCHAIN: join(data, 'keychain'),
    DBUS_SESSION_BUS_ADDRESS: 'stand-in',
    LONGSHORE_DATA: join(data, 'data'),
  };
  const accountsSeen = async (): Promise<number> => {
    const words = ['export', '-q', 'SELECT Id FROM Account', '--output-file', 'found.csv', '--json'];
    const { code, stdout, stderr } = await startCli(words, { env: { ...process.env, ...env }, cwd: data }).ended;
    expect(code, stderr).toBe(0);
    return (JSON.parse(stdout) as { result: { records: number } }).result.records;
  };
  const host = await (await start({ data, env })).shown();
  const signingIn = host.call('orgs.signIn', { target: { kind: 'practice' } });
  const { url } = await host.until('open-external');
  await allowOnPages(url);
  await signingIn;
  expect(await accountsSeen()).toBe(2400);
  expect(await host.quit()).toBe(0);
  expect(await accountsSeen()).toBe(2400);
});

test('a load goes on while its page is gone, is paused by quitting and is resumed afterwards', async ({ browser }) => {
  test.setTimeout(150_000);
  const first = await startDesktopHarness(browser, { rowsPerSecond: 300 });
  await usePracticeOrg(first);
  await first.drop([accounts]);
  await first.page.getByRole('button', { name: 'Map 21 columns' }).click();
  await first.page.getByRole('button', { name: /See the checks/ }).click();
  await first.page.getByRole('button', { name: /^Compare [\d,]+ rows/ }).click();
  await first.page.getByRole('button', { name: /^Load [\d,]+ changes/ }).click();
  await expect(first.page.getByText(/^Loading: /)).toBeVisible();
  const [before] = (await first.host.call('load.list', {})) as [{ loadId: string; rowsToSend: number }];

  const shown = first.page;
  first.window.crash();
  await expect.poll(() => first.window.showsOther(shown)).toBe(true);
  await expect(first.page.getByText('Drop a CSV anywhere')).toBeVisible();
  expect(await first.host.call('load.get', { loadId: before.loadId })).toMatchObject({ state: { kind: 'running' } });
  await first.close({ keepData: true });

  const second = await startDesktopHarness(browser, { data: first.data });
  await expect(second.page.getByText(/is paused\. .*Saved rows\s+stay/)).toBeVisible();
  // The session was kept, and the practice org is started for it.
  await second.host.call('load.resume', { loadId: before.loadId });
  const load = () => second.host.call('load.get', { loadId: before.loadId }) as Promise<{ state: { kind: string } }>;
  await expect.poll(async () => (await load()).state.kind, { timeout: 60_000 }).toBe('finished');
  const { counts } = (await second.host.call('load.get', { loadId: before.loadId })) as {
    counts: Record<string, number>;
  };
  expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(5000);
  expect(counts).toMatchObject({ unknown: 0, unprocessed: 0 });
  await second.close();
});
