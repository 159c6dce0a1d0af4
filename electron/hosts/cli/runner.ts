import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { beside } from '../node-ports/beside.ts';
import { openVault } from '../node-ports/keyring-vault.ts';
import { shown } from '../node-ports/log-file.ts';
import { clock, environmentSession, random } from '../node-ports/system.ts';
import { EXIT } from './exit-codes.ts';
import { Ending, TerminalOutput, type Output } from './output.ts';
import type { CliHost } from './run-command.ts';

/**
 * `load --async`: a process of its own does the whole job, as plans live in the process that made them. It belongs to no
 * terminal. Whoever started it hears of it until the load is on disk; should that one go before, nothing is loaded.
 */
const MAIN = beside(import.meta.url, './main.ts', './main.js');
/** Says to a process that it is one. */
const RUNNER = 'LONGSHORE_RUNNER';
/** What runners wrote is kept this long: their loads have reports. */
const LOGS_KEPT = 30 * 86_400_000;

const FromRunner = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('line'), text: z.string() }),
  z.object({ kind: z.literal('started'), load: LoadSnapshot }),
  z.object({ kind: z.literal('ended'), ending: Ending }),
]);
type FromRunner = z.infer<typeof FromRunner>;

export function isRunner(): boolean {
  return process.env[RUNNER] === '1' && process.send !== undefined;
}

/** What a runner says goes into its own log, and until the load has started to whoever started it. */
export class RunnerOutput implements Output {
  readonly #log = new TerminalOutput(false);
  #begun = false;

  /** Calls the work off if whoever started it goes away, or asks for that, before a load has started. */
  follow(interrupt: () => void): void {
    delete process.env[RUNNER];
    // Its own session has no terminal that could hang up; a shell may still pass the signal on.
    process.on('SIGHUP', () => undefined);
    process.on('message', interrupt);
    process.on('disconnect', () => {
      if (!this.#begun) interrupt();
    });
  }

  line(text: string): void {
    this.#log.line(text);
    void this.#send({ kind: 'line', text });
  }

  progress(): void {
    // Nobody watches: `report` shows how far it is.
  }

  note(text: string): void {
    this.#log.note(text);
  }

  ask(): Promise<null> {
    return Promise.resolve(null);
  }

  started(load: LoadSnapshot): void {
    this.#begun = true;
    this.#log.started(load);
    void this.#send({ kind: 'started', load }).then(() => process.connected && process.disconnect());
  }

  async end(ending: Ending): Promise<void> {
    await this.#log.end(ending);
    if (!this.#begun) await this.#send({ kind: 'ended', ending });
  }

  #send(message: FromRunner): Promise<void> {
    return new Promise((sent) => {
      if (process.connected) process.send?.(message, undefined, undefined, () => sent());
      else sent();
    });
  }
}

/** Starts a runner with this command's own words and waits until its load is on disk, or it has ended without one. */
export async function startRunner(host: CliHost, instanceUrl: string | undefined, signsIn: boolean): Promise<Ending> {
  if (!signsIn && environmentSession(instanceUrl) === null && (await openVault(host.notices)).store() === 'memory')
    throw new FailureError({
      code: 'NOT_SUPPORTED',
      what: '--async without a keychain',
      instead: 'Set SF_ACCESS_TOKEN and SF_ORG_INSTANCE_URL, or leave out --async.',
    });
  const folder = join(host.data, 'runners');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await sweepLogs(folder);
  const logPath = join(folder, `${random.token(12)}.log`);
  const logFile = await open(logPath, 'a', 0o600);
  const child = spawn(process.execPath, [...process.execArgv, MAIN, ...process.argv.slice(2)], {
    detached: true,
    windowsHide: true,
    stdio: ['ignore', logFile.fd, logFile.fd, 'ipc'],
    env: { ...process.env, [RUNNER]: '1' },
  });
  await logFile.close();
  // It does not belong to our terminal, and does not get its Ctrl+C.
  host.interrupts.signal.addEventListener('abort', () => child.connected && child.send('cancel'));
  return told(host, child, logPath);
}

function told({ output, interrupts }: CliHost, child: ChildProcess, logPath: string): Promise<Ending> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`the runner ended (${String(code ?? signal)}): ${logPath}`)));
    child.on('message', (message) => {
      const said = FromRunner.parse(message);
      if (said.kind === 'line') {
        output.line(said.text);
      } else if (said.kind === 'ended') {
        resolve(said.ending);
      } else {
        const runner = { pid: child.pid ?? 0, log: shown(logPath) };
        output.started(said.load);
        output.line(
          `It runs in the background (process ${runner.pid}). To see its state: longshore report ${said.load.loadId}`,
        );
        output.line(`Its output is in ${runner.log}`);
        if (interrupts.happened) output.line('The load had already started. It is being canceled.');
        resolve({ code: interrupts.happened ? EXIT.operation : EXIT.ok, result: { ...said.load, runner } });
      }
    });
  });
}

async function sweepLogs(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const facts = await stat(path).catch(() => null);
    if (facts !== null && clock.now() - facts.mtimeMs > LOGS_KEPT) await rm(path, { force: true });
  }
}
