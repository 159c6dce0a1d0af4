import type { Input } from '../../../shared/contract/procedures.ts';
import type { CheckReport } from '../../../shared/domain/field-issue.ts';
import type { CheckedPlan } from '../../../shared/domain/prepared-load.ts';
import type { Handlers } from '../dispatch.ts';
import { decideResembling, type AskedResembling, type ResemblingProcedures } from './decide-resembling.ts';

export type CheckedPlanProcedures = Pick<Handlers, 'checks.run' | 'plan.build'> & ResemblingProcedures;

interface Asked extends Pick<Input<'plan.build'>, 'orgId' | 'sourceId' | 'mapping' | 'acceptChangedFile'> {
  readonly resembling?: AskedResembling | undefined;
}

/**
 * Checks every value of a source and plans its load, with nobody asked: what the window does step by step. Of a mapping that can't be
 * loaded by there is no plan. Nothing is sent. `checked` hears of the checks before anything else is done.
 */
export async function checkAndPlan(
  procedures: CheckedPlanProcedures,
  { orgId, sourceId, mapping, acceptChangedFile = false, resembling }: Asked,
  checked: (checks: CheckReport) => Promise<void>,
  signal: AbortSignal,
): Promise<CheckedPlan> {
  const request = { orgId, sourceId, mapping };
  const checks = await procedures['checks.run'](request, signal);
  await checked(checks);
  if (checks.mappingIssues.some(({ level }) => level === 'block')) return { checks, plan: null, resembled: null };
  const plan = await procedures['plan.build']({ ...request, acceptChangedFile }, signal);
  if (resembling === undefined) return { checks, plan, resembled: null };
  return { checks, ...(await decideResembling(procedures, plan, resembling, signal)) };
}
