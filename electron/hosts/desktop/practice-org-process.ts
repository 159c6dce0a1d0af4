import { utilityProcess, type UtilityProcess } from 'electron';
import { z } from 'zod';
import type { Log, PracticeOrgStarter } from '../../backend/ports.ts';
import { beside } from './utility-processes.ts';

const Ready = z.object({ url: z.string(), adminUrl: z.string() });
type Ready = z.infer<typeof Ready>;

/**
 * The practice org in a utility process, once. One that dies is replaced at the same address, where the orgs that are signed in
 * to are known by; if that can't be had either, the next who asks gets one at another.
 */
export class PracticeOrgProcess implements PracticeOrgStarter {
  readonly #data: string;
  readonly #log: Log;
  #running: Promise<Ready> | null = null;
  #child: UtilityProcess | null = null;
  #stopped = false;

  /** `data` is the folder where the org keeps its state. */
  constructor(data: string, log: Log) {
    this.#data = data;
    this.#log = log;
  }

  start(): Promise<Ready> {
    this.#running ??= this.#spawn(null);
    return this.#running;
  }

  /** Ends it, and settles when it has put its state away. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const child = this.#child;
    if (child === null) return;
    const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
    if (child.kill()) await ended;
  }

  #spawn(place: Ready | null): Promise<Ready> {
    const child = utilityProcess.fork(beside('./practice-org.js'), this.#args(place), {
      serviceName: 'Longshore practice org',
    });
    this.#child = child;
    let ready: Ready | null = null;
    return new Promise((resolve, reject) => {
      child.once('message', (message) => {
        const parsed = Ready.safeParse(message);
        if (!parsed.success) return reject(parsed.error);
        ready = parsed.data;
        resolve(ready);
      });
      child.once('exit', (code) => {
        this.#child = null;
        this.#running = null;
        const ended = new Error(`it ended with code ${code}`);
        reject(ended);
        if (this.#stopped) return;
        this.#log.error('the practice org ended', ended);
        if (ready !== null) this.#replace(ready);
      });
    });
  }

  #replace(place: Ready): void {
    this.#running = this.#spawn(place);
    this.#running.then(
      () => this.#log.info('the practice org was started anew', { url: place.url }),
      (error: unknown) => this.#log.error('the practice org could not be started anew', error),
    );
  }

  #args(place: Ready | null): string[] {
    const ports =
      place === null ? [] : ['--port', new URL(place.url).port, '--admin-port', new URL(place.adminUrl).port];
    return ['--data', this.#data, ...ports, ...practicePace()];
  }
}

/** Tests and demonstrations set their own pace. */
function practicePace(): string[] {
  const pace = process.env['LONGSHORE_PRACTICE_ROWS_PER_SECOND'];
  return pace === undefined ? [] : ['--rows-per-second', pace, '--queue-delay', pace === '0' ? '0' : '400'];
}
