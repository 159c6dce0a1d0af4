import { FailureError } from '../../../shared/contract/failure.ts';
import type { OrgKind, OrgSummary, SignInTarget, SignInWay } from '../../../shared/domain/org.ts';
import type { BackendPorts } from '../ports.ts';
import { ConsumerKeys } from './consumer-keys.ts';
import type { HttpTransport } from './http-transport.ts';
import { loginUrlOf, practiceOrgUrl, safeOrigin } from './login-address.ts';
import { OAuthCalls } from './oauth.ts';
import type { KeptSession, StoredSession } from './org-session.ts';
import type { SfOrgs } from './sf-orgs.ts';
import { sessionOf, signIn } from './sign-in.ts';
import {
  audienceOf,
  clientCredentialsGrant,
  jwtGrant,
  passwordGrant,
  type Grant,
  type RenewBy,
} from './token-grants.ts';

/** The practice org takes any client; this one names us on its consent page. */
const PRACTICE_CLIENT_ID = 'Longshore';
/** A session id or an access token that is none (sfdx-core, `accessTokenRegex`), or a token that is a JWT. */
const ACCESS_TOKEN = /^(?:00D[A-Za-z0-9]{12,15}![.\w]*|[\w-]+\.[\w-]+\.[\w-]+)$/;

/** A way to sign in that needs no browser, for scripts. Only a host may ask for it. */
export type SignInSecret = { readonly loginUrl: string; readonly clientId: string } & (
  | { readonly kind: 'jwt'; readonly username: string; readonly keyFile: string; readonly audience?: string }
  | { readonly kind: 'client-credentials'; readonly clientSecret: string }
  | { readonly kind: 'password'; readonly username: string; readonly password: string; readonly clientSecret?: string }
);

/** A session that was just given, before it is known whose it is. */
export interface NewSession {
  readonly session: StoredSession;
  /** What kind of org it is, where it was said. */
  readonly kind: OrgKind | null;
  readonly via: SignInWay;
  /** Whether it is to outlive this process. */
  readonly keep: boolean;
}

type SignInPorts = Pick<BackendPorts, 'openExternal' | 'random' | 'practiceOrg' | 'settings' | 'clock'>;

/** Every way to a session. */
export class SignIns {
  readonly #ports: SignInPorts;
  readonly #transport: HttpTransport;
  readonly #sf: SfOrgs;
  readonly #keys: ConsumerKeys;

  constructor(ports: SignInPorts, transport: HttpTransport, sf: SfOrgs) {
    this.#ports = ports;
    this.#transport = transport;
    this.#sf = sf;
    this.#keys = new ConsumerKeys(ports.settings);
  }

