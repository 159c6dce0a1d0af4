import type { CancelSignal } from '../../shared/contract/procedures.ts';

/** Whether the backend answers: it does; it does not, and is tried again; or it was started anew and no longer knows this window. */
export type ReachState = 'there' | 'lost' | 'unknown-here';

/** The way to the backend as it is now. What is asked meanwhile may wait for it to come back. */
export class Reach {
  readonly #listeners = new Set<() => void>();
  #state: ReachState = 'there';

  readonly current = (): ReachState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  set(state: ReachState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }

  /** Resolves once the backend answers, at once if it does; and when whoever waits no longer wants to. */
  back(signal?: CancelSignal): Promise<void> {
    if (this.#state === 'there' || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const leave = this.subscribe(() => this.#state === 'there' && end());
      const end = (): void => {
        leave();
        resolve();
      };
      signal?.addEventListener('abort', end);
    });
  }
}
