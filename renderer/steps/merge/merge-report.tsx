import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { MergeId } from '../../../shared/domain/ids.ts';
import { failureOf, useBackend } from '../../backend/backend-context.tsx';
import { takeDownload } from '../../backend/take-download.ts';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { SavedNotice } from '../../components/saved-notice.tsx';

/** Saves every group of a merge, and what became of it. */
export function MergeReport({ mergeId }: { readonly mergeId: MergeId }) {
  const backend = useBackend();
  const save = useMutation({
    mutationFn: async () => takeDownload(await backend.call('merge.save', { mergeId })),
  });
  return (
    <>
      {save.error && <FailurePanel failure={failureOf(save.error)} />}
      {save.data?.kind === 'saved' && <SavedNotice file={save.data} />}
      <Button variant="default" loading={save.isPending} onClick={() => save.mutate()}>
        Save all groups (.csv)
      </Button>
    </>
  );
}
