import type { OrgId } from '../../../shared/domain/ids.ts';
import type { OrgSummary, SfOrg, SignInTarget } from '../../../shared/domain/org.ts';
import type { SObjectDescribe, SObjectSummary } from '../../../shared/domain/sobject.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { BackendPorts } from '../ports.ts';
import { proxyRoutes } from '../settings/proxy-routes.ts';
import { HttpTransport } from './http-transport.ts';
import type { OrgClient } from './org-client.ts';
import { OpenOrgs } from './open-orgs.ts';
import { lookAtOrg } from './org-kind.ts';
import { OrgList } from './org-list.ts';
import { OrgDescribes } from './org-describes.ts';
import { SessionVault } from './session-vault.ts';
import { SessionKeeper } from './session-keeper.ts';
import { SfOrgs } from './sf-orgs.ts';
import { SignIns, type NewSession, type SignInSecret } from './sign-ins.ts';

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
  | 'officialCli'
  | 'log'
  | 'clock'
  | 'paths'
  | 'systemProxy'
>;

/** The orgs that are signed in to: what to show of them in settings, their tokens in the vault, one client each. */
export class OrgDirectory {
  readonly #ports: OrgPorts;
  readonly #list: OrgList;
  readonly #sf: SfOrgs;
  readonly #keeper: SessionKeeper;
  readonly #signIns: SignIns;
  readonly #transport: HttpTransport;
  readonly #open: OpenOrgs;
  readonly #describes = new OrgDescribes(async (orgId, objectName) =>
    (await this.client(orgId)).describe(objectName, this.#closing.signal),
  );
  /** Ends work that is nobody's in particular, when the backend closes. */
  readonly #closing = new AbortController();
  /** Sign-outs that are under way. */
  readonly #signingOut = new Set<Promise<void>>();
  #started: Promise<void> | null = null;

