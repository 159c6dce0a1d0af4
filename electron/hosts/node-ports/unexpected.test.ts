import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HostNotices } from './host-notices.ts';
import { openLog, shown } from './log-file.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'longshore-log-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

function breakDown(how: string, env: NodeJS.ProcessEnv = {}): Promise<{ code: number | null; stdout: string }> {
  const script = fileURLToPath(new URL('../test-support/break-down.ts', import.meta.url));
  const child = spawn(process.execPath, [script, folder, how], { cwd: folder, env: { ...process.env, ...env } });
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout })));
}

test('an exception that nobody caught is logged whole and ends the process, saying where the log is', async () => {
  const { code, stdout } = await breakDown('exception', { HOME: folder });
  expect(code).toBe(3);
  const [, incidentId = '?'] = /\(incident (\w+)\)/.exec(stdout) ?? [];
  expect(stdout).toContain('with the log (~/longshore.log)');
  const logged = await readFile(join(folder, 'longshore.log'), 'utf8');
  expect(logged).toContain(incidentId);
  expect(logged).toContain('break-down.ts');
});

test('a rejection that nobody awaited is logged whole without its secrets, and everything goes on', async () => {
  const { code, stdout } = await breakDown('rejection');
  expect(code).toBe(0);
  expect(stdout).toContain('still here');
  const logged = await readFile(join(folder, 'longshore.log'), 'utf8');
  expect(logged).toContain('nobody awaits me');
  expect(logged).toContain("step: 'CLOSING'");
  expect(logged).not.toContain('AQsecret');
});

test('a log that can’t be written in the data folder is written elsewhere, and that is said', async () => {
  const notAFolder = join(folder, 'file');
  await writeFile(notAFolder, '');
  const notices = new HostNotices(() => undefined);
  const log = openLog(notAFolder, notices);
  log.info('hello');
  expect(notices.all()).toEqual([{ code: 'LOG_ELSEWHERE', place: log.place, reason: 'ENOTDIR' }]);
  expect(await readFile(log.place, 'utf8')).toContain('hello');
  expect((await stat(log.place)).mode & 0o777).toBe(0o600);
  await rm(dirname(log.place), { recursive: true });
});

test('places are shown without the name of the person', () => {
  expect(shown(join(homedir(), 'x', 'longshore.log'))).toBe('~/x/longshore.log');
  expect(shown('/elsewhere/longshore.log')).toBe('/elsewhere/longshore.log');
});
