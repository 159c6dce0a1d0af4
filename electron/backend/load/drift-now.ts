import type { OrgDirectory } from '../orgs/org-directory.ts';
import { planFolder } from '../plan/plan-registry.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { BackendPorts } from '../ports.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { driftOf, refuseDrift } from './refuse-drift.ts';

export interface DriftTools {
  readonly ports: Pick<BackendPorts, 'paths' | 'clock'>;
  readonly staging: StagingClient;
  readonly orgs: OrgDirectory;
}

/** What of a plan no longer holds in the org as it is now. */
export async function driftNow(tools: DriftTools, stored: StoredPlan, signal: AbortSignal): ReturnType<typeof driftOf> {
  const { fetching, folder, now } = await orgNow(tools, stored, signal);
  return driftOf(fetching, stored, folder, now, signal);
}

/** Throws what `refuseDrift` does, by the org as it is now. */
export async function refuseDriftNow(tools: DriftTools, stored: StoredPlan, signal: AbortSignal): Promise<void> {
  const { fetching, folder, now } = await orgNow(tools, stored, signal);
  await refuseDrift(fetching, stored, folder, now, signal);
}

async function orgNow({ ports, staging, orgs }: DriftTools, { plan, describe }: StoredPlan, signal: AbortSignal) {
  const client = await orgs.client(plan.orgId);
  const now = await orgs.describe(plan.orgId, describe.name, true, signal);
  return { fetching: { client, staging, clock: ports.clock }, folder: planFolder(ports.paths, plan.planId), now };
}
