import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { Input } from '../../../shared/contract/procedures.ts';
import type { FetchedRecords } from '../../../shared/domain/fetched-records.ts';
import { fetchedText } from '../../../shared/text/fetched-text.ts';
import { useBackend } from '../../backend/backend-context.tsx';
import { timeOfDay } from '../../settings/moments.ts';

/** Makes the plan that is shown once more, of records as they are now. */
export function useFetchAgain(input: Input<'plan.build'> | null) {
  const backend = useBackend();
  const cache = useQueryClient();
  const called = useRef<AbortController | null>(null);
  const { mutate, isPending } = useMutation({
    mutationFn: (asked: Input<'plan.build'>) => {
      called.current = new AbortController();
      return backend.call('plan.build', { ...asked, recordsFrom: 'anew' }, { signal: called.current.signal });
    },
    onSuccess: (built, asked) => cache.setQueryData(['plan.build', asked], built),
    // The plan that was shown is gone by then, and made anew.
    onError: (_error, asked) => cache.resetQueries({ queryKey: ['plan.build', asked] }),
  });
  return {
    isPending,
    begin: () => input && mutate(input),
    stop: () => called.current?.abort(),
  };
}

interface FetchedNoteProps {
  readonly fetched: FetchedRecords | null;
  readonly again: () => void;
}

/** How the records that a plan is compared with were fetched, and the way to fetch them again. */
export function FetchedNote({ fetched, again }: FetchedNoteProps) {
  const [seen] = useState(() => Date.now());
  const text = fetchedText(fetched, timeOfDay(fetched?.at ?? 0), seen);
  if (text === null) return null;
  return (
    <p className="lead">
      {text}{' '}
      <Button size="compact-xs" variant="subtle" onClick={again}>
        Fetch again
      </Button>
    </p>
  );
}
