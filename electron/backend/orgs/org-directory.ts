import { join } from 'node:path';
import { OrgId } from '../../../shared/domain/ids.ts';
import type { OrgKind, OrgSummary, SignInTarget } from '../../../shared/domain/org.ts';
import type { SObjectDescribe, SObjectSummary } from '../../../shared/domain/sobject.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { BackendPorts } from '../ports.ts';
import { HttpTransport } from './http-transport.ts';
import { OrgClient } from './org-client.ts';
import { OrgList } from './org-list.ts';
import { OrgSession, type SessionOwner, type StoredSession } from './org-session.ts';
import { SessionVault } from './session-vault.ts';
import { loginUrlOf, practiceOrgUrl, safeOrigin, signIn } from './sign-in.ts';
import { unlessAborted } from './unless-aborted.ts';

/** The practice org takes any client; this one names us on its consent page. */
const PRACTICE_CLIENT_ID = 'Longshore';
/** A process that ends waits this long for tokens to be kept and query jobs to be cleared away, in milliseconds. */
const LAST_WORDS = 2000;

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
  readonly #describes = new Map<string, Promise<SObjectDescribe>>();
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
   * Once a process: orgs of an earlier one whose tokens did not outlive it are shown as ended, and a token handed in
   * through the environment is taken, as `sf org login access-token` takes it. What failed is tried again by the next.
   */
  #ready(): Promise<void> {
    this.#started ??= this.#start().catch((error: unknown) => {
      this.#started = null;
      throw error;
    });
    return this.#started;
  }

  async #start(): Promise<void> {
    for (const { orgId, kind } of this.#list.all) {
      // A practice org ends with the process that started it.
      const gone = kind === 'practice' || !(await this.#isKept(orgId));
      if (gone && !this.#open.has(orgId)) this.#list.change(orgId, { session: 'expired' });
    }
    const given = this.#ports.environmentSession;
    if (given === null) return;
    const instanceUrl = safeOrigin(given.instanceUrl);
    const { accessToken } = given;
    const session = { accessToken, refreshToken: null, instanceUrl, loginUrl: instanceUrl, clientId: '', username: '' };
    await this.#adopt(session, null, this.#closing.signal);
  }

  /** A vault that does not answer now may hold it all the same. */
  async #isKept(orgId: OrgId): Promise<boolean> {
    try {
      return (await this.#vault.load(orgId)) !== null;
    } catch (error) {
      this.#ports.log.error('the keyring did not answer', error);
      return true;
    }
  }

  async #adopt(given: StoredSession, known: OrgKind | null, signal: AbortSignal): Promise<OrgSummary> {
    const stranger = this.#clientOf(new OrgSession('', given, this.#transport, null), () => undefined);
    const { organizationId, username } = await stranger.userInfo(signal);
    const orgId = OrgId.parse(organizationId);
    const stored = { ...given, username };
    await this.#vault.save(orgId, stored);
    const { client } = this.#enter(orgId, username, stored);
    this.#forgetDescribes(orgId);
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
    this.#list.put(org);
    return org;
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
      lockPath: join(this.#ports.paths.data, 'orgs', `${orgId}.lock`),
      load: () => this.#vault.load(orgId),
      save: (renewed) => this.#vault.save(orgId, renewed),
      // A session that another sign-in took the place of says nothing of the org any more.
      expired: () => void (this.#isOpen(orgId, session) && this.#list.change(orgId, { session: 'expired' })),
      moved: (instanceHost) => void (this.#isOpen(orgId, session) && this.#list.change(orgId, { instanceHost })),
    };
    const session: OrgSession = new OrgSession(username, stored, this.#transport, owner);
    const client = this.#clientOf(session, (used, max) => this.#list.noteUsage(orgId, used, max));
    const open = { session, client };
    this.#open.set(orgId, open);
    return open;
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
    const { session, username } = this.#list.get(orgId);
    const expired = new FailureError({ code: 'ORG_SESSION_EXPIRED', username });
    if (session === 'expired') throw expired;
    const open = this.#open.get(orgId);
    if (open) return open;
    const stored = await this.#vault.load(orgId);
    if (stored === null) {
      this.#list.change(orgId, { session: 'expired' });
      throw expired;
    }
    // Another caller may have been given its client while the vault answered this one.
    return this.#open.get(orgId) ?? this.#enter(orgId, username, stored);
  }

  async signOut(orgId: OrgId): Promise<void> {
    const open = await this.#opened(orgId).catch(() => null);
    // She is signed out here whether or not the org could be told; a token it still knows is forgotten on this side.
    await open?.session
      .revoke()
      .catch((error: unknown) => this.#ports.log.error('the org did not take the revocation', error));
    await this.#vault.delete(orgId);
    this.#open.delete(orgId);
    this.#forgetDescribes(orgId);
    this.#list.remove(orgId);
  }

  async objects(orgId: OrgId, signal: AbortSignal = this.#closing.signal): Promise<SObjectSummary[]> {
    return (await this.client(orgId)).objects(signal);
  }

  /**
   * Describes are kept for the session; `fresh` asks again, to see whether a reviewed plan still holds. Many may wait for
   * one: a signal calls off this caller's wait, not the question.
   */
  async describe(orgId: OrgId, objectName: string, fresh = false, signal?: AbortSignal): Promise<SObjectDescribe> {
    const key = `${orgId} ${objectName.toLowerCase()}`;
    const known = this.#describes.get(key);
    const asked = known && !fresh ? known : this.#ask(key, orgId, objectName);
    return signal ? unlessAborted(asked, signal) : asked;
  }

  #ask(key: string, orgId: OrgId, objectName: string): Promise<SObjectDescribe> {
    const asked = this.client(orgId).then((client) => client.describe(objectName, this.#closing.signal));
    this.#describes.set(key, asked);
    asked.catch(() => {
      if (this.#describes.get(key) === asked) this.#describes.delete(key);
    });
    return asked;
  }

  /** What a describe says depends on who asks: field-level security differs between users of one org. */
  #forgetDescribes(orgId: OrgId): void {
    for (const key of this.#describes.keys()) if (key.startsWith(`${orgId} `)) this.#describes.delete(key);
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
