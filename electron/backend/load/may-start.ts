import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { Input } from '../../../shared/contract/procedures.ts';
import { changesOf, isTypedFor, mustBeTyped } from '../../../shared/domain/confirmation.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { Preferences } from '../settings/preferences.ts';

/**
 * Calls that a job takes at least: create, upload, close, one look at its state, and its three result files (Bulk API 2.0 Developer
 * Guide); and those of any load: who asks, and the describe.
 */
const CALLS_A_JOB = 7;
const CALLS_A_LOAD = 2;

export type Consent = Pick<Input<'load.start'>, 'confirmation' | 'acceptApiUse'>;

interface GateTools {
  readonly orgs: Pick<OrgDirectory, 'get' | 'client'>;
  readonly preferences: Pick<Preferences, 'current'>;
}

/** What a person is asked before a plan is loaded. Throws `CONFIRMATION_NEEDED` and `API_BUDGET` for a yes that is missing. */
export async function mayStart(tools: GateTools, plan: LoadPlan, consent: Consent, signal: AbortSignal): Promise<void> {
  const org = tools.orgs.get(plan.orgId);
  const { counts } = plan;
  const changes = changesOf(counts);
  // Refused in other words: there is nothing to ask about.
  if (changes === 0) return;
  if (mustBeTyped(org.kind, counts) && !isTypedFor(consent.confirmation ?? '', counts, org.name))
    throw new FailureError({ code: 'CONFIRMATION_NEEDED', org: org.name, changes, deletes: counts.delete });
  if (consent.acceptApiUse !== true) await refuseOverBudget(tools, org, CALLS_A_LOAD + plan.jobs * CALLS_A_JOB, signal);
}

/** Throws `API_BUDGET` for more calls than may be made without being asked about. */
export async function refuseOverBudget(
  tools: GateTools,
  org: OrgSummary,
  needed: number,
  signal: AbortSignal,
): Promise<void> {
  const usage = org.apiUsage ?? (await askUsage(tools, org, signal));
  // An org that does not say how many calls are left is not held to them: it refuses the call that is one too many.
  if (usage === null) return;
  const percent = tools.preferences.current.apiBudgetPercent;
  const remaining = Math.max(0, usage.max - usage.used);
  if (needed > (remaining * percent) / 100) throw new FailureError({ code: 'API_BUDGET', needed, remaining, percent });
}

/** Every answer says it, but an org may not have answered in this process yet. */
async function askUsage(tools: GateTools, { orgId }: OrgSummary, signal: AbortSignal): Promise<OrgSummary['apiUsage']> {
  const client = await tools.orgs.client(orgId);
  await client.json('GET', 'limits', z.unknown(), signal);
  return tools.orgs.get(orgId).apiUsage;
}
