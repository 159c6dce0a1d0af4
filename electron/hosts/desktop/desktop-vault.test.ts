import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../test-support/desktop-vault.ts', import.meta.url));
const ELECTRON = new URL('../../../e2e/support/electron-stand-in/register.ts', import.meta.url).href;
const KEYCHAIN = new URL('../test-support/keychain-stand-in/register.ts', import.meta.url).href;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-vault-'));
  await mkdir(join(folder, 'data'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function vault(args: string[], keychain: boolean): Promise<unknown> {
  const child = fork(SCRIPT, args, {
    execArgv: ['--import', ELECTRON, '--import', KEYCHAIN],
    env: {
      ...process.env,
      LONGSHORE_STAND_IN_DATA: folder,
      LONGSHORE_DATA: join(folder, 'data'),
      LONGSHORE_STAND_IN_KEYCHAIN: keychain ? join(folder, 'keychain') : '/nonexistent',
      DBUS_SESSION_BUS_ADDRESS: keychain ? 'stand-in' : '',
    },
  });
  const [said] = (await once(child, 'message')) as unknown[];
  return said;
}

const settings = async () => readFile(join(folder, 'data', 'settings.json'), 'utf8').catch(() => '');

test.skipIf(process.platform !== 'linux')(
  'without a keychain Electron encrypts; with one, what it had encrypted moves there',
  async () => {
    expect(await vault(['org', 'tokens'], false)).toEqual({ kind: 'desktop', read: 'tokens' });
    expect(await settings()).toContain('secret:org');
    expect(await settings()).not.toContain('tokens');
    expect(await vault(['org'], true)).toEqual({ kind: 'keychain', read: 'tokens' });
    expect(JSON.parse(await settings())).toEqual({ 'secret:org': null });
    expect(await readdir(join(folder, 'keychain'))).toEqual(['Longshore-org']);
    expect(await vault(['org', 'renewed'], true)).toEqual({ kind: 'keychain', read: 'renewed' });
  },
);
