import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { RotateCw } from 'lucide-react';
import type { Dispatch } from 'react';
import type { LoadId } from '../../shared/domain/ids.ts';
import { plural } from '../../shared/text/counts.ts';
import { secondStepAgainText } from '../../shared/text/lookup-text.ts';
import { askForLoad } from '../backend/ask-for-load.ts';
import { failureOf, useBackend } from '../backend/backend-context.tsx';
import { FailurePanel } from '../components/failure-panel.tsx';
import type { DraftAction } from '../wizard/draft.ts';

interface Props {
  readonly loadId: LoadId;
  readonly rows: number;
  readonly dispatch: Dispatch<DraftAction>;
}

/** The way to give incomplete rows their lookups without loading anything else again. */
export function SecondStepAgain({ loadId, rows, dispatch }: Props) {
  const backend = useBackend();
  const cache = useQueryClient();
  const complete = useMutation({
    mutationFn: (acceptApiUse: boolean) =>
      askForLoad(cache, loadId, () => backend.call('load.complete', { loadId, acceptApiUse })),
    onSuccess: () => {
      dispatch({ kind: 'go', place: { kind: 'step', step: 'load' } });
    },
  });
  const failure = complete.error ? failureOf(complete.error) : null;
  return (
    <section className="panel" aria-labelledby="again-title">
      <h3 id="again-title">Lookups to set</h3>
      <p className="lead">
        {secondStepAgainText(rows)} Retrying sends only the lookups, as updates by Id. No record is created twice.
      </p>
      {failure && (
        <FailurePanel
          failure={failure}
          action={
            failure.code === 'API_BUDGET' ? { label: 'Load anyway', run: () => complete.mutate(true) } : undefined
          }
        />
      )}
      <Button
        mt="sm"
        variant="default"
        leftSection={<RotateCw size={16} aria-hidden />}
        loading={complete.isPending}
        onClick={() => complete.mutate(false)}
      >
        Retry the second step for {plural(rows, 'row')}
      </Button>
    </section>
  );
}
