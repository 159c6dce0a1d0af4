import { z } from 'zod';
import { OrgId } from '../../../shared/domain/ids.ts';
import { OrgSummary, type OrgKind, type SignInTarget } from '../../../shared/domain/org.ts';
import type { SObjectDescribe, SObjectSummary } from '../../../shared/domain/sobject.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { BackendPorts } from '../ports.ts';
import { OrgSession, StoredSession } from './org-session.ts';
import { loginUrlOf, signIn } from './sign-in.ts';

const SETTINGS_KEY = 'orgs';
/** The practice org takes any client; this one names us on its consent page. */
const PRACTICE_CLIENT_ID = 'Longshore';

type OrgPorts = Pick<
  BackendPorts,
  'secrets' | 'settings' | 'openExternal' | 'random' | 'practiceOrg' | 'environmentSession' | 'log'
>;

/** The orgs she has signed in to: what to show of them in settings, their tokens in the vault. */
export class OrgDirectory {
  readonly #ports: OrgPorts;
  readonly #changed: (orgs: OrgSummary[]) => void;
  readonly #sessions = new Map<OrgId, OrgSession>();
  readonly #describes = new Map<string, Promise<SObjectDescribe>>();
  #orgs: OrgSummary[];
  #started: Promise<void> | null = null;

  constructor(ports: OrgPorts, changed: (orgs: OrgSummary[]) => void) {
    this.#ports = ports;
    this.#changed = changed;
    const stored = z.array(OrgSummary).safeParse(ports.settings.get(SETTINGS_KEY));
    this.#orgs = stored.success ? stored.data : [];
  }

  async list(): Promise<OrgSummary[]> {
    await this.#ready();
    return this.#orgs;
  }

  get(orgId: OrgId): OrgSummary {
    const org = this.#orgs.find((candidate) => candidate.orgId === orgId);
    if (!org) throw new FailureError({ code: 'ORG_UNKNOWN' });
    return org;
  }

  async signIn(target: SignInTarget, clientId: string | undefined, signal: AbortSignal): Promise<OrgSummary> {
    const practice = target.kind === 'practice';
    const loginUrl = target.kind === 'practice' ? await this.#practiceOrgUrl() : loginUrlOf(target);
    const remembered = this.#ports.settings.get('clientId');
    const client = practice ? PRACTICE_CLIENT_ID : (clientId ?? (typeof remembered === 'string' ? remembered : ''));
    if (client === '') throw new FailureError({ code: 'SIGN_IN_NEEDS_CLIENT_ID' });
    const session = await signIn(this.#ports, loginUrl, client, signal);
    if (!practice) this.#ports.settings.set('clientId', client);
    return this.#adopt(session, practice ? 'practice' : target.kind === 'sandbox' ? 'sandbox' : null);
  }

  /**
   * Once a process: orgs of an earlier one whose tokens did not outlive it are shown as ended, and a token handed in
   * through the environment is taken, as `sf org login access-token` takes it.
   */
  #ready(): Promise<void> {
    const given = this.#ports.environmentSession;
    this.#started ??= (async () => {
      for (const { orgId, kind } of this.#orgs) {
        // A practice org ends with the process that started it.
        const gone = kind === 'practice' || (await this.#ports.secrets.get(secretName(orgId))) === null;
        if (gone && !this.#sessions.has(orgId)) this.#change(orgId, { session: 'expired' });
      }
      if (given === null) return;
      const { instanceUrl, accessToken } = given;
      await this.#adopt({ accessToken, refreshToken: null, instanceUrl, loginUrl: instanceUrl, clientId: '' }, null);
    })();
    return this.#started;
  }

