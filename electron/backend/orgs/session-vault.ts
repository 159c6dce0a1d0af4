import { FailureError } from '../../../shared/contract/failure.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import { parseJson } from '../parse-json.ts';
import type { SecretVault } from '../ports.ts';
import { StoredSession } from './org-session.ts';

/** Sessions of orgs in the secret vault, one secret each. A vault that does not work is `DISK_REFUSED`. */
export class SessionVault {
  readonly #secrets: SecretVault;

  constructor(secrets: SecretVault) {
    this.#secrets = secrets;
  }

  /** Null for none, or one that can't be read: she signs in again then. */
  async load(orgId: OrgId): Promise<StoredSession | null> {
    const secret = await working(() => this.#secrets.get(nameOf(orgId)));
    return StoredSession.safeParse(secret === null ? null : parseJson(secret)).data ?? null;
  }

  save(orgId: OrgId, session: StoredSession): Promise<void> {
    return working(() => this.#secrets.set(nameOf(orgId), JSON.stringify(session)));
  }

  delete(orgId: OrgId): Promise<void> {
    return working(() => this.#secrets.delete(nameOf(orgId)));
  }
}

function nameOf(orgId: OrgId): string {
  return `org-session-${orgId}`;
}

async function working<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // A keyring's own message could quote what it was given: its kind is said, and no more.
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reason = code || (error instanceof Error ? error.name : 'unknown');
    throw new FailureError({ code: 'DISK_REFUSED', what: 'the session in the keyring', reason });
  }
}
