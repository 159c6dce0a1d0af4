import type { WorkProgress } from '../../../shared/contract/events.ts';
import type { HandlersOf } from '../dispatch.ts';
import { refuseOverBudget } from '../load/may-start.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { FetchTools } from '../plan/fetch-current-records.ts';
import { planFolder, type PlanRegistry } from '../plan/plan-registry.ts';
import type { BackendPorts } from '../ports.ts';
import type { Preferences } from '../settings/preferences.ts';
import { checkDuplicateRules } from './check-plan.ts';

interface DuplicateRuleTools {
  readonly plans: Pick<PlanRegistry, 'get'>;
  readonly orgs: Pick<OrgDirectory, 'get' | 'client' | 'describe'>;
  readonly preferences: Pick<Preferences, 'current'>;
  readonly ports: Pick<BackendPorts, 'paths' | 'clock'>;
  readonly staging: FetchTools['staging'];
  readonly work: (progress: WorkProgress) => void;
}

/** What the org's own duplicate rules say of a plan. */
export function duplicateRuleProcedures(tools: DuplicateRuleTools): HandlersOf<'duplicateRules'> {
  const { plans, orgs, preferences, ports, staging, work } = tools;
  return {
    'duplicateRules.check': async ({ planId, ask, acceptApiUse }, signal) => {
      const stored = plans.get(planId);
      const { orgId, sourceId } = stored.plan;
      const check = {
        client: await orgs.client(orgId),
        staging,
        clock: ports.clock,
        describeOf: (objectName: string) => orgs.describe(orgId, objectName, false, signal),
        folder: planFolder(ports.paths, planId),
        mayCall: async (calls: number) => {
          if (acceptApiUse !== true) await refuseOverBudget({ orgs, preferences }, orgs.get(orgId), calls, signal);
        },
        progress: (stage: 'fetching' | 'comparing', done: number, total: number | null) =>
          work({ sourceId, stage, done, total }),
      };
      return checkDuplicateRules(check, stored, ask, signal);
    },
  };
}
