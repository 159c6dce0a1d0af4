import { FailureError } from '../../shared/contract/failure.ts';

/**
 * Runs work on one thing in turn. Checks and plans of a source rewrite the same tables, and a changed mapping asks for
 * new ones while the old are still being made: the old is cancelled, and the new waits until it has let go.
 */
export class OneAtATime {
  readonly #last = new Map<string, Promise<unknown>>();

  async run<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(() => {
      if (signal.aborted) throw new FailureError({ code: 'CANCELLED' });
      return work();
    });
    // Who comes next waits for the end of this one, whichever end that is.
    const settled = mine.catch(() => undefined);
    this.#last.set(key, settled);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    }
  }
}
