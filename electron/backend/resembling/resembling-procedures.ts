import type { WorkProgress } from '../../../shared/contract/events.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { PlanId } from '../../../shared/domain/ids.ts';
import type { ResemblingReport } from '../../../shared/domain/resembling.ts';
import type { HandlersOf } from '../dispatch.ts';
import { learnFromLabels } from '../duplicates/learn-from-labels.ts';
import { borderlinePairs, countsAt } from '../duplicates/resembling-pairs.ts';
import { refuseOverBudget } from '../load/may-start.ts';
import type { OneAtATime } from '../one-at-a-time.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import { applyDecision } from '../plan/decided/apply-decision.ts';
import type { FetchTools } from '../plan/fetch-current-records.ts';
import { planFolder, type PlanRegistry } from '../plan/plan-registry.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { BackendPorts } from '../ports.ts';
import type { Preferences } from '../settings/preferences.ts';
import { comparedKinds, type ComparedKinds } from './compared-kinds.ts';
import { prepareDecision } from './decide-rows.ts';
import { forgetFinding, keepFinding, readFinding } from './kept-finding.ts';
import { findInPlan, leastLookCalls, resemblanceOf, type FindTools, type FoundInPlan } from './find-in-plan.ts';
import { countRules, resemblingPage, withFacts } from './resembling-pages.ts';

interface ResemblingTools {
  readonly plans: Pick<PlanRegistry, 'get' | 'change' | 'has' | 'whenReplaced'>;
  readonly orgs: Pick<OrgDirectory, 'get' | 'client' | 'describe'>;
  readonly preferences: Pick<Preferences, 'current'>;
  readonly ports: Pick<BackendPorts, 'paths' | 'clock'>;
  readonly staging: FetchTools['staging'];
  readonly turns: OneAtATime;
  readonly work: (progress: WorkProgress) => void;
}

/** Pairs that a person can have been shown to label. */
const LABELLED_AT_MOST = 200;

/** Throws `BAD_REQUEST`. */
function kindsOf(stored: StoredPlan): ComparedKinds {
  const kinds = comparedKinds(stored);
  if (!kinds) throw badRequest('there is nothing that rows of this plan can be compared by');
  return kinds;
}

const badRequest = (problem: string) => new FailureError({ code: 'BAD_REQUEST', where: 'resembling', problem });

/** Whether a look that nobody asked for is within the API budget; where it is not, it is left to whoever asks. */
async function isWithinBudget(
  { orgs, preferences }: Pick<ResemblingTools, 'orgs' | 'preferences'>,
  { plan: { orgId } }: StoredPlan,
  kinds: ComparedKinds,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await refuseOverBudget({ orgs, preferences }, orgs.get(orgId), leastLookCalls(kinds), signal);
    return true;
  } catch (error) {
    if (error instanceof FailureError && error.failure.code === 'API_BUDGET') return false;
    throw error;
  }
}

