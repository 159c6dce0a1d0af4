import type { BackendEvent } from '../../../shared/contract/events.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { LoadId } from '../../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';

/** Waits for loads by what the backend tells of them; settles once one has finished or paused. Throws `CANCELLED`. */
export function whenLoadStops(
  listeners: Set<(event: BackendEvent) => void>,
  get: (loadId: LoadId, signal: AbortSignal) => Promise<LoadSnapshot>,
): (loadId: LoadId, signal: AbortSignal) => Promise<LoadSnapshot> {
  return (loadId, signal) =>
    new Promise((resolve, reject) => {
      const leave = () => {
        listeners.delete(listener);
        signal.removeEventListener('abort', cancel);
      };
      const look = (load: LoadSnapshot) => {
        if (load.state.kind !== 'finished' && load.state.kind !== 'paused') return;
        leave();
        resolve(load);
      };
      const cancel = () => {
        leave();
        reject(new FailureError({ code: 'CANCELLED' }));
      };
      const listener = (event: BackendEvent) => {
        if (event.topic === 'load' && event.load.loadId === loadId) look(event.load);
      };
      listeners.add(listener);
      signal.addEventListener('abort', cancel, { once: true });
      if (signal.aborted) cancel();
      // It may have stopped before anybody listened.
      get(loadId, signal).then(look, (error: unknown) => {
        leave();
        reject(error instanceof Error ? error : new Error(String(error)));
      });
    });
}
