import { ActionIcon, Button, CloseButton, Group } from '@mantine/core';
import { Trash2, Undo2 } from 'lucide-react';
import { withoutStep } from '../../../shared/domain/cleaning.ts';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { SourceSummary } from '../../../shared/domain/source-file.ts';
import { cleaningText } from '../../../shared/text/cleaning-text.ts';
import { CleaningForm } from './cleaning-form.tsx';
import type { SourceChanges } from './use-source-changes.ts';
import { columnLabel, plural } from '../../../shared/text/counts.ts';

interface Props {
  readonly sourceId: SourceId;
  readonly source: SourceSummary;
  readonly column: number | null;
  readonly changes: SourceChanges;
  readonly canUndo: boolean;
  readonly save: () => void;
  readonly close: () => void;
}

/** What is done to every row before it is checked, step by step; each can be taken out again. */
export function CleaningPanel({ sourceId, source, column, changes, canUndo, save, close }: Props) {
  const { cleaning, columns, fileColumns, editedCells, state } = source;
  const nameOf = (index: number) => columnLabel(columns[index]?.name, index);
  const removed = state.kind === 'staged' ? state.removedRows : 0;
  const touched = cleaning.length > 0 || editedCells > 0;
  return (
    <section className="panel side" aria-label="Cleaning">
      <Group justify="space-between" wrap="nowrap">
        <h3>Cleaning</h3>
        <CloseButton data-leave aria-label="Close the cleaning" onClick={close} />
      </Group>
      <p className="lead">Your file is never changed. Steps are remembered for the next file with these columns.</p>
      {cleaning.length > 0 && (
        <ol className="cleaning-steps" aria-label="Cleaning steps">
          {cleaning.map((step, index) => {
            const text = cleaningText(step, nameOf, fileColumns);
            return (
              <li key={`${index} ${text}`}>
                <span>
                  {text}
                  {step.kind === 'remove-duplicates' && removed > 0 && ` (${plural(removed, 'row')})`}
                </span>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={`Remove: ${text}`}
                  disabled={changes.busy}
                  onClick={() => void changes.clean(withoutStep(cleaning, index, fileColumns))}
                >
                  <Trash2 size={15} aria-hidden />
                </ActionIcon>
              </li>
            );
          })}
        </ol>
      )}
      {editedCells > 0 && (
        <p className="lead" role="status">
          {plural(editedCells, 'cell')} typed over. Typed values apply after all steps.
        </p>
      )}
      {(canUndo || touched) && (
        <Group gap="xs">
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<Undo2 size={14} aria-hidden />}
            disabled={!canUndo || changes.busy}
            onClick={() => void changes.undo()}
          >
            Undo
          </Button>
          {touched && (
            <Button size="compact-sm" variant="default" onClick={save}>
              Save the cleaned rows as CSV
            </Button>
          )}
        </Group>
      )}
      <CleaningForm
        key={`${column ?? ''}`}
        sourceId={sourceId}
        columns={columns}
        suggested={column}
        busy={changes.busy}
        take={(step) => changes.clean([...cleaning, step])}
      />
    </section>
  );
}
