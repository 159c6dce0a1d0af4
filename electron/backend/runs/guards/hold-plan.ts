import type { LoadPlan } from '../../../../shared/domain/load-plan.ts';
import type { JobDefinition } from '../../../../shared/domain/job.ts';
import { USUAL_GUARDS } from '../../../../shared/domain/job-guards.ts';
import type { Resembled } from '../../../../shared/domain/prepared-load.ts';
import type { Run, RunHold } from '../../../../shared/domain/run.ts';
import { failedInARow } from './failed-runs.ts';
import { manyChanges, manyDeletes, shrunk } from './usual-runs.ts';

/** What the org is asked for a plan's guards. */
export interface AskedOfOrg {
  /** How many records an object has, more or less; null where the org doesn't say. */
  readonly records: (signal: AbortSignal) => Promise<number | null>;
  /** What of a plan's API calls is over the job's budget, or the settings'; null where nothing is. */
  readonly overBudget: (
    plan: LoadPlan,
    signal: AbortSignal,
  ) => Promise<{ readonly needed: number; readonly remaining: number; readonly percent: number } | null>;
}

/** What of a plan somebody should look at before it is loaded. The org is asked only where that may be of use. */
export async function holdsOfPlan(
  { guards, object }: Pick<JobDefinition, 'guards' | 'object'>,
  { plan, resembled }: { readonly plan: LoadPlan; readonly resembled: Resembled | null },
  before: readonly Run[],
  org: AskedOfOrg,
  signal: AbortSignal,
): Promise<RunHold[]> {
  const limits = { ...USUAL_GUARDS, ...guards };
  const { counts, rows } = plan;
  const asksRecords = counts.delete > 0 && limits.deletesPercent !== null;
  const budget = await org.overBudget(plan, signal);
  return [
    ...failedInARow(limits, before),
    ...shrunk(rows, limits, before),
    ...manyChanges(counts, limits, before),
    ...manyDeletes(counts, limits, asksRecords ? await org.records(signal) : null),
    ...(resembled?.kind === 'not-comparable' ? [{ code: 'NOT_COMPARABLE' as const, objectName: object }] : []),
    ...(budget ? [{ code: 'OVER_BUDGET' as const, ...budget }] : []),
  ];
}
