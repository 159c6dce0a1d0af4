import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import { OrgSummary } from '../../../shared/domain/org.ts';
import type { BackendPorts } from '../ports.ts';

const SETTINGS_KEY = 'orgs';
/** Every answer of an org says how many calls are used; that is kept this often at most, in milliseconds. */
const KEEP_USAGE_EVERY = 5000;

/** What is shown of the orgs she has signed in to, kept in settings: no secrets. */
export class OrgList {
  readonly #settings: BackendPorts['settings'];
  readonly #clock: BackendPorts['clock'];
  readonly #changed: (orgs: OrgSummary[]) => void;
  #orgs: OrgSummary[];
  /** Usage known here only: of which orgs, and since when none of it was kept. */
  readonly #unkept = new Set<OrgId>();
  #usageKeptAt = -KEEP_USAGE_EVERY;

  constructor({ settings, clock }: Pick<BackendPorts, 'settings' | 'clock'>, changed: (orgs: OrgSummary[]) => void) {
    this.#settings = settings;
    this.#clock = clock;
    this.#changed = changed;
    this.#orgs = listIn(settings.get(SETTINGS_KEY));
  }

  get all(): OrgSummary[] {
    return this.#orgs;
  }

  find(orgId: OrgId): OrgSummary | undefined {
    return this.#orgs.find((org) => org.orgId === orgId);
  }

  /** Throws `ORG_UNKNOWN`. */
  get(orgId: OrgId): OrgSummary {
    const org = this.find(orgId);
    if (!org) throw new FailureError({ code: 'ORG_UNKNOWN' });
    return org;
  }

  put(org: OrgSummary): void {
    this.#edit(org.orgId, org);
  }

  remove(orgId: OrgId): void {
    this.#edit(orgId, null);
  }

  change(orgId: OrgId, change: Partial<Pick<OrgSummary, 'session' | 'instanceHost'>>): void {
    const org = this.find(orgId);
    if (!org) return;
    const changed = { ...org, ...change };
    if (changed.session !== org.session || changed.instanceHost !== org.instanceHost) this.put(changed);
  }

  /** Shown at once, kept now and then: it comes with every single answer. */
  noteUsage(orgId: OrgId, used: number, max: number): void {
    const org = this.find(orgId);
    if (!org || (org.apiUsage?.used === used && org.apiUsage.max === max)) return;
    this.#unkept.add(orgId);
    const noted = { ...org, apiUsage: { used, max } };
    this.#orgs = this.#orgs.map((other) => (other.orgId === orgId ? noted : other));
    if (this.#clock.elapsed() - this.#usageKeptAt >= KEEP_USAGE_EVERY) this.flush();
    this.#changed(this.#orgs);
  }

  /** Keeps what was noted since usage was last kept. */
  flush(): void {
    if (this.#unkept.size === 0) return;
    this.#usageKeptAt = this.#clock.elapsed();
    const noted = new Map(this.#orgs.filter(({ orgId }) => this.#unkept.has(orgId)).map((org) => [org.orgId, org]));
    this.#unkept.clear();
    this.#settings.update(SETTINGS_KEY, (stored) => listIn(stored).map((org) => noted.get(org.orgId) ?? org));
  }

  /** Puts one org in, or takes it out. Another process may have changed the others: of those, what it kept stays as it is. */
  #edit(orgId: OrgId, org: OrgSummary | null): void {
    const change = (orgs: OrgSummary[]): OrgSummary[] => {
      const at = orgs.findIndex((other) => other.orgId === orgId);
      const others = orgs.filter((other) => other.orgId !== orgId);
      return org === null ? others : others.toSpliced(at < 0 ? others.length : at, 0, org);
    };
    this.#unkept.delete(orgId);
    const kept = listIn(this.#settings.get(SETTINGS_KEY));
    this.#orgs = change(kept.map((other) => this.find(other.orgId) ?? other));
    this.#settings.update(SETTINGS_KEY, (stored) => change(listIn(stored)));
    this.#changed(this.#orgs);
  }
}

/** What settings hold; none where they hold no such list. */
function listIn(stored: unknown): OrgSummary[] {
  return z.array(OrgSummary).safeParse(stored).data ?? [];
}
