import type { Failure } from '../../../shared/contract/failure.ts';
import type { Log, RandomSource } from '../../backend/ports.ts';

/** Logs an error that nobody expected whole, and gives what may be said of it. */
export function incident(log: Log, random: RandomSource, message: string, error: unknown): Failure {
  const incidentId = random.token(8);
  log.error(message, error, { incidentId });
  return { code: 'BUG', incidentId, log: log.place };
}

/**
 * What no code of ours caught. A rejected promise that nobody awaited leaves everything else as it was: it is logged, and
 * running loads, which answer for their own promises, go on. After an exception that nobody caught nothing can be relied on:
 * it is logged and the process must end, so that loads are resumed from their journals.
 */
export function watchUnexpected(log: Log, random: RandomSource, end: (failure: Failure) => void): void {
  process.on('unhandledRejection', (error) => {
    incident(log, random, 'a rejection that nobody awaited', error);
  });
  process.on('uncaughtException', (error) => end(incident(log, random, 'an exception that nobody caught', error)));
}
