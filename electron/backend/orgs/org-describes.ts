import type { OrgId } from '../../../shared/domain/ids.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { unlessAborted } from './unless-aborted.ts';

type Ask = (orgId: OrgId, objectName: string) => Promise<SObjectDescribe>;

/** Describes of objects, asked for once and kept for the session. */
export class OrgDescribes {
  readonly #ask: Ask;
  readonly #known = new Map<string, Promise<SObjectDescribe>>();

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** `fresh` asks again. Many may wait for one: a signal calls off this caller's wait, not the question. */
  get(orgId: OrgId, objectName: string, fresh: boolean, signal?: AbortSignal): Promise<SObjectDescribe> {
    const key = `${orgId} ${objectName.toLowerCase()}`;
    const known = this.#known.get(key);
    const asked = known && !fresh ? known : this.#keep(key, this.#ask(orgId, objectName));
    return signal ? unlessAborted(asked, signal) : asked;
  }

  #keep(key: string, asked: Promise<SObjectDescribe>): Promise<SObjectDescribe> {
    this.#known.set(key, asked);
    asked.catch(() => {
      if (this.#known.get(key) === asked) this.#known.delete(key);
    });
    return asked;
  }

  /** What a describe says depends on who asks: field-level security differs between users of one org. */
  forget(orgId: OrgId): void {
    for (const key of this.#known.keys()) if (key.startsWith(`${orgId} `)) this.#known.delete(key);
  }
}
