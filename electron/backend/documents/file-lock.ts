import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { parseJson } from '../parse-json.ts';
import { diskFailure, systemCode } from './durable-file.ts';
import { isGone, ownIdentity, type ProcessIdentity } from './process-identity.ts';

const Identity = z.object({
  pid: z.number().int().positive(),
  host: z.string(),
  machine: z.string().nullable().default(null),
  started: z.string().nullable(),
});

/** Taking over what a dead process left takes milliseconds; a mark of that this old was left by one that died too. */
const TAKEOVER_AT_MOST = 10_000;
/** Between two looks at a lock that another process holds for a moment. */
const LOOK_AGAIN = 20;

const UNREADABLE: ProcessIdentity = { pid: 0, host: '', machine: null, started: null };

/** Paths locked by this process: two backends in one process exclude each other as two processes do. */
const held = new Set<string>();

/** What taking a lock gives: the lock, or who has it. */
export type LockTaken = { readonly lock: FileLock } | { readonly holder: ProcessIdentity };

/**
 * A file that says which process works on what lies beside it. What a dead process left behind is taken over; a holder that
 * cannot be read, or is on another machine, counts as alive.
 */
export class FileLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Takes the lock or says who has it. Throws `DISK_FULL` and `DISK_REFUSED`. */
  static async take(path: string): Promise<LockTaken> {
    const me = await ownIdentity();
    for (;;) {
      if (held.has(path)) return { holder: me };
      held.add(path);
      try {
        if (await create(path, me)) return { lock: new FileLock(path) };
      } catch (error) {
        held.delete(path);
        throw diskFailure(error, 'a lock file');
      }
      held.delete(path);
      const holder = await holderOf(path);
      if (holder === 'none') continue;
      if (holder === 'unreadable') return { holder: UNREADABLE };
      if (!(await isLeft(holder, path, me))) return { holder: holder === 'never-written' ? UNREADABLE : holder };
      await removeLeftBehind(path, me);
    }
  }

  /** The living process that has a lock, or null. Looks only. */
  static async holder(path: string): Promise<ProcessIdentity | null> {
    const holder = await holderOf(path);
    if (holder === 'none') return null;
    if (holder === 'unreadable') return UNREADABLE;
    if (await isLeft(holder, path, await ownIdentity())) return null;
    return holder === 'never-written' ? UNREADABLE : holder;
  }

  /** Waits for a lock that others hold for moments. Throws the signal's reason. */
  static async wait(path: string, signal: AbortSignal): Promise<FileLock> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    for (;;) {
      const taken = await FileLock.take(path);
      if ('lock' in taken) return taken.lock;
      await sleep(LOOK_AGAIN, undefined, { signal });
    }
  }

  /** Rejects with `DISK_REFUSED` if the file can't be removed; for this process the lock is free all the same. */
  async release(): Promise<void> {
    try {
      await rm(this.#path, { force: true });
    } catch (error) {
      throw diskFailure(error, 'a lock file');
    } finally {
      held.delete(this.#path);
    }
  }
}

/** What a file system says that knows no hard links, such as that of a memory stick. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** Makes the lock file, whole from the first moment, if there is none: a process killed meanwhile leaves no lock of nobody's. */
async function create(path: string, me: ProcessIdentity): Promise<boolean> {
  const whole = `${path}.${randomUUID()}.new`;
  try {
    await write(whole, me);
    await link(whole, path).catch(async (error: unknown) => {
      if (!NO_LINKS.has(systemCode(error) ?? '')) throw error;
      // Made first and written then: killed in between, a process leaves an empty lock that counts as held for some seconds.
      await write(path, me);
    });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(whole, { force: true });
  }
}

async function write(path: string, me: ProcessIdentity): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(JSON.stringify(me));
  } finally {
    await file.close();
  }
}

type Holder = ProcessIdentity | 'never-written';

async function holderOf(path: string): Promise<Holder | 'none' | 'unreadable'> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? 'none' : 'unreadable';
  }
  const holder = Identity.safeParse(parseJson(text));
  if (holder.success) return holder.data;
  // Made a moment ago and not written yet, or by a process that died in between.
  const made = await stat(path).catch(() => null);
  if (made === null) return 'none';
  return Date.now() - made.mtimeMs < TAKEOVER_AT_MOST ? 'unreadable' : 'never-written';
}

/** Whether whoever took a lock is gone. */
async function isLeft(holder: Holder, path: string, me: ProcessIdentity): Promise<boolean> {
  if (holder === 'never-written') return true;
  return sameProcess(holder, me) ? !held.has(path) : isGone(holder);
}

function sameProcess(one: ProcessIdentity, other: ProcessIdentity): boolean {
  return one.pid === other.pid && one.machine === other.machine && one.started === other.started;
}

/** Removes the lock of a dead process: by one process only, and only if it is still there when that one has its turn. */
async function removeLeftBehind(path: string, me: ProcessIdentity): Promise<void> {
  const turn = `${path}.takeover`;
  if (!(await create(turn, me))) {
    const made = await stat(turn).catch(() => null);
    if (made !== null && Date.now() - made.mtimeMs > TAKEOVER_AT_MOST) await rm(turn, { force: true });
    else await sleep(LOOK_AGAIN);
    return;
  }
  try {
    const holder = await holderOf(path);
    if (holder !== 'none' && holder !== 'unreadable' && (await isLeft(holder, path, me)))
      await rm(path, { force: true });
    await sweep(path);
  } finally {
    await rm(turn, { force: true });
  }
}

/** Removes what processes that were killed while they made a lock left beside it. */
async function sweep(path: string): Promise<void> {
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.`) || !name.endsWith('.new')) continue;
    const left = join(dirname(path), name);
    const made = await stat(left).catch(() => null);
    if (made !== null && Date.now() - made.mtimeMs > TAKEOVER_AT_MOST) await rm(left, { force: true });
  }
}