  constructor(
    ports: OrgPorts,
    changed: (orgs: OrgSummary[]) => void,
    transport = new HttpTransport({
      systemProxy: ports.systemProxy,
      environment: process.env,
      route: proxyRoutes(ports),
    }),
  ) {
    this.#ports = ports;
    this.#list = new OrgList(ports, changed);
    this.#sf = new SfOrgs(ports.officialCli, ports.clock);
    this.#keeper = new SessionKeeper(new SessionVault(ports.secrets), this.#sf, (orgId) => this.#list.find(orgId));
    this.#transport = transport;
    this.#signIns = new SignIns(ports, transport, this.#sf);
    this.#open = new OpenOrgs({ ports, list: this.#list, keeper: this.#keeper, sf: this.#sf, transport });
    // Orgs whose session could not be had then need no sign-in now. Looking never rejects.
    void ports.secrets.returned?.then(() => Promise.all(this.#list.all.map((org) => this.#open.look(org))));
  }

  async list(): Promise<OrgSummary[]> {
    await this.#ready();
    // Whoever asks after a sign-out was begun is not told of an org that is about to be gone.
    await Promise.allSettled(this.#signingOut);
    await this.#list.refresh();
    return this.#list.all;
  }

  /** Throws `ORG_UNKNOWN`. */
  get(orgId: OrgId): OrgSummary {
    return this.#list.get(orgId);
  }

  /** Where a sign-in would lead, and the consumer key kept for it. Throws `LOGIN_URL_INVALID`. */
  address(target: SignInTarget): { loginUrl: string; clientId: string | null } {
    return this.#signIns.address(target);
  }

  async signIn(target: SignInTarget, clientId: string | undefined, signal: AbortSignal): Promise<OrgSummary> {
    return this.#adopt(await this.#signIns.inBrowser(target, clientId, signal), signal);
  }

  /** As the same user, in the way of the sign-in before. Throws `SIGN_IN_OTHER_USER`. */
  async signInAgain(orgId: OrgId, signal: AbortSignal): Promise<OrgSummary> {
    await this.#ready();
    const org = this.#list.get(orgId);
    return this.#adopt(await this.#signIns.again(org, await this.#keeper.load(orgId), signal), signal, org);
  }

  /** For hosts without a screen: their secrets do not cross the contract. */
  async signInWith(secret: SignInSecret, signal: AbortSignal): Promise<OrgSummary> {
    await this.#ready();
    return this.#adopt(await this.#signIns.withSecret(secret, signal), signal);
  }

  async useToken(target: SignInTarget, token: string, keep: boolean, signal: AbortSignal): Promise<OrgSummary> {
    await this.#ready();
    return this.#adopt(this.#signIns.token(target, token, keep), signal);
  }

  sfOrgs(): Promise<SfOrg[]> {
    return this.#sf.list();
  }

  async useSf(username: string, signal: AbortSignal): Promise<OrgSummary> {
    await this.#ready();
    return this.#adopt(await this.#signIns.sf(username), signal);
  }

  /** Asks the org whether it takes the session. Throws what keeps it from answering. */
  async check(orgId: OrgId, signal: AbortSignal): Promise<OrgSummary> {
    try {
      await (await this.client(orgId)).userInfo(signal);
      this.#list.checked(orgId);
    } catch (error) {
      if (!(error instanceof FailureError) || error.failure.code !== 'ORG_SESSION_EXPIRED') throw error;
    }
    return this.#list.get(orgId);
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
    await Promise.all(this.#list.all.map((org) => this.#open.look(org)));
    const given = this.#ports.environmentSession;
    if (given === null) return;
    await this.#adopt(this.#signIns.environment(given.instanceUrl, given.accessToken), this.#closing.signal);
  }

  /** Makes a session that was just given one of an org. `again` is whose it has to be. */
  async #adopt(given: NewSession, signal: AbortSignal, again?: OrgSummary): Promise<OrgSummary> {
    const { via } = given;
    const { session: stranger, client } = this.#open.stranger(given.session);
    const { organizationId, userId, username } = await client.userInfo(signal);
    const orgId = this.#list.idFor(organizationId, userId, username);
    if (again && again.orgId !== orgId) {
      if (via === 'browser') await stranger.revoke().catch((error: unknown) => this.#unrevoked(error));
      throw new FailureError({ code: 'SIGN_IN_OTHER_USER', wanted: again.username, got: username });
    }
    // A pasted token never takes the place of a session that can be renewed.
    const keep = given.keep && !(via === 'token' && (await this.#keeper.isRenewable(orgId)));
    const stored = { ...stranger.stored, username, signIn: this.#ports.random.token(16) };
    const kept = await this.#open.locked(orgId, signal, () => this.#keeper.replace(orgId, stored, via, keep));
    if (!kept) this.#ports.log.info('the keyring did not take a session', { orgId });
    const entered = this.#open.enter(orgId, username, stored);
    this.#describes.forget(orgId);
    const { kind: told, name } = await lookAtOrg(entered.client, signal);
    const kind = given.kind === 'practice' ? 'practice' : told;
    const { loginUrl } = stored;
    const instanceHost = entered.client.host;
    this.#list.put(
      { orgId, kind, name, username, instanceHost, session: 'active', via, loginUrl, apiUsage: null },
      stored.signIn,
      !keep && via !== 'sf',
    );
    this.#list.trouble(orgId, kept ? null : 'not-kept');
    return this.#list.get(orgId);
  }

  #unrevoked(error: unknown): void {
    this.#ports.log.error('the org did not take the revocation', error);
  }

  /** The one client of an org, which everybody shares. Throws `ORG_UNKNOWN` and `ORG_SESSION_EXPIRED`. */
  async client(orgId: OrgId): Promise<OrgClient> {
    await this.#ready();
    return (await this.#open.opened(orgId)).client;
  }

  async signOut(orgId: OrgId): Promise<void> {
    const done = this.#signOut(orgId);
    this.#signingOut.add(done);
    await done.finally(() => this.#signingOut.delete(done));
  }

  async #signOut(orgId: OrgId): Promise<void> {
    const open = await this.#ready()
      .then(() => this.#open.opened(orgId))
      .catch(() => null);
    // What somebody else was given is not ours to end: a pasted token, or the official CLI's.
    const isOurs = open?.session.stored.clientId !== '' && this.#list.find(orgId)?.via !== 'sf';
    // The sign-out holds here whether or not the org could be told; a token it still knows is forgotten on this side.
    if (isOurs) await open?.session.revoke().catch((error: unknown) => this.#unrevoked(error));
    await this.#open.locked(orgId, AbortSignal.timeout(LOCK_AT_MOST), () => this.#keeper.delete(orgId));
    this.#open.forget(orgId);
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
    await Promise.race([
      this.#open.settled(),
      this.#ports.clock.sleep(LAST_WORDS, waited.signal).catch(() => undefined),
    ]);
    waited.abort();
    this.#list.flush();
    await this.#transport.close();
  }
}
