import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { Input } from '../../../shared/contract/procedures.ts';
import { changesOf, isTypedFor, mustBeTyped, planWay, wantedText } from '../../../shared/domain/confirmation.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import { asFailure } from '../orgs/org-answers.ts';
import { mayHardDelete, readLimits, type OrgLimits } from '../orgs/org-facts.ts';
import type { Preferences } from '../settings/preferences.ts';
import { CALLS_A_JOB, collectionsOf, leastCalls, storageNeeded } from './forecast-load.ts';

/** A load that goes on asks who it is. */
const CALLS_TO_RESUME = 2;
/** Those of a job that was closed: a look and its result files. */
const CALLS_ONCE_CLOSED = 4;
/** An org that does not say within so long how many calls are left is not waited for, in milliseconds. */
const SAYS_WITHIN = 5000;

export type Consent = Pick<Input<'load.start'>, 'confirmation' | 'acceptApiUse' | 'apiBudgetPercent'>;

interface GateTools {
  readonly orgs: Pick<OrgDirectory, 'get' | 'client'>;
  readonly preferences: Pick<Preferences, 'current'>;
}

/** What a person is asked before a plan is loaded. Throws `CONFIRMATION_NEEDED`, `API_BUDGET` and `ORG_LIMIT` for a yes that is missing. */
export async function mayStart(tools: GateTools, plan: LoadPlan, consent: Consent, signal: AbortSignal): Promise<void> {
  const org = tools.orgs.get(plan.orgId);
  const { counts } = plan;
  const { operation } = plan.mapping;
  const changes = changesOf(counts);
  // Refused in other words: there is nothing to ask about.
  if (changes === 0) return;
  if (operation === 'hardDelete') await refuseWithoutPermission(tools, org, signal);
  if (mustBeTyped(org.kind, counts, operation) && !isTypedFor(consent.confirmation ?? '', counts, org.name, operation))
    throw new FailureError({
      code: 'CONFIRMATION_NEEDED',
      org: org.name,
      changes,
      deletes: counts.delete,
      ...(operation === 'hardDelete' ? { wanted: wantedText(counts, operation) } : {}),
    });
  if (consent.acceptApiUse === true) return;
  const limits = await limitsOf(tools, org, signal);
  await refuseOverBudget(tools, tools.orgs.get(plan.orgId), leastCalls(plan), signal, consent.apiBudgetPercent);
  if (planWay(plan) !== 'collections') holdToLimit('DailyBulkApiBatches', plan.batches.least, limits);
  holdToLimit('DataStorageMB', storageNeeded(plan), limits);
}

/** Before anything is backed up. An org that does not say refuses the job by itself (`FEATURENOTENABLED`). */
async function refuseWithoutPermission({ orgs }: GateTools, org: OrgSummary, signal: AbortSignal): Promise<void> {
  if ((await mayHardDelete(await orgs.client(org.orgId), signal)) === false)
    throw new FailureError({ code: 'HARD_DELETE_NOT_ALLOWED', org: org.name });
}

/** What the org has left; null from one that does not tell, and that refuses what is too much by itself. */
export async function limitsOf(
  { orgs }: Pick<GateTools, 'orgs'>,
  { orgId }: Pick<OrgSummary, 'orgId'>,
  signal: AbortSignal,
): Promise<OrgLimits | null> {
  const client = await orgs.client(orgId);
  try {
    return await readLimits(client, signal);
  } catch (error) {
    const known = asFailure(error, client.host);
    if (known instanceof FailureError && known.failure.code === 'ORG_REFUSED') return null;
    throw known;
  }
}

function holdToLimit(limit: 'DailyBulkApiBatches' | 'DataStorageMB', needed: number, limits: OrgLimits | null): void {
  const remaining = limits?.[limit]?.remaining;
  if (remaining !== undefined && needed > remaining)
    throw new FailureError({ code: 'ORG_LIMIT', limit, needed, remaining });
}