/** Rows about to be created that resemble records: finding them, and what is decided of them. */
export function resemblingProcedures(tools: ResemblingTools): HandlersOf<'resembling'> {
  const { plans, orgs, preferences, ports, staging, turns, work } = tools;
  const foundIn = new Map<PlanId, FoundInPlan>();
  /** What was found in a plan, also by an earlier process. */
  const knownOf = async (stored: StoredPlan, signal: AbortSignal) => {
    const { planId } = stored.plan;
    const found = foundIn.get(planId) ?? (await readFinding(staging.until(signal), stored));
    if (found) foundIn.set(planId, found);
    return found;
  };
  /** Throws `PLAN_UNKNOWN`, and `BAD_REQUEST` where nobody has looked yet. */
  const at = async (planId: PlanId, signal: AbortSignal) => {
    const stored = plans.get(planId);
    const found = await knownOf(stored, signal);
    if (!found) throw badRequest('nobody has looked for records that these rows resemble');
    return { stored, found };
  };
  const findTools = async ({ plan }: StoredPlan, signal: AbortSignal): Promise<FindTools & { calls: () => number }> => {
    const client = await orgs.client(plan.orgId);
    const before = client.calls;
    return {
      fetch: { client, staging, clock: ports.clock },
      describeOf: (objectName) => orgs.describe(plan.orgId, objectName, false, signal),
      folder: planFolder(ports.paths, plan.planId),
      progress: (stage, done, total) => work({ sourceId: plan.sourceId, stage, done, total }),
      calls: () => client.calls - before,
    };
  };
  const reportOf = async (stored: StoredPlan, found: FoundInPlan, signal: AbortSignal): Promise<ResemblingReport> => ({
    ...found.report,
    threshold: found.resemblance.threshold,
    rules: await countRules(staging.until(signal), stored, found),
    calls: found.calls,
  });
  const inTurn = <T>(planId: PlanId, signal: AbortSignal, run: () => Promise<T>) =>
    turns.run(plans.get(planId).plan.sourceId, signal, run);
  plans.whenReplaced(async (before, now, signal) => {
    const [had, kinds] = [await knownOf(before, signal), comparedKinds(now)];
    if (!had || !kinds || !(await isWithinBudget(tools, now, kinds, signal))) return;
    const find = await findTools(now, signal);
    const found = await findInPlan(find, now, kinds, signal);
    // What was learnt from a person's labels holds on.
    const { prior, threshold } = had.report.labelled > 0 ? had.resemblance : found.resemblance;
    const kept = {
      ...found,
      resemblance: { ...found.resemblance, prior, threshold },
      report: { ...found.report, labelled: had.report.labelled },
      calls: find.calls(),
    };
    await keepFinding(staging.until(signal), now, kept);
    foundIn.set(now.plan.planId, kept);
  });
  return {
    'resembling.offer': ({ planId }) => {
      const stored = plans.get(planId);
      const kinds = comparedKinds(stored);
      return Promise.resolve(
        kinds && {
          rows: stored.plan.counts.insert,
          fields: kinds.fields.map(({ field }) => field.label),
          calls: leastLookCalls(kinds),
        },
      );
    },
    'resembling.find': ({ planId, acceptApiUse, apiBudgetPercent }, signal) =>
      inTurn(planId, signal, async () => {
        const stored = plans.get(planId);
        const kinds = kindsOf(stored);
        const { orgId } = stored.plan;
        if (acceptApiUse !== true)
          await refuseOverBudget(
            { orgs, preferences },
            orgs.get(orgId),
            leastLookCalls(kinds),
            signal,
            apiBudgetPercent,
          );
        for (const known of foundIn.keys()) if (known === planId || !plans.has(known)) foundIn.delete(known);
        const find = await findTools(stored, signal);
        await forgetFinding(staging.until(signal), stored);
        const found = { ...(await findInPlan(find, stored, kinds, signal)), calls: find.calls() };
        await keepFinding(staging.until(signal), stored, found);
        foundIn.set(planId, found);
        return reportOf(stored, found, signal);
      }),
    'resembling.report': async ({ planId }, signal) => {
      const stored = plans.get(planId);
      const found = await knownOf(stored, signal);
      return found ? reportOf(stored, found, signal) : null;
    },
    'resembling.pairs': async ({ planId, view, ...page }, signal) => {
      const { stored, found } = await at(planId, signal);
      const resemblance = resemblanceOf(await findTools(stored, signal), stored, found, signal);
      return resemblingPage(staging.until(signal), stored, { found, resemblance }, view, page);
    },
    'resembling.counts': async ({ planId, thresholds }, signal) => {
      const { stored, found } = await at(planId, signal);
      return countsAt(resemblanceOf(await findTools(stored, signal), stored, found, signal), thresholds);
    },
    'resembling.borderline': async ({ planId }, signal) => {
      const { stored, found } = await at(planId, signal);
      const pairs = await borderlinePairs(resemblanceOf(await findTools(stored, signal), stored, found, signal));
      return withFacts(staging.until(signal), stored, found, pairs, found.resemblance.threshold);
    },
    'resembling.learn': ({ planId, words }, signal) =>
      inTurn(planId, signal, async () => {
        const { stored, found } = await at(planId, signal);
        const resemblance = resemblanceOf(await findTools(stored, signal), stored, found, signal);
        const shown = await borderlinePairs(resemblance, LABELLED_AT_MOST);
        const labels = words.flatMap(({ row, record, same }) => {
          const pair = shown.find((one) => one.row === String(row) && one.record === record);
          return pair ? [{ pair, same }] : [];
        });
        const { work: _work, ...learnt } = await learnFromLabels(resemblance, labels);
        const report = { ...found.report, labelled: found.report.labelled + labels.length };
        const now = { ...found, resemblance: learnt, report };
        await keepFinding(staging.until(signal), stored, now);
        foundIn.set(planId, now);
        return reportOf(stored, now, signal);
      }),
    'resembling.decide': ({ planId, of, decision }, signal) =>
      inTurn(planId, signal, async () => {
        const { stored, found } = await at(planId, signal);
        const { fetch, folder } = await findTools(stored, signal);
        const left = await prepareDecision(fetch, stored, found, { of, decision }, folder, signal);
        const plan = await plans.change(planId, signal, (sql, _before, input) => applyDecision(sql, input, decision));
        return { plan, ...left };
      }),
  };
}
