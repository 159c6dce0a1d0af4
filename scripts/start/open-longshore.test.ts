import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FailedDownload } from './failed-download.ts';
import { openDesktop, whyItDied } from './open-desktop.ts';
import { openLongshore, type StartTools } from './open-longshore.ts';

let folder: string;
beforeEach(async () => {
  // With a space, as people's folders have.
  folder = await mkdtemp(join(tmpdir(), 'longshore start '));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A binary that says and does what the test wants in Electron's place. */
async function fakeElectron(script: string): Promise<string> {
  const path = join(folder, 'fake electron');
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

/** Words of Electron 45 on Ubuntu 24.04, and how it ends there. */
const SANDBOX = `echo '[1:1125/101010.1:FATAL:sandbox/linux/suid/client/setuid_sandbox_host.cc:166] The SUID sandbox helper binary was found, but is not configured correctly.' >&2; kill -TRAP $$`;

async function start(options: { binary?: string; args?: string[]; fetches?: boolean; why?: string }) {
  const said: string[] = [];
  let fetched = 0;
  let browser: readonly string[] | null = null;
  const tools: StartTools = {
    args: options.args ?? [],
    say: (line) => said.push(line),
    whyNoDesktop: () => options.why ?? null,
    binary: () => options.binary ?? null,
    fetchElectron: () => {
      fetched++;
      return Promise.resolve(options.fetches ?? false);
    },
    failedDownload: new FailedDownload(join(folder, 'cache', 'failed.json'), '45.4.1'),
    openDesktop: (binary, args) => openDesktop(binary, args, folder),
    openBrowserHost: (args) => {
      browser = args;
      return Promise.resolve(7);
    },
  };
  const code = await openLongshore(tools);
  return { said, code, fetched, browser };
}

test.skipIf(process.platform === 'win32')(
  'an Electron that dies at once gives way to the browser, with its reason in one sentence',
  async () => {
    const { said, code, browser } = await start({ binary: await fakeElectron(SANDBOX), args: ['--no-open'] });
    expect(said).toEqual([
      'Opening the desktop app.',
      'Opening in the browser, because the desktop app can’t be used here: this system does not allow its sandbox to start (the installed .deb brings the profile that does).',
    ]);
    expect([code, browser]).toEqual([7, ['--no-open']]);
  },
);

test.skipIf(process.platform === 'win32')(
  'words that the app does not take are no reason to open a browser',
  async () => {
    const { code, browser } = await start({ binary: await fakeElectron('exit 2'), args: ['--data'] });
    expect([code, browser]).toEqual([2, null]);
  },
);

test.skipIf(process.platform === 'win32')('an app that ends well, however soon, is the end', async () => {
  const binary = await fakeElectron(`echo "$@" > '${join(folder, 'args')}'`);
  const { code, browser } = await start({ binary, args: ['a file.csv'] });
  expect([code, browser]).toEqual([0, null]);
  expect(await readFile(join(folder, 'args'), 'utf8')).toBe('a file.csv\n');
});

test('a binary that can’t be run at all gives way too', async () => {
  const { said, code } = await start({ binary: join(folder, 'not there') });
  expect(said[1]).toMatch(/: it can’t be run \(.*ENOENT.*\)\.$/);
  expect(code).toBe(7);
});

test('a download that failed is not tried at every start, but when asked for, or for another version', async () => {
  expect((await start({})).fetched).toBe(1);
  const again = await start({});
  expect(again.fetched).toBe(0);
  expect(again.said).toEqual([
    'Opening in the browser, because the desktop app can’t be used here: its binary could not be fetched before (“npm start -- --fetch” tries again).',
  ]);
  const asked = await start({ args: ['--fetch', '--no-open'] });
  expect([asked.fetched, asked.browser]).toEqual([1, ['--no-open']]);
  expect(await new FailedDownload(join(folder, 'cache', 'failed.json'), '46.0.0').known()).toBe(false);
  await writeFile(join(folder, 'cache', 'failed.json'), '{"vers');
  expect((await start({})).fetched).toBe(1);
});

test('where no desktop app can run, nothing is fetched', async () => {
  const { said, fetched } = await start({ why: 'there is no display' });
  expect(fetched).toBe(0);
  expect(said[0]).toMatch(/: there is no display\.$/);
});

test.each([
  ['[99:FATAL:zygote_host_impl_linux.cc(128)] No usable sandbox! If you are running on Ubuntu 23.10+', /sandbox/],
  [
    'electron: error while loading shared libraries: libnss3.so: cannot open shared object file',
    /libnss3\.so is missing/,
  ],
  ['[1:ERROR:ozone_platform_x11.cc(245)] Missing X server or $DISPLAY', /display/],
  ['', /^it ended at once, with code 1$/],
])('%s', (words, expected) => {
  expect(whyItDied(words, 'code 1')).toMatch(expected);
});

test('an older Node gets a sentence, not a stack trace', () => {
  // The check is told another version; `package.json` has it run before anything that an older Node can't read.
  const script = fileURLToPath(new URL('../require-node.cjs', import.meta.url));
  const { status, stderr } = spawnSync(
    process.execPath,
    ['-e', `Object.defineProperty(process.versions, 'node', { value: '20.20.2' }); require(${JSON.stringify(script)})`],
    { encoding: 'utf8', cwd: folder },
  );
  expect(status).toBe(1);
  expect(stderr.trim().split('\n')).toEqual([
    expect.stringMatching(/^Longshore needs Node 24 or newer, and this is Node 20\.20\.2\./),
  ]);
});
