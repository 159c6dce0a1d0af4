import { readdir, readFile } from 'node:fs/promises';

/** Resident memory of a process and all its children but the practice org, sampled every 50 ms, in MiB. */
export class MemoryWatch {
  peak = 0;
  /** Each process's own peak, by its script. */
  readonly each = new Map<string, number>();
  #lap = 0;
  readonly #timer: NodeJS.Timeout;
  constructor(pid: number) {
    this.#timer = setInterval(() => void this.#sample(pid), 50);
  }
  async #sample(root: number): Promise<void> {
    const parents = new Map<number, { parent: number; rss: number; command: string }>();
    for (const name of await readdir('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const [status, command] = await Promise.all([
        readFile(`/proc/${name}/status`, 'utf8').catch(() => ''),
        readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => ''),
      ]);
      parents.set(Number(name), {
        parent: Number(/PPid:\s+(\d+)/.exec(status)?.[1] ?? 0),
        rss: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0),
        command,
      });
    }
    let sum = 0;
    for (const [pid, { rss, command }] of parents) {
      let at: number | undefined = pid;
      while (at && at !== root) at = parents.get(at)?.parent;
      if (at !== root || command.includes('practice-org/main')) continue;
      sum += rss;
      const script = /([\w-]+)\/[\w-]+\.ts/.exec(command)?.[1] ?? 'other';
      this.each.set(script, Math.max(this.each.get(script) ?? 0, Math.round(rss / 1024)));
    }
    this.peak = Math.max(this.peak, sum / 1024);
    this.#lap = Math.max(this.#lap, sum / 1024);
  }
  /** The peak since the last lap. */
  lap(): number {
    const lap = Math.round(this.#lap);
    this.#lap = 0;
    return lap;
  }
  stop(): number {
    clearInterval(this.#timer);
    return Math.round(this.peak);
  }
}
