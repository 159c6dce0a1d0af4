import { fork, spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { PracticeOrgStarter, StagingChannel } from '../../backend/ports.ts';
import { childChannel } from '../../backend/staging/child-channel.ts';
import { STAGING_V8_FLAGS, stagingEnvironment } from './staging-limits.ts';

const STAGING = fileURLToPath(new URL('../../backend/staging-process.ts', import.meta.url));
const PRACTICE_ORG = fileURLToPath(new URL('../../practice-org/main.ts', import.meta.url));

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
