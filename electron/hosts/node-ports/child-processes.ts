import { fork, spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { PracticeOrgStarter, StagingChannel } from '../../backend/ports.ts';
import { childChannel } from '../../backend/staging/child-channel.ts';

const STAGING = fileURLToPath(new URL('../../backend/staging-process.ts', import.meta.url));
const PRACTICE_ORG = fileURLToPath(new URL('../../practice-org/main.ts', import.meta.url));

/**
 * JavaScript's share of the staging process: rows pass through it in chunks, so a small heap that is swept often does as
 * well as a large one and halves what the process holds (docs/benchmarks.md).
 */
const STAGING_LIMITS = ['--max-semi-space-size=4', '--max-old-space-size=256'];

/** The staging engine in a child process. Structured clone carries its messages. */
export function spawnStaging(spillFolder: string): StagingChannel {
  const child = fork(STAGING, ['--spill', spillFolder], {
    serialization: 'advanced',
    execArgv: STAGING_LIMITS,
    // glibc keeps an arena a thread; two are enough for DuckDB's two threads and save about 60 MiB.
    env: { ...process.env, MALLOC_ARENA_MAX: '2' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return childChannel(child);
}

/** A practice org in the foreground, with its own flags; resolves with its exit code when a person stops it. */
export function runPracticeOrg(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [PRACTICE_ORG, ...args], { stdio: 'inherit' });
  // It gets the same Ctrl+C and stops in its own time.
  process.on('SIGINT', () => undefined);
  process.once('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 0));
  });
}

/** A practice org that lives as long as this process, started when first asked for. */
export class PracticeOrgProcess implements PracticeOrgStarter {
  readonly #args: string[];
  #started: Promise<{ url: string; accessToken: string }> | null = null;
  #child: ChildProcess | null = null;

  constructor(args: string[] = []) {
    this.#args = args;
  }

  start(): Promise<{ url: string; accessToken: string }> {
    this.#started ??= new Promise((resolve, reject) => {
      const child = fork(PRACTICE_ORG, this.#args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
      this.#child = child;
      child.once('message', (message: { url: string; accessToken: string }) => resolve(message));
      child.once('error', reject);
      child.once('exit', (code) => {
        this.#started = null;
        reject(new Error(`it ended with code ${String(code)}`));
      });
    });
    return this.#started;
  }

  stop(): void {
    this.#child?.kill();
  }
}
