import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from '@playwright/test';

/** Debian's Chromium, or any other that `npm test` found; without one Playwright's own. */
const executablePath = process.env['LONGSHORE_CHROMIUM'];

// Each journey starts some processes of its own: each reads what the one before has compiled.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('.cache/node', import.meta.url));

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  // Some journeys share the machine, each with its browser, host and org: they wait for one another as often as they work.
  timeout: 240_000,
  expect: { timeout: 20_000 },
  // Journeys have nothing in common, so that none of a long file is left to one worker at the end.
  fullyParallel: true,
  workers: Math.min(4, availableParallelism() + 1),
  forbidOnly: Boolean(process.env['CI']),
  reporter: [['list']],
  use: {
    headless: true,
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