  /** Where a target leads and the key kept for it. The practice org needs none, and is not started for this. */
  address(target: SignInTarget): { loginUrl: string; clientId: string | null } {
    if (target.kind === 'practice') return { loginUrl: '', clientId: null };
    const loginUrl = loginUrlOf(target);
    return { loginUrl, clientId: this.#keys.at(loginUrl) };
  }

  /** Throws `SIGN_IN_NEEDS_CLIENT_ID` besides what the flow and the address do. */
  async inBrowser(target: SignInTarget, clientId: string | undefined, signal: AbortSignal): Promise<NewSession> {
    if (target.kind === 'practice') {
      const loginUrl = await practiceOrgUrl(this.#ports.practiceOrg);
      return this.#browse(loginUrl, PRACTICE_CLIENT_ID, 'practice', '', signal);
    }
    const loginUrl = loginUrlOf(target);
    const key = clientId ?? this.#keys.at(loginUrl) ?? '';
    if (key === '') throw new FailureError({ code: 'SIGN_IN_NEEDS_CLIENT_ID' });
    const given = await this.#browse(loginUrl, key, target.kind === 'sandbox' ? 'sandbox' : null, '', signal);
    this.#remember(given.session);
    return given;
  }

  async #browse(
    loginUrl: string,
    clientId: string,
    kind: OrgKind | null,
    username: string,
    signal: AbortSignal,
  ): Promise<NewSession> {
    const session = await signIn(this.#ports, this.#transport, loginUrl, clientId, signal, username);
    return { session, kind, via: 'browser', keep: true };
  }

  /** The org may be asked for at its own address next time. */
  #remember({ loginUrl, instanceUrl, clientId }: StoredSession): void {
    for (const address of new Set([loginUrl, instanceUrl])) this.#keys.remember(address, clientId);
  }

  /** In the way of the sign-in before. Throws `NOT_SUPPORTED` where that needs what is not kept. */
  async again(org: OrgSummary, found: KeptSession, signal: AbortSignal): Promise<NewSession> {
    const kept = found.kind === 'kept' ? found.session : null;
    if (org.via === 'sf') return this.sf(org.username);
    if (org.via === undefined || org.via === 'browser') return this.#browseAgain(org, kept, signal);
    const renewBy = kept?.renewBy;
    if (kept === null || renewBy === undefined || renewBy.kind === 'sf') {
      const instead = org.via === 'token' ? 'Paste a new token.' : 'Sign in with “longshore orgs sign-in”.';
      throw new FailureError({ code: 'NOT_SUPPORTED', what: 'renewing this session automatically', instead });
    }
    const grant =
      renewBy.kind === 'jwt'
        ? await jwtGrant(renewBy, { clientId: kept.clientId, username: org.username }, this.#ports.clock.now())
        : clientCredentialsGrant(renewBy.clientSecret);
    const session = await this.#granted(kept, grant, signal);
    return { session: { ...session, renewBy }, kind: org.kind, via: org.via, keep: true };
  }

  async #browseAgain(org: OrgSummary, kept: StoredSession | null, signal: AbortSignal): Promise<NewSession> {
    if (org.kind === 'practice') {
      const loginUrl = await practiceOrgUrl(this.#ports.practiceOrg);
      return this.#browse(loginUrl, PRACTICE_CLIENT_ID, 'practice', org.username, signal);
    }
    const loginUrl = kept?.loginUrl ?? org.loginUrl ?? `https://${org.instanceHost}`;
    const clientId = kept?.clientId ?? this.#keys.at(loginUrl) ?? this.#keys.at(`https://${org.instanceHost}`) ?? '';
    if (clientId === '') throw new FailureError({ code: 'SIGN_IN_NEEDS_CLIENT_ID' });
    return this.#browse(loginUrl, clientId, org.kind, org.username, signal);
  }

  /** Throws `SIGN_IN_REFUSED`, `LOGIN_URL_INVALID`, `KEY_FILE_UNREADABLE`, and what a request to the token endpoint throws. */
  async withSecret(secret: SignInSecret, signal: AbortSignal): Promise<NewSession> {
    const where = { loginUrl: loginUrlOf({ kind: 'custom', loginUrl: secret.loginUrl }), clientId: secret.clientId };
    const { grant, renewBy } = await this.#grantFor(secret, where);
    const session = await this.#granted(where, grant, signal);
    this.#remember(session);
    const kept = renewBy === null ? session : { ...session, renewBy };
    return { session: kept, kind: null, via: secret.kind, keep: true };
  }

  async #grantFor(
    secret: SignInSecret,
    { loginUrl }: { readonly loginUrl: string },
  ): Promise<{ grant: Grant; renewBy: RenewBy | null }> {
    switch (secret.kind) {
      case 'jwt': {
        const { keyFile, audience = audienceOf(loginUrl) } = secret;
        const renewBy = { kind: 'jwt', keyFile, audience } as const;
        return { grant: await jwtGrant(renewBy, secret, this.#ports.clock.now()), renewBy };
      }
      case 'client-credentials': {
        const { clientSecret } = secret;
        return { grant: clientCredentialsGrant(clientSecret), renewBy: { kind: 'client-credentials', clientSecret } };
      }
      case 'password':
        return { grant: passwordGrant(secret.username, secret.password, secret.clientSecret), renewBy: null };
    }
  }

  async #granted(
    { loginUrl, clientId }: { readonly loginUrl: string; readonly clientId: string },
    grant: Grant,
    signal: AbortSignal,
  ): Promise<StoredSession> {
    const calls = new OAuthCalls(this.#transport, { loginUrl, clientId }, signal);
    return sessionOf(await calls.grant(grant, null), loginUrl, clientId);
  }

  /** A token that the person has. It is not ours, and is not ended with a sign-out. Throws `TOKEN_INVALID`. */
  token(target: SignInTarget, accessToken: string, keep: boolean): NewSession {
    if (target.kind === 'practice') throw new FailureError({ code: 'LOGIN_URL_INVALID', value: '' });
    if (!ACCESS_TOKEN.test(accessToken)) throw new FailureError({ code: 'TOKEN_INVALID' });
    return { session: pasted(loginUrlOf(target), accessToken), kind: null, via: 'token', keep };
  }

  /**
   * A token that was handed in through the environment, with the address it belongs to: for this process alone. Kept, it would
   * take the place of a session that can be renewed, and end it for every other host.
   */
  environment(instanceUrl: string, accessToken: string): NewSession {
    return { session: pasted(safeOrigin(instanceUrl), accessToken), kind: null, via: 'token', keep: false };
  }

  /** Throws `SF_ORG_UNUSABLE`. */
  async sf(username: string): Promise<NewSession> {
    return { session: await this.#sf.session(username), kind: null, via: 'sf', keep: false };
  }
}

/** Without a client: it was given to somebody else. */
function pasted(instanceUrl: string, accessToken: string): StoredSession {
  return { accessToken, refreshToken: null, instanceUrl, loginUrl: instanceUrl, clientId: '', username: '' };
}
