import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readArguments } from './arguments.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const THREE_DAYS = 3 * 86_400_000;

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'longshore-browser-'))));
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

function start(data: string, more: readonly string[] = []) {
  const child = spawn(process.execPath, [MAIN, '--no-open', '--data', data, ...more], { cwd: folder });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return { child, said, ended };
}

test('it starts on damaged settings and says so, sweeps old uploads and downloads, and ends when told to', async () => {
  await writeFile(join(folder, 'settings.json'), '{"orgs":');
  const uploads = join(folder, 'uploads');
  await mkdir(uploads);
  await writeFile(join(uploads, 'old'), 'left by a process that was killed');
  await writeFile(join(uploads, 'young'), 'another process may be at it');
  const then = new Date(Date.now() - THREE_DAYS);
  await utimes(join(uploads, 'old'), then, then);
  const fetched = join(folder, 'exports', 'fetched');
  await mkdir(fetched, { recursive: true });
  await writeFile(join(fetched, 'source.csv'), 'Name\n');
  await utimes(fetched, then, then);
  const { child, said, ended } = start(folder);
  await expect.poll(() => said.stdout).toContain('Open this address: http://127.0.0.1:');
  expect(said.stderr).toContain('kept as “settings.json.damaged-1”');
  await expect.poll(() => readdir(uploads)).toEqual(['young']);
  await expect.poll(() => readdir(join(folder, 'exports'))).toEqual([]);
  expect(await readFile(join(folder, 'settings.json.damaged-1'), 'utf8')).toBe('{"orgs":');
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});

test('a data folder that can’t be made is said in words', async () => {
  await writeFile(join(folder, 'file'), '');
  const { said, ended } = start(join(folder, 'file', 'data'));
  expect(await ended).toBe(1);
  expect(said.stderr).toContain('could not write its data folder (part of its path is not a folder)');
  expect(said.stderr).not.toMatch(/^\s+at /m);
});

test.each([
  [['--prot', '1'], 'There is no option --prot.'],
  [['--port', '70000'], '--port needs a whole number from 0 to 65535, not “70000”.'],
  [['--port', 'http'], '--port needs a whole number from 0 to 65535, not “http”.'],
  [['--port'], '--port needs a value.'],
  [['--port='], '--port needs a whole number from 0 to 65535, not “”.'],
  [['--data='], '--data needs a folder.'],
  [['--no-open=yes'], '--no-open does not take a value.'],
  [['--practice-records', '-1'], '--practice-records needs a value.'],
  [['rows.csv'], '“rows.csv” is not an option. To load a file, drop it into the window.'],
])('%j is said in words, with what there is instead, before anything is done', (words, sentence) => {
  const found = readArguments(words);
  expect(found).toEqual({ wrong: sentence });
});

test('a wrong word ends it with code 2, and help with 0', async () => {
  const wrong = start(join(folder, 'data'), ['--prot', '1']);
  expect(await wrong.ended).toBe(2);
  expect(wrong.said.stderr).toContain('There is no option --prot.');
  expect(wrong.said.stderr).toContain('--practice-records <n>');
  const help = start(join(folder, 'data'), ['--help']);
  expect(await help.ended).toBe(0);
  expect(await readdir(folder), 'no data folder was made').toEqual([]);
});

test('a second host on one data folder shows a window of the first; one that was killed is taken over', async () => {
  const first = start(folder);
  await expect.poll(() => first.said.stdout).toContain('Open this address: ');
  expect((await stat(join(folder, 'browser-host.json'))).mode & 0o777).toBe(0o600);
  const second = start(folder, ['--port', '1']);
  expect(await second.ended).toBe(0);
  expect(second.said.stdout).toContain('is already running on this data folder');
  const [origin = '', ticket = ''] = /Open this address: (\S+)\/#ticket=(\S+)/.exec(second.said.stdout)?.slice(1) ?? [];
  expect(first.said.stdout).toContain(origin);
  const response = await fetch(`${origin}/api/session`, { method: 'POST', body: JSON.stringify({ ticket }) });
  expect(response.status).toBe(200);
  first.child.kill('SIGKILL');
  await first.ended;
  const third = start(folder);
  await expect.poll(() => third.said.stdout).toContain('Open this address: ');
  expect(third.said.stdout).not.toContain('already');
  third.child.kill('SIGTERM');
  expect(await third.ended).toBe(0);
  expect(await readdir(folder)).not.toContain('browser-host.json');
  expect(await readdir(folder)).not.toContain('browser-host.lock');
});

test.skipIf(process.platform !== 'linux')(
  'the file that leads a browser to the page goes when its ticket is used',
  async () => {
    // A display, and nothing that could be started on it.
    const env = { ...process.env, DISPLAY: ':none', PATH: '/nonexistent' };
    const child = spawn(process.execPath, [MAIN, '--data', folder], { cwd: folder, env });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const files = () => readdir(join(folder, 'redirects')).catch(() => []);
    await expect.poll(files).toHaveLength(1);
    const [name = ''] = await files();
    const [origin = '', ticket = ''] = /Open this address: (\S+)\/#ticket=(\S+)/.exec(printed)?.slice(1) ?? [];
    expect(await readFile(join(folder, 'redirects', name), 'utf8')).toContain(ticket);
    await fetch(`${origin}/api/session`, { method: 'POST', body: JSON.stringify({ ticket }) });
    await expect.poll(files).toEqual([]);
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('close', resolve));
  },
);

test('a folder whose host does not answer is said, with what to do', async () => {
  const first = start(folder);
  await expect.poll(() => first.said.stdout).toContain('Open this address: ');
  first.child.kill('SIGSTOP');
  await rm(join(folder, 'browser-host.json'));
  const { said, ended } = start(folder);
  expect(await ended).toBe(1);
  expect(said.stderr).toContain(
    `is already running on this data folder (process ${first.child.pid}) but does not respond.`,
  );
  first.child.kill('SIGKILL');
  await first.ended;
}, 40_000);

test('a port that is taken is said in words', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { said, ended } = start(folder, ['--port', String(port)]);
  expect(await ended).toBe(1);
  expect(said.stderr).toContain(`Port ${port} is in use on this computer.`);
  await new Promise((resolve) => server.close(resolve));
  expect(await readdir(folder)).not.toContain('browser-host.lock');
});
