import { Button, Checkbox, Group, MultiSelect, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { CleaningStep, type CleaningKind } from '../../../shared/domain/cleaning.ts';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import { CLEANING_NAMES } from '../../../shared/text/cleaning-text.ts';
import { shown } from '../../../shared/text/shown.ts';
import { failureOf, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { columnLabel, number, plural } from '../../../shared/text/counts.ts';

/** What has been typed, for every kind: going back and forth between kinds loses nothing. */
interface Typed {
  readonly kind: CleaningKind;
  readonly columns: readonly string[];
  readonly to: 'upper' | 'lower' | 'title';
  readonly find: string;
  readonly replacement: string;
  readonly ignoreCase: boolean;
  readonly values: string;
  readonly fill: string;
  readonly separator: string;
  readonly names: string;
}

const NOTHING: Typed = {
  kind: 'trim',
  columns: [],
  to: 'upper',
  find: '',
  replacement: '',
  ignoreCase: false,
  values: '',
  fill: '',
  separator: ' ',
  names: '',
};

const KINDS = Object.keys(CLEANING_NAMES) as CleaningKind[];

/** The step as typed so far, or null while something is missing. */
function stepOf(typed: Typed, all: readonly number[]): CleaningStep | null {
  const chosen = typed.columns.map(Number);
  const columns = chosen.length > 0 ? chosen : typed.kind === 'join' ? [] : [...all];
  const { kind, replacement } = typed;
  const lines = typed.values.split('\n').filter((line) => line.includes('='));
  const made = {
    trim: { kind, columns },
    'collapse-spaces': { kind, columns },
    'change-case': { kind, columns, to: typed.to },
    'find-replace': { kind, columns, find: typed.find, replacement },
    'replace-pattern': { kind, columns, pattern: typed.find, replacement, ignoreCase: typed.ignoreCase },
    'map-values': {
      kind,
      columns,
      values: lines.map((line) => {
        const at = line.indexOf('=');
        return { from: line.slice(0, at).trim(), to: line.slice(at + 1).trim() };
      }),
    },
    'fill-blanks': { kind, columns, value: typed.fill },
    split: {
      kind,
      column: chosen[0] ?? -1,
      separator: typed.separator,
      names: typed.names
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    },
    join: { kind, columns, separator: typed.separator, name: typed.names.trim() },
    copy: { kind, column: chosen[0] ?? -1, name: typed.names.trim() },
    constant: { kind, value: typed.fill, name: typed.names.trim() },
    'remove-duplicates': { kind },
  }[kind];
  const step = CleaningStep.safeParse(made);
  if (!step.success || (kind === 'join' && chosen.length < 2)) return null;
  return step.data;
}

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
  const [typed, setTyped] = useState<Typed>({ ...NOTHING, columns: suggested === null ? [] : [String(suggested)] });
  const change = (next: Partial<Typed>) => setTyped((before) => ({ ...before, ...next }));
  const step = stepOf(
    typed,
    columns.map(({ index }) => index),
  );
  const preview = useCall('source.previewCleaning', step ? { sourceId, step } : null);
  const { kind } = typed;
  const data = columns.map(({ index, name }) => ({ value: String(index), label: columnLabel(name, index) }));
  const counted = preview.data;
  const nothing = counted !== undefined && counted.rows === 0;

  return (
    <form
      className="cleaning-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (step) void take(step).then((done) => done && setTyped({ ...NOTHING, kind }));
      }}
    >
      <NativeSelect
        label="Step"
        value={kind}
        data={KINDS.map((value) => ({ value, label: CLEANING_NAMES[value] }))}
        onChange={(event) => change({ kind: event.currentTarget.value as CleaningKind })}
      />
      {(kind === 'split' || kind === 'copy') && (
        <NativeSelect
          label="Column"
          value={typed.columns[0] ?? ''}
          data={[{ value: '', label: 'Choose a column' }, ...data]}
          onChange={(event) => change({ columns: event.currentTarget.value === '' ? [] : [event.currentTarget.value] })}
        />
      )}
      {!['split', 'copy', 'constant', 'remove-duplicates'].includes(kind) && (
        <MultiSelect
          label="Columns"
          placeholder={typed.columns.length === 0 ? (kind === 'join' ? 'Choose two or more' : 'All columns') : ''}
          searchable
          clearable
          hidePickedOptions
          value={[...typed.columns]}
          data={data}
          onChange={(chosen) => change({ columns: chosen })}
        />
      )}
      {kind === 'change-case' && (
        <NativeSelect
          label="To"
          value={typed.to}
          data={[
            { value: 'upper', label: 'UPPER CASE' },
            { value: 'lower', label: 'lower case' },
            { value: 'title', label: 'Title Case' },
          ]}
          onChange={(event) => change({ to: event.currentTarget.value as Typed['to'] })}
        />
      )}
      {(kind === 'find-replace' || kind === 'replace-pattern') && (
        <>
          <TextInput
            label={kind === 'find-replace' ? 'Find' : 'Pattern'}
            description={kind === 'replace-pattern' ? 'A regular expression, such as [^0-9+]' : undefined}
            value={typed.find}
            onChange={(event) => change({ find: event.currentTarget.value })}
          />
          <TextInput
            label="Replace with"
            placeholder="nothing: strip it"
            value={typed.replacement}
            onChange={(event) => change({ replacement: event.currentTarget.value })}
          />
          {kind === 'replace-pattern' && (
            <Checkbox
              label="Ignore case"
              checked={typed.ignoreCase}
              onChange={(event) => change({ ignoreCase: event.currentTarget.checked })}
            />
          )}
        </>
      )}
      {kind === 'map-values' && (
        <Textarea
          label="Values"
          description="One on each line: old value = new value"
          autosize
          minRows={3}
          maxRows={10}
          value={typed.values}
          onChange={(event) => change({ values: event.currentTarget.value })}
        />
      )}
      {(kind === 'fill-blanks' || kind === 'constant') && (
        <TextInput
          label={kind === 'constant' ? 'Value in every row' : 'Value for blanks'}
          value={typed.fill}
          onChange={(event) => change({ fill: event.currentTarget.value })}
        />
      )}
      {(kind === 'split' || kind === 'join') && (
        <TextInput
          label={kind === 'split' ? 'Split at' : 'Between the values'}
          description={/^\s+$/.test(typed.separator) ? 'a space' : undefined}
          value={typed.separator}
          onChange={(event) => change({ separator: event.currentTarget.value })}
        />
      )}
      {['split', 'join', 'copy', 'constant'].includes(kind) && (
        <TextInput
          label={kind === 'split' ? 'Names of the new columns' : 'Name of the new column'}
          placeholder={kind === 'split' ? 'First Name, Last Name' : ''}
          value={typed.names}
          onChange={(event) => change({ names: event.currentTarget.value })}
        />
      )}
      {preview.error && step && <FailurePanel failure={failureOf(preview.error)} />}
      {step && preview.isPending && (
        <p className="lead" role="status">
          Counting what would change…
        </p>
      )}
      {counted && step && (
        <div className="cleaning-preview">
          <p role="status">
            {nothing
              ? 'Changes nothing.'
              : kind === 'remove-duplicates'
                ? `Takes out ${plural(counted.rows, 'row')} that ${counted.rows === 1 ? 'is' : 'are'} equal to one before.`
                : `Changes ${plural(counted.cells, 'cell')} in ${plural(counted.rows, 'row')}.`}
          </p>
          {counted.examples.length > 0 && (
            <ul>
              {counted.examples.map(({ row, column, before, after }) => (
                <li key={`${row} ${column}`}>
                  <span className="reason">
                    Row {number(row)}, {column}
                  </span>
                  <div className="value">
                    {before !== '' && <del className="was">{visible(before)}</del>}{' '}
                    {kind !== 'remove-duplicates' &&
                      (after === '' ? (
                        <span className="cleared">blank</span>
                      ) : (
                        <span className="now">{visible(after)}</span>
                      ))}
                  </div>
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
      <Group justify="flex-end">
        <Button type="submit" size="compact-md" disabled={!counted || nothing || !step} loading={busy}>
          {kind === 'remove-duplicates' && counted
            ? `Remove ${plural(counted.rows, 'row')}`
            : counted && !nothing
              ? `Clean ${plural(counted.cells, 'cell')}`
              : 'Clean'}
        </Button>
      </Group>
    </form>
  );
}

/** Spaces at the ends are what trimming is about: they must be seen. */
function visible(text: string): string {
  const ends = text.replace(/^\s+|\s+$/gu, (spaces) => '·'.repeat(spaces.length));
  return shown(ends.replace(/[ \u00a0]{2,}/g, (spaces) => '·'.repeat(spaces.length)));
}
