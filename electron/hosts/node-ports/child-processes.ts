import { fork, spawn, type ChildProcess } from 'node:child_process';
import type { PracticeOrgStarter, StagingChannel } from '../../backend/ports.ts';
import { childChannel } from '../../backend/staging/child-channel.ts';
import { beside } from './beside.ts';
import { STAGING_V8_FLAGS, stagingEnvironment } from './staging-limits.ts';

const STAGING = beside(import.meta.url, '../../backend/staging-process.ts', './staging-process.js');
const PRACTICE_ORG = beside(import.meta.url, '../../practice-org/main.ts', './practice-org.js');

/** The staging engine in a child process. Structured clone carries its messages. */
export function spawnStaging(spillFolder: string): StagingChannel {
  const child = fork(STAGING, ['--spill', spillFolder], {
    serialization: 'advanced',
    execArgv: [...STAGING_V8_FLAGS],
    env: stagingEnvironment(),
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

/**
 * The practice org of a data folder, started when first asked for: by this process, or, where another host has started it, with a
 * process that stands by and goes on with it when that host ends.
 */
export class PracticeOrgProcess implements PracticeOrgStarter {
  readonly #args: string[];
  #started: Promise<{ url: string }> | null = null;
  #child: ChildProcess | null = null;

  constructor(args: string[] = []) {
    this.#args = args;
  }

  start(): Promise<{ url: string }> {
    this.#started ??= new Promise((resolve, reject) => {
      const child = fork(PRACTICE_ORG, this.#args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
      this.#child = child;
      child.once('message', (message: { url: string }) => resolve(message));
      child.once('error', reject);
      child.once('exit', (code) => {
        this.#started = null;
        reject(new Error(`it ended with code ${String(code)}`));
      });
    });
    return this.#started;
  }

  /** Settles when its state is put away. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
    child.kill();
    await ended;
  }
}
