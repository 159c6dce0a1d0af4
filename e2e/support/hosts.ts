import type { Browser } from '@playwright/test';
import { startBrowserHost } from './browser-host.ts';
import { electronBinary } from '../../scripts/electron-binary.ts';
import { startElectron } from './desktop-electron.ts';
import { startDesktopHarness } from './desktop-harness.ts';
import type { LongshoreApp } from './window.ts';

export interface Host {
  readonly name: string;
  start(browser: Browser, options?: { rowsPerSecond?: number }): Promise<LongshoreApp>;
}

/** The same journeys run over each of these. */
const binary = electronBinary();
if (binary === null)
  process.stdout.write('SKIPPED: the journeys on the real Electron binary, which is not installed here.\n');

export const HOSTS: Host[] = [
  { name: 'browser', start: startBrowserHost },
  { name: 'desktop (stand-in)', start: startDesktopHarness },
  ...(binary === null ? [] : [{ name: 'electron', start: startElectron(binary) }]),
];
