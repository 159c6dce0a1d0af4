import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { writeDurably } from '../../backend/documents/durable-file.ts';
import { FileLock } from '../../backend/documents/file-lock.ts';

/** Where the host that has a folder is reached, and what only this user can know. */
const Handover = z.object({ pid: z.number(), url: z.url(), secret: z.string().min(1) });
type Handover = z.infer<typeof Handover>;

const LOCK = 'browser-host.lock';
const HANDOVER = 'browser-host.json';
/** One that has just started needs some seconds before it can be reached. */
const REACHABLE_WITHIN = 10_000;
const LOOK_AGAIN = 100;

/** A data folder that is this process's, among hosts of its kind. */
export interface OwnFolder {
  /** Says to those who come later where this host is. The file is readable by this user only. */
  announce(url: string): Promise<void>;
  release(): Promise<void>;
}

/** The folder, or the address of a page of the host that has it, or the process that has it and does not answer. */
export type Entered = { readonly own: OwnFolder } | { readonly link: string } | { readonly holder: number };

/**
 * Enters a data folder. What a host that was killed left behind is taken over; one that is just starting or ending is waited
 * for. Throws `DISK_FULL` and `DISK_REFUSED`.
 */
export async function enterFolder(data: string, secret: string): Promise<Entered> {
  const until = performance.now() + REACHABLE_WITHIN;
  for (;;) {
    const taken = await FileLock.take(join(data, LOCK));
    if ('lock' in taken) return { own: await ownFolder(data, secret, taken.lock) };
    const link = await askForPage(data);
    if (link !== null) return { link };
    if (performance.now() > until) return { holder: taken.holder.pid };
    await sleep(LOOK_AGAIN);
  }
}

async function ownFolder(data: string, secret: string, lock: FileLock): Promise<OwnFolder> {
  const path = join(data, HANDOVER);
  // Of one that was killed: nobody must be sent there.
  await rm(path, { force: true });
  return {
    announce: (url) =>
      writeDurably(path, JSON.stringify({ pid: process.pid, url, secret } satisfies Handover), 'its data folder'),
    release: async () => {
      await rm(path, { force: true });
      await lock.release();
    },
  };
}

/** Asks the host that has a folder for the address of a page. Null if it is starting, ending, or not what it was. */
async function askForPage(data: string): Promise<string | null> {
  try {
    const { url, secret } = Handover.parse(JSON.parse(await readFile(join(data, HANDOVER), 'utf8')));
    const response = await fetch(new URL('/api/handover', url), {
      method: 'POST',
      headers: { authorization: `Handover ${secret}` },
      signal: AbortSignal.timeout(REACHABLE_WITHIN),
    });
    return z.object({ link: z.url() }).parse(await response.json()).link;
  } catch {
    return null;
  }
}
