import { join } from 'node:path';
import { OrgId } from '../../../shared/domain/ids.ts';
import type { OrgKind, OrgSummary, SignInTarget } from '../../../shared/domain/org.ts';
import type { SObjectDescribe, SObjectSummary } from '../../../shared/domain/sobject.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { BackendPorts } from '../ports.ts';
import { HttpTransport } from './http-transport.ts';
import { isListening } from './is-listening.ts';
import { OrgClient } from './org-client.ts';
import { OrgList } from './org-list.ts';
import { OrgDescribes } from './org-describes.ts';
import { lockSession, OrgSession, type KeptSession, type SessionOwner, type StoredSession } from './org-session.ts';
import { SessionVault } from './session-vault.ts';
import { loginUrlOf, practiceOrgUrl, safeOrigin, signIn } from './sign-in.ts';

/** The practice org takes any client; this one names us on its consent page. */
const PRACTICE_CLIENT_ID = 'Longshore';
/** A process that ends waits this long for tokens to be kept and query jobs to be cleared away, in milliseconds. */
const LAST_WORDS = 2000;
/** A renewal of another process is waited for as long as it may take, in milliseconds. */
const LOCK_AT_MOST = 60_000;

export type OrgPorts = Pick<
  BackendPorts,
  | 'secrets'
  | 'settings'
  | 'openExternal'
  | 'random'
  | 'practiceOrg'
  | 'environmentSession'
  | 'log'
  | 'clock'
  | 'paths'
  | 'systemProxy'
>;

interface OpenOrg {
  readonly session: OrgSession;
  readonly client: OrgClient;
}

/** The orgs she has signed in to: what to show of them in settings, their tokens in the vault, one client each. */
export class OrgDirectory {
  readonly #ports: OrgPorts;
  readonly #list: OrgList;
  readonly #vault: SessionVault;
  readonly #transport: HttpTransport;
  readonly #open = new Map<OrgId, OpenOrg>();
  readonly #describes = new OrgDescribes(async (orgId, objectName) =>
    (await this.client(orgId)).describe(objectName, this.#closing.signal),
  );
  /** Access tokens of sessions that an org ended: another in the vault is of a sign-in elsewhere. */
  readonly #ended = new Map<OrgId, string>();
  /** Ends work that is nobody's in particular, when the backend closes. */
  readonly #closing = new AbortController();
  #started: Promise<void> | null = null;

  constructor(
    ports: OrgPorts,
    changed: (orgs: OrgSummary[]) => void,
    transport = new HttpTransport({ systemProxy: ports.systemProxy, environment: process.env }),
  ) {
    this.#ports = ports;
    this.#list = new OrgList(ports, changed);
    this.#vault = new SessionVault(ports.secrets);
    this.#transport = transport;
  }

  async list(): Promise<OrgSummary[]> {
    await this.#ready();
    await this.#list.refresh();
    return this.#list.all;
  }

  /** Throws `ORG_UNKNOWN`. */
  get(orgId: OrgId): OrgSummary {
    return this.#list.get(orgId);
  }

