import { createHash, randomBytes } from 'node:crypto';
import { ORG_ID, USERS } from './generate-records.ts';
import type { RecordStore, StoredRecord } from './record-store.ts';
import type { Profile } from './schema.ts';

export interface Session {
  readonly user: StoredRecord;
  readonly profile: Profile;
}

interface PendingCode {
  readonly session: Session;
  readonly challenge: string;
  readonly redirectUri: string;
  readonly clientId: string;
}

type Form = Record<string, string>;

/** Answers of the token endpoint: RFC 6749 shapes with Salesforce's own texts. */
export type TokenAnswer =
  { status: 200; body: Record<string, string> } | { status: 400; body: { error: string; error_description: string } };

function refused(error: string, description: string): TokenAnswer {
  return { status: 400, body: { error, error_description: description } };
}

/** Who is signed in: codes, access tokens and refresh tokens, all in memory. */
export class OAuthServer {
  readonly #store: RecordStore;
  readonly #now: () => number;
  readonly #codes = new Map<string, PendingCode>();
  readonly #tickets = new Map<string, { session: Session; form: Form }>();
  readonly #access = new Map<string, Session>();
  readonly #refresh = new Map<string, Session>();

  constructor(store: RecordStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** Problems to show before a login page; a redirect target is only trusted if it is a loopback address. */
  authorizeProblem(form: Form): string | null {
    if (form['response_type'] !== 'code') return 'unsupported_response_type: only the web server flow is simulated';
    if (!form['client_id']) return 'invalid_client_id: client identifier invalid';
    if (!form['code_challenge']) return 'invalid_request: missing required code challenge';
    if (!/^http:\/\/(?:localhost|127\.0\.0\.1)(?::\d+)?\//.test(form['redirect_uri'] ?? '')) {
      return 'redirect_uri_mismatch: redirect_uri must match configuration';
    }
    return null;
  }

  login(username: string, password: string, form: Form): { ticket: string } | null {
    const user = USERS.find(
      (candidate) => candidate.username === username.trim().toLowerCase() && candidate.password === password,
    );
    const session = user && this.sessionFor(user.username);
    if (!session) return null;
    const ticket = randomBytes(16).toString('hex');
    this.#tickets.set(ticket, { session, form });
    return { ticket };
  }

  consent(ticket: string, allow: boolean): string | null {
    const pending = this.#tickets.get(ticket);
    if (!pending) return null;
    this.#tickets.delete(ticket);
    const { form, session } = pending;
    const target = new URL(form['redirect_uri'] ?? '');
    if (form['state']) target.searchParams.set('state', form['state']);
    if (allow) {
      // Real codes end in "=", so that a client that forgets to decode them is found out.
      const code = `aPrx${randomBytes(24).toString('base64url')}==`;
      this.#codes.set(code, {
        session,
        challenge: form['code_challenge'] ?? '',
        redirectUri: form['redirect_uri'] ?? '',
        clientId: form['client_id'] ?? '',
      });
      target.searchParams.set('code', code);
    } else {
      target.searchParams.set('error', 'access_denied');
      target.searchParams.set('error_description', 'end-user denied authorization');
    }
    return target.toString();
  }

  sessionFor(username: string): Session | null {
    const user = USERS.find((candidate) => candidate.username === username);
    const table = this.#store.table('User');
    const field = table?.object.byName.get('username');
    const record = user && table && field ? table.find(field, username)[0] : undefined;
    return record && user ? { user: record, profile: user.profile } : null;
  }

  issueAccessToken(session: Session): string {
    const token = `${ORG_ID.slice(0, 15)}!AQ${randomBytes(40).toString('base64url').replaceAll('-', '.')}`;
    this.#access.set(token, session);
    return token;
  }

  token(form: Form, origin: string): TokenAnswer {
    if (form['grant_type'] === 'authorization_code') {
      const pending = this.#codes.get(form['code'] ?? '');
      if (!pending) return refused('invalid_grant', 'invalid authorization code');
      this.#codes.delete(form['code'] ?? '');
      const challenge = createHash('sha256')
        .update(form['code_verifier'] ?? '')
        .digest('base64url');
      if (challenge !== pending.challenge) return refused('invalid_grant', 'invalid code verifier');
      if (form['redirect_uri'] !== pending.redirectUri)
        return refused('redirect_uri_mismatch', 'redirect_uri must match configuration');
      if (form['client_id'] !== pending.clientId) return refused('invalid_client_id', 'client identifier invalid');
      const refreshToken = `5Aep861${randomBytes(36).toString('base64url')}`;
      this.#refresh.set(refreshToken, pending.session);
      return this.#answer(pending.session, origin, { refresh_token: refreshToken });
    }
    if (form['grant_type'] === 'refresh_token') {
      const session = this.#refresh.get(form['refresh_token'] ?? '');
      return session ? this.#answer(session, origin, {}) : refused('invalid_grant', 'expired access/refresh token');
    }
    return refused('unsupported_grant_type', 'grant type not supported');
  }

  #answer(session: Session, origin: string, extra: Record<string, string>): TokenAnswer {
    const issuedAt = String(this.#now());
    const identity = `${origin}/id/${ORG_ID}/${session.user.Id}`;
    return {
      status: 200,
      body: {
        access_token: this.issueAccessToken(session),
        ...extra,
        signature: createHash('sha256')
          .update(identity + issuedAt)
          .digest('base64'),
        scope: 'refresh_token api',
        instance_url: origin,
        id: identity,
        token_type: 'Bearer',
        issued_at: issuedAt,
      },
    };
  }

  sessionOf(token: string | undefined): Session | undefined {
    return token === undefined ? undefined : this.#access.get(token);
  }

  revoke(token: string): void {
    this.#access.delete(token);
    this.#refresh.delete(token);
  }

  expireAccessTokens(): void {
    this.#access.clear();
  }

  revokeEverything(): void {
    this.#access.clear();
    this.#refresh.clear();
  }
}
