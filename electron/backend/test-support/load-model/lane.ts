import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OrgId } from '../../../../shared/domain/ids.ts';
import { BackendProcess } from './backend-process.ts';
import { SOURCES, type ProcessFiles } from './process-files.ts';
import { parentKeys } from './cells.ts';
import { ModelFailure } from './model-failure.ts';
import { ObservedOrg } from './observed-org.ts';

/** Loads in one data folder before a new one is begun: a long session, and a list of loads that stays short. */
const LOADS_A_FOLDER = 30;
/** Sequences of one practice org: its list of jobs grows with each. */
const SEQUENCES_AN_ORG = 150;

/** One practice org and the backend that works with it, kept warm from one sequence to the next; a spare process waits. */
export class Lane {
  org: ObservedOrg;
  app: BackendProcess;
  readonly #files: ProcessFiles;
  /** Of this lane's files, removed with it; the data folder is one of those in it. */
  readonly #root: string;
  #spare: BackendProcess;
  #folders = 0;
  #loads = 0;
  #sequences = 0;
  #runs = 0;
  data = '';
  orgId = '' as OrgId;
  parentId = '';
  /** Whether the data folder has loads that were left unfinished, or whose journals were damaged: which jobs are theirs can't be told. */
  hasUnsureLoads = false;

  private constructor(files: ProcessFiles, root: string, org: ObservedOrg) {
    this.#files = files;
    this.#root = root;
    this.org = org;
    this.app = new BackendProcess(files);
    this.#spare = new BackendProcess(files);
  }

  static async start(files: ProcessFiles = SOURCES): Promise<Lane> {
    const lane = new Lane(files, await mkdtemp(join(tmpdir(), 'longshore-model-')), await ObservedOrg.start());
    await lane.#furnish();
    await lane.#begin();
    return lane;
  }

  /** A place for a sequence's own file. */
  file(name: string): string {
    return join(this.#root, name);
  }

  async #furnish(): Promise<void> {
    const parents = parentKeys.map((key) => ({ Name: `Parent ${key}`, ERP_Id__c: key }));
    [this.parentId = ''] = await this.org.create('Account', parents);
  }

  async #begin(): Promise<void> {
    this.data = join(this.#root, `data-${++this.#folders}`);
    this.#loads = 0;
    this.hasUnsureLoads = false;
    await this.app.open(this.data);
    await this.signIn();
  }

  async signIn(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const answer = await this.app.call('orgs.signIn', {
        target: { kind: 'custom', loginUrl: this.org.url },
        clientId: 'Longshore',
      });
      if (answer.ok) {
        this.orgId = answer.value.orgId;
        return;
      }
      // The few ports that a sign-in comes back to are shared with whatever else runs on this machine.
      if (answer.failure.code !== 'SIGN_IN_NO_PORT' || attempt > 40)
        throw new ModelFailure('signing in works', answer.failure);
    }
  }

  /** Makes ready for the next sequence and names it. */
  async next(): Promise<string> {
    if (++this.#sequences > SEQUENCES_AN_ORG) await this.renew();
    if (++this.#loads > LOADS_A_FOLDER) {
      await this.app.close();
      await rm(this.data, { recursive: true, force: true });
      this.app = this.#takeSpare();
      await this.#begin();
    }
    return `m${(++this.#runs).toString(36)}`;
  }

  #takeSpare(): BackendProcess {
    const spare = this.#spare;
    this.#spare = new BackendProcess(this.#files);
    return spare;
  }

  /** Another process opens the same data folder. */
  async beside(): Promise<BackendProcess> {
    const other = this.#takeSpare();
    await other.open(this.data);
    return other;
  }

  /** A new process on the data folder of the one that was killed. */
  async restart(): Promise<void> {
    await this.app.kill();
    this.app = await this.beside();
  }

  /** Everything anew: what a broken sequence left behind must not break the next. */
  async renew(): Promise<void> {
    await this.app.close();
    this.org.stop();
    await rm(this.data, { recursive: true, force: true });
    this.#sequences = 0;
    this.org = await ObservedOrg.start();
    this.app = this.#takeSpare();
    await this.#furnish();
    await this.#begin();
  }

  async stop(): Promise<void> {
    await Promise.all([this.app.close(), this.#spare.close()]);
    this.org.stop();
    await rm(this.#root, { recursive: true, force: true, maxRetries: 5 });
  }
}
