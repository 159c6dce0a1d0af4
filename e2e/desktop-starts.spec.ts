import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from '@playwright/test';
import { listed, windowlessDesktops } from './support/windowless.ts';

/** How the desktop starts, on what stands for Electron: with what goes wrong, with a folder of its own, with what the system keeps. */
const accounts = fileURLToPath(new URL('../examples/accounts.csv', import.meta.url));
const start = windowlessDesktops();

/** The real app, in whose main process something goes wrong that nobody expects. */
async function spoiled(text: string): Promise<string> {
  const app = await mkdtemp(join(tmpdir(), 'longshore-spoiled-'));
  const main = pathToFileURL(fileURLToPath(new URL('../dist/desktop/main.js', import.meta.url))).href;
  await writeFile(join(app, 'package.json'), JSON.stringify({ type: 'module', main: 'main.js', version: '0.0.1' }));
  await writeFile(
    join(app, 'main.js'),
    `import { app } from 'electron';\nimport '${main}';\napp.on('browser-window-created', () => setTimeout(() => { ${text} }));\n`,
  );
  return app;
}

test('an exception that nobody caught is told with its incident, and ends the app', async () => {
  const host = await start({ folder: await spoiled('throw new Error("out of nowhere")') });
  const { title, content } = await host.until('error-box');
  expect(await host.ended).toBe(1);
  const log = await host.log();
  const [incident = ''] = /(?<="incidentId":")\w+/.exec(log) ?? [];
  expect(incident).toHaveLength(8);
  expect(title + content).toContain(incident);
  expect(log).toContain('out of nowhere');
});

test('a rejection that nobody awaited is logged, and the app goes on', async () => {
  const host = await start({ folder: await spoiled('void Promise.reject(new Error("unawaited"))') });
  await host.shown();
  await expect.poll(() => host.log()).toContain('unawaited');
  expect(await host.call('app.info', {})).toMatchObject({ host: 'desktop' });
  expect(host.said('error-box')).toEqual([]);
});

test('an app that can’t start says why and ends', async () => {
  const data = await mkdtemp(join(tmpdir(), 'longshore-unstartable-'));
  await writeFile(join(data, 'data'), 'a file where the folder should be');
  const host = await start({ data });
  const { title, content } = await host.until('error-box');
  expect(`${title} ${content}`).toMatch(/data folder/);
  expect(await host.ended).toBe(1);
  expect(host.said('load')).toEqual([]);
});

test('--data names the folder it keeps everything in; what it kept elsewhere stays there', async () => {
  const own = await mkdtemp(join(tmpdir(), 'longshore-own-'));
  const other = join(own, 'an other folder');
  const host = await (await start({ data: own, words: ['--data', other] })).shown();
  await expect.poll(() => listed(other).then((names) => names.join())).toContain('longshore.log');
  await expect(readdir(join(own, 'data'))).rejects.toThrow('ENOENT');
  // A second one is this one's, unless it wants to be elsewhere: then it is told why it can't, and opens nothing here.
  const same = await start({ data: own, words: ['--data', other] });
  expect(await same.ended).toBe(0);
  expect(host.said('ask-message')).toEqual([]);
  const elsewhere = await start({ data: own, words: ['--data', join(own, 'elsewhere'), accounts] });
  expect(await elsewhere.ended).toBe(0);
  const { message, detail } = await host.until('ask-message');
  expect(`${message}: ${detail}`).toContain(`Longshore is already open: Its data is in ${other}. To open it with `);
  expect(host.said('process').map(({ serviceName }) => serviceName)).not.toContain('Longshore staging');
});

test('--data without a folder is refused in words, and nothing is begun', async () => {
  const host = await start({ words: ['--data'] });
  const { title, content } = await host.until('error-box');
  expect(`${title} ${content}`).toBe('Longshore can’t be started like this. --data needs a folder.');
  expect(await host.ended).toBe(2);
  expect(host.said('load')).toEqual([]);
});

test('secrets that the system can’t keep last as long as the app', async () => {
  for (const state of ['unavailable', ...(process.platform === 'linux' ? ['basic_text'] : [])]) {
    const host = await (await start({ env: { LONGSHORE_STAND_IN_SAFE_STORAGE: state } })).shown();
    expect(await host.call('app.info', {})).toMatchObject({ secretStore: 'memory' });
  }
});

test('the dialogs’ answers are taken, and so is their being cancelled', async () => {
  const host = await (await start()).shown();
  const folder = await mkdtemp(join(tmpdir(), 'longshore-dialogs-'));
  let paths = [accounts];
  host.on('ask-open', ({ id }) => host.post({ kind: 'dialog-answer', id, paths }));
  host.on('ask-save', ({ id }) => host.post({ kind: 'dialog-answer', id, paths }));
  const sourceId = (await host.call('source.choose', {})) as string;
  const looked = () => host.call('source.glance', { sourceId }).then(Array.isArray, () => false);
  await host.call('source.open', { sourceId, choice: null });
  await expect.poll(looked).toBe(true);
  paths = [join(folder, 'kept.csv')];
  expect(await host.call('source.save', { sourceId })).toMatchObject({ kind: 'saved', fileName: 'kept.csv' });
  expect((await readFile(join(folder, 'kept.csv'), 'utf8')).split('\n').length).toBeGreaterThan(5000);
  paths = [];
  expect(await host.call('source.choose', {})).toBe(null);
  expect(await host.call('source.save', { sourceId })).toEqual({ kind: 'dismissed' });
});
