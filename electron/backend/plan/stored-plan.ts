import { z } from 'zod';
import { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { SObjectDescribe } from '../../../shared/domain/sobject.ts';

/** A plan with what its load needs later, when the source may be gone and the org changed. */
export const StoredPlan = z.object({
  plan: LoadPlan,
  describe: SObjectDescribe,
  parents: z.array(SObjectDescribe),
  fileName: z.string(),
  delimiter: z.string(),
  columns: z.array(z.string()),
});
export type StoredPlan = z.infer<typeof StoredPlan>;
