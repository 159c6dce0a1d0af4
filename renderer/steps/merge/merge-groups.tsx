import { Button, Group } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { GroupState, type MergeSnapshot } from '../../../shared/domain/merge.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { GROUP_STATES } from '../../../shared/text/merge-text.ts';
import { failureOf, useBackend } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { MergeGroupPanel } from './merge-group-panel.tsx';

interface Props {
  readonly merge: MergeSnapshot;
  readonly changed: (merge: MergeSnapshot) => void;
}

const A_PAGE = 10;

const TONES: Readonly<Record<GroupState, string>> = {
  leftOut: 'unchanged',
  waiting: 'update',
  merged: 'create',
  partly: 'warning',
  failed: 'blocked',
  moved: 'warning',
};

/** The groups, some at a time; by their state where they have several. */
export function MergeGroups({ merge, changed }: Props) {
  const backend = useBackend();
  const [state, setState] = useState<GroupState | null>(null);
  const [offset, setOffset] = useState(0);
  const input = { mergeId: merge.mergeId, state, offset, limit: A_PAGE };
  const page = useQuery({
    queryKey: ['merge.page', input],
    queryFn: ({ signal }) => backend.call('merge.page', input, { signal }),
    placeholderData: keepPreviousData,
  });
  const total = page.data?.total ?? 0;
  return (
    <section aria-labelledby="merge-groups" className="merge-groups" aria-busy={page.isFetching}>
      <h3 id="merge-groups">Groups</h3>
      <ul className="chips" aria-label="Groups by state">
        {GroupState.options
          .filter((one) => merge.counts[one] > 0)
          .map((one) => (
            <li key={one}>
              <button
                type="button"
                className="chip"
                data-tone={TONES[one]}
                aria-pressed={state === one}
                onClick={() => {
                  setState(state === one ? null : one);
                  setOffset(0);
                }}
              >
                {GROUP_STATES[one]} <b>{number(merge.counts[one])}</b>
              </button>
            </li>
          ))}
        <li className="sum">= {plural(merge.counts.groups, 'group')}</li>
      </ul>
      {page.error && <FailurePanel failure={failureOf(page.error)} again={() => void page.refetch()} />}
      {page.data?.groups.map((group) => (
        <MergeGroupPanel key={group.group} merge={merge} group={group} changed={changed} />
      ))}
      {total > A_PAGE && (
        <Group>
          <Button variant="default" disabled={offset === 0} onClick={() => setOffset(offset - A_PAGE)}>
            Previous groups
          </Button>
          <span>
            {number(offset + 1)} to {number(Math.min(offset + A_PAGE, total))} of {number(total)}
          </span>
          <Button variant="default" disabled={offset + A_PAGE >= total} onClick={() => setOffset(offset + A_PAGE)}>
            Next groups
          </Button>
        </Group>
      )}
    </section>
  );
}
