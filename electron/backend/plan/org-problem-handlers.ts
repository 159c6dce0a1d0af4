import type { PlanId } from '../../../shared/domain/ids.ts';
import type { HandlersOf } from '../dispatch.ts';
import type { StagedSources } from '../source/staged-sources.ts';
import type { CheckedSource } from '../validation/issue-names.ts';
import { problemPage } from '../validation/problem-rows.ts';
import { saveProblemRows, type SaveRowsTools } from '../validation/save-problem-rows.ts';
import { orgGroupPage, orgGroupRows, orgProblems } from './org-problems.ts';
import type { PlanRegistry } from './plan-registry.ts';

export interface OrgProblemTools extends SaveRowsTools {
  readonly plans: PlanRegistry;
  readonly staged: Pick<StagedSources, 'facts'>;
}

type Handled = 'plan.problems' | 'plan.groups' | 'plan.groupRows' | 'plan.problemRows' | 'plan.saveProblemRows';

/** A plan's rows that are not sent, told as the checks tell theirs: with what only the org could tell. */
export function orgProblemHandlers(tools: OrgProblemTools): Pick<HandlersOf<'plan'>, Handled> {
  const { staging, staged, plans } = tools;
  /** A plan's rows as those of a checked source, in the plan's own database. */
  const checkedBy = async (planId: PlanId): Promise<CheckedSource & { editedIn: string }> => {
    const { plan, describe } = plans.get(planId);
    const source = await staged.facts(plan.sourceId);
    return { source: { ...source, alias: planId }, mapping: plan.mapping, describe, editedIn: source.alias };
  };
  return {
    'plan.problems': async ({ planId }, signal) => orgProblems(staging.until(signal), await checkedBy(planId)),
    'plan.groups': async ({ planId, ...asked }, signal) =>
      orgGroupPage(staging.until(signal), await checkedBy(planId), asked, asked),
    'plan.groupRows': async ({ planId, groupKey, ...page }, signal) =>
      orgGroupRows(staging.until(signal), await checkedBy(planId), groupKey, page),
    'plan.problemRows': async ({ planId, problem, ...page }, signal) => {
      const { editedIn, ...checked } = await checkedBy(planId);
      return problemPage(staging.until(signal), checked, problem, page, editedIn);
    },
    'plan.saveProblemRows': async ({ planId }, signal) => saveProblemRows(tools, await checkedBy(planId), signal),
  };
}
