import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FailureError, type Failure } from '../../../../shared/contract/failure.ts';
import type { OrgId } from '../../../../shared/domain/ids.ts';
import { digestOf } from '../../digest-of.ts';
import { systemCode } from '../../documents/durable-file.ts';
import { FileLock } from '../../documents/file-lock.ts';
import { API_VERSION } from '../../orgs/org-requests.ts';
import type { BackendPorts } from '../../ports.ts';
import { KeptFetch, newDocument, readFetch, type FetchDocument } from './kept-fetch.ts';

/** What broke off is continued for so long: the records it has are that old by then. */
const CONTINUED_FOR = 4 * 3_600_000;
/** What a plan was made of is used again for so long. */
const REUSED_FOR = 3_600_000;

/** Failures after which the same fetch, asked for again, goes on where it was. */
const BROKEN_OFF = new Set<Failure['code']>([
  'ORG_UNREACHABLE',
  'ORG_ANSWER_UNREADABLE',
  'ORG_SESSION_EXPIRED',
  'ORG_API_LIMIT',
  'CONNECTION_LOST',
  'STAGING_STOPPED',
]);

export function isBrokenOff(error: unknown): boolean {
  return error instanceof FailureError && BROKEN_OFF.has(error.failure.code);
}

/** Whether to take what there is of an earlier fetch: none of it, what broke off, or also what a plan was made of. */
export type FetchFrom = 'anew' | 'broken-off' | 'planned';

type KeepPorts = Pick<BackendPorts, 'paths' | 'clock' | 'random' | 'log'>;

/** A fetch that is kept, and what was there of it. */
export interface OpenedFetch {
  readonly kept: KeptFetch;
  readonly resumed: boolean;
  readonly reused: boolean;
}

/** What one plan fetches, as it is worked out. */
export class PlanFetches {
  readonly #all: KeptFetches;
  readonly #orgId: OrgId;
  readonly #from: FetchFrom;
  readonly #open: { kept: KeptFetch; lock: FileLock }[] = [];
  /** The org's clock. */
  readonly now: () => number;

  constructor(all: KeptFetches, orgId: OrgId, from: FetchFrom, now: () => number) {
    this.#all = all;
    this.#orgId = orgId;
    this.#from = from;
    this.now = now;
  }

  /** When the oldest of it was fetched; null where nothing was. */
  get oldest(): number | null {
    const times = this.#open.map(({ kept }) => kept.document.at);
    return times.length === 0 ? null : Math.min(...times);
  }

