import type { Browser } from '@playwright/test';
import { expectAccessible } from './actions.ts';
import { startBrowserHost, type StartOptions } from './browser-host.ts';
import { electronBinary } from '../../scripts/electron-binary.ts';
import { startElectron } from './desktop-electron.ts';
import { startDesktopHarness } from './desktop-harness.ts';
import type { LongshoreApp } from './window.ts';

export interface Host {
  readonly name: string;
  start(browser: Browser, options?: StartOptions): Promise<LongshoreApp>;
}

const binary = electronBinary();
if (binary === null)
  process.stdout.write('SKIPPED: the journeys on the real Electron binary, which is not installed here.\n');

/** For what is the renderer's and the backend's alone, and the same whatever host carries the one to the other. */
export const ANY_HOST: Host = { name: 'browser', start: startBrowserHost };

/** The same journeys run over each of these. */
export const HOSTS: Host[] = [
  ANY_HOST,
  { name: 'desktop (stand-in)', start: startDesktopHarness },
  ...(binary === null ? [] : [{ name: 'electron', start: startElectron(binary) }]),
];

/** Screens are the renderer's, so that those of a journey over all hosts are held to WCAG in one of them. */
export async function expectAccessibleOnce(host: Host, ...look: Parameters<typeof expectAccessible>): Promise<void> {
  if (host === ANY_HOST) await expectAccessible(...look);
}
