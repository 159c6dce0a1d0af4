import { Button, Group } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { restoredBy } from '../../../shared/domain/merge-confirmation.ts';
import type { MergeSnapshot } from '../../../shared/domain/merge.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { plural } from '../../../shared/text/counts.ts';
import { keptText } from '../../../shared/text/merge-text.ts';
import { failureOf, useBackend } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { isConfirmed, LoadConfirmation } from '../plan/load-confirmation.tsx';

interface Props {
  readonly merge: MergeSnapshot;
  readonly org: OrgSummary;
  readonly begun: (merge: MergeSnapshot) => void;
}

/** Taking a merge back: what that would do as the org is now, and then the yes. */
export function UndoPlan({ merge: { mergeId, counts }, org, begun }: Props) {
  const backend = useBackend();
  const [confirmation, setConfirmation] = useState('');
  const plan = useMutation({ mutationFn: () => backend.call('merge.planUndo', { mergeId }) });
  const undo = useMutation({
    mutationFn: (undoDigest: NonNullable<typeof plan.data>['undoDigest']) =>
      backend.call('merge.undo', { mergeId, undoDigest, confirmation }),
    onSuccess: begun,
  });
  if (counts.merged + counts.partly === 0) return null;
  const failure = undo.error ?? plan.error;
  const planned = plan.data;
  return (
    <section className="panel" aria-labelledby="merge-undo">
      <h3 id="merge-undo">Take it back</h3>
      <p className="lead">
        Brings the merged records back from the recycle bin, gives the masters their values back and the related records
        their parents. What was changed since the merge stays as it is. Salesforce keeps deleted records for 15 days.
      </p>
      {failure && <FailurePanel failure={failureOf(failure)} again={() => plan.mutate()} />}
      {planned && (
        <>
          <p role="status">
            {plural(planned.losers, 'record')} to bring back, {plural(planned.values, 'value')} to set back,{' '}
            {plural(planned.children, 'related record')} to give back.
          </p>
          {planned.kept.length > 0 && (
            <ul>
              {planned.kept.map((reason) => (
                <li key={`${reason.what} ${reason.why}`}>{keptText(reason)}</li>
              ))}
            </ul>
          )}
        </>
      )}
      <Group mt="sm">
        {!planned && (
          <Button variant="default" loading={plan.isPending} onClick={() => plan.mutate()}>
            See what can be taken back
          </Button>
        )}
        {planned && planned.groups > 0 && (
          <>
            <LoadConfirmation
              counts={restoredBy(counts)}
              org={org}
              value={confirmation}
              change={setConfirmation}
              enter={() => undo.mutate(planned.undoDigest)}
            />
            <Button
              data-primary
              loading={undo.isPending}
              disabled={!isConfirmed(restoredBy(counts), org, confirmation)}
              onClick={() => undo.mutate(planned.undoDigest)}
            >
              Take it back
            </Button>
          </>
        )}
      </Group>
    </section>
  );
}
