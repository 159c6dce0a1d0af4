import { Button, Group, Menu } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { bytesText } from '../../../shared/text/bytes-text.ts';
import { plural } from '../../../shared/text/counts.ts';
import { failureOf, useBackend, useCall } from '../../backend/backend-context.tsx';
import { takeDownload } from '../../backend/take-download.ts';
import { Fact } from '../../components/fact.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { SaveFileMenu } from '../../components/file-buttons.tsx';
import { SavedNotice } from '../../components/saved-notice.tsx';
import { moment } from '../../settings/moments.ts';
import type { HistoryActions } from './history-screen.tsx';

interface Props extends HistoryActions {
  readonly load: LoadSnapshot;
  readonly bytes: number | null;
}

/** What a load was made of, and what can be done with it now. */
export function LoadDetails({ load, bytes, openLoad, runAgain, loadOtherFile }: Props) {
  const { loadId } = load;
  const details = useCall('history.details', { loadId });
  const isOver = load.state.kind === 'finished';
  const jobIds = load.jobs.flatMap(({ jobId }) => (jobId === null ? [] : [jobId]));
  return (
    <div className="load-details">
      <dl className="told">
        <Fact name="Started" value={moment(load.startedAt)} />
        {load.finishedAt !== null && <Fact name="Ended" value={moment(load.finishedAt)} />}
        <Fact name="File’s SHA-256" value={load.sourceDigest} />
        {jobIds.length > 0 && <Fact name={jobIds.length === 1 ? 'Job' : 'Jobs'} value={jobIds.join(', ')} />}
        {bytes !== null && <Fact name="On disk" value={bytesText(bytes)} />}
        {(details.data?.cleaningSteps ?? 0) > 0 && (
          <Fact name="Cleaning" value={plural(details.data?.cleaningSteps ?? 0, 'step')} />
        )}
        {details.data && (
          <Fact
            name="Mapping"
            value={details.data.columns
              .flatMap(({ name, field }) => (field === null ? [] : [`${name} → ${field}`]))
              .join(', ')}
          />
        )}
      </dl>
      {details.error && <FailurePanel failure={failureOf(details.error)} again={() => void details.refetch()} />}
      <Group gap="xs" mt="sm">
        <Button size="compact-sm" variant="default" onClick={() => openLoad(loadId, isOver ? 'report' : 'load')}>
          {isOver ? 'Report, files, and undo' : 'Open'}
        </Button>
        {isOver && (
          <>
            <Button size="compact-sm" variant="default" onClick={() => runAgain(load)}>
              Run again
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => loadOtherFile(load)}>
              Use for another file
            </Button>
            <KeepOrRemove load={load} bytes={bytes} />
          </>
        )}
      </Group>
    </div>
  );
}

/** Passing a finished load on as a ZIP, and removing it for good. */
function KeepOrRemove({ load: { loadId, fileName }, bytes }: Pick<Props, 'load' | 'bytes'>) {
  const backend = useBackend();
  const cache = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const pack = useMutation({
    mutationFn: async (withRows: boolean) => takeDownload(await backend.call('history.pack', { loadId, withRows })),
  });
  const remove = useMutation({
    mutationFn: () => backend.call('history.remove', { loadId }),
    onSuccess: async () => {
      for (const queryKey of [['load.list'], ['history.storage']]) await cache.invalidateQueries({ queryKey });
    },
  });
  const failure = pack.error ?? remove.error;
  return (
    <>
      <SaveFileMenu label="Save as ZIP" isSaving={pack.isPending} position="bottom-start">
        <Menu.Item onClick={() => pack.mutate(true)}>With its rows and result files</Menu.Item>
        <Menu.Item onClick={() => pack.mutate(false)}>Without rows: numbers, mapping, and journal</Menu.Item>
      </SaveFileMenu>
      {!isAsking && (
        <Button size="compact-sm" variant="subtle" onClick={() => setAsking(true)}>
          Remove
        </Button>
      )}
      {isAsking && (
        <div className="notice" data-tone="warning" role="group" aria-label={`Remove the load of ${fileName}`}>
          <TriangleAlert size={16} aria-hidden />
          <span>
            Remove this load? Its report and its files go, and it can’t be undone after that. The org stays as it is.
            {bytes !== null && ` This frees ${bytesText(bytes)}.`}
          </span>
          <Group gap="xs" wrap="nowrap">
            <Button size="compact-sm" variant="default" loading={remove.isPending} onClick={() => remove.mutate()}>
              Remove the load
            </Button>
            <Button size="compact-sm" variant="subtle" onClick={() => setAsking(false)}>
              Keep it
            </Button>
          </Group>
        </div>
      )}
      {failure && <FailurePanel failure={failureOf(failure)} />}
      {pack.data?.kind === 'saved' && <SavedNotice file={pack.data} />}
    </>
  );
}
