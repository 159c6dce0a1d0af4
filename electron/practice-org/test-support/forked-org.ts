import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { TestOrg } from './start-org.ts';

/** An org in a process of its own, which can be killed. */
export interface ForkedOrg {
  readonly org: TestOrg;
  readonly pid: number;
  /** Without a chance to finish anything. Resolves when it is gone. */
  kill(): Promise<void>;
  /** As a host ends it. */
  end(): Promise<void>;
}

export async function forkOrg(data: string, args: readonly string[] = []): Promise<ForkedOrg> {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url));
  const child = fork(main, ['--data', data, '--queue-delay', '0', ...args], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const { url, adminUrl, accessToken } = await new Promise<{ url: string; adminUrl: string; accessToken: string }>(
    (resolve, reject) => {
      child.once('message', (message) => resolve(message as { url: string; adminUrl: string; accessToken: string }));
      child.once('exit', (code) => reject(new Error(`the practice org ended with ${String(code)}`)));
    },
  );
  const kill = (): Promise<void> => ended(child, 'SIGKILL');
  const running = { url, adminUrl, accessToken, tlsUrl: null, certificate: null, users: [], close: kill };
  return { org: new TestOrg(running), pid: child.pid ?? 0, kill, end: () => ended(child, 'SIGTERM') };
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}
