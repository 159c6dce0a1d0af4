import { z } from 'zod';
import { CleaningStep } from '../../../shared/domain/cleaning.ts';
import { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { PlanApproval } from '../../../shared/domain/plan-approval.ts';
import { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { Writing } from '../../../shared/domain/source-file.ts';
import type { PlanInput } from './plan-input.ts';

/** A plan with what its load needs later, when the source may be gone and the org changed. */
export const StoredPlan = z.object({
  plan: LoadPlan,
  describe: SObjectDescribe,
  parents: z.array(SObjectDescribe),
  fileName: z.string(),
  delimiter: z.string(),
  /** Of the source. */
  writing: Writing.default({ encoding: 'utf-8', mark: false }),
  columns: z.array(z.string()),
  /** What was done to the source's rows; of these columns the last are those that it made. Not kept by earlier versions. */
  cleaning: z.array(CleaningStep).optional(),
  /** Who approved it, if somebody did. */
  approval: PlanApproval.optional(),
});
export type StoredPlan = z.infer<typeof StoredPlan>;

export function storedPlan({ source, describe, parents }: PlanInput, plan: LoadPlan): StoredPlan {
  return {
    plan,
    describe,
    parents: [...parents.values()],
    fileName: source.fileName,
    delimiter: source.delimiter,
    writing: source.writing,
    columns: source.columns.map(({ name }) => name),
    cleaning: [...source.cleaning],
  };
}
