import { readdir, readFile } from 'node:fs/promises';

const EVERY = 50;
/** Samples between two looks for new processes: reading about every process there is would cost more than what is measured. */
const LOOK_EVERY = 10;

/** Resident memory of a process and all its children but the practice org, sampled every 50 ms, in MiB. */
export class MemoryWatch {
  peak = 0;
  /** The peak with the pages of files counted once: Node's own are mapped by each process and are there once. */
  peakOnce = 0;
  /** Each process's own peak, by its script. */
  readonly each = new Map<string, number>();
  #lap = 0;
  /** Scripts of the processes that count, by process. */
  #counted = new Map<string, string>();
  #samples = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    this.#timer = setInterval(() => void this.#sample(pid), EVERY);
  }

  async #sample(root: number): Promise<void> {
    if (this.#samples++ % LOOK_EVERY === 0) this.#counted = await processesUnder(root);
    let sum = 0;
    let [own, files] = [0, 0];
    for (const [pid, script] of this.#counted) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      const resident = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
      sum += resident;
      const ofFiles = Number(/RssFile:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
      own += resident - ofFiles;
      files = Math.max(files, ofFiles);
      this.each.set(script, Math.max(this.each.get(script) ?? 0, Math.round(resident)));
    }
    this.peak = Math.max(this.peak, sum);
    this.peakOnce = Math.max(this.peakOnce, own + files);
    this.#lap = Math.max(this.#lap, sum);
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

/** Processes that count of those under one. */
export async function countedProcesses(pid: number): Promise<string[]> {
  return [...(await processesUnder(pid)).keys()];
}

/** A process and those under it, with the folder or script that each runs. */
async function processesUnder(root: number): Promise<Map<string, string>> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const status = await readFile(`/proc/${name}/status`, 'utf8').catch(() => '');
    parents.set(Number(name), Number(/PPid:\s+(\d+)/.exec(status)?.[1] ?? 0));
  }
  const counted = new Map<string, string>();
  for (const pid of parents.keys()) {
    let at: number | undefined = pid;
    while (at && at !== root) at = parents.get(at);
    if (at !== root) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes('practice-org/main')) continue;
    counted.set(String(pid), /(staging)-process|([\w-]+)\/[\w-]+\.ts/.exec(command)?.slice(1).find(Boolean) ?? 'other');
  }
  return counted;
}
