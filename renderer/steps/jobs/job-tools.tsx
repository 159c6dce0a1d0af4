import { Button, Group, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { Job } from '../../../shared/domain/job.ts';
import { failureOf, useBackend } from '../../backend/backend-context.tsx';
import { takeDownload } from '../../backend/take-download.ts';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { SavedNotice } from '../../components/saved-notice.tsx';

type Asking = 'rename' | 'clone' | 'remove';

/** Pausing, naming, passing on, and removing a job. */
export function JobTools({ job }: { readonly job: Job }) {
  const backend = useBackend();
  const cache = useQueryClient();
  const { jobId, paused } = job;
  const { name } = job.definition;
  const [asking, setAsking] = useState<Asking | null>(null);
  const [typed, setTyped] = useState('');
  const ask = (what: Asking) => {
    setAsking(what);
    setTyped(what === 'clone' ? `${name} (copy)` : name);
  };
  const done = async () => {
    setAsking(null);
    for (const queryKey of [['job.list'], ['schedule.list']]) await cache.invalidateQueries({ queryKey });
  };
  const hold = useMutation({
    mutationFn: () => backend.call(paused ? 'job.resume' : 'job.pause', { jobId }),
    onSuccess: done,
  });
  const save = useMutation({ mutationFn: async () => takeDownload(await backend.call('job.export', { jobId })) });
  const give = useMutation({
    mutationFn: () => backend.call(asking === 'clone' ? 'job.clone' : 'job.rename', { jobId, name: typed.trim() }),
    onSuccess: done,
  });
  const remove = useMutation({ mutationFn: () => backend.call('job.remove', { jobId }), onSuccess: done });
  const failure = hold.error ?? save.error ?? give.error ?? remove.error;
  return (
    <>
      <Button size="compact-sm" variant="default" loading={hold.isPending} onClick={() => hold.mutate()}>
        {paused ? 'Resume' : 'Pause'}
      </Button>
      <Button size="compact-sm" variant="default" loading={save.isPending} onClick={() => save.mutate()}>
        Save as YAML
      </Button>
      <Button size="compact-sm" variant="subtle" onClick={() => ask('rename')}>
        Rename
      </Button>
      <Button size="compact-sm" variant="subtle" onClick={() => ask('clone')}>
        Clone
      </Button>
      <Button size="compact-sm" variant="subtle" onClick={() => ask('remove')}>
        Remove
      </Button>
      {(asking === 'rename' || asking === 'clone') && (
        <form
          className="name-form"
          onSubmit={(event) => {
            event.preventDefault();
            give.mutate();
          }}
        >
          <TextInput
            label={asking === 'clone' ? 'Name of the copy' : 'New name'}
            data-autofocus
            autoFocus
            value={typed}
            maxLength={100}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Button type="submit" size="compact-sm" loading={give.isPending} disabled={typed.trim() === ''}>
            {asking === 'clone' ? 'Save the copy' : 'Rename'}
          </Button>
          <Button size="compact-sm" variant="subtle" onClick={() => setAsking(null)}>
            Cancel
          </Button>
        </form>
      )}
      {asking === 'remove' && (
        <div className="notice" data-tone="warning" role="group" aria-label={`Remove the job ${name}`}>
          <TriangleAlert size={16} aria-hidden />
          <span>Remove this job and the list of its runs? Its loads stay in the history.</span>
          <Group gap="xs" wrap="nowrap">
            <Button size="compact-sm" variant="default" loading={remove.isPending} onClick={() => remove.mutate()}>
              Remove the job
            </Button>
            <Button size="compact-sm" variant="subtle" onClick={() => setAsking(null)}>
              Keep it
            </Button>
          </Group>
        </div>
      )}
      {failure && <FailurePanel failure={failureOf(failure)} />}
      {save.data?.kind === 'saved' && <SavedNotice file={save.data} />}
    </>
  );
}