  async #practiceOrgUrl(): Promise<string> {
    if (!this.#ports.practiceOrg)
      throw new FailureError({ code: 'NOT_SUPPORTED', what: 'the practice org', instead: 'Sign in to an org.' });
    try {
      return (await this.#ports.practiceOrg.start()).url;
    } catch (error) {
      throw new FailureError({
        code: 'PRACTICE_ORG_FAILED',
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  }

  async #adopt(stored: StoredSession, known: OrgKind | null): Promise<OrgSummary> {
    const info = await new OrgSession('', stored, NO_OWNER).userInfo();
    const orgId = OrgId.parse(info.organizationId);
    const session = this.#open(orgId, info.username, stored);
    const { kind, name } = await this.#organization(session, known);
    this.#sessions.set(orgId, session);
    this.#forgetDescribes(orgId);
    const org: OrgSummary = {
      orgId,
      kind,
      name,
      username: info.username,
      instanceHost: new URL(stored.instanceUrl).host,
      session: 'active',
      apiUsage: null,
    };
    await this.#ports.secrets.set(secretName(orgId), JSON.stringify(stored));
    this.#update([...this.#orgs.filter((candidate) => candidate.orgId !== orgId), org]);
    return org;
  }

  /** A sandbox says so itself. What does not answer the question is treated as production, the careful reading. */
  async #organization(session: OrgSession, known: OrgKind | null): Promise<{ kind: OrgKind; name: string }> {
    const [organization] = await session.query('SELECT Name, IsSandbox FROM Organization');
    const name = typeof organization?.['Name'] === 'string' ? organization['Name'] : new URL(session.instanceUrl).host;
    return { kind: known ?? (organization?.['IsSandbox'] === true ? 'sandbox' : 'production'), name };
  }

  #open(orgId: OrgId, username: string, stored: StoredSession): OrgSession {
    return new OrgSession(username, stored, {
      save: (renewed) => this.#ports.secrets.set(secretName(orgId), JSON.stringify(renewed)),
      expired: () => this.#change(orgId, { session: 'expired' }),
      usage: (used, max) => this.#change(orgId, { apiUsage: { used, max } }),
    });
  }

  /** The session of an org, from memory or the vault. Throws `ORG_UNKNOWN` and `ORG_SESSION_EXPIRED`. */
  async session(orgId: OrgId): Promise<OrgSession> {
    await this.#ready();
    const org = this.get(orgId);
    const open = this.#sessions.get(orgId);
    if (open && org.session === 'active') return open;
    const secret = await this.#ports.secrets.get(secretName(orgId));
    const stored = StoredSession.safeParse(secret === null ? null : JSON.parse(secret));
    if (!stored.success || org.session === 'expired') {
      this.#change(orgId, { session: 'expired' });
      throw new FailureError({ code: 'ORG_SESSION_EXPIRED', username: org.username });
    }
    const session = this.#open(orgId, org.username, stored.data);
    this.#sessions.set(orgId, session);
    return session;
  }

  async signOut(orgId: OrgId): Promise<void> {
    const session = await this.session(orgId).catch(() => null);
    // She is signed out here whether or not the org could be told; a token it still knows is forgotten on this side.
    await session
      ?.revoke()
      .catch((error: unknown) => this.#ports.log.error('the org did not take the revocation', error));
    await this.#ports.secrets.delete(secretName(orgId));
    this.#sessions.delete(orgId);
    this.#forgetDescribes(orgId);
    this.#update(this.#orgs.filter((candidate) => candidate.orgId !== orgId));
  }

  async objects(orgId: OrgId): Promise<SObjectSummary[]> {
    return (await this.session(orgId)).objects();
  }

  /** Describes are kept for the session; `fresh` asks again, to see whether a reviewed plan still holds. */
  describe(orgId: OrgId, objectName: string, fresh = false): Promise<SObjectDescribe> {
    const key = `${orgId} ${objectName.toLowerCase()}`;
    const known = this.#describes.get(key);
    if (known && !fresh) return known;
    const asked = this.session(orgId).then((session) => session.describe(objectName));
    this.#describes.set(key, asked);
    asked.catch(() => this.#describes.delete(key));
    return asked;
  }

  /** What a describe says depends on who asks: field-level security differs between users of one org. */
  #forgetDescribes(orgId: OrgId): void {
    for (const key of this.#describes.keys()) if (key.startsWith(`${orgId} `)) this.#describes.delete(key);
  }

  #change(orgId: OrgId, change: Partial<OrgSummary>): void {
    const org = this.#orgs.find((candidate) => candidate.orgId === orgId);
    if (
      !org ||
      Object.entries(change).every(
        ([key, value]) => JSON.stringify(org[key as keyof OrgSummary]) === JSON.stringify(value),
      )
    )
      return;
    this.#update(this.#orgs.map((candidate) => (candidate.orgId === orgId ? { ...candidate, ...change } : candidate)));
  }

  #update(orgs: OrgSummary[]): void {
    const before = this.#orgs;
    this.#orgs = orgs;
    this.#ports.settings.update(SETTINGS_KEY, (stored) => withChanges(stored, before, orgs));
    this.#changed(orgs);
  }
}

/** What is stored, with what changed here from one list to the other: orgs that another process added or removed stay so. */
function withChanges(stored: unknown, before: readonly OrgSummary[], after: readonly OrgSummary[]): OrgSummary[] {
  const parsed = z.array(OrgSummary).safeParse(stored);
  const changed = new Map(after.filter((org) => !before.includes(org)).map((org) => [org.orgId, org]));
  const kept = new Set(after.map(({ orgId }) => orgId));
  const removed = new Set(before.map(({ orgId }) => orgId).filter((orgId) => !kept.has(orgId)));
  const others = (parsed.success ? parsed.data : []).filter(({ orgId }) => !removed.has(orgId));
  const known = new Set(others.map(({ orgId }) => orgId));
  return [
    ...others.map((org) => changed.get(org.orgId) ?? org),
    ...[...changed.values()].filter(({ orgId }) => !known.has(orgId)),
  ];
}

function secretName(orgId: OrgId): string {
  return `org-session-${orgId}`;
}

const NO_OWNER = { save: () => Promise.resolve(), expired: () => undefined, usage: () => undefined };
