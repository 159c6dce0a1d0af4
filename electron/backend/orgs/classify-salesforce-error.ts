import { FailureError, type Failure } from '../../../shared/contract/failure.ts';

/** What jsforce's errors, undici's errors and REST bodies have in common. */
interface ErrorFacts {
  readonly errorCode: string;
  readonly message: string;
  readonly systemCode: string;
}

function factsOf(error: unknown): ErrorFacts {
  const read = (value: unknown, key: string): string => {
    if (typeof value !== 'object' || value === null || !(key in value)) return '';
    const found = (value as Record<string, unknown>)[key];
    return typeof found === 'string' ? found : '';
  };
  const cause = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
  return {
    errorCode: read(error, 'errorCode') || read(error, 'name'),
    message: read(error, 'message'),
    systemCode: read(error, 'code') || read(cause, 'code'),
  };
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_SOCKET',
]);

const SESSION_CODES = new Set(['INVALID_SESSION_ID', 'INVALID_AUTH_HEADER', 'ERROR_HTTP_401']);
const LIMIT_CODES = new Set(['REQUEST_LIMIT_EXCEEDED', 'TOO_MANY_REQUESTS']);

/**
 * The one place where Salesforce's, jsforce's and the network's errors become failures: by code, never by message.
 * Returns null for what is none of theirs, which is then a bug of ours.
 */
export function classifySalesforceError(error: unknown, context: { host: string; username: string }): Failure | null {
  if (error instanceof FailureError) return error.failure;
  const { errorCode, message, systemCode } = factsOf(error);
  if (errorCode === 'AbortError') return { code: 'CANCELLED' };
  if (UNREACHABLE.has(systemCode)) return { code: 'ORG_UNREACHABLE', host: context.host, reason: systemCode };
  if (SESSION_CODES.has(errorCode)) return { code: 'ORG_SESSION_EXPIRED', username: context.username };
  if (LIMIT_CODES.has(errorCode)) return { code: 'ORG_API_LIMIT', message };
  if (errorCode === 'invalid_grant') return { code: 'ORG_SESSION_EXPIRED', username: context.username };
  if (/^[A-Z][A-Z0-9_]+$/.test(errorCode)) return { code: 'ORG_REFUSED', status: 400, errorCode, message };
  if (/^[a-z_]+$/.test(errorCode)) return { code: 'SIGN_IN_REFUSED', error: errorCode, description: message };
  return null;
}

/** Runs a call to Salesforce and rethrows what went wrong as a failure where it is one. */
export async function asFailures<T>(context: { host: string; username: string }, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const failure = classifySalesforceError(error, context);
    if (failure === null) throw error;
    throw new FailureError(failure);
  }
}
