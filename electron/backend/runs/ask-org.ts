import { FailureError } from '../../../shared/contract/failure.ts';
import type { Input } from '../../../shared/contract/procedures.ts';
import { changesOf } from '../../../shared/domain/confirmation.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import type { JobDefinition } from '../../../shared/domain/job.ts';
import { leastCalls } from '../load/forecast-load.ts';
import { refuseOverBudget } from '../load/may-start.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import { recordsInOrg } from '../plan/fetch/run-fetch.ts';
import type { Preferences } from '../settings/preferences.ts';
import type { AskedOfOrg } from './guards/hold-plan.ts';

export interface AskTools {
  readonly orgs: Pick<OrgDirectory, 'get' | 'client'>;
  readonly preferences: Pick<Preferences, 'current'>;
}

/** What the guards of a job's plan ask its org. */
export function askOrg(
  { orgs, preferences }: AskTools,
  orgId: OrgId,
  { object: objectName, apiBudgetPercent }: JobDefinition,
  { acceptApiUse }: Pick<Input<'run.prepare'>, 'acceptApiUse'>,
): AskedOfOrg {
  return {
    records: async (signal) => recordsInOrg(await orgs.client(orgId), { objectName, condition: null }, signal),
    overBudget: async (plan, signal) => {
      if (acceptApiUse === true || changesOf(plan.counts) === 0) return null;
      try {
        await refuseOverBudget({ orgs, preferences }, orgs.get(orgId), leastCalls(plan), signal, apiBudgetPercent);
        return null;
      } catch (error) {
        if (!(error instanceof FailureError) || error.failure.code !== 'API_BUDGET') throw error;
        const { needed, remaining, percent } = error.failure;
        return { needed, remaining, percent };
      }
    },
  };
}
