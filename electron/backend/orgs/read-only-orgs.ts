import { access, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FailureError } from '../../../shared/contract/failure.ts';
import { OrgId, organizationOf } from '../../../shared/domain/ids.ts';
import { diskFailure, syncFolder, systemCode, writeDurably } from '../documents/durable-file.ts';
import type { AppPaths } from '../ports.ts';

const ENDING = '.read-only';

/**
 * Which organizations are set to read-only, whichever of their users is signed in: a file each in the data folder, so that every host sees at once what any of them set, and
 * damaged settings do not open an org again.
 */
export class ReadOnlyOrgs {
  readonly #folder: string;

  constructor({ data }: AppPaths) {
    this.#folder = join(data, 'orgs');
  }

  #markOf(orgId: OrgId): string {
    return join(this.#folder, `${organizationOf(orgId)}${ENDING}`);
  }

  /** Throws `ORG_READ_ONLY`, also where it can't be found out. */
  async refuse(orgId: OrgId, org: string): Promise<void> {
    try {
      await access(this.#markOf(orgId));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return;
    }
    throw new FailureError({ code: 'ORG_READ_ONLY', org });
  }

  async list(): Promise<OrgId[]> {
    try {
      const names = (await readdir(this.#folder)).filter((name) => name.endsWith(ENDING));
      return names.flatMap((name) => OrgId.safeParse(name.slice(0, -ENDING.length)).data ?? []).sort();
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw diskFailure(error, 'the list of read-only orgs');
    }
  }

  /** Throws `DISK_FULL` and `DISK_REFUSED`: what was to be protected is not, then. */
  async set(orgId: OrgId, readOnly: boolean): Promise<OrgId[]> {
    const mark = this.#markOf(orgId);
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      if (readOnly) await writeDurably(mark, '', 'the read-only mark of the org');
      else {
        await rm(mark, { force: true });
        await syncFolder(this.#folder);
      }
    } catch (error) {
      throw diskFailure(error, 'the read-only mark of the org');
    }
    return this.list();
  }
}
