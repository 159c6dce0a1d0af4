import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import { normaliseRecordId, OrgId } from '../../../shared/domain/ids.ts';
import { OrgSummary, type SessionTrouble } from '../../../shared/domain/org.ts';
import type { BackendPorts } from '../ports.ts';

const SETTINGS_KEY = 'orgs';
/** The user that an organization's id alone stands for. */
const FIRST_USERS_KEY = 'firstUsers';
/** Every answer of an org says how many calls are used; that is kept this often at most, in milliseconds. */
const KEEP_USAGE_EVERY = 5000;

/** An org in settings. What is wrong with its session on one computer or in one process does not belong there. */
const KeptOrg = OrgSummary.omit({ sessionTrouble: true }).extend({
  /** Which sign-in this is of, so that the end of an earlier one is not taken for its end. */
  signIn: z.string().default(''),
});
export type KeptOrg = z.infer<typeof KeptOrg>;

/** What is shown of the orgs that are signed in to, kept in settings: no secrets. Other processes keep theirs there too. */
export class OrgList {
  readonly #settings: BackendPorts['settings'];
  readonly #clock: BackendPorts['clock'];
  readonly #changed: (orgs: OrgSummary[]) => void;
  #orgs: readonly KeptOrg[];
  /** What this process found of sessions, and other processes may find otherwise. */
  readonly #troubles = new Map<OrgId, SessionTrouble>();
  /** Sessions that the org has taken since this process began. */
  readonly #checked = new Set<OrgId>();
  /** Orgs whose session this process holds for itself: what is kept of them, perhaps with another session, stays as it is. */
  readonly #held = new Map<OrgId, KeptOrg>();
  /** Usage known here only: of which orgs, and since when none of it was kept. */
  readonly #unkept = new Set<OrgId>();
  #usageKeptAt = -KEEP_USAGE_EVERY;

  constructor({ settings, clock }: Pick<BackendPorts, 'settings' | 'clock'>, changed: (orgs: OrgSummary[]) => void) {
    this.#settings = settings;
    this.#clock = clock;
    this.#changed = changed;
    this.#orgs = orgsIn(settings.get(SETTINGS_KEY));
  }

  get all(): OrgSummary[] {
    const more = [...this.#held.values()].filter(({ orgId }) => !this.#orgs.some((org) => org.orgId === orgId));
    return [...this.#orgs, ...more].map((org) => this.#shown(this.#mine(org)));
  }

  find(orgId: OrgId): OrgSummary | undefined {
    const org = this.#find(orgId);
    return org && this.#shown(org);
  }

  /** Throws `ORG_UNKNOWN`. */
  get(orgId: OrgId): OrgSummary {
    const org = this.find(orgId);
    if (!org) throw new FailureError({ code: 'ORG_UNKNOWN' });
    return org;
  }

  /** Takes in what other processes kept meanwhile: orgs signed in to and out of. */
  async refresh(): Promise<void> {
    await this.#settings.refresh();
    const before = JSON.stringify(this.all);
    this.#orgs = orgsIn(this.#settings.get(SETTINGS_KEY)).map((org) => ({ ...org, ...this.#usageOf(org.orgId) }));
    if (JSON.stringify(this.all) !== before) this.#changed(this.all);
  }

  /** An org that was just signed in to; `held` if its session is this process's alone. */
  put(org: OrgSummary, signIn: string, held: boolean): void {
    this.#troubles.delete(org.orgId);
    this.#checked.add(org.orgId);
    this.#unkept.delete(org.orgId);
    const kept = KeptOrg.parse({ ...org, session: 'active', signIn });
    if (held) this.#held.set(org.orgId, kept);
    else this.#held.delete(org.orgId);
    this.#edit((entries) => {
      if (held && entries.some((entry) => isOf(entry, org.orgId))) return [...entries];
      const at = entries.findIndex((entry) => isOf(entry, org.orgId));
      const others = entries.filter((entry) => !isOf(entry, org.orgId));
      return others.toSpliced(at < 0 ? others.length : at, 0, kept);
    });
  }

  remove(orgId: OrgId): void {
    this.#troubles.delete(orgId);
    this.#unkept.delete(orgId);
    const isMine = this.#isMine(orgId);
    this.#held.delete(orgId);
    this.#edit((entries) => entries.filter((entry) => !isMine(entry)));
  }