  /**
   * The fetch of just this (`what` says all that its answer hangs on), with what came of it before; null where another plan is at
   * it. `calls` counts the calls made for it by now.
   */
  async open(what: readonly string[], calls: () => number): Promise<OpenedFetch | null> {
    const folder = this.#all.folderOf(digestOf([this.#orgId, API_VERSION, ...what]));
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const taken = await FileLock.take(`${folder}.lock`);
    if (!('lock' in taken)) return null;
    const found = this.#from === 'anew' ? null : await this.#all.usable(folder, this.#from);
    const { process } = this.#all;
    const document = found
      ? { ...found, process }
      : newDocument(this.#orgId, this.now(), this.#all.localTime(), process);
    const kept = new KeptFetch(folder, document, calls);
    this.#open.push({ kept, lock: taken.lock });
    if (!found) await kept.startOver(this.now(), this.#all.localTime());
    const isThere = found !== null && (found.pages.length > 0 || found.job !== null || found.complete);
    return { kept, resumed: isThere && !found.planned, reused: found?.planned ?? false };
  }

  /** A plan was made: what it was made of is kept for the next one. */
  async planned(): Promise<void> {
    for (const { kept } of this.#open) await kept.planned();
    this.#all.planned(this.#orgId);
    await this.#release();
  }

  /** No plan was made: what broke off stays, to be continued; of anything else nothing is kept. */
  async failed(error: unknown): Promise<void> {
    try {
      if (!isBrokenOff(error))
        for (const { kept } of this.#open) await rm(kept.folder, { recursive: true, force: true });
      await this.#release();
    } catch (left) {
      // Why there is no plan is what is told; what is left behind is no plan's, and is swept.
      this.#all.log.error('fetched records were left behind', left);
    }
  }

  async #release(): Promise<void> {
    const left = this.#all.isSignedOut(this.#orgId);
    for (const { kept, lock } of this.#open.splice(0)) {
      // What was still being fetched when the org was left goes now.
      if (left) await rm(kept.folder, { recursive: true, force: true });
      await lock.release();
    }
  }
}

/**
 * What was fetched for plans, in the data folder: one that breaks off is continued by the next plan that asks for the same, also by
 * another process; what a plan was made of is there for the next plan of this process.
 */
export class KeptFetches {
  readonly #ports: KeepPorts;
  readonly process: string;
  /** Orgs of which there may be something that `forget` takes away. */
  readonly #planned = new Set<OrgId>();
  /** Orgs that were signed out of while this process runs. */
  readonly #signedOut = new Set<OrgId>();

  constructor(ports: KeepPorts) {
    this.#ports = ports;
    this.process = ports.random.token(16);
  }

  get log(): KeepPorts['log'] {
    return this.#ports.log;
  }

  get #root(): string {
    return join(this.#ports.paths.data, 'fetches');
  }

  folderOf(identity: string): string {
    return join(this.#root, identity.slice(0, 32));
  }

  localTime(): number {
    return this.#ports.clock.now();
  }

  forPlan(orgId: OrgId, from: FetchFrom, now: () => number): PlanFetches {
    this.#signedOut.delete(orgId);
    return new PlanFetches(this, orgId, from, now);
  }

  planned(orgId: OrgId): void {
    this.#planned.add(orgId);
  }

  isSignedOut(orgId: OrgId): boolean {
    return this.#signedOut.has(orgId);
  }

  /** What of a fetch may be gone on with. */
  async usable(folder: string, from: FetchFrom): Promise<FetchDocument | null> {
    const document = await readFetch(folder);
    if (!document) return null;
    const age = this.localTime() - document.begunAt;
    if (!document.planned) return age < CONTINUED_FOR ? document : null;
    return from === 'planned' && document.process === this.process && age < REUSED_FOR ? document : null;
  }

  /** Takes away all that was fetched from an org, for nobody is signed in to it any more. Never rejects. */
  async forgetOrg(orgId: OrgId): Promise<void> {
    this.#signedOut.add(orgId);
    this.#planned.delete(orgId);
    await this.#remove((document) => document.orgId === orgId);
  }

  /** Takes away what plans into an org were made of: its records are about to be, or were, changed. Never rejects. */
  async forget(orgId: OrgId): Promise<void> {
    if (!this.#planned.delete(orgId)) return;
    await this.#remove((document) => document.orgId === orgId && document.planned);
  }

  /** Takes away what no plan can use any more: with `ending`, also what only this process could. Never rejects. */
  async sweep(ending = false): Promise<void> {
    const now = this.localTime();
    await this.#remove(({ planned, process, begunAt }) => {
      if (!planned) return now - begunAt >= CONTINUED_FOR;
      return process === this.process ? ending : now - begunAt >= REUSED_FOR;
    });
  }

  async #remove(which: (document: FetchDocument) => boolean): Promise<void> {
    for (const name of await this.#names()) {
      const folder = join(this.#root, name);
      try {
        const taken = await FileLock.take(`${folder}.lock`);
        if (!('lock' in taken)) continue;
        const document = await readFetch(folder);
        if (!document || which(document)) await rm(folder, { recursive: true, force: true });
        await taken.lock.release();
      } catch (error) {
        this.#ports.log.error('fetched records could not be removed', error);
      }
    }
  }

  async #names(): Promise<string[]> {
    try {
      return (await readdir(this.#root, { withFileTypes: true }))
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name);
    } catch (error) {
      // Nothing waits for what is taken away here, and what stays is swept the next time.
      if (systemCode(error) !== 'ENOENT') this.#ports.log.error('fetched records could not be looked for', error);
      return [];
    }
  }
}
