import { join } from 'node:path';
import type { OrgId } from '../../../shared/domain/ids.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { HttpTransport } from './http-transport.ts';
import { practiceOrgUrl } from './login-address.ts';
import { OrgClient } from './org-client.ts';
import type { OrgPorts } from './org-directory.ts';
import type { OrgList } from './org-list.ts';
import { lockSession, OrgSession, type KeptSession, type SessionOwner, type StoredSession } from './org-session.ts';
import { loadFromSf, type SessionKeeper } from './session-keeper.ts';
import type { SfOrgs } from './sf-orgs.ts';

/** A renewal of another process is waited for as long as it may take, in milliseconds. */
const MOVE_WITHIN = 60_000;

export interface OpenOrg {
  readonly session: OrgSession;
  readonly client: OrgClient;
}

interface Tools {
  readonly ports: OrgPorts;
  readonly list: OrgList;
  readonly keeper: SessionKeeper;
  readonly sf: SfOrgs;
  readonly transport: HttpTransport;
}

/** One session and one client for each org that is used, which everybody shares. */
export class OpenOrgs {
  readonly #ports: OrgPorts;
  readonly #list: OrgList;
  readonly #keeper: SessionKeeper;
  readonly #sf: SfOrgs;
  readonly #transport: HttpTransport;
  readonly #open = new Map<OrgId, OpenOrg>();
  /** Access tokens of sessions that an org ended: another in the vault is of a sign-in elsewhere. */
  readonly #ended = new Map<OrgId, string>();

  constructor({ ports, list, keeper, sf, transport }: Tools) {
    this.#ports = ports;
    this.#list = list;
    this.#keeper = keeper;
    this.#sf = sf;
    this.#transport = transport;
  }

  /** What is shown of an org before it is used. Other processes may have another vault: nothing of this is kept. */
  async look({ orgId }: OrgSummary): Promise<void> {
    const found = await this.#keeper.load(orgId);
    if (this.#open.has(orgId)) return;
    if (found.kind === 'trouble') this.#inTrouble(orgId, found);
    else this.#list.trouble(orgId, null);
  }

  #inTrouble(orgId: OrgId, { trouble, reason }: Extract<KeptSession, { kind: 'trouble' }>): void {
    this.#ports.log.info('a session can’t be used', { orgId, trouble, reason });
    this.#list.trouble(orgId, trouble);
  }

