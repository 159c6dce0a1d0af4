import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import { LostAnswer } from './org-answers.ts';

/** One key of whatever was thrown, as text; '' if it has none. */
function read(value: unknown, key: string): string {
  if (typeof value !== 'object' || value === null || !(key in value)) return '';
  const found = (value as Record<string, unknown>)[key];
  return typeof found === 'string' ? found : '';
}

/** Codes of Node and undici that come before the first byte of a request: of names, certificates and proxies. */
const NEVER_SENT =
  /^(?:UND_ERR_(?:CONNECT_TIMEOUT|PRX_\w+|ABORTED|INVALID_ARG)|ERR_INVALID_URL|ERR_TLS_CERT_\w+|ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)|\w*CERT\w*|CRL_\w+|UNABLE_TO_\w+|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|ECONNREFUSED|ENOTFOUND|EAI_AGAIN)$/;

/**
 * What a request that brought no answer means: `ORG_UNREACHABLE` if it certainly was not sent, else a lost answer. By code and
 * by the system call that failed, never by message.
 */
export function networkFailure(error: unknown, host: string): Error {
  if (error instanceof FailureError || error instanceof LostAnswer) return error;
  const cause = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
  const reason = read(error, 'code') || read(cause, 'code') || read(error, 'name') || 'unknown';
  const call = read(error, 'syscall');
  if (NEVER_SENT.test(reason) || call === 'connect' || call === 'getaddrinfo')
    return new FailureError({ code: 'ORG_UNREACHABLE', host, reason });
  return new LostAnswer(reason);
}

export interface OAuthContext {
  readonly host: string;
  /** Whose session a refused grant ends; null where there was none yet. */
  readonly username: string | null;
  /** What was sent that no message may quote: a code, a token, a password. */
  readonly secrets: readonly string[];
}

/** What the token endpoint's refusals mean (RFC 6749, section 5.2; Salesforce Help, "OAuth 2.0 Authorization Errors"). */
function oauthFailure(error: unknown, context: OAuthContext): Failure | null {
  if (error instanceof FailureError) return error.failure;
  if (error instanceof LostAnswer) return { code: 'ORG_UNREACHABLE', host: context.host, reason: error.reason };
  // jsforce puts the error's code into its name, and the status there where the answer was no JSON.
  const name = read(error, 'name');
  const status = /^ERROR_HTTP_(\d+)$/.exec(name)?.[1];
  if (status !== undefined)
    return { code: 'ORG_ANSWER_UNREADABLE', status: Number(status), what: 'the OAuth endpoint' };
  if (name === 'invalid_grant' && context.username !== null)
    return { code: 'ORG_SESSION_EXPIRED', username: context.username };
  const description = context.secrets.reduce(
    (text, secret) => (secret === '' ? text : text.replaceAll(secret, '[secret]')),
    read(error, 'message'),
  );
  if (/^[a-z_]+$/.test(name)) return { code: 'SIGN_IN_REFUSED', error: name, description };
  return null;
}

/** Runs a call to an OAuth endpoint and rethrows what went wrong as a failure. */
export async function asOAuthFailures<T>(context: OAuthContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const failure = oauthFailure(error, context);
    if (failure === null) throw error;
    throw new FailureError(failure);
  }
}
