import type { Failure } from '../../../shared/contract/failure.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { MovedRows } from './moved-rows.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';

interface Props {
  readonly failure: Failure;
  readonly plan: LoadPlan;
  readonly describe: SObjectDescribe | null;
  /** Builds the plan anew. */
  readonly again: () => void;
  /** Starts it with a yes to the API calls it takes. */
  readonly accept: () => void;
}

/** Why a plan was not loaded, with what can be done about it. */
export function StartFailure({ failure, plan, describe, again, accept }: Props) {
  switch (failure.code) {
    case 'API_BUDGET':
    case 'ORG_LIMIT':
      return <FailurePanel failure={failure} action={{ label: 'Load anyway', run: accept }} />;
    case 'CONFIRMATION_NEEDED':
    case 'ORG_READ_ONLY':
      // What it takes is on the same screen.
      return <FailurePanel failure={failure} />;
    case 'PLAN_STALE':
      return (
        <>
          <FailurePanel failure={failure} action={{ label: 'Build the plan again', run: again }} />
          {failure.why === 'drift' && <MovedRows planId={plan.planId} describe={describe} />}
        </>
      );
    default:
      return <FailurePanel failure={failure} action={{ label: 'Build the plan again', run: again }} />;
  }
}
