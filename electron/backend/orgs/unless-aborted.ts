import { FailureError } from '../../../shared/contract/failure.ts';

/**
 * Waits for work that many may wait for, until it is done or this caller is called off; the work itself goes on for the
 * others. Throws `CANCELLED` at once.
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // Nobody may be left to hear how it ended.
  work.catch(() => undefined);
  if (signal.aborted) throw new FailureError({ code: 'CANCELLED' });
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(new FailureError({ code: 'CANCELLED' }));
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
