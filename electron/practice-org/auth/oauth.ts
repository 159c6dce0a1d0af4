import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { z } from 'zod';
import type { Knobs } from '../admin/knobs.ts';
import { ORG_ID, type OrgData, type Session } from '../records/org-data.ts';

interface PendingCode {
  readonly session: Session;
  readonly challenge: string | null;
  readonly redirectUri: string;
  readonly clientId: string;
}

type Form = Record<string, string>;

/** Answers of the token endpoint: RFC 6749 shapes with Salesforce's own texts. */
export type TokenAnswer =
  | { status: 200; body: Record<string, string> }
  | { status: 400 | 401; body: { error: string; error_description: string } };

function refused(error: string, description: string, status: 400 | 401 = 400): TokenAnswer {
  return { status, body: { error, error_description: description } };
}

const JwtClaims = z.object({
  iss: z.string(),
  sub: z.string().optional(),
  prn: z.string().optional(),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.coerce.number(),
});

export function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** What must outlive the process: refresh tokens, by their digests only. */
export interface RefreshTokenKeeper {
  readonly added: (hash: string, username: string) => void;
  readonly removed: (hash: string) => void;
}

const APPROVAL = "user hasn't approved this consumer";
const BLOCKED = 'app must be installed into org';

/**
 * Who is signed in (Salesforce Help, "OAuth Authorization Flows"): the web server flow with PKCE, refresh with and without
 * rotation, JWT bearer, client credentials and username-password.
 */
export class OAuthServer {
  readonly #data: OrgData;
  readonly #knobs: () => Knobs;
  readonly #keeper: RefreshTokenKeeper;
  readonly #jwtCertificate: string | null;
  readonly #codes = new Map<string, PendingCode>();
  readonly #tickets = new Map<string, { session: Session; form: Form }>();
  readonly #access = new Map<string, { session: Session; calls: number }>();
  /** Digest of a refresh token → username. */
  readonly #refresh = new Map<string, string>();

  constructor(data: OrgData, knobs: () => Knobs, keeper: RefreshTokenKeeper, jwtCertificate: string | null) {
    this.#data = data;
    this.#knobs = knobs;
    this.#keeper = keeper;
    this.#jwtCertificate = jwtCertificate;
  }

