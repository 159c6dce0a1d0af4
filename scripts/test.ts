import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium } from './find-chromium.ts';
import { npm } from './npm.ts';

/**
 * All tests: checks, unit and integration tests, a build, the packed app of every target, and the journeys in a real browser, those
 * of the desktop on the packed app. Stops at the first failure.
 */
const packedApp = mkdtempSync(join(tmpdir(), 'longshore-packed-'));
process.on('exit', () => rmSync(packedApp, { recursive: true, force: true }));

function step(title: string, { command, args, shell }: ReturnType<typeof npm>, env: Record<string, string> = {}): void {
  process.stdout.write(`\n== ${title}\n`);
  const started = Date.now();
  const { status } = spawnSync(command, args, { stdio: 'inherit', shell, env: { ...process.env, ...env } });
  if (status !== 0) process.exit(status ?? 1);
  process.stdout.write(`== took ${Math.round((Date.now() - started) / 1000)} s\n`);
}

function node(...args: string[]): ReturnType<typeof npm> {
  return { command: process.execPath, args, shell: false };
}

step('Checks: types, lint, layers, dead code, format', npm(['run', '--silent', 'check']));
step('Unit and integration tests', node('node_modules/vitest/vitest.mjs', 'run'));
step('Build', node('scripts/build.ts'));
step('The packed app of every target', node('scripts/pack.ts', packedApp));
const chromium = findChromium();
step('Journeys in a real browser', node('node_modules/@playwright/test/cli.js', 'test'), {
  LONGSHORE_PACKED_APP: packedApp,
  LONGSHORE_PICTURES: 'no',
  ...(chromium === null ? {} : { LONGSHORE_CHROMIUM: chromium }),
});
