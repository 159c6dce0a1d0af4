import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { app } from './app.ts';
import { ElectronEvent, post } from './channel.ts';

interface ForkOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly execArgv?: readonly string[];
  readonly cwd?: string;
  readonly serviceName?: string;
}

const CHILD = new URL('./utility-child.ts', import.meta.url).href;

/**
 * Of `execArgv` V8 hears what Chromium's switch `--js-flags` says; the rest is only listed in the child's `process.execArgv`
 * (shell/browser/api/electron_api_utility_process.cc, shell/browser/javascript_environment.cc).
 */
function v8Flags(execArgv: readonly string[]): string[] {
  return execArgv.flatMap((flag) => (flag.startsWith('--js-flags=') ? flag.slice(11).split(' ') : []));
}

/** Electron's `UtilityProcess` ("utilityProcess"; lib/browser/api/utility-process.ts). */
class UtilityProcess extends EventEmitter {
  readonly #child: ChildProcess;
  #killed = false;
  pid: number | undefined;

  constructor(path: string, args: string[], options: ForkOptions) {
    super();
    const { execArgv = [], env = process.env, cwd, serviceName = 'Node Utility Process' } = options;
    this.#child = fork(path, args, {
      // What is cloned is what the algorithm of `postMessage` clones.
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // shell/services/node/node_service.cc: "We do not want to crash the utility process on unhandled rejections."
      execArgv: [...v8Flags(execArgv), '--unhandled-rejections=warn-with-error-code', '--import', CHILD],
      env: { ...env, LONGSHORE_STAND_IN_EXEC_ARGV: JSON.stringify(execArgv) },
      ...(cwd === undefined ? {} : { cwd }),
    });
    this.#child.once('spawn', () => {
      this.pid = this.#child.pid;
      post({ kind: 'process', pid: this.pid ?? 0, serviceName });
      this.emit('spawn');
    });
    this.#child.on('message', (message) => this.emit('message', message));
    this.#child.once('exit', (code, signal) => this.#ended(code, signal, serviceName));
  }

  #ended(code: number | null, signal: string | null, serviceName: string): void {
    this.pid = undefined;
    // `HandleTermination`: a process that was ended by `kill` is said to have ended with 0, else the signal's number is told.
    const exitCode = code ?? (this.#killed ? 0 : signal === 'SIGKILL' ? 9 : 15);
    this.emit('exit', exitCode);
    if (this.#killed || exitCode === 0) return;
    const reason = signal === null ? 'abnormal-exit' : 'killed';
    app.emit('child-process-gone', new ElectronEvent(), {
      type: 'Utility',
      reason,
      exitCode,
      serviceName,
      name: serviceName,
    });
  }

  /** What can't be cloned throws; to one that is gone nothing is sent, and nothing thrown. */
  postMessage(message: unknown): void {
    const cloned = structuredClone(message);
    if (this.#child.connected) this.#child.send(cloned as object);
  }

  /** SIGTERM on POSIX. */
  kill(): boolean {
    if (this.pid === undefined) return false;
    this.#killed = this.#child.kill('SIGTERM');
    return this.#killed;
  }
}

export const utilityProcess = {
  fork: (path: string, args: string[] = [], options: ForkOptions = {}): UtilityProcess => {
    if (!app.isReady()) throw new TypeError('utilityProcess cannot be created before app is ready.');
    return new UtilityProcess(path, args, options);
  },
};
