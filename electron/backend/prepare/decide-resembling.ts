import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { Resembled, ResemblingRule } from '../../../shared/domain/prepared-load.ts';
import { isForRecord } from '../../../shared/domain/resembling.ts';
import type { Handlers } from '../dispatch.ts';

export type ResemblingProcedures = Pick<
  Handlers,
  'resembling.offer' | 'resembling.find' | 'resembling.pairs' | 'resembling.decide'
>;

/** Pairs that are shown. */
const SHOWN = 20;

export interface AskedResembling extends Pick<ResemblingRule, 'threshold'> {
  /** `show`: the plan stays as it is. */
  readonly then: ResemblingRule['then'] | 'show';
  readonly acceptApiUse?: boolean | undefined;
  readonly apiBudgetPercent?: number | undefined;
}

/**
 * Looks for records that a plan's new rows resemble, and decides. Nobody is there to ask: a row that is to update its record and resembles
 * several, or shares one with another row, is not sent. Throws `API_BUDGET`.
 */
export async function decideResembling(
  procedures: ResemblingProcedures,
  plan: LoadPlan,
  { then, threshold: given, ...use }: AskedResembling,
  signal: AbortSignal,
): Promise<{ readonly plan: LoadPlan; readonly resembled: Resembled }> {
  const { planId } = plan;
  if ((await procedures['resembling.offer']({ planId }, signal)) === null)
    return { plan, resembled: { kind: 'not-comparable' } };
  if (plan.counts.insert === 0) return { plan, resembled: { kind: 'nothing-new' } };
  const report = await procedures['resembling.find']({ planId, ...use }, signal);
  const threshold = given ?? report.threshold;
  const of = { threshold, rule: null };
  const view = { ...of, which: 'open' as const };
  const found = await procedures['resembling.pairs']({ planId, view, offset: 0, limit: SHOWN }, signal);
  const looked = { kind: 'looked' as const, report, threshold, then, pairs: found.total, shown: found.pairs };
  if (then === 'show') return { plan, resembled: { ...looked, outcome: null, asked: 0 } };
  const { plan: decided, ...outcome } = await procedures['resembling.decide']({ planId, of, decision: then }, signal);
  if (!isForRecord(then)) return { plan: decided, resembled: { ...looked, outcome, asked: 0 } };
  const skipped = await procedures['resembling.decide']({ planId, of, decision: 'skip' }, signal);
  return { plan: skipped.plan, resembled: { ...looked, outcome, asked: skipped.rows } };
}
