import { createRequire } from 'node:module';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Browser } from '@playwright/test';
import { startBrowserHost } from './browser-host.ts';
import { startDesktopHarness } from './desktop-harness.ts';
import type { LongshoreApp } from './window.ts';

export interface Host {
  readonly name: string;
  start(browser: Browser, options?: { rowsPerSecond?: number }): Promise<LongshoreApp>;
}

/** The same journeys run over each of these. */
export const HOSTS: Host[] = [
  { name: 'browser', start: startBrowserHost },
  { name: 'desktop (stand-in)', start: startDesktopHarness },
];

/** Where Electron's own binary is, or null where it was never downloaded. */
export function electronBinary(): string | null {
  const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  const pathFile = join(folder, 'path.txt');
  if (!existsSync(pathFile)) return null;
  const binary = join(folder, 'dist', readFileSync(pathFile, 'utf8'));
  return existsSync(binary) ? binary : null;
}
