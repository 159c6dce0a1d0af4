import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { SessionTrouble } from '../../../shared/domain/org.ts';
import { FileLock } from '../documents/file-lock.ts';
import type { HttpTransport } from './http-transport.ts';
import { allowedInstance } from './instance-url.ts';
import { OAuthCalls, type Tokens } from './oauth.ts';
import { clientCredentialsGrant, jwtGrant, RenewBy } from './token-grants.ts';
import { unlessAborted } from './unless-aborted.ts';

/** What is kept of a sign-in, in the secret vault and nowhere else. */
export const StoredSession = z.object({
  accessToken: z.string(),
  refreshToken: z.string().nullable(),
  instanceUrl: z.url(),
  loginUrl: z.string(),
  clientId: z.string(),
  /** Whose it is; '' in sessions that were kept before this was. */
  username: z.string().default(''),
  /** Which sign-in it is of, as the list of orgs knows it; none in sessions that were kept before it did. */
  signIn: z.string().optional(),
  /** How it is renewed if it has no refresh token; without either it ends with its access token. */
  renewBy: RenewBy.optional(),
});
export type StoredSession = z.infer<typeof StoredSession>;

/** What the vault holds of an org's session. `reason` is the system's own word, never the secret. */
export type KeptSession =
  | { readonly kind: 'kept'; readonly session: StoredSession }
  | { readonly kind: 'trouble'; readonly trouble: Exclude<SessionTrouble, 'not-kept'>; readonly reason: string };

/** Where a session is kept, and who is told of it. */
export interface SessionOwner {
  /** Held while tokens are renewed: one process at a time, and one refresh for all. */
  readonly lockPath: string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** What the vault holds now; another process may have renewed it. */
  load(): Promise<KeptSession>;
  save(session: StoredSession): Promise<void>;
  /** Lets the official CLI renew a session that it keeps; what it did, if anything, is in what `load` gives then. */
  renewElsewhere(signal: AbortSignal): Promise<void>;
  /** The org ended this session. */
  expired(session: StoredSession): void;
  /** The vault no longer gives the session. */
  lost(trouble: SessionTrouble): void;
  moved(instanceHost: string): void;
}

/** A renewal that takes longer than this, the wait for the lock included, has failed. */
const RENEWAL_TIMEOUT = 60_000;
const REVOKE_TIMEOUT = 10_000;

