import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { writeDurably } from '../../backend/documents/durable-file.ts';
import { FileLock } from '../../backend/documents/file-lock.ts';

/** Where the host that has a folder is reached, and what only this user can know. */
const Handover = z.object({ pid: z.number(), url: z.url(), secret: z.string().min(1) });
type Handover = z.infer<typeof Handover>;

/** One that has just started needs some seconds before it can be reached. */
const REACHABLE_WITHIN = 10_000;
const LOOK_AGAIN = 100;

/** A data folder that is this process's, among hosts of its kind. */
export interface OwnFolder {
  /** Says to those who come later where this host is. The file is readable by this user only. */
  announce(url: string): Promise<void>;
  release(): Promise<void>;
}

/** Throws `DISK_FULL` and `DISK_REFUSED`. What a host that was killed left behind is taken over. */
export async function claimFolder(
  data: string,
  secret: string,
): Promise<{ readonly own: OwnFolder } | { readonly holder: number }> {
  const path = join(data, 'browser-host.json');
  const taken = await FileLock.take(join(data, 'browser-host.lock'));
  if ('holder' in taken) return { holder: taken.holder.pid };
  // Of one that was killed: nobody must be sent there.
  await rm(path, { force: true });
  return {
    own: {
      announce: (url) =>
        writeDurably(path, JSON.stringify({ pid: process.pid, url, secret } satisfies Handover), 'its data folder'),
      release: async () => {
        await rm(path, { force: true });
        await taken.lock.release();
      },
    },
  };
}

/** Asks the host that has a folder for the address of a page, while it is there; null if it does not answer. */
export async function askForPage(data: string): Promise<string | null> {
  const until = performance.now() + REACHABLE_WITHIN;
  while (performance.now() < until) {
    const link = await askOnce(data);
    if (link !== null) return link;
    await sleep(LOOK_AGAIN);
  }
  return null;
}

async function askOnce(data: string): Promise<string | null> {
  try {
    const { url, secret } = Handover.parse(JSON.parse(await readFile(join(data, 'browser-host.json'), 'utf8')));
    const response = await fetch(new URL('/api/handover', url), {
      method: 'POST',
      headers: { authorization: `Handover ${secret}` },
      signal: AbortSignal.timeout(REACHABLE_WITHIN),
    });
    return z.object({ link: z.url() }).parse(await response.json()).link;
  } catch {
    // It is starting, ending, or not what it was: looked at again.
    return null;
  }
}
