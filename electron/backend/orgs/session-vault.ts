import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import { parseJson } from '../parse-json.ts';
import type { SecretVault } from '../ports.ts';
import { StoredSession, type KeptSession } from './org-session.ts';

/** Sessions are of this version; one without a number is of the first. */
const VERSION = 1;
const Versioned = z.object({ version: z.number().int().default(VERSION) });

/** Sessions of orgs in the secret vault, one secret each: what is wrong with one is of no matter to the others. */
export class SessionVault {
  readonly #secrets: SecretVault;
  /** Sessions that the vault did not take at their sign-in. */
  readonly #unkept = new Map<OrgId, StoredSession>();

  constructor(secrets: SecretVault) {
    this.#secrets = secrets;
  }

  /** Never rejects: a vault that does not answer is `refused`. */
  async load(orgId: OrgId): Promise<KeptSession> {
    const unkept = this.#unkept.get(orgId);
    if (unkept) return { kind: 'kept', session: unkept };
    let text: string | null;
    try {
      text = await this.#secrets.get(nameOf(orgId));
    } catch (error) {
      return { kind: 'trouble', trouble: 'refused', reason: reasonOf(error) };
    }
    if (text === null) return { kind: 'trouble', trouble: 'missing', reason: '' };
    return read(text);
  }

  /** Keeps a session in memory only, as it is wanted. */
  hold(orgId: OrgId, session: StoredSession): void {
    this.#unkept.set(orgId, session);
  }

  /** Keeps a renewed session. Throws `DISK_REFUSED`. */
  async save(orgId: OrgId, session: StoredSession): Promise<void> {
    if (this.#unkept.has(orgId)) this.#unkept.set(orgId, session);
    else await working(() => this.#secrets.set(nameOf(orgId), textOf(session)));
  }

  /**
   * Keeps the session of a new sign-in. What was there and can't be read is kept aside, and a vault that takes nothing is
   * no reason not to work: false if the session lasts as long as this process only.
   */
  async replace(orgId: OrgId, session: StoredSession): Promise<boolean> {
    this.#unkept.delete(orgId);
    try {
      const there = await this.#secrets.get(nameOf(orgId)).catch(() => null);
      if (there !== null && read(there).kind === 'trouble') await this.#secrets.set(`${nameOf(orgId)}.aside`, there);
      await this.#secrets.set(nameOf(orgId), textOf(session));
      return true;
    } catch {
      this.#unkept.set(orgId, session);
      return false;
    }
  }

  /** Throws `DISK_REFUSED`. */
  async delete(orgId: OrgId): Promise<void> {
    // One that was held beside a kept one goes alone.
    if (this.#unkept.delete(orgId)) return;
    await working(() => this.#secrets.delete(nameOf(orgId)));
  }
}

function nameOf(orgId: OrgId): string {
  return `org-session-${orgId}`;
}

function textOf(session: StoredSession): string {
  return JSON.stringify({ version: VERSION, ...session });
}

function read(secret: string): KeptSession {
  const found = parseJson(secret);
  const version = Versioned.safeParse(found).data?.version ?? VERSION;
  if (version > VERSION) return { kind: 'trouble', trouble: 'newer', reason: `version ${version}` };
  const session = StoredSession.safeParse(found);
  if (session.success) return { kind: 'kept', session: session.data };
  return { kind: 'trouble', trouble: 'damaged', reason: 'no session' };
}

async function working<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new FailureError({ code: 'DISK_REFUSED', what: 'the session to the keychain', reason: reasonOf(error) });
  }
}

/** A keyring's own message could quote what it was given: its kind is said, and no more. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code || (error instanceof Error ? error.name : 'unknown');
}
