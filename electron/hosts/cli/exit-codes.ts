import type { Failure, FailureCode } from '../../../shared/contract/failure.ts';

/** Exit codes as `sf data` has them, and one more for a load in which some rows failed. */
export const EXIT = { ok: 0, usage: 1, server: 2, operation: 3, someRowsFailed: 4 } as const;

/** What lies with the org, the network or the session; the same command may work later. */
const SERVER: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'ORG_UNREACHABLE',
  'ORG_ANSWER_UNREADABLE',
  'ORG_API_LIMIT',
  'ORG_REDIRECT_REFUSED',
  'ORG_SESSION_EXPIRED',
  'SIGN_IN_REFUSED',
  'SIGN_IN_NEEDS_APPROVAL',
  'SIGN_IN_TIMED_OUT',
  'LOAD_STATE_UNKNOWN',
]);

export function exitCodeOf({ code }: Failure): number {
  return SERVER.has(code) ? EXIT.server : EXIT.operation;
}
