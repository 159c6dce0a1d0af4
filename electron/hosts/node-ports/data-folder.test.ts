import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { dataFolder } from './data-folder.ts';

const { platform } = process;
afterEach(() => {
  vi.unstubAllEnvs();
  Object.defineProperty(process, 'platform', { value: platform });
});

test.each([
  ['win32', { LOCALAPPDATA: join('/', 'AppData', 'Local') }, join('/', 'AppData', 'Local', 'Longshore', 'Data')],
  ['darwin', {}, join(homedir(), 'Library', 'Application Support', 'Longshore')],
  ['linux', { XDG_DATA_HOME: '/xdg' }, join('/xdg', 'Longshore')],
  ['linux', { XDG_DATA_HOME: '' }, join(homedir(), '.local', 'share', 'Longshore')],
])('on %s with %j data lies in %s', (system, env, folder) => {
  Object.defineProperty(process, 'platform', { value: system });
  vi.stubEnv('LONGSHORE_DATA', '');
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  expect(dataFolder()).toBe(folder);
});

test('another folder may be chosen: by the environment, and before that on the command line', () => {
  vi.stubEnv('LONGSHORE_DATA', 'of-environment');
  expect(dataFolder()).toBe(resolve('of-environment'));
  expect(dataFolder('given')).toBe(resolve('given'));
});
