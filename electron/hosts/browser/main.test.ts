import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const THREE_DAYS = 3 * 86_400_000;

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'longshore-browser-'))));
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

function start(data: string) {
  const child = spawn(process.execPath, [MAIN, '--no-open', '--data', data], { cwd: folder });
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
  expect(said.stderr).toContain('kept aside as “settings.json.damaged-1”');
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
  expect(said.stderr).toContain('did not let Longshore write its data folder (a part of its path is not a folder)');
  expect(said.stderr).not.toMatch(/^\s+at /m);
});
