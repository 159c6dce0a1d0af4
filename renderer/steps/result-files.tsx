import { Button, Checkbox, Group } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState, type Dispatch } from 'react';
import type { LoadSnapshot, ReportFile } from '../../shared/domain/load-results.ts';
import { rowsInFile } from '../../shared/domain/row-groups.ts';
import { number, plural } from '../../shared/text/counts.ts';
import { backupText } from '../../shared/text/undo-text.ts';
import { failureOf, useBackend } from '../backend/backend-context.tsx';
import { useCommand } from '../backend/commands.tsx';
import { takeDownload } from '../backend/take-download.ts';
import { FailurePanel } from '../components/failure-panel.tsx';
import { SavedNotice } from '../components/saved-notice.tsx';
import type { DraftAction } from '../wizard/draft.ts';
import { useTakeUp } from './use-take-up.ts';

interface Props {
  readonly load: LoadSnapshot;
  readonly dispatch: Dispatch<DraftAction>;
}

/** Files to keep, and the rows that are still to be loaded, to go on with. */
export function ResultFiles({ load, dispatch }: Props) {
  const backend = useBackend();
  const { loadId, counts, backup } = load;
  const [spreadsheetSafe, setSpreadsheetSafe] = useState(false);
  const inErrorFile = rowsInFile(counts, 'error');
  const save = useMutation({
    mutationFn: async (file: ReportFile | 'backup' | 'page') =>
      takeDownload(
        await (file === 'backup'
          ? backend.call('report.saveBackup', { loadId })
          : file === 'page'
            ? backend.call('report.savePage', { loadId })
            : backend.call('report.save', { loadId, file, spreadsheetSafe })),
      ),
  });
  const takeUp = useTakeUp(load, 'error', dispatch);
  // As its first button does: the error file, or without any what was loaded.
  useCommand('export', () => save.mutate(inErrorFile > 0 ? 'error' : 'success'));
  const canGoOn = load.state.kind === 'finished';
  return (
    <section className="panel" aria-labelledby="files-title" style={{ flex: 1, minWidth: 300 }}>
      <h3 id="files-title">Result files</h3>
      <p className="lead">
        All original columns, in file order. Fix the error file and drop it back in. Only those rows load.
      </p>
      <Group mt="sm" gap="xs">
        <Button
          leftSection={<Download size={16} aria-hidden />}
          disabled={inErrorFile === 0}
          onClick={() => save.mutate('error')}
        >
          Save the error file ({number(inErrorFile)})
        </Button>
        <Button variant="default" onClick={() => save.mutate('success')}>
          Successes ({number(rowsInFile(counts, 'success'))})
        </Button>
        <Button variant="default" disabled={counts.unprocessed === 0} onClick={() => save.mutate('unprocessed')}>
          Unprocessed ({number(counts.unprocessed)})
        </Button>
        {rowsInFile(counts, 'unchanged') > 0 && (
          <Button variant="default" onClick={() => save.mutate('unchanged')}>
            Nothing to do ({number(rowsInFile(counts, 'unchanged'))})
          </Button>
        )}
        {canGoOn && (
          <Button variant="default" onClick={() => save.mutate('page')}>
            Report as a web page
          </Button>
        )}
        {backup && (
          <Button variant="default" onClick={() => save.mutate('backup')}>
            Backup ({number(backup.records)})
          </Button>
        )}
      </Group>
      {backup && <p className="lead">Backup: {backupText(backup)}</p>}
      {canGoOn && inErrorFile > 0 && (
        <Group mt="sm" gap="xs">
          <Button variant="default" loading={takeUp.isPending} onClick={() => takeUp.mutate()}>
            Fix {plural(inErrorFile, 'row')} here
          </Button>
        </Group>
      )}
      <Checkbox
        mt="sm"
        checked={spreadsheetSafe}
        onChange={(event) => setSpreadsheetSafe(event.currentTarget.checked)}
        label="Spreadsheet-safe copy (formulas escaped; not for loading again)"
      />
      {[save.error, takeUp.error].map((error, nth) => error && <FailurePanel key={nth} failure={failureOf(error)} />)}
      {save.data?.kind === 'saved' && <SavedNotice file={save.data} />}
    </section>
  );
}
