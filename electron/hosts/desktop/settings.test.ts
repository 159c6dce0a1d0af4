import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../test-support/desktop-settings.ts', import.meta.url));
const STAND_IN = new URL('../../../e2e/support/electron-stand-in/register.ts', import.meta.url).href;

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-desktop-settings-'));
  await mkdir(join(folder, 'data'));
  path = join(folder, 'data', 'settings.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const onDisk = async () => JSON.parse(await readFile(path, 'utf8')) as unknown;

/** The real electron-store on what stands for Electron; `set` answers with the notices. */
function open() {
  const env = { ...process.env, LONGSHORE_STAND_IN_DATA: folder, LONGSHORE_DATA: dirname(path) };
  const child = fork(SCRIPT, [], { execArgv: ['--import', STAND_IN], env });
  return {
    set: async (key: string, value: unknown): Promise<unknown> => {
      child.send({ key, value });
      return ((await once(child, 'message')) as unknown[])[0];
    },
    end: async () => {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

test('electron-store never sees settings that are damaged, and writes new ones for this user only', async () => {
  await writeFile(path, '{"orgs":');
  const settings = open();
  expect(await settings.set('clientId', 'x')).toEqual([
    { code: 'SETTINGS_DAMAGED', keptAs: 'settings.json.damaged-1' },
  ]);
  expect(await onDisk()).toEqual({ clientId: 'x' });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await settings.end();
});

test('what another process added while it runs stays', async () => {
  const settings = open();
  await settings.set('window', 1);
  await writeFile(path, JSON.stringify({ window: 1, orgs: ['of the command line'] }));
  expect(await settings.set('window', 2)).toEqual([]);
  expect(await onDisk()).toEqual({ window: 2, orgs: ['of the command line'] });
  await settings.end();
});
