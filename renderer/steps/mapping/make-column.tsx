import { Button, Group, MultiSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { CleaningStep } from '../../../shared/domain/cleaning.ts';
import type { MappingTarget } from '../../../shared/domain/field-mapping.ts';
import { freeName } from '../../../shared/domain/made-columns.ts';
import type { FieldOption } from './field-options.ts';
import { FieldPicker } from './field-picker.tsx';

/** A column that is being made: one text for every row, or several columns as one. */
export type Making = { kind: 'constant'; field: string | null } | { kind: 'join'; columns: readonly number[] };

interface MakeColumnProps {
  readonly making: Making;
  readonly names: readonly string[];
  readonly options: readonly FieldOption[];
  readonly busy: boolean;
  readonly cancel: () => void;
  readonly make: (step: CleaningStep, target: MappingTarget) => void;
}

/** Makes a column and says which field it fills, in one go. It is a cleaning step like any other. */
export function MakeColumn({ making, names, options, busy, cancel, make }: MakeColumnProps) {
  const [field, setField] = useState(making.kind === 'constant' ? making.field : null);
  const [text, setText] = useState(making.kind === 'constant' ? '' : ', ');
  const [columns, setColumns] = useState<readonly number[]>(making.kind === 'join' ? making.columns : []);
  const target: MappingTarget = field === null ? { kind: 'ignored' } : { kind: 'field', field };
  const label = options.find(({ value }) => value === field)?.label ?? '';
  const labelled = (index: number) => names[index] ?? '';
  const step: CleaningStep | null =
    making.kind === 'constant'
      ? text === '' || field === null
        ? null
        : { kind: 'constant', value: text, name: freeName(label, names) }
      : columns.length < 2
        ? null
        : {
            kind: 'join',
            columns: [...columns],
            separator: text,
            name: freeName(columns.map(labelled).join(' + '), names),
          };
  return (
    <form
      className="panel make-column"
      aria-label={making.kind === 'constant' ? 'Add a constant' : 'Join columns'}
      onSubmit={(event) => {
        event.preventDefault();
        if (step) make(step, target);
      }}
    >
      {making.kind === 'join' && (
        <MultiSelect
          label="Columns, in their order"
          searchable
          hidePickedOptions
          autoFocus
          value={columns.map(String)}
          data={names.map((name, index) => ({ value: String(index), label: name }))}
          onChange={(chosen) => setColumns(chosen.map(Number))}
        />
      )}
      <TextInput
        label={making.kind === 'constant' ? 'Value in every row' : 'Between the values'}
        description={making.kind === 'join' && /^\s+$/.test(text) ? 'a space' : undefined}
        autoFocus={making.kind === 'constant'}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <FieldPicker label="Field it fills" labelShown target={target} options={options} choose={setField} />
      <Group gap="xs">
        <Button type="submit" variant="light" disabled={!step} loading={busy}>
          {making.kind === 'constant' ? 'Add the constant' : 'Join them'}
        </Button>
        <Button variant="subtle" onClick={cancel}>
          Cancel
        </Button>
      </Group>
    </form>
  );
}
