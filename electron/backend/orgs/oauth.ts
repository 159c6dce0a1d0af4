import { PassThrough } from 'node:stream';
// All of jsforce holds every start up for 80 ms; this part of it for 17.
import { OAuth2, type OAuth2Config } from 'jsforce/lib/oauth2.js';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import { asOAuthFailures } from './classify-salesforce-error.ts';
import { readText } from './answer-body.ts';
import { parseJson } from '../parse-json.ts';
import type { HttpTransport } from './http-transport.ts';
import type { Grant } from './token-grants.ts';

/** What is used of a token endpoint's answer (Salesforce Help, "OAuth 2.0 Web Server Flow", "OAuth 2.0 Refresh Token Flow"). */
const Tokens = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional(),
  instance_url: z.string(),
});
export type Tokens = z.infer<typeof Tokens>;

/** A refusal by RFC 6749, section 5.2. */
const OAuthError = z.object({ error: z.string().min(1) });

/**
 * OAuth as jsforce speaks it, over our own transport: jsforce's follows redirects with what it was to post, sends even
 * loopback through a proxy and takes no signal. The only module that uses jsforce.
 */
export class OAuthCalls {
  readonly #oauth: OAuth2;
  readonly #host: string;

  constructor(transport: HttpTransport, config: OAuth2Config & { loginUrl: string }, signal: AbortSignal) {
    this.#oauth = new OAuth2(config);
    this.#host = new URL(config.loginUrl).host;
    this.#oauth._transport.httpRequest = ({ url, headers = {}, body }) =>
      // jsforce posts text here, and takes the promise of it; the stream is for bodies that do not end.
      Object.assign(post(transport, new URL(url), headers, typeof body === 'string' ? body : '', signal), {
        stream: () => new PassThrough(),
      });
  }

  authorizationUrl(params: Record<string, string>): string {
    return this.#oauth.getAuthorizationUrl(params);
  }

  /** Throws `SIGN_IN_REFUSED`, `ORG_UNREACHABLE`, `ORG_ANSWER_UNREADABLE`, `ORG_REDIRECT_REFUSED`. */
  async exchange(code: string): Promise<Tokens> {
    const context = { host: this.#host, username: null, secrets: [code] };
    return tokensIn(await asOAuthFailures(context, () => this.#oauth.requestToken(code)));
  }

  /** Throws what `exchange` does, and `ORG_SESSION_EXPIRED` for a token that is no longer good. */
  async refresh(refreshToken: string, username: string): Promise<Tokens> {
    const context = { host: this.#host, username, secrets: [refreshToken] };
    return tokensIn(await asOAuthFailures(context, () => this.#oauth.refreshToken(refreshToken)));
  }

  /**
   * Any other grant. `username` is whose session is renewed, null where there was none yet. Throws what `exchange` does, and
   * `ORG_SESSION_EXPIRED` for a renewal that is refused.
   */
  async grant({ params, secrets }: Grant, username: string | null): Promise<Tokens> {
    return tokensIn(
      await asOAuthFailures({ host: this.#host, username, secrets }, () => this.#oauth.requestToken(params)),
    );
  }

  async revoke(token: string): Promise<void> {
    const context = { host: this.#host, username: null, secrets: [token] };
    await asOAuthFailures(context, () => this.#oauth.revokeToken(token));
  }
}

function tokensIn(answer: unknown): Tokens {
  const tokens = Tokens.safeParse(answer);
  if (tokens.success) return tokens.data;
  throw new FailureError({ code: 'ORG_ANSWER_UNREADABLE', status: 200, what: 'the OAuth endpoint' });
}

async function post(
  transport: HttpTransport,
  url: URL,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<{ statusCode: number; headers: Record<string, string>; body: string }> {
  const response = await transport.send({ method: 'POST', url, headers, body, signal });
  const text = await readText(response, signal);
  // jsforce takes any JSON of a refusal for OAuth's own, and says nothing where it is another one, such as REST's.
  if (response.statusCode >= 400 && parseJson(text) !== null && !OAuthError.safeParse(parseJson(text)).success)
    throw new FailureError({ code: 'ORG_ANSWER_UNREADABLE', status: response.statusCode, what: 'the OAuth endpoint' });
  return { statusCode: response.statusCode, headers: {}, body: text };
}
