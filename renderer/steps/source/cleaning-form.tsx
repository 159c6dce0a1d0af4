import { Button, Group, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import type { CleaningKind, CleaningPreview, CleaningStep } from '../../../shared/domain/cleaning.ts';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import { CLEANING_NAMES } from '../../../shared/text/cleaning-text.ts';
import { number } from '../../../shared/text/counts.ts';
import { failureOf, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { CleaningColumns, CleaningFields } from './cleaning-fields.tsx';
import { buttonText, NOTHING_TYPED, outcomeText, stepOf, withSpacesShown, type Typed } from './typed-step.ts';

const KINDS = Object.keys(CLEANING_NAMES) as CleaningKind[];

interface Props {
  readonly sourceId: SourceId;
  readonly columns: readonly SourceColumn[];
  /** The column that was looked at. */
  readonly suggested: number | null;
  readonly busy: boolean;
  readonly take: (step: CleaningStep) => Promise<boolean>;
}

/** One step: what, where, and what it would do, before it is taken. */
export function CleaningForm({ sourceId, columns, suggested, busy, take }: Props) {
  const [typed, setTyped] = useState<Typed>({
    ...NOTHING_TYPED,
    columns: suggested === null ? [] : [String(suggested)],
  });
  const change = (next: Partial<Typed>) => setTyped((before) => ({ ...before, ...next }));
  const step = stepOf(
    typed,
    columns.map(({ index }) => index),
  );
  const preview = useCall('source.previewCleaning', step ? { sourceId, step } : null);
  const { kind } = typed;
  const counted = step ? preview.data : undefined;
  return (
    <form
      className="cleaning-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (step) void take(step).then((done) => done && setTyped({ ...NOTHING_TYPED, kind }));
      }}
    >
      <NativeSelect
        label="Step"
        value={kind}
        data={KINDS.map((value) => ({ value, label: CLEANING_NAMES[value] }))}
        onChange={(event) => change({ kind: event.currentTarget.value as CleaningKind })}
      />
      <CleaningColumns typed={typed} change={change} columns={columns} />
      <CleaningFields typed={typed} change={change} />
      {preview.error && step && <FailurePanel failure={failureOf(preview.error)} />}
      {step && preview.isPending && (
        <p className="lead" role="status">
          Counting what would change…
        </p>
      )}
      {counted && <Outcome kind={kind} counted={counted} />}
      <Group justify="flex-end">
        <Button type="submit" size="compact-sm" disabled={!counted || counted.rows === 0} loading={busy}>
          {buttonText(kind, counted)}
        </Button>
      </Group>
    </form>
  );
}

function Outcome({ kind, counted }: { readonly kind: CleaningKind; readonly counted: CleaningPreview }) {
  return (
    <div className="cleaning-preview">
      <p role="status">{outcomeText(kind, counted)}</p>
      {counted.examples.length > 0 && (
        <ul>
          {counted.examples.map(({ row, column, before, after }) => (
            <li key={`${row} ${column}`}>
              <span className="reason">
                Row {number(row)}, {column}
              </span>
              <div className="value">
                {before !== '' && <del className="was">{withSpacesShown(before)}</del>}{' '}
                {kind !== 'remove-duplicates' &&
                  (after === '' ? (
                    <span className="cleared">blank</span>
                  ) : (
                    <span className="now">{withSpacesShown(after)}</span>
                  ))}
              </div>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
