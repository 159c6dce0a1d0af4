import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { Input } from '../../../shared/contract/procedures.ts';
import type { FetchedRecords } from '../../../shared/domain/fetched-records.ts';
import type { CarriedChoices, LoadPlan } from '../../../shared/domain/load-plan.ts';
import { carriedTexts, fetchedText } from '../../../shared/text/fetched-text.ts';
import { failureOf, useBackend } from '../../backend/backend-context.tsx';
import { timeOfDay } from '../../settings/moments.ts';

/**
 * Makes the plan that is shown once more, of records as they are now and with what was chosen in it. Until there is one, and should there
 * be none, the plan that is shown stays.
 */
export function useFetchAgain(input: Input<'plan.build'> | null, plan: LoadPlan | undefined) {
  const backend = useBackend();
  const cache = useQueryClient();
  const called = useRef<AbortController | null>(null);
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: (asked: Input<'plan.build'>) => {
      called.current = new AbortController();
      const again = { ...asked, recordsFrom: 'anew' as const, ...(plan ? { keepChoicesOf: plan.planId } : {}) };
      return backend.call('plan.build', again, { signal: called.current.signal });
    },
    onSuccess: (built, asked) => cache.setQueryData(['plan.build', asked], built),
  });
  const failure = error ? failureOf(error) : null;
  return {
    isPending,
    failure: failure?.code === 'CANCELLED' ? null : failure,
    forgive: reset,
    begin: () => input && mutate(input),
    stop: () => called.current?.abort(),
  };
}

interface FetchedNoteProps {
  readonly fetched: FetchedRecords | null;
  readonly carried: CarriedChoices | null;
  readonly again: () => void;
}

/** How the records that a plan is compared with were fetched, and the way to fetch them again. */
export function FetchedNote({ fetched, carried, again }: FetchedNoteProps) {
  const [seen] = useState(() => Date.now());
  const text = fetchedText(fetched, timeOfDay(fetched?.at ?? 0), seen);
  const kept = carried ? carriedTexts(carried) : [];
  return (
    <>
      {text !== null && (
        <p className="lead">
          {text}{' '}
          <Button size="compact-xs" variant="subtle" onClick={again}>
            Fetch again
          </Button>
        </p>
      )}
      {kept.length > 0 && (
        <p className="lead" role="status">
          {kept.join(' ')}
        </p>
      )}
    </>
  );
}