/** Throws `API_BUDGET` for more calls than may be made without being asked about, by the settings or by the share given. */
export async function refuseOverBudget(
  tools: GateTools,
  org: OrgSummary,
  needed: number,
  signal: AbortSignal,
  percent?: number,
): Promise<void> {
  const usage = org.apiUsage ?? (await askUsage(tools, org, signal));
  // An org that does not say how many calls are left is not held to them: it refuses the call that is one too many.
  if (usage !== null) holdToBudget(tools, usage, { needed }, percent);
}

function holdToBudget(
  { preferences }: Pick<GateTools, 'preferences'>,
  { used, max }: NonNullable<OrgSummary['apiUsage']>,
  wanted: { readonly needed: number; readonly resuming?: true },
  percent = preferences.current.apiBudgetPercent,
): void {
  const remaining = Math.max(0, max - used);
  if (wanted.needed > (remaining * percent) / 100)
    throw new FailureError({ code: 'API_BUDGET', ...wanted, remaining, percent });
}

/** Every answer says it, but an org may not have answered in this process yet. */
async function askUsage(tools: GateTools, { orgId }: OrgSummary, signal: AbortSignal): Promise<OrgSummary['apiUsage']> {
  const client = await tools.orgs.client(orgId);
  await client.json('GET', 'limits', z.unknown(), signal);
  return tools.orgs.get(orgId).apiUsage;
}

/**
 * What a person is asked before a paused load goes on. What is known of the calls left may be of the day before, so the org is asked
 * anew. Throws `API_BUDGET`.
 */
export async function mayResume(
  tools: GateTools,
  load: Pick<LoadSnapshot, 'orgId' | 'jobs'>,
  plan: LoadPlan,
  { acceptApiUse, apiBudgetPercent }: Omit<Consent, 'confirmation'>,
  signal: AbortSignal,
): Promise<void> {
  const needed = callsLeft(load.jobs, plan);
  if (acceptApiUse === true || needed === 0) return;
  const usage = await usageNow(tools, load.orgId, signal);
  if (usage !== null) holdToBudget(tools, usage, { needed, resuming: true }, apiBudgetPercent);
}

/** What the org says of its calls now; what it said last where it can't be asked. */
async function usageNow(tools: GateTools, orgId: OrgId, signal: AbortSignal): Promise<OrgSummary['apiUsage']> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(SAYS_WITHIN)]);
  await askUsage(tools, tools.orgs.get(orgId), within).catch((error: unknown) => {
    // What keeps the org from answering is for the load to meet, which pauses with it.
    if (signal.aborted || !(error instanceof FailureError)) throw error;
  });
  return tools.orgs.get(orgId).apiUsage;
}

/** What a person is asked before the second step of a load is tried once more: the load itself was confirmed. Throws `API_BUDGET`. */
export async function mayComplete(
  tools: GateTools,
  plan: LoadPlan,
  { acceptApiUse }: Pick<Consent, 'acceptApiUse'>,
  signal: AbortSignal,
): Promise<void> {
  if (acceptApiUse === true) return;
  const { orgId, secondStep } = plan;
  const sending = planWay(plan) !== 'collections' ? CALLS_A_JOB : collectionsOf(secondStep?.rows ?? 0);
  // As before a load is resumed: what is known of the calls left may be of the day before.
  const usage = await usageNow(tools, orgId, signal);
  if (usage !== null) holdToBudget(tools, usage, { needed: CALLS_TO_RESUME + sending, resuming: true });
}

/** Calls that a load of a plan takes at least from where it stands. */
export function callsLeft(jobs: LoadSnapshot['jobs'], plan: Pick<LoadPlan, 'jobs' | 'mapping' | 'counts'>): number {
  const isBulk = planWay(plan) !== 'collections';
  if (jobs.length === 0)
    return CALLS_TO_RESUME + (isBulk ? plan.jobs * CALLS_A_JOB : collectionsOf(changesOf(plan.counts)));
  const each = jobs.map(({ state, rows, processed }) => {
    if (state === 'Reconciled' || state === 'Gone') return 0;
    if (!isBulk) return collectionsOf(rows - processed);
    return state === 'Planned' || state === 'Uploading' || state === 'Open' ? CALLS_A_JOB : CALLS_ONCE_CLOSED;
  });
  return each.reduce<number>((sum, calls) => sum + calls, 0);
}
