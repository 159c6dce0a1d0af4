import { FailureError } from '../../../shared/contract/failure.ts';

/** What becomes of a load that runs: a person at a terminal may want to think, and whoever sends SIGTERM wants an end. */
export interface Running {
  readonly pause: () => void;
  readonly cancel: () => void;
}

/**
 * Ctrl+C and SIGTERM. The first calls off what is going on; of a load that runs by then, Ctrl+C pauses it and SIGTERM cancels it. It is
 * acknowledged at once. The second leaves at once: what a load has done so far is in its journal.
 */
export class Interrupts {
  readonly #calledOff = new AbortController();
  readonly #tell: (text: string) => void;
  readonly #leave: () => void;
  #running: Running | null = null;
  #loadId = '';
  #count = 0;

  constructor(tell: (text: string) => void, leave: () => void) {
    this.#tell = tell;
    this.#leave = leave;
  }

  /** Aborted by an interrupt that comes before a load starts. */
  get signal(): AbortSignal {
    return this.#calledOff.signal;
  }

  get happened(): boolean {
    return this.#count > 0;
  }

  /** From now on an interrupt is of a load, and of nothing else: a load that is about to start is not to be lost sight of. */
  hold(running: Running): void {
    if (this.#calledOff.signal.aborted) throw new FailureError({ code: 'CANCELLED' });
    this.#running = running;
  }

  /** The load that runs now, to be named when it is left. */
  running(loadId: string): void {
    this.#loadId = loadId;
  }

  interrupt(signal: 'SIGINT' | 'SIGTERM' = 'SIGTERM'): void {
    this.#count++;
    if (this.#count > 1) {
      this.#tell(this.#loadId === '' ? 'Stopped.' : `Stopped. To continue: longshore resume ${this.#loadId}`);
      this.#leave();
    } else if (this.#running === null) {
      this.#tell('Canceling.');
      this.#calledOff.abort();
    } else if (signal === 'SIGINT') {
      this.#tell(
        'Pausing the load. Nothing more is sent; what was sent stays sent. Press Ctrl+C again to quit at once.',
      );
      this.#running.pause();
    } else {
      this.#tell(
        'Canceling the load. Longshore looks up what was done and writes the result files. Press Ctrl+C again to quit at once.',
      );
      this.#running.cancel();
    }
  }

  listen(): void {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => this.interrupt(signal));
  }
}