  clientOf(session: OrgSession, usage: (used: number, max: number) => void): OrgClient {
    const { clock, random, log } = this.#ports;
    return new OrgClient({ session, transport: this.#transport, clock, random, log, usage });
  }

  enter(orgId: OrgId, username: string, stored: StoredSession): OpenOrg {
    const owner: SessionOwner = {
      lockPath: this.#lockPath(orgId),
      now: () => this.#ports.clock.now(),
      load: () => this.#keeper.load(orgId),
      save: (renewed) => this.#keeper.save(orgId, renewed),
      renewElsewhere: (signal) => this.#sf.renew(username, signal),
      // A session that another sign-in took the place of says nothing of the org any more.
      expired: ({ accessToken, signIn = '' }) => {
        if (!this.#isOpen(orgId, session)) return;
        this.#ended.set(orgId, accessToken);
        this.#list.end(orgId, signIn);
      },
      lost: (trouble) => void (this.#isOpen(orgId, session) && this.#list.trouble(orgId, trouble)),
      moved: (instanceHost) => void (this.#isOpen(orgId, session) && this.#list.change(orgId, { instanceHost })),
    };
    const session: OrgSession = new OrgSession(username, stored, this.#transport, owner);
    const client = this.clientOf(session, (used, max) => {
      // It answers, whatever was known of its session before.
      if (this.#isOpen(orgId, session) && !this.#ended.has(orgId)) this.#list.checked(orgId);
      this.#list.noteUsage(orgId, used, max);
    });
    this.#ended.delete(orgId);
    this.#list.trouble(orgId, null);
    const open = { session, client };
    this.#open.set(orgId, open);
    return open;
  }

  #lockPath(orgId: OrgId): string {
    return join(this.#ports.paths.data, 'orgs', `${orgId}.lock`);
  }

  /** A session is put into the vault, or taken out, between the renewals of other processes and never amid one. */
  async locked<T>(orgId: OrgId, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const lock = await lockSession(this.#lockPath(orgId), signal);
    try {
      return await work();
    } finally {
      await lock.release();
    }
  }

  #isOpen(orgId: OrgId, session: OrgSession): boolean {
    return this.#open.get(orgId)?.session === session;
  }

  /** A practice org is started for that. Throws `ORG_UNKNOWN`, `ORG_SESSION_EXPIRED` and `PRACTICE_ORG_FAILED`. */
  async opened(orgId: OrgId): Promise<OpenOrg> {
    const known = this.#list.get(orgId);
    const place = await this.#startedAt(known);
    const open = this.#open.get(orgId);
    if (open && known.session !== 'expired' && (place ?? open.session.instanceUrl) === open.session.instanceUrl)
      return open;
    // Ended, as far as is known here: another process may have signed in again, and a keychain may be unlocked by now.
    const found = await this.#keeper.load(orgId);
    const { username } = known;
    const via = known.via === 'sf' ? ({ via: 'sf' } as const) : {};
    const expired = { code: 'ORG_SESSION_EXPIRED', username, ...via } as const;
    if (found.kind === 'trouble') {
      this.#inTrouble(orgId, found);
      throw new FailureError({ ...expired, why: found.trouble });
    }
    if (this.#ended.get(orgId) === found.session.accessToken) throw new FailureError(expired);
    // Another caller may have been given its client while the vault answered this one.
    const entered = this.#open.get(orgId);
    if (entered?.session.accessToken === found.session.accessToken) return entered;
    const session = place === null ? found.session : await this.#movedTo(place, orgId, found.session);
    return this.enter(orgId, session.username || known.username, session);
  }

  /** Where the practice org runs; null for others, and for one that can't be started from here. */
  async #startedAt({ kind }: OrgSummary): Promise<string | null> {
    if (kind !== 'practice' || this.#ports.practiceOrg === null) return null;
    return practiceOrgUrl(this.#ports.practiceOrg);
  }

  /** Its port may have been taken since. What it knows of its users lies in its state, and has no address. */
  async #movedTo(place: string, orgId: OrgId, found: StoredSession): Promise<StoredSession> {
    if (found.instanceUrl === place) return found;
    const moved = await this.locked(orgId, AbortSignal.timeout(MOVE_WITHIN), async () => {
      const now = await this.#keeper.load(orgId);
      const session = { ...(now.kind === 'kept' ? now.session : found), instanceUrl: place, loginUrl: place };
      await this.#keeper.save(orgId, session);
      return session;
    });
    this.#list.change(orgId, { instanceHost: new URL(place).host });
    return moved;
  }

  /** A session that is looked at before it is anybody's. One of the official CLI may have to be renewed for that. */
  stranger(given: StoredSession): OpenOrg {
    const session = new OrgSession(given.username, given, this.#transport, this.#sfOwner(given));
    return { session, client: this.clientOf(session, () => undefined) };
  }

  #sfOwner({ username, refreshToken, renewBy }: StoredSession): SessionOwner | null {
    if (renewBy === undefined || refreshToken !== null || username === '') return null;
    return {
      lockPath: join(this.#ports.paths.data, 'orgs', 'sf.lock'),
      now: () => this.#ports.clock.now(),
      load: () => loadFromSf(this.#sf, username),
      save: (renewed) => this.#sf.keep(renewed),
      renewElsewhere: (signal) => this.#sf.renew(username, signal),
      expired: () => undefined,
      lost: () => undefined,
      moved: () => undefined,
    };
  }

  forget(orgId: OrgId): void {
    this.#open.delete(orgId);
  }

  /** Waits for what must not be lost of them. */
  async settled(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ client }) => client.settled()));
  }
}
