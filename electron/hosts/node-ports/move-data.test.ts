import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HostNotice } from '../../../shared/domain/host-notice.ts';
import { HostNotices } from './host-notices.ts';
import { moveOldData } from './move-data.ts';
import { openSettings } from './settings-file.ts';

let folder: string;
let told: HostNotice[];
const log = { place: '', info: () => undefined, error: () => undefined };
const at = (...names: string[]) => join(folder, ...names);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-move-'));
  told = [];
  await mkdir(at('new'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** As the desktop app does at its start. */
async function move(): Promise<void> {
  const notices = new HostNotices((notice) => told.push(notice));
  const settings = await openSettings(at('new'), { log, notices });
  await moveOldData({
    from: at('old', 'data'),
    settingsFrom: at('old', 'settings.json'),
    to: at('new'),
    settings,
    log,
    notices,
  });
}

const settingsIn = async (path: string) => JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;

test('loads, sources and settings of an earlier version move to where all hosts look, and that is said', async () => {
  await put(at('old', 'data', 'loads', 'plan_a', 'journal.jsonl'), 'a');
  await put(at('old', 'data', 'sources', 's.duckdb'), 's');
  await put(at('new', 'loads', 'plan_b', 'journal.jsonl'), 'b');
  const file = { path: at('old', 'data', 'uploads', 'x'), owned: true };
  await put(
    at('old', 'settings.json'),
    JSON.stringify({
      window: 1,
      clientId: 'old',
      orgs: [
        { orgId: '1', of: 'old' },
        { orgId: '2', of: 'old' },
      ],
      sources: [{ summary: { sourceId: 's' }, files: [file, { path: '/home/ada/file.csv' }] }],
    }),
  );
  await put(at('new', 'settings.json'), JSON.stringify({ clientId: 'new', orgs: [{ orgId: '2', of: 'new' }] }));
  await move();
  expect(told).toEqual([{ code: 'DATA_MOVED', from: at('old', 'data'), to: at('new') }]);
  expect((await readdir(at('new', 'loads'))).toSorted()).toEqual(['plan_a', 'plan_b']);
  expect(await readFile(at('new', 'loads', 'plan_a', 'journal.jsonl'), 'utf8')).toBe('a');
  expect(await settingsIn(at('new', 'settings.json'))).toEqual({
    window: 1,
    clientId: 'new',
    orgs: [
      { orgId: '1', of: 'old' },
      { orgId: '2', of: 'new' },
    ],
    sources: [
      {
        summary: { sourceId: 's' },
        files: [{ path: at('new', 'uploads', 'x'), owned: true }, { path: '/home/ada/file.csv' }],
      },
    ],
  });
  expect(await readdir(at('old'))).toEqual(['settings.json.moved.of-desktop-1']);
  told = [];
  await move();
  expect(told, 'it is done once').toEqual([]);
});

test('nothing is overwritten: what has the same name lies beside', async () => {
  await put(at('old', 'data', 'longshore.log'), 'old');
  await put(at('old', 'data', 'loads', 'plan_a', 'load.json'), 'old');
  await put(at('new', 'longshore.log'), 'new');
  await put(at('new', 'loads', 'plan_a', 'load.json'), 'new');
  await move();
  expect(await readFile(at('new', 'longshore.log'), 'utf8')).toBe('new');
  expect(await readFile(at('new', 'longshore.log.of-desktop-1'), 'utf8')).toBe('old');
  expect(await readFile(at('new', 'loads', 'plan_a', 'load.json'), 'utf8')).toBe('new');
  expect(await readFile(at('new', 'loads', 'plan_a', 'load.json.of-desktop-1'), 'utf8')).toBe('old');
});

test('damaged old settings stay where they are, and the rest moves', async () => {
  await put(at('old', 'settings.json'), '{"orgs":');
  await put(at('old', 'data', 'loads', 'plan_a', 'load.json'), '{}');
  await move();
  expect(await readFile(at('old', 'settings.json'), 'utf8')).toBe('{"orgs":');
  expect(await readdir(at('new', 'loads'))).toEqual(['plan_a']);
});

test('where nothing was before, nothing is said', async () => {
  await move();
  expect(told).toEqual([]);
});

// Root may write everywhere.
test.skipIf(process.getuid?.() === 0)('what can’t be moved stays, is said, and moves at the next start', async () => {
  await put(at('old', 'data', 'loads', 'plan_a', 'load.json'), '{}');
  await chmod(at('old', 'data'), 0o500);
  await move();
  expect(told).toEqual([{ code: 'DATA_NOT_MOVED', from: at('old', 'data'), reason: 'EACCES' }]);
  await chmod(at('old', 'data'), 0o700);
  told = [];
  await move();
  expect(told).toMatchObject([{ code: 'DATA_MOVED' }]);
  expect(await readdir(at('new', 'loads'))).toEqual(['plan_a']);
});
