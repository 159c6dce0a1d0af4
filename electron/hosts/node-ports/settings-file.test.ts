import { mkdtemp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HostNotice } from '../../../shared/domain/host-notice.ts';
import { HostNotices } from './host-notices.ts';
import { openSettings, SettingsFile } from './settings-file.ts';

let folder: string;
let path: string;
let told: HostNotice[];
let notices: HostNotices;
const log = { place: '', info: () => undefined, error: () => undefined };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-settings-'));
  path = join(folder, 'settings.json');
  told = [];
  notices = new HostNotices((notice) => told.push(notice));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = () => openSettings(folder, { log, notices });
const add = (entry: string) => (current: unknown) => [...(Array.isArray(current) ? (current as string[]) : []), entry];
const onDisk = async () => JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;

test.each([
  ['garbage', '\u0000\u0001{"orgs":'],
  ['nothing at all', ''],
  ['JSON of another shape', '["orgs"]'],
])('%s in the settings is said, kept aside, and does not keep new ones from being saved', async (_name, text) => {
  await writeFile(path, text);
  const settings = await open();
  expect(settings.get('orgs')).toBe(undefined);
  expect(told).toEqual([{ code: 'SETTINGS_DAMAGED', keptAs: 'settings.json.damaged-1' }]);
  expect(await readFile(join(folder, 'settings.json.damaged-1'), 'utf8')).toBe(text);
  settings.set('clientId', 'x');
  await settings.flush();
  expect(await onDisk()).toEqual({ clientId: 'x' });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('damaged settings never take the place of those kept aside before, and are noticed while it runs too', async () => {
  await writeFile(join(folder, 'settings.json.damaged-1'), 'older');
  const settings = await open();
  await writeFile(path, '{');
  settings.set('a', 1);
  await settings.flush();
  expect(told).toEqual([{ code: 'SETTINGS_DAMAGED', keptAs: 'settings.json.damaged-2' }]);
  expect(await readFile(join(folder, 'settings.json.damaged-1'), 'utf8')).toBe('older');
  expect(await onDisk()).toEqual({ a: 1 });
});

test('of two who start at once on damaged settings one keeps them aside, and what either saves then stays', async () => {
  await writeFile(path, '{');
  const both = await Promise.all([open(), open()]);
  for (const [index, settings] of both.entries()) settings.update('orgs', add(`org ${index}`));
  await Promise.all(both.map((settings) => settings.flush()));
  expect((await readdir(folder)).toSorted()).toEqual(['settings.json', 'settings.json.damaged-1']);
  expect(await onDisk()).toEqual({ orgs: expect.arrayContaining(['org 0', 'org 1']) as unknown });
});

test('what two processes add meanwhile is merged, whichever writes last', async () => {
  const [cli, browser] = [await open(), await open()];
  cli.update('orgs', add('one'));
  browser.update('orgs', add('two'));
  browser.set('window', 1);
  await cli.flush();
  await browser.flush();
  cli.update('orgs', add('three'));
  await cli.flush();
  expect(await onDisk()).toEqual({ orgs: ['one', 'two', 'three'], window: 1 });
  expect(cli.get('orgs')).toEqual(['one', 'two', 'three']);
  expect(cli.get('window')).toBe(1);
});

test('what is being written is never replaced by what the file held before, though it is read meanwhile', async () => {
  await writeFile(path, JSON.stringify({ session: 'active' }));
  let write = (): void => undefined;
  const writing = new Promise<void>((resolve) => (write = resolve));
  const settings = await SettingsFile.open({ path, log, notices, write: () => writing });
  settings.set('session', 'expired');
  const read = settings.refresh();
  const written = settings.flush();
  await read;
  expect(settings.get('session')).toBe('expired');
  write();
  await written;
  expect(settings.get('session')).toBe('expired');
});

test('what another process wrote is taken in when asked for, beneath what is not written yet', async () => {
  const [cli, browser] = [await open(), await open()];
  cli.update('orgs', add('one'));
  await cli.flush();
  browser.update('orgs', add('two'));
  expect(browser.get('orgs')).toEqual(['two']);
  await browser.refresh();
  expect(browser.get('orgs')).toEqual(['one', 'two']);
  await writeFile(path, '{');
  await browser.refresh();
  expect(browser.get('orgs'), 'damaged meanwhile').toEqual(['one', 'two']);
});

test('changes are seen at once and written together, later', async () => {
  const written: unknown[] = [];
  const settings = await SettingsFile.open({ path, log, notices, write: (values) => void written.push(values) });
  for (let n = 0; n < 50; n++) settings.set('usage', n);
  expect(settings.get('usage')).toBe(49);
  expect(written).toEqual([]);
  await expect.poll(() => written).toEqual([{ usage: 49 }]);
});

test('a disk that is full is told of once; all is saved when it has room again, and the telling is taken back', async () => {
  let full = true;
  const written: unknown[] = [];
  const write = (values: unknown) => {
    if (full) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    written.push(values);
  };
  const settings = await SettingsFile.open({ path, log, notices, write });
  for (const entry of ['one', 'two']) {
    settings.update('orgs', add(entry));
    await settings.flush();
  }
  expect(told).toEqual([{ code: 'SETTINGS_NOT_SAVED', reason: 'ENOSPC' }]);
  expect(settings.get('orgs')).toEqual(['one', 'two']);
  full = false;
  settings.update('orgs', add('three'));
  await settings.flush();
  expect(written).toEqual([{ orgs: ['one', 'two', 'three'] }]);
  expect(notices.all()).toEqual([]);
});

test('settings that can’t be read are left as they are', async () => {
  await mkdir(path);
  const settings = await open();
  settings.set('a', 1);
  await settings.flush();
  expect(settings.get('a')).toBe(1);
  expect(told).toEqual([
    { code: 'SETTINGS_UNREADABLE', reason: 'EISDIR' },
    { code: 'SETTINGS_NOT_SAVED', reason: 'EISDIR' },
  ]);
  expect(await readdir(folder)).toEqual(['settings.json']);
});
