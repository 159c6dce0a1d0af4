import type { CheckReport } from '../../../shared/domain/field-issue.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { HandlersOf } from '../dispatch.ts';
import { checkAndPlan, type CheckedPlanProcedures } from './check-and-plan.ts';
import { chooseMapping, type MappingTools } from './choose-mapping.ts';

interface PrepareTools {
  readonly sources: MappingTools['sources'];
  readonly procedures: MappingTools['procedures'] & CheckedPlanProcedures;
}

/** Loads up to their plans where nobody is asked, as jobs and the command line prepare them. */
export function prepareProcedures(tools: PrepareTools): HandlersOf<'prepare'> {
  return {
    'prepare.mapping': (asked, signal) => chooseMapping(tools, asked, signal),
    'prepare.plan': async (asked, signal) => {
      const found: { checks: CheckReport | null } = { checks: null };
      const checked = (checks: CheckReport) => {
        found.checks = checks;
        return Promise.resolve();
      };
      try {
        const prepared = await checkAndPlan(tools.procedures, asked, checked, signal);
        return { ...prepared, failure: null };
      } catch (error) {
        // What the checks found is told, whatever came after them.
        const { checks } = found;
        if (checks === null || !(error instanceof FailureError) || error.failure.code === 'CANCELLED') throw error;
        return { checks, plan: null, resembled: null, failure: error.failure };
      }
    },
  };
}
