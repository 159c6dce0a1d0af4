import { Button } from '@mantine/core';
import type { Dispatch } from 'react';
import type { LoadSnapshot } from '../../shared/domain/load-results.ts';
import { plural } from '../../shared/text/counts.ts';
import { failureOf } from '../backend/backend-context.tsx';
import { FailurePanel } from '../components/failure-panel.tsx';
import type { DraftAction } from '../wizard/draft.ts';
import { useTakeUp } from './use-take-up.ts';

/** Beside the title of a load that ended before it had come to all of its rows: the way to the others. */
export function ContinueLoad({
  load,
  dispatch,
}: {
  readonly load: LoadSnapshot;
  readonly dispatch: Dispatch<DraftAction>;
}) {
  const takeUp = useTakeUp(load, 'unprocessed', dispatch);
  return (
    <div>
      <Button loading={takeUp.isPending} onClick={() => takeUp.mutate()}>
        Continue with {plural(load.counts.unprocessed, 'unprocessed row')}
      </Button>
      {takeUp.error && <FailurePanel failure={failureOf(takeUp.error)} />}
    </div>
  );
}
