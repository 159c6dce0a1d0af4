import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import type { BackendPorts } from '../ports.ts';

/** Failures that also end what is no load say that it is one. */
function pausing(failure: Failure): Failure {
  const isOfBoth = failure.code === 'STAGING_STOPPED' || failure.code === 'STAGING_OUT_OF_MEMORY';
  return isOfBoth ? { ...failure, paused: true } : failure;
}

/** What a load pauses with; anything unexpected is logged whole. */
export function pausedFor(error: unknown, { random, log }: Pick<BackendPorts, 'random' | 'log'>): Failure {
  if (error instanceof FailureError) return pausing(error.failure);
  const incidentId = random.token(8);
  log.error('a load stopped', error, { incidentId });
  return { code: 'BUG', incidentId, log: log.place };
}
