import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/** Another practice org is using the same folder. */
export class StateInUse extends Error {
  readonly owner: number;

  constructor(owner: number) {
    super(`another practice org (process ${owner}) is using this folder; close it or choose another with --data`);
    this.owner = owner;
  }
}

/** Taking over what a process left that is gone takes milliseconds; a mark of that this old was left by one that is gone too. */
const TAKEOVER_AT_MOST = 10_000;

/** A folder's state is one org's: two that write it would tear it. What a process left that is gone is taken over. */
export class FolderLock {
  readonly #path: string;

  /** Throws `StateInUse`. */
  constructor(folder: string) {
    this.#path = join(folder, 'in-use');
    if (isMade(this.#path)) return;
    // Of those that find it left behind only one takes it.
    const turn = `${this.#path}.takeover`;
    if (!isMade(turn)) {
      const made = statSync(turn, { throwIfNoEntry: false });
      if (made && Date.now() - made.mtimeMs > TAKEOVER_AT_MOST) rmSync(turn, { force: true });
      throw new StateInUse(livingOwner(turn) ?? 0);
    }
    try {
      const owner = livingOwner(this.#path);
      if (owner !== null && owner !== process.pid) throw new StateInUse(owner);
      writeFileSync(this.#path, ownMark());
    } finally {
      rmSync(turn, { force: true });
    }
  }

  release(): void {
    rmSync(this.#path, { force: true });
  }
}

function isMade(path: string): boolean {
  try {
    writeFileSync(path, ownMark(), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EEXIST') throw error;
    return false;
  }
}

/** When this computer was started, in seconds: a process id from before that is somebody else's by now. */
function bootedAt(): number {
  return Math.round(Date.now() / 1000 - uptime());
}

/** `started` tells a process from a later one of the same number, where the system says it (proc(5), field 22 of `stat`). */
const Lock = z.object({ pid: z.number().int().positive(), booted: z.number(), started: z.string().nullish() });

function ownMark(): string {
  return JSON.stringify({ pid: process.pid, booted: bootedAt(), started: startOf(process.pid) });
}

/** The process that has a lock, if it still runs. */
function livingOwner(path: string): number | null {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // Cut off by a crash, or just released: nobody holds it.
    return null;
  }
  const lock = Lock.safeParse(value).data;
  // Clocks are set and uptimes rounded; a reboot takes longer than that.
  if (!lock || Math.abs(lock.booted - bootedAt()) >= 30 || !isRunning(lock.pid)) return null;
  const now = lock.started ? startOf(lock.pid) : null;
  return now !== null && now !== lock.started ? null : lock.pid;
}

function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