/** The lock under which a session in the vault is changed. Throws `DISK_REFUSED` if it is not to be had in time. */
export async function lockSession(path: string, signal: AbortSignal): Promise<FileLock> {
  try {
    return await FileLock.wait(path, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new FailureError({ code: 'DISK_REFUSED', what: 'the lock of the session', reason: 'EBUSY' });
  }
}

/** The tokens of one signed-in org: renewed once for all callers and all processes, and kept before they are used. */
export class OrgSession {
  readonly username: string;
  readonly #transport: HttpTransport;
  readonly #owner: SessionOwner | null;
  #stored: StoredSession;
  #renewing: Promise<void> | null = null;
  /** Answered by the org but not kept yet: asked for once only, since a rotated refresh token works once. */
  #unsaved: StoredSession | null = null;

  /** Without an owner the session is not renewed: it is being looked at before it is anybody's. */
  constructor(username: string, stored: StoredSession, transport: HttpTransport, owner: SessionOwner | null) {
    this.username = username;
    this.#stored = stored;
    this.#transport = transport;
    this.#owner = owner;
  }

  /** As it is now, renewals included. */
  get stored(): StoredSession {
    return this.#stored;
  }

  get instanceUrl(): string {
    return this.#stored.instanceUrl;
  }

  get accessToken(): string {
    return this.#stored.accessToken;
  }

  get host(): string {
    return new URL(this.#stored.instanceUrl).host;
  }

  get #expired(): FailureError {
    const { username } = this;
    const via = this.#stored.renewBy?.kind === 'sf' ? ({ via: 'sf' } as const) : {};
    return new FailureError({ code: 'ORG_SESSION_EXPIRED', username, ...via });
  }

  /** The org refuses tokens that it has just given: told to the owner, and what to throw. */
  refuse(): FailureError {
    this.#owner?.expired(this.#stored);
    return this.#expired;
  }

  /**
   * Renews the access token that was refused, once however many callers and processes saw it refused. A caller that is called
   * off does not end it for the others. Throws `ORG_SESSION_EXPIRED` if the org does not renew it, `CANCELLED`, and what else
   * a request to the token endpoint throws.
   */
  async renew(refused: string, signal: AbortSignal): Promise<void> {
    if (refused !== this.#stored.accessToken) return;
    this.#renewing ??= this.#renewOnce(refused).finally(() => {
      this.#renewing = null;
    });
    await unlessAborted(this.#renewing, signal);
  }

  /** Waits until tokens on their way are kept. */
  async settled(): Promise<void> {
    await this.#renewing?.catch(() => undefined);
  }

  async #renewOnce(refused: string): Promise<void> {
    const owner = this.#owner;
    if (owner === null) throw this.#expired;
    const signal = AbortSignal.timeout(RENEWAL_TIMEOUT);
    const lock = await lockSession(owner.lockPath, signal);
    try {
      if (await this.#renewLocked(owner, refused, signal)) return;
    } catch (error) {
      // Only a refusal ends the session; a lost connection or a vault that can't be written does not.
      if (error instanceof FailureError && error.failure.code === 'ORG_SESSION_EXPIRED')
        throw error.failure.why === undefined ? this.refuse() : error;
      throw signal.aborted
        ? new FailureError({ code: 'ORG_UNREACHABLE', host: new URL(this.#stored.loginUrl).host, reason: 'ETIMEDOUT' })
        : error;
    } finally {
      await lock.release();
    }
    throw this.#expired;
  }

  /** False if the vault holds somebody else's session by now: this user's has ended, and that one goes on. */
  async #renewLocked(owner: SessionOwner, refused: string, signal: AbortSignal): Promise<boolean> {
    const found = await owner.load();
    if (found.kind === 'trouble') throw this.#notThere(owner, found);
    const kept = found.session;
    if (kept.username !== '' && kept.username !== this.username) return false;
    if (kept.accessToken !== refused) return this.#adopt(owner, kept);
    this.#unsaved ??= await this.#obtain(owner, kept, signal);
    await owner.save(this.#unsaved);
    return this.#adopt(owner, this.#unsaved);
  }

  /** A vault that does not answer may do so later; a session that is gone from it was signed out of, or is damaged. */
  #notThere(owner: SessionOwner, { trouble, reason }: Extract<KeptSession, { kind: 'trouble' }>): FailureError {
    if (trouble === 'refused')
      return new FailureError({ code: 'DISK_REFUSED', what: 'the session to the keychain', reason });
    owner.lost(trouble);
    return new FailureError({ code: 'ORG_SESSION_EXPIRED', username: this.username, why: trouble });
  }

  /** A session in place of one that was refused, in the way in which this one is renewed. */
  async #obtain(owner: SessionOwner, kept: StoredSession, signal: AbortSignal): Promise<StoredSession> {
    const { loginUrl, clientId, refreshToken, renewBy } = kept;
    const { username } = this;
    const calls = new OAuthCalls(this.#transport, { loginUrl, clientId }, signal);
    if (refreshToken !== null) return this.#renewed(owner, kept, await calls.refresh(refreshToken, username));
    switch (renewBy?.kind) {
      case 'jwt': {
        const grant = await jwtGrant(renewBy, { clientId, username }, owner.now());
        return this.#renewed(owner, kept, await calls.grant(grant, username));
      }
      case 'client-credentials':
        return this.#renewed(owner, kept, await calls.grant(clientCredentialsGrant(renewBy.clientSecret), username));
      case 'sf': {
        await owner.renewElsewhere(signal);
        const found = await owner.load();
        if (found.kind === 'trouble' || found.session.accessToken === kept.accessToken) throw this.#expired;
        return found.session;
      }
      default:
        throw this.#expired;
    }
  }

  async #renewed(owner: SessionOwner, kept: StoredSession, answer: Tokens): Promise<StoredSession> {
    const renewed = { ...kept, username: this.username, refreshToken: answer.refresh_token ?? kept.refreshToken };
    const instanceUrl = allowedInstance(answer.instance_url, kept.loginUrl);
    if (instanceUrl !== null) return { ...renewed, accessToken: answer.access_token, instanceUrl };
    // The refresh token is kept, if it is a new one, so that the next try is answered alike and not as an ended session.
    await owner.save(renewed);
    const host = URL.canParse(answer.instance_url) ? new URL(answer.instance_url).host : '';
    throw new FailureError({ code: 'ORG_REDIRECT_REFUSED', host });
  }

  #adopt(owner: SessionOwner, session: StoredSession): true {
    const before = this.host;
    this.#stored = session;
    this.#unsaved = null;
    if (this.host !== before) owner.moved(this.host);
    return true;
  }

  /** Ends the session at the org. */
  async revoke(): Promise<void> {
    const { loginUrl, clientId, refreshToken, accessToken } = this.#stored;
    const calls = new OAuthCalls(this.#transport, { loginUrl, clientId }, AbortSignal.timeout(REVOKE_TIMEOUT));
    await calls.revoke(refreshToken ?? accessToken);
  }
}
