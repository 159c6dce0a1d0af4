import type { Failure } from '../../../shared/contract/failure.ts';
import { FailurePanel } from '../../components/failure-panel.tsx';

interface Props {
  readonly failure: Failure;
  /** Builds the plan anew. */
  readonly again: () => void;
  /** Starts it with a yes to the API calls it takes. */
  readonly accept: () => void;
}

/** Why a plan was not loaded, with what can be done about it. */
export function StartFailure({ failure, again, accept }: Props) {
  switch (failure.code) {
    case 'API_BUDGET':
      return <FailurePanel failure={failure} action={{ label: 'Load all the same', run: accept }} />;
    case 'CONFIRMATION_NEEDED':
    case 'ORG_READ_ONLY':
      // What it takes is on the same screen.
      return <FailurePanel failure={failure} />;
    default:
      return <FailurePanel failure={failure} action={{ label: 'Build the plan again', run: again }} />;
  }
}
