import { Button, Group } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { MergeSnapshot } from '../../../shared/domain/merge.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { plural } from '../../../shared/text/counts.ts';
import { failureOf, useBackend } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { isConfirmed, LoadConfirmation } from '../plan/load-confirmation.tsx';
import { writtenBy } from '../../../shared/domain/merge-confirmation.ts';

interface Props {
  readonly merge: MergeSnapshot;
  readonly org: OrgSummary;
  readonly changed: (merge: MergeSnapshot) => void;
}

/** What can be done with a merge as it stands: begin it, stop it, or go on. */
export function MergeActions({ merge, org, changed }: Props) {
  const { mergeId, planDigest, state, counts } = merge;
  const backend = useBackend();
  const [confirmation, setConfirmation] = useState('');
  const act = useMutation({
    mutationFn: (what: 'start' | 'stop' | 'resume') =>
      what === 'start'
        ? backend.call('merge.start', { mergeId, planDigest, confirmation })
        : backend.call(what === 'stop' ? 'merge.stop' : 'merge.resume', { mergeId }),
    onSuccess: changed,
  });
  const written = writtenBy(counts);
  const isReady = counts.losers > 0 && isConfirmed(written, org, confirmation);
  const failure = act.error ? failureOf(act.error) : null;
  return (
    <Group>
      {failure && <FailurePanel failure={failure} />}
      {state === 'planned' && counts.losers > 0 && (
        <>
          <LoadConfirmation
            counts={written}
            org={org}
            value={confirmation}
            change={setConfirmation}
            enter={() => act.mutate('start')}
          />
          <Button data-primary disabled={!isReady} loading={act.isPending} onClick={() => act.mutate('start')}>
            Merge {plural(counts.groups - counts.leftOut, 'group')}
          </Button>
        </>
      )}
      {(state === 'merging' || state === 'undoing') && (
        <Button variant="default" loading={act.isPending} onClick={() => act.mutate('stop')}>
          Stop
        </Button>
      )}
      {(state === 'paused' || state === 'undoPaused') && (
        <Button data-primary loading={act.isPending} onClick={() => act.mutate('resume')}>
          {state === 'paused' ? 'Go on merging' : 'Go on taking back'}
        </Button>
      )}
    </Group>
  );
}