  /** Problems to show before a login page; a redirect target is only trusted if it is a loopback address or an app's own scheme. */
  authorizeProblem(form: Form): string | null {
    if (form['response_type'] !== 'code') return 'unsupported_response_type: only the web server flow is simulated';
    if (!form['client_id']) return 'invalid_client_id: client identifier invalid';
    if (!form['code_challenge']) return 'invalid_request: missing required code challenge';
    if (form['code_challenge_method'] !== undefined && form['code_challenge_method'] !== 'S256')
      return 'invalid_request: code_challenge_method must be S256';
    if (!/^http:\/\/(?:localhost|127\.0\.0\.1)(?::\d+)?\//.test(form['redirect_uri'] ?? ''))
      return 'redirect_uri_mismatch: redirect_uri must match configuration';
    return null;
  }

  /** A ticket for the consent page, or null for a wrong name or password. */
  login(username: string, password: string, form: Form): { ticket: string } | null {
    const session = this.passwordSession(username, password);
    if (!session) return null;
    const ticket = randomBytes(16).toString('hex');
    this.#tickets.set(ticket, { session, form });
    return { ticket };
  }

  passwordSession(username: string, password: string): Session | null {
    const user = this.#data.file.users.find((candidate) => candidate.username === username.trim().toLowerCase());
    // SOAP login and the password flow send the security token behind the password; the practice org has none.
    return user && (password === user.password || password.startsWith(user.password))
      ? this.#data.session(user.username)
      : null;
  }

  /** Where the browser goes after the consent page, or null for a ticket that was used. */
  consent(ticket: string, allow: boolean): string | null {
    const pending = this.#tickets.get(ticket);
    if (!pending) return null;
    this.#tickets.delete(ticket);
    const { form, session } = pending;
    const target = new URL(form['redirect_uri'] ?? '');
    if (form['state']) target.searchParams.set('state', form['state']);
    const blocked = this.#appProblem(session);
    if (!allow) {
      target.searchParams.set('error', 'access_denied');
      target.searchParams.set('error_description', 'end-user denied authorization');
    } else if (blocked !== null) {
      target.searchParams.set('error', 'invalid_client');
      target.searchParams.set('error_description', BLOCKED);
    } else {
      // Real codes end in "=", so that a client that forgets to decode them is found out.
      const code = `aPrx${randomBytes(24).toString('base64url')}==`;
      this.#codes.set(code, {
        session,
        challenge: form['code_challenge'] ?? null,
        redirectUri: form['redirect_uri'] ?? '',
        clientId: form['client_id'] ?? '',
      });
      target.searchParams.set('code', code);
    }
    return target.href;
  }

  token(form: Form, basic: string | undefined, origin: string): TokenAnswer {
    switch (form['grant_type']) {
      case 'authorization_code':
        return this.#fromCode(form, origin);
      case 'refresh_token':
        return this.#fromRefreshToken(form, origin);
      case 'urn:ietf:params:oauth:grant-type:jwt-bearer':
        return this.#fromJwt(form['assertion'] ?? '', origin);
      case 'client_credentials':
        return this.#fromClientCredentials(form, basic, origin);
      case 'password':
        return this.#fromPassword(form, origin);
      default:
        return refused('unsupported_grant_type', 'grant type not supported');
    }
  }

  sessionOf(token: string | undefined): Session | null {
    const entry = token === undefined ? undefined : this.#access.get(token);
    if (!entry || token === undefined) return null;
    const { expireTokenAfter } = this.#knobs();
    if (expireTokenAfter > 0 && entry.calls >= expireTokenAfter) {
      this.#access.delete(token);
      return null;
    }
    entry.calls++;
    return entry.session;
  }

  issueAccessToken(session: Session): string {
    const token = `${ORG_ID.slice(0, 15)}!AQ.${randomBytes(36).toString('base64url').replaceAll('-', '.')}`;
    this.#access.set(token, { session, calls: 0 });
    return token;
  }

  /** Ends an access token, or a refresh token with nothing else. */
  revoke(token: string): void {
    this.#access.delete(token);
    const hash = digest(token);
    if (this.#refresh.delete(hash)) this.#keeper.removed(hash);
  }

  expireAccessTokens(): void {
    this.#access.clear();
  }

  revokeEverything(): void {
    this.#access.clear();
    for (const hash of this.#refresh.keys()) this.#keeper.removed(hash);
    this.#refresh.clear();
  }

  /** Takes up the refresh tokens of an earlier run. */
  remember(hash: string, username: string): void {
    this.#refresh.set(hash, username);
  }

  forget(hash: string): void {
    this.#refresh.delete(hash);
  }

  /** Uninstalled apps need an administrator's approval since September 2025 (Salesforce Help 005132365). */
  #appProblem(session: Session): string | null {
    const user = this.#data.file.users.find((candidate) => candidate.username === session.username);
    return this.#knobs().connectedAppBlocked || user?.appApproved === false ? APPROVAL : null;
  }

  #success(session: Session, origin: string, refreshToken: string | null): TokenAnswer {
    const issuedAt = String(this.#data.now());
    const id = `${origin}/id/${ORG_ID}/${session.userId}`;
    return {
      status: 200,
      body: {
        access_token: this.issueAccessToken(session),
        ...(refreshToken === null ? {} : { refresh_token: refreshToken }),
        signature: createHash('sha256')
          .update(id + issuedAt)
          .digest('base64'),
        scope: 'refresh_token web api',
        instance_url: origin,
        id,
        token_type: 'Bearer',
        issued_at: issuedAt,
      },
    };
  }

  #newRefreshToken(session: Session): string {
    const token = `5Aep${randomBytes(40).toString('base64url').replaceAll('-', '_')}`;
    const hash = digest(token);
    this.#refresh.set(hash, session.username);
    this.#keeper.added(hash, session.username);
    return token;
  }

  #fromCode(form: Form, origin: string): TokenAnswer {
    const pending = this.#codes.get(form['code'] ?? '');
    if (!pending) return refused('invalid_grant', 'expired authorization code');
    this.#codes.delete(form['code'] ?? '');
    if (pending.clientId !== form['client_id']) return refused('invalid_client_id', 'client identifier invalid');
    if (pending.redirectUri !== form['redirect_uri'])
      return refused('redirect_uri_mismatch', 'redirect_uri must match configuration');
    const hashed = createHash('sha256')
      .update(form['code_verifier'] ?? '')
      .digest('base64url');
    if (pending.challenge !== null && pending.challenge.replace(/=+$/, '') !== hashed)
      return refused('invalid_grant', 'invalid code verifier');
    return this.#success(pending.session, origin, this.#newRefreshToken(pending.session));
  }

  #fromRefreshToken(form: Form, origin: string): TokenAnswer {
    const given = form['refresh_token'] ?? '';
    const session = this.#data.session(this.#refresh.get(digest(given)) ?? '');
    if (!session) return refused('invalid_grant', 'expired access/refresh token');
    if (!this.#knobs().rotateRefreshTokens) return this.#success(session, origin, null);
    this.revoke(given);
    return this.#success(session, origin, this.#newRefreshToken(session));
  }

  /** RFC 7523. The signature is checked only where a certificate was given: `sf` and others sign with their own keys. */
  #fromJwt(assertion: string, origin: string): TokenAnswer {
    const [header = '', payload = '', signature = ''] = assertion.split('.');
    const decoded = (part: string): unknown => {
      try {
        return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
      } catch {
        return null;
      }
    };
    const claims = JwtClaims.safeParse(decoded(payload));
    const algorithm = (decoded(header) as { alg?: unknown } | null)?.alg;
    if (!claims.success || algorithm !== 'RS256' || signature === '')
      return refused('invalid_grant', 'invalid assertion');
    if (this.#jwtCertificate !== null) {
      const valid = verify(
        'RSA-SHA256',
        Buffer.from(`${header}.${payload}`),
        createPublicKey(this.#jwtCertificate),
        Buffer.from(signature, 'base64url'),
      );
      if (!valid) return refused('invalid_grant', 'invalid assertion');
    }
    const { jwtAudience } = this.#knobs();
    if (jwtAudience !== '' && ![claims.data.aud].flat().includes(jwtAudience))
      return refused('invalid_grant', 'Audience validation failed');
    // sf sends milliseconds where the standard has seconds.
    const expires = claims.data.exp > 1e11 ? claims.data.exp : claims.data.exp * 1000;
    if (expires < this.#data.now()) return refused('invalid_grant', 'assertion is expired');
    const session = this.#data.session(claims.data.sub ?? claims.data.prn ?? '');
    const problem = session ? this.#appProblem(session) : APPROVAL;
    return session && problem === null ? this.#success(session, origin, null) : refused('invalid_grant', APPROVAL);
  }

  /** The app's run-as user is the first administrator. */
  #fromClientCredentials(form: Form, basic: string | undefined, origin: string): TokenAnswer {
    const [id = '', secret = ''] =
      basic === undefined
        ? [form['client_id'], form['client_secret']]
        : Buffer.from(basic, 'base64').toString('utf8').split(':');
    const { consumerSecret, clientCredentialsUser } = this.#knobs();
    if (!id || !secret || (consumerSecret !== '' && secret !== consumerSecret))
      return refused('invalid_client', 'invalid client credentials');
    const session = this.#data.session(this.#data.file.users[0]?.username ?? '');
    if (!session || !clientCredentialsUser || this.#knobs().connectedAppBlocked)
      return refused('invalid_grant', 'no client credentials user enabled');
    return this.#success(session, origin, null);
  }

  #fromPassword(form: Form, origin: string): TokenAnswer {
    if (!form['client_id']) return refused('invalid_client_id', 'client identifier invalid');
    const { consumerSecret, passwordFlow } = this.#knobs();
    if (consumerSecret !== '' && form['client_secret'] !== consumerSecret)
      return refused('invalid_client', 'invalid client credentials');
    const session = this.passwordSession(form['username'] ?? '', form['password'] ?? '');
    if (!session || !passwordFlow || this.#appProblem(session) !== null)
      return refused('invalid_grant', 'authentication failure');
    return this.#success(session, origin, null);
  }
}