  async signIn(target: SignInTarget, clientId: string | undefined, signal: AbortSignal): Promise<OrgSummary> {
    const practice = target.kind === 'practice';
    const loginUrl = target.kind === 'practice' ? await practiceOrgUrl(this.#ports.practiceOrg) : loginUrlOf(target);
    const remembered = this.#ports.settings.get('clientId');
    const client = practice ? PRACTICE_CLIENT_ID : (clientId ?? (typeof remembered === 'string' ? remembered : ''));
    if (client === '') throw new FailureError({ code: 'SIGN_IN_NEEDS_CLIENT_ID' });
    const session = await signIn(this.#ports, this.#transport, loginUrl, client, signal);
    if (!practice) this.#ports.settings.set('clientId', client);
    return this.#adopt(session, practice ? 'practice' : target.kind === 'sandbox' ? 'sandbox' : null, signal);
  }

  /**
   * Once a process: orgs whose session can't be used here are shown so, each by itself, and a token handed in through the
   * environment is taken, as `sf org login access-token` takes it. What failed is tried again by the next.
   */
  #ready(): Promise<void> {
    this.#started ??= this.#start().catch((error: unknown) => {
      this.#started = null;
      throw error;
    });
    return this.#started;
  }

  async #start(): Promise<void> {
    await Promise.all(this.#list.all.map((org) => this.#look(org)));
    const given = this.#ports.environmentSession;
    if (given === null) return;
    const instanceUrl = safeOrigin(given.instanceUrl);
    const { accessToken } = given;
    const session = { accessToken, refreshToken: null, instanceUrl, loginUrl: instanceUrl, clientId: '', username: '' };
    await this.#adopt(session, null, this.#closing.signal);
  }

  /** What is shown of an org before it is used. Other processes may have another vault: nothing of this is kept. */
  async #look({ orgId, kind }: OrgSummary): Promise<void> {
    const found = await this.#vault.load(orgId);
    if (this.#open.has(orgId)) return;
    if (found.kind === 'trouble') this.#inTrouble(orgId, found);
    // A practice org ends with the process that started it, which may be another that still runs.
    else if (kind === 'practice' && !(await isListening(found.session.instanceUrl)))
      this.#list.trouble(orgId, 'missing');
  }

  #inTrouble(orgId: OrgId, { trouble, reason }: Extract<KeptSession, { kind: 'trouble' }>): void {
    this.#ports.log.info('a session can’t be used', { orgId, trouble, reason });
    this.#list.trouble(orgId, trouble);
  }

  async #adopt(given: StoredSession, known: OrgKind | null, signal: AbortSignal): Promise<OrgSummary> {
    const stranger = this.#clientOf(new OrgSession('', given, this.#transport, null), () => undefined);
    const { organizationId, username } = await stranger.userInfo(signal);
    const orgId = OrgId.parse(organizationId);
    const stored = { ...given, username, signIn: this.#ports.random.token(16) };
    const kept = await this.#locked(orgId, signal, () => this.#vault.replace(orgId, stored));
    if (!kept) this.#ports.log.info('the keyring did not take a session', { orgId });
    this.#ended.delete(orgId);
    const { client } = this.#enter(orgId, username, stored);
    this.#describes.forget(orgId);
    const { kind, name } = await this.#organization(client, known, signal);
    const org: OrgSummary = {
      orgId,
      kind,
      name,
      username,
      instanceHost: client.host,
      session: 'active',
      apiUsage: null,
    };
    this.#list.put(org, stored.signIn);
    this.#list.trouble(orgId, kept ? null : 'not-kept');
    return this.#list.get(orgId);
  }

  /** A sandbox says so itself. What does not answer the question is treated as production, the careful reading. */
  async #organization(
    client: OrgClient,
    known: OrgKind | null,
    signal: AbortSignal,
  ): Promise<{ kind: OrgKind; name: string }> {
    const [organization] = await client.query('SELECT Name, IsSandbox FROM Organization', signal);
    const name = typeof organization?.['Name'] === 'string' ? organization['Name'] : client.host;
    return { kind: known ?? (organization?.['IsSandbox'] === true ? 'sandbox' : 'production'), name };
  }

  #clientOf(session: OrgSession, usage: (used: number, max: number) => void): OrgClient {
    const { clock, random, log } = this.#ports;
    return new OrgClient({ session, transport: this.#transport, clock, random, log, usage });
  }

  #enter(orgId: OrgId, username: string, stored: StoredSession): OpenOrg {
    const owner: SessionOwner = {
      lockPath: this.#lockPath(orgId),
      load: () => this.#vault.load(orgId),
      save: (renewed) => this.#vault.save(orgId, renewed),
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
    const client = this.#clientOf(session, (used, max) => {
      // It answers, whatever was known of its session before.
      if (this.#isOpen(orgId, session) && !this.#ended.has(orgId)) this.#list.change(orgId, { session: 'active' });
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
  async #locked<T>(orgId: OrgId, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
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

  /** The one client of an org, which everybody shares. Throws `ORG_UNKNOWN` and `ORG_SESSION_EXPIRED`. */
  async client(orgId: OrgId): Promise<OrgClient> {
    return (await this.#opened(orgId)).client;
  }

  async #opened(orgId: OrgId): Promise<OpenOrg> {
    await this.#ready();
    const known = this.#list.get(orgId);
    const open = this.#open.get(orgId);
    if (open && known.session === 'active') return open;
    // Ended, as far as is known here: another process may have signed in again, and a keychain may be unlocked by now.
    const found = await this.#vault.load(orgId);
    const expired = { code: 'ORG_SESSION_EXPIRED', username: known.username } as const;
    if (found.kind === 'trouble') {
      this.#inTrouble(orgId, found);
      throw new FailureError({ ...expired, why: found.trouble });
    }
    if (this.#ended.get(orgId) === found.session.accessToken) throw new FailureError(expired);
    // Another caller may have been given its client while the vault answered this one.
    const entered = this.#open.get(orgId);
    if (entered?.session.accessToken === found.session.accessToken) return entered;
    return this.#enter(orgId, found.session.username || known.username, found.session);
  }

  async signOut(orgId: OrgId): Promise<void> {
    const open = await this.#opened(orgId).catch(() => null);
    // She is signed out here whether or not the org could be told; a token it still knows is forgotten on this side.
    await open?.session
      .revoke()
      .catch((error: unknown) => this.#ports.log.error('the org did not take the revocation', error));
    await this.#locked(orgId, AbortSignal.timeout(LOCK_AT_MOST), () => this.#vault.delete(orgId));
    this.#open.delete(orgId);
    this.#describes.forget(orgId);
    this.#list.remove(orgId);
  }

  async objects(orgId: OrgId, signal: AbortSignal = this.#closing.signal): Promise<SObjectSummary[]> {
    return (await this.client(orgId)).objects(signal);
  }

  /** Describes are kept for the session; `fresh` asks again, to see whether a reviewed plan still holds. */
  describe(orgId: OrgId, objectName: string, fresh = false, signal?: AbortSignal): Promise<SObjectDescribe> {
    return this.#describes.get(orgId, objectName, fresh, signal);
  }

  /** Ends every call to every org; what must not be lost of them is kept first. */
  async close(): Promise<void> {
    this.#closing.abort();
    const waited = new AbortController();
    const settled = Promise.all([...this.#open.values()].map(({ client }) => client.settled()));
    await Promise.race([settled, this.#ports.clock.sleep(LAST_WORDS, waited.signal).catch(() => undefined)]);
    waited.abort();
    this.#list.flush();
    await this.#transport.close();
  }
}
