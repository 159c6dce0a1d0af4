import { FailureError } from '../../../shared/contract/failure.ts';

/**
 * Ctrl+C and SIGTERM. The first calls off what is going on, or cancels the load that runs by then; it is acknowledged at
 * once. The second leaves at once: what a load has done so far is in its journal.
 */
export class Interrupts {
  readonly #calledOff = new AbortController();
  readonly #tell: (text: string) => void;
  readonly #leave: () => void;
  #cancel: (() => void) | null = null;
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

  /** From now on an interrupt cancels a load, and nothing else: a load that is about to start is not to be lost sight of. */
  hold(cancel: () => void): void {
    if (this.#calledOff.signal.aborted) throw new FailureError({ code: 'CANCELLED' });
    this.#cancel = cancel;
  }

  /** The load that runs now, to be named when it is left. */
  running(loadId: string): void {
    this.#loadId = loadId;
  }

  interrupt(): void {
    this.#count++;
    if (this.#count > 1) {
      this.#tell(this.#loadId === '' ? 'Stopped.' : `Stopped. To continue: longshore resume ${this.#loadId}`);
      this.#leave();
    } else if (this.#cancel === null) {
      this.#tell('Canceling.');
      this.#calledOff.abort();
    } else {
      this.#tell(
        'Canceling the load. Longshore looks up what was done and writes the result files. Press Ctrl+C again to quit at once.',
      );
      this.#cancel();
    }
  }

  listen(): void {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => this.interrupt());
  }
}
