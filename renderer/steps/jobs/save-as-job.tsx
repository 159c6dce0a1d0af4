import { Button, Group, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { jobLossText } from '../../../shared/text/job-text.ts';
import { failureOf, useBackend } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';

/** Saves what a load was as a job, to be run again and again. */
export function SaveAsJob({ load, openJobs }: { readonly load: LoadSnapshot; readonly openJobs: () => void }) {
  const backend = useBackend();
  const cache = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const [name, setName] = useState(load.fileName.replace(/\.[^.]+$/, ''));
  const save = useMutation({
    mutationFn: (replace: boolean) =>
      backend.call('job.save', { name: name.trim(), from: { kind: 'load', loadId: load.loadId }, replace }),
    onSuccess: () => {
      setAsking(false);
      return cache.invalidateQueries({ queryKey: ['job.list'] });
    },
  });
  const failure = save.error ? failureOf(save.error) : null;
  if (save.data && !isAsking)
    return (
      <div className="notice" role="status">
        <span>
          Saved the job “{save.data.job.definition.name}”.
          {save.data.losses.map((loss) => (
            <span key={loss.code}> {jobLossText(loss)}</span>
          ))}
        </span>
        <Button size="compact-sm" variant="default" onClick={openJobs}>
          Open jobs
        </Button>
      </div>
    );
  if (!isAsking)
    return (
      <Button variant="default" onClick={() => setAsking(true)}>
        Save as a job
      </Button>
    );
  return (
    <form
      className="name-form"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(false);
      }}
    >
      <TextInput
        label="Name of the job"
        description="It loads this file, or a newer one in its place, the same way each time."
        autoFocus
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Group gap="xs">
        <Button type="submit" size="compact-sm" loading={save.isPending} disabled={name.trim() === ''}>
          Save the job
        </Button>
        <Button size="compact-sm" variant="subtle" onClick={() => setAsking(false)}>
          Cancel
        </Button>
      </Group>
      {failure && (
        <FailurePanel
          failure={failure}
          action={
            failure.code === 'JOB_NAME_TAKEN' ? { label: 'Replace that job', run: () => save.mutate(true) } : undefined
          }
        />
      )}
    </form>
  );
}
