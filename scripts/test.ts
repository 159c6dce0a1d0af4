import { spawnSync } from 'node:child_process';
import { findChromium } from './find-chromium.ts';

/** All tests: checks, unit and integration tests, a build, and the journeys in a real browser. Stops at the first failure. */
function step(title: string, command: string, args: string[], env: Record<string, string> = {}): void {
  process.stdout.write(`\n== ${title}\n`);
  const { status } = spawnSync(command, args, {
    stdio: 'inherit',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}

step('Checks: types, lint, layers, dead code, format', 'npm', ['run', '--silent', 'check']);
step('Unit and integration tests', 'npx', ['vitest', 'run']);
step('Build', process.execPath, ['scripts/build.ts']);
const chromium = findChromium();
step(
  'Journeys in a real browser',
  'npx',
  ['playwright', 'test'],
  chromium === null ? {} : { LONGSHORE_CHROMIUM: chromium },
);
