import { fork, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sendByJobs } from './send-by-jobs.ts';

const CLI = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
/** What `longshore` runs: the command line as it was built. */
export const LAUNCHER = fileURLToPath(new URL('../cli/longshore.mjs', import.meta.url));
const PRACTICE_ORG = fileURLToPath(new URL('../../practice-org/main.ts', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way, in a process group of its own as a terminal gives it one. */
export interface Running {
  readonly ended: Promise<Ended>;
  /** As Ctrl+C and closing a window do: to every process of the group. */
  signal(name: NodeJS.Signals): void;
  kill(): void;
  /** Settles when what was printed so far, on either stream, matches: with its first group, or all of it. */
  printed(what: RegExp): Promise<string>;
}

/** The real CLI as a process, beside a practice org in one of its own; they share a folder and a session. */
export interface CliWorld {
  readonly folder: string;
  /** Of the org. */
  readonly url: string;
  readonly env: NodeJS.ProcessEnv;
  start(args: readonly string[], env?: NodeJS.ProcessEnv, input?: string): Running;
  run(args: readonly string[], env?: NodeJS.ProcessEnv, input?: string): Promise<Ended>;
  faults(rules: unknown[]): Promise<void>;
  /** How the org behaves from now on. */
  knobs(change: Record<string, unknown>): Promise<void>;
  requests(): Promise<{ method: string; path: string; status: number }[]>;
  close(): Promise<void>;
}

export async function startCliWorld(orgArgs: readonly string[], program = CLI): Promise<CliWorld> {
  const org = fork(PRACTICE_ORG, [...orgArgs], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ready = await new Promise<{ url: string; adminUrl: string; accessToken: string }>((resolve) =>
    org.once('message', (message) => resolve(message as { url: string; adminUrl: string; accessToken: string })),
  );
  const folder = await mkdtemp(join(tmpdir(), 'longshore-cli-'));
  await sendByJobs(join(folder, 'data'));
  const env = {
    ...process.env,
    LONGSHORE_DATA: join(folder, 'data'),
    SF_ACCESS_TOKEN: ready.accessToken,
    SF_ORG_INSTANCE_URL: ready.url,
  };
  const start = (args: readonly string[], more: NodeJS.ProcessEnv = {}, input = ''): Running =>
    startCli(args, { env: { ...env, ...more }, cwd: folder }, input, program);
  return {
    folder,
    url: ready.url,
    env,
    start,
    run: (args, more, input) => start(args, more, input).ended,
    faults: async (rules) => {
      await fetch(`${ready.adminUrl}/faults`, { method: 'PUT', body: JSON.stringify(rules) });
    },
    knobs: async (change) => {
      await fetch(`${ready.adminUrl}/knobs`, { method: 'PATCH', body: JSON.stringify(change) });
    },
    requests: async () =>
      (await (await fetch(`${ready.adminUrl}/requests`)).json()) as { method: string; path: string; status: number }[],
    close: async () => {
      org.kill();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The real CLI as a process of its own. */
export function startCli(
  args: readonly string[],
  place: { readonly env: NodeJS.ProcessEnv; readonly cwd: string },
  input = '',
  program = CLI,
): Running {
  const child = spawn(process.execPath, [program, ...args], { ...place, detached: true });
  child.stdin.end(input);
  return follow(child);
}

function follow(child: ChildProcess): Running {
  let stdout = '';
  let stderr = '';
  const lookers = new Set<() => void>();
  const look = () => lookers.forEach((looker) => looker());
  child.stdout?.on('data', (chunk: Buffer) => ((stdout += chunk.toString()), look()));
  child.stderr?.on('data', (chunk: Buffer) => ((stderr += chunk.toString()), look()));
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
  return {
    ended,
    signal: (name) => process.kill(-(child.pid ?? 0), name),
    kill: () => child.kill('SIGKILL'),
    printed: (what) =>
      new Promise((resolve, reject) => {
        const looker = () => {
          const found = what.exec(stdout + stderr);
          if (!found) return;
          lookers.delete(looker);
          resolve(found[1] ?? found[0]);
        };
        lookers.add(looker);
        void ended.then(() => reject(new Error(`it ended without printing ${String(what)}:\n${stdout}\n${stderr}`)));
        looker();
      }),
  };
}

/** A command on a terminal of its own, as script(1) makes one (Linux), with what is typed once it asks. */
export async function onTerminal(
  world: Pick<CliWorld, 'env' | 'folder'>,
  args: readonly string[],
  { asks, typed, env = {} }: { asks: RegExp; typed: string; env?: NodeJS.ProcessEnv },
): Promise<{ code: number | null; shown: string }> {
  const line = [process.execPath, CLI, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', line, '/dev/null'], { env: { ...world.env, ...env }, cwd: world.folder });
  let shown = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const asked = asks.test(shown);
    shown += chunk.toString();
    if (!asked && asks.test(shown)) child.stdin.write(typed);
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, shown };
}
