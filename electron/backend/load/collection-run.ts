import type { OrgClient } from '../orgs/org-client.ts';
import type { PlannedMapping } from '../plan/plan-input.ts';
import type { LoadRun } from './load-run.ts';
import type { PartState } from './part-state.ts';
import type { ResultTools } from './take-results.ts';

/** A load whose rows go out as sObject Collections. */
export interface CollectionRun extends LoadRun {
  readonly collections: Pick<OrgClient, 'json' | 'soapOnce' | 'query'>;
  /** When the plan read its records, ms since the epoch by the org's clock. */
  readonly fetchedAt: number;
  readonly results: ResultTools;
  /** Has the outcomes that there are counted. */
  readonly count: () => void;
}

/** What a part's rows were planned as, in the step that it is of. */
export function plannedOf(run: Pick<CollectionRun, 'results'>, part: PartState): PlannedMapping {
  return run.results.planned[part.of];
}
