import { FailureError } from '../../../shared/contract/failure.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import type { OrgSummary, SignInWay } from '../../../shared/domain/org.ts';
import type { KeptSession, StoredSession } from './org-session.ts';
import type { SessionVault } from './session-vault.ts';
import type { SfOrgs } from './sf-orgs.ts';

/** Where the session of each org lies: in the secret vault, in memory only, or in the official CLI's files. */
export class SessionKeeper {
  readonly #vault: SessionVault;
  readonly #sf: SfOrgs;
  readonly #find: (orgId: OrgId) => OrgSummary | undefined;

  constructor(vault: SessionVault, sf: SfOrgs, find: (orgId: OrgId) => OrgSummary | undefined) {
    this.#vault = vault;
    this.#sf = sf;
    this.#find = find;
  }

  /** Never rejects. */
  async load(orgId: OrgId): Promise<KeptSession> {
    const org = this.#find(orgId);
    return org?.via === 'sf' ? loadFromSf(this.#sf, org.username) : this.#vault.load(orgId);
  }

  async save(orgId: OrgId, session: StoredSession): Promise<void> {
    if (this.#find(orgId)?.via === 'sf') await this.#sf.keep(session);
    else await this.#vault.save(orgId, session);
  }

  /** The session of a new sign-in. False if it was to be kept, and lasts as long as this process only. */
  async replace(orgId: OrgId, session: StoredSession, via: SignInWay, keep: boolean): Promise<boolean> {
    if (via === 'sf') return true;
    if (keep) return this.#vault.replace(orgId, session);
    this.#vault.hold(orgId, session);
    return true;
  }

  /** Whether there is a session that goes on by itself. */
  async isRenewable(orgId: OrgId): Promise<boolean> {
    const found = await this.load(orgId);
    return found.kind === 'kept' && (found.session.refreshToken !== null || found.session.renewBy !== undefined);
  }

  /** Throws `DISK_REFUSED`. */
  async delete(orgId: OrgId): Promise<void> {
    if (this.#find(orgId)?.via !== 'sf') await this.#vault.delete(orgId);
  }
}

/** What the official CLI has of a user, as a vault would say it. Never rejects. */
export async function loadFromSf(sf: SfOrgs, username: string): Promise<KeptSession> {
  try {
    return { kind: 'kept', session: await sf.session(username) };
  } catch (error) {
    const reason =
      error instanceof FailureError && error.failure.code === 'SF_ORG_UNUSABLE' ? error.failure.problem : 'unknown';
    return { kind: 'trouble', trouble: 'sf', reason };
  }
}
