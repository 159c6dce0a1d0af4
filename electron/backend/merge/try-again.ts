import { FailureError } from '../../../shared/contract/failure.ts';
import { asFailure, LostAnswer, RefusedByOrg } from '../orgs/org-answers.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import type { Clock } from '../ports.ts';

const TRIES = 4;
/** Milliseconds before the second try, and twice as long before each that follows. */
const PAUSE = 1000;

/** Somebody else was at the record: it can be tried again (SOAP API guide, "StatusCode"). */
export function isLocked(code: string): boolean {
  return code === 'UNABLE_TO_LOCK_ROW';
}

function isPassing(error: unknown): boolean {
  return (
    error instanceof LostAnswer ||
    (error instanceof RefusedByOrg && (error.status >= 500 || error.status === 429)) ||
    (error instanceof FailureError && error.failure.code === 'ORG_ANSWER_UNREADABLE')
  );
}

/**
 * Tries something that writes until nothing of it is left to do: `work` finds out each time what that is, by what the org has, so that
 * nothing is done twice. It gives what went wrong, or null. Throws what does not pass, as a failure, and `CANCELLED`.
 */
export async function tryAgain(
  { client, clock }: { client: Pick<OrgClient, 'host'>; clock: Clock },
  signal: AbortSignal,
  work: (attempt: { readonly isLast: boolean }) => Promise<unknown>,
  isOpen: () => boolean,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    if (signal.aborted) throw new FailureError({ code: 'CANCELLED' });
    const error = await work({ isLast: attempt === TRIES });
    if (!isOpen()) return;
    if (error !== null && !isPassing(error)) throw asFailure(error, client.host);
    if (attempt === TRIES) {
      if (error !== null) throw asFailure(error, client.host);
      return;
    }
    await clock.sleep(PAUSE * 2 ** (attempt - 1), signal);
  }
}