  /** Of an org that is there: one that another process has signed out of does not come back. */
  change(orgId: OrgId, change: Partial<Pick<OrgSummary, 'session' | 'instanceHost'>>): void {
    const org = this.#find(orgId);
    if (!org || Object.entries(change).every(([key, value]) => org[key as keyof typeof change] === value)) return;
    const isMine = this.#isMine(orgId);
    if (this.#held.has(orgId)) this.#held.set(orgId, { ...org, ...change });
    this.#edit((entries) => entries.map((entry) => (isMine(entry) ? { ...entry, ...change } : entry)));
  }

  /** The org took the session. */
  checked(orgId: OrgId): void {
    const before = this.find(orgId)?.session;
    this.#checked.add(orgId);
    this.change(orgId, { session: 'active' });
    if (before === 'unchecked') this.#changed(this.all);
  }

  /**
   * By what a user of an org is known: as before if already known, by the organization alone if its first, and else by
   * both. Throws `ORG_ANSWER_UNREADABLE` for ids that are none.
   */
  idFor(organizationId: string, userId: string, username: string): OrgId {
    const user = normaliseRecordId(userId);
    const parsed = OrgId.safeParse('id' in user ? `${organizationId}-${user.id}` : '');
    if (!parsed.success) throw new FailureError({ code: 'ORG_ANSWER_UNREADABLE', status: 200, what: 'the user info' });
    const first = OrgId.parse(organizationId);
    const noted = firstUsersIn(this.#settings.get(FIRST_USERS_KEY))[first];
    const holder = noted ?? this.#find(first)?.username ?? username;
    // Remembered after a sign-out: a paused load that knows its user by this id is never gone on with as somebody else.
    if (noted === undefined)
      this.#settings.update(FIRST_USERS_KEY, (stored) => ({ [first]: holder, ...firstUsersIn(stored) }));
    return holder === username ? first : parsed.data;
  }

  /** The org ended the session of one sign-in. A later one, perhaps of another process, goes on. */
  end(orgId: OrgId, signIn: string): void {
    const held = this.#held.get(orgId);
    if (held?.signIn === signIn) this.#held.set(orgId, { ...held, session: 'expired' });
    const isEnded = entryOf(orgId, signIn);
    this.#edit((entries) => entries.map((entry) => (isEnded(entry) ? { ...entry, session: 'expired' } : entry)));
  }

  /** What this process found of the org's session; null for a session that works. Nobody else is told. */
  trouble(orgId: OrgId, trouble: SessionTrouble | null): void {
    if ((this.#troubles.get(orgId) ?? null) === trouble) return;
    if (trouble === null) this.#troubles.delete(orgId);
    else this.#troubles.set(orgId, trouble);
    this.#changed(this.all);
  }

  /** Shown at once, kept now and then: it comes with every single answer. */
  noteUsage(orgId: OrgId, used: number, max: number): void {
    const org = this.#find(orgId);
    if (!org || (org.apiUsage?.used === used && org.apiUsage.max === max)) return;
    this.#unkept.add(orgId);
    this.#orgs = this.#orgs.map((other) => (other.orgId === orgId ? { ...other, apiUsage: { used, max } } : other));
    if (this.#clock.elapsed() - this.#usageKeptAt >= KEEP_USAGE_EVERY) this.flush();
    this.#changed(this.all);
  }

  /** Keeps what was noted since usage was last kept. */
  flush(): void {
    if (this.#unkept.size === 0) return;
    this.#usageKeptAt = this.#clock.elapsed();
    const noted = [...this.#unkept].map((orgId) => ({ orgId, usage: this.#usageOf(orgId) }));
    this.#unkept.clear();
    this.#settings.update(SETTINGS_KEY, (stored) =>
      entriesIn(stored).map((entry) => {
        const found = noted.find(({ orgId }) => isOf(entry, orgId));
        return found ? { ...(entry as object), ...found.usage } : entry;
      }),
    );
  }

  /** Changes what is kept, and by the same rule again what another process has kept by the time it is written. */
  #edit(change: (entries: readonly unknown[]) => unknown[]): void {
    this.#settings.update(SETTINGS_KEY, (stored) => change(entriesIn(stored)));
    this.#orgs = orgsIn(this.#settings.get(SETTINGS_KEY)).map((org) => ({ ...org, ...this.#usageOf(org.orgId) }));
    this.#changed(this.all);
  }

  #find(orgId: OrgId): KeptOrg | undefined {
    const listed = this.#orgs.find((org) => org.orgId === orgId);
    return listed ? this.#mine(listed) : this.#held.get(orgId);
  }

  /** An org as this process has it: API calls are counted for all of its sessions. */
  #mine(org: KeptOrg): KeptOrg {
    const held = this.#held.get(org.orgId);
    return held ? { ...held, apiUsage: org.apiUsage } : org;
  }

  /** Which entry is of this process's session: that of another stays, whatever becomes of this one. */
  #isMine(orgId: OrgId): (entry: unknown) => entry is { orgId: OrgId } {
    return entryOf(orgId, this.#held.get(orgId)?.signIn ?? null);
  }

  /** Usage that is known here and not kept yet. */
  #usageOf(orgId: OrgId): Pick<KeptOrg, 'apiUsage'> | undefined {
    const org = this.#unkept.has(orgId) ? this.#find(orgId) : undefined;
    return org && { apiUsage: org.apiUsage };
  }

  #shown(org: KeptOrg): OrgSummary {
    const { signIn: _signIn, ...kept } = org;
    // What an earlier process found says little of now: a session is asked for before it is called one.
    const isChecked = kept.session !== 'active' || this.#checked.has(org.orgId);
    const shown = isChecked ? kept : { ...kept, session: 'unchecked' as const };
    const trouble = this.#troubles.get(org.orgId);
    if (trouble === undefined) return shown;
    return { ...shown, session: trouble === 'not-kept' ? shown.session : 'expired', sessionTrouble: trouble };
  }
}

/** What settings hold as orgs; none where they hold no such list. */
function entriesIn(stored: unknown): readonly unknown[] {
  return Array.isArray(stored) ? (stored as unknown[]) : [];
}

/** One that can't be read, such as that of a newer version, stays where it is and hides no other. */
function orgsIn(stored: unknown): KeptOrg[] {
  return entriesIn(stored).flatMap((entry) => KeptOrg.safeParse(entry).data ?? []);
}

/** The entry of an org, and of one sign-in where one is given. */
function entryOf(orgId: OrgId, signIn: string | null): (entry: unknown) => entry is { orgId: OrgId } {
  return (entry): entry is { orgId: OrgId } =>
    isOf(entry, orgId) && (signIn === null || (KeptOrg.safeParse(entry).data?.signIn ?? '') === signIn);
}

function isOf(entry: unknown, orgId: OrgId): entry is { orgId: OrgId } {
  return typeof entry === 'object' && entry !== null && 'orgId' in entry && entry.orgId === orgId;
}

function firstUsersIn(stored: unknown): Record<string, string> {
  return z.record(z.string(), z.string()).safeParse(stored).data ?? {};
}
