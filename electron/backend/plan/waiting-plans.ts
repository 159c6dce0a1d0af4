import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlanNote } from '../../../shared/domain/load-plan.ts';
import { PlanId } from '../../../shared/domain/ids.ts';
import { systemCode } from '../documents/durable-file.ts';
import { FileLock } from '../documents/file-lock.ts';
import type { BackendPorts } from '../ports.ts';
import { dropPlanDocument, readPlan, savePlan } from './plan-document.ts';
import type { StoredPlan } from './stored-plan.ts';

/** Names that a folder of loads has once a load has come of its plan. */
const OF_LOADS = ['load.json', 'load.json.damaged', 'journal.jsonl'];

export function noteOf({ plan, describe, fileName, approval }: StoredPlan): PlanNote {
  const { planId, planDigest, orgId, sourceId, mapping, rows, counts, currentRecordsFetchedAt: at } = plan;
  const { objectName, operation } = mapping;
  const objectLabel = describe.label;
  const note = { planId, planDigest, orgId, sourceId, fileName, objectName, objectLabel, operation, rows, counts, at };
  return approval ? { ...note, approval } : note;
}

/**
 * Plans that no load has come of, in the data folder: they outlive the process that made them, and are removed a week later with
 * whatever no load has come of (`KnownLoads`). One process at a time has a plan open.
 */
export class WaitingPlans {
  readonly #ports: Pick<BackendPorts, 'paths' | 'log'>;
  readonly #locks = new Map<PlanId, FileLock>();

  constructor(ports: Pick<BackendPorts, 'paths' | 'log'>) {
    this.#ports = ports;
  }

  folderOf(planId: PlanId): string {
    return join(this.#ports.paths.data, 'loads', planId);
  }

  #lockPath(planId: PlanId): string {
    return join(this.folderOf(planId), 'plan.lock');
  }

  /** Whether this process has the plan from now on; not while another one has. */
  async take(planId: PlanId): Promise<boolean> {
    if (this.#locks.has(planId)) return true;
    const taken = await FileLock.take(this.#lockPath(planId));
    if ('lock' in taken) this.#locks.set(planId, taken.lock);
    return 'lock' in taken;
  }

  async release(planId: PlanId): Promise<void> {
    const lock = this.#locks.get(planId);
    this.#locks.delete(planId);
    await lock?.release();
  }

  /** Leaves the plans to whoever opens them next. */
  async close(): Promise<void> {
    for (const planId of [...this.#locks.keys()]) await this.release(planId);
  }

  save(stored: StoredPlan): Promise<void> {
    return savePlan(this.folderOf(stored.plan.planId), stored);
  }

  /** While a plan is being changed there is none: a process that ends meanwhile leaves nothing to be taken for one. */
  unsave(planId: PlanId): Promise<void> {
    return dropPlanDocument(this.folderOf(planId));
  }

  /** Throws `DATA_DAMAGED`. */
  read(planId: PlanId): Promise<StoredPlan> {
    return readPlan(this.folderOf(planId));
  }

  async remove(planId: PlanId): Promise<void> {
    await this.release(planId);
    await rm(this.folderOf(planId), { recursive: true, force: true });
  }

  /** Those that no other process has open. What can't be read is none. */
  async list(): Promise<StoredPlan[]> {
    const plans: StoredPlan[] = [];
    for (const name of await this.#names()) {
      const planId = PlanId.safeParse(name);
      if (!planId.success) continue;
      const folder = this.folderOf(planId.data);
      const files: string[] = await readdir(folder).catch(() => []);
      if (OF_LOADS.some((file) => files.includes(file))) continue;
      const isElsewhere =
        !this.#locks.has(planId.data) && (await FileLock.holder(this.#lockPath(planId.data)).catch(() => null));
      const stored = isElsewhere ? null : await readPlan(folder).catch(() => null);
      if (stored) plans.push(stored);
    }
    return plans;
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(join(this.#ports.paths.data, 'loads'));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    }
  }
}
