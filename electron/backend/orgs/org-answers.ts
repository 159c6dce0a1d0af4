import { FailureError } from '../../../shared/contract/failure.ts';

/**
 * A request whose answer never came: the org may or may not have acted on it. Who sent it must find out
 * before doing anything else.
 */
export class LostAnswer extends Error {
  readonly reason: string;
  constructor(reason: string) {
    super(`the answer was lost (${reason})`);
    this.name = 'LostAnswer';
    this.reason = reason;
  }
}

/** A failure before anything was asked of the org: what was to be sent was not. */
export class NothingAsked extends FailureError {}

/** An answer of the org that is an error, with Salesforce's own code; '' where it gave none. */
export class RefusedByOrg extends Error {
  readonly status: number;
  readonly errorCode: string;
  /** Milliseconds that the org asks to wait before the next try; null where it asks for none. */
  readonly retryAfter: number | null;
  constructor(status: number, errorCode: string, message: string, retryAfter: number | null = null) {
    super(message);
    this.name = 'RefusedByOrg';
    this.status = status;
    this.errorCode = errorCode;
    this.retryAfter = retryAfter;
  }
}

/** What a call without consequences makes of both: a failure to show. Anything else is passed on as it is. */
export function asFailure(error: unknown, host: string): unknown {
  if (error instanceof LostAnswer) return new FailureError({ code: 'ORG_UNREACHABLE', host, reason: error.reason });
  if (!(error instanceof RefusedByOrg)) return error;
  const { status, message } = error;
  return new FailureError({ code: 'ORG_REFUSED', status, errorCode: error.errorCode || `HTTP_${status}`, message });
}
