import type { FailedDownload } from './failed-download.ts';
import type { Opened } from './open-desktop.ts';

export interface StartTools {
  /** What the person gave to `npm start --`. */
  readonly args: readonly string[];
  readonly say: (line: string) => void;
  /** Why no desktop app can run here at all, or null. */
  readonly whyNoDesktop: () => string | null;
  readonly binary: () => string | null;
  /** False if it was not fetched. */
  readonly fetchElectron: () => Promise<boolean>;
  readonly failedDownload: Pick<FailedDownload, 'known' | 'remember' | 'forget'>;
  readonly openDesktop: (binary: string, args: readonly string[]) => Promise<Opened>;
  /** Its exit code. */
  readonly openBrowserHost: (args: readonly string[]) => Promise<number>;
}

/** Asks for another try at a download that failed. */
const FETCH = '--fetch';

/**
 * Opens Longshore: the desktop app where it can be had and runs, else the browser host, and says which and why.
 *
 * @returns the exit code of what was opened
 */
export async function openLongshore(tools: StartTools): Promise<number> {
  const args = tools.args.filter((arg) => arg !== FETCH);
  if (tools.args.includes(FETCH)) await tools.failedDownload.forget();
  const found = await findDesktop(tools);
  let why = found.why;
  if (found.binary !== null) {
    tools.say('Opening the desktop app.');
    const opened = await tools.openDesktop(found.binary, args);
    if (opened.kind === 'ended') return opened.code;
    why = opened.why;
  }
  tools.say(`Opening in the browser, because the desktop app can’t be used here: ${why}.`);
  return tools.openBrowserHost(args);
}

async function findDesktop(tools: StartTools): Promise<{ binary: string | null; why: string }> {
  const none = tools.whyNoDesktop();
  if (none !== null) return { binary: null, why: none };
  const there = tools.binary();
  if (there !== null) return { binary: there, why: '' };
  if (await tools.failedDownload.known())
    return { binary: null, why: `its binary could not be fetched before (“npm start -- ${FETCH}” tries again)` };
  if (await tools.fetchElectron()) return { binary: tools.binary(), why: 'its binary is missing' };
  await tools.failedDownload.remember();
  return { binary: null, why: `its binary could not be fetched; “npm start -- ${FETCH}” tries again` };
}
