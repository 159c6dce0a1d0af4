import { Checkbox, MultiSelect, NativeSelect, Textarea, TextInput } from '@mantine/core';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import { columnLabel, plural } from '../../../shared/text/counts.ts';
import { columnsOfKind, typedPairs, type Typed } from './typed-step.ts';

interface Props {
  readonly typed: Typed;
  readonly change: (next: Partial<Typed>) => void;
}

/** Which columns a step is about. */
export function CleaningColumns({ typed, change, columns }: Props & { readonly columns: readonly SourceColumn[] }) {
  const about = columnsOfKind(typed.kind);
  const data = columns.map(({ index, name }) => ({ value: String(index), label: columnLabel(name, index) }));
  if (about === 'none') return null;
  if (about === 'one')
    return (
      <NativeSelect
        label="Column"
        value={typed.columns[0] ?? ''}
        data={[{ value: '', label: 'Choose a column' }, ...data]}
        onChange={(event) => change({ columns: event.currentTarget.value === '' ? [] : [event.currentTarget.value] })}
      />
    );
  const placeholder = about === 'two or more' ? 'Choose two or more' : 'All columns';
  return (
    <MultiSelect
      label="Columns"
      placeholder={typed.columns.length === 0 ? placeholder : ''}
      searchable
      clearable
      hidePickedOptions
      value={[...typed.columns]}
      data={data}
      onChange={(chosen) => change({ columns: chosen })}
    />
  );
}

/** What else a kind of step asks for. */
export function CleaningFields({ typed, change }: Props) {
  switch (typed.kind) {
    case 'trim':
    case 'collapse-spaces':
    case 'remove-duplicates':
      return null;
    case 'change-case':
      return (
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
      );
    case 'find-replace':
    case 'replace-pattern':
      return <Replacement typed={typed} change={change} />;
    case 'map-values':
      return <Pairs typed={typed} change={change} />;
    case 'fill-blanks':
      return <Fill label="Value for blanks" typed={typed} change={change} />;
    case 'constant':
      return (
        <>
          <Fill label="Value in every row" typed={typed} change={change} />
          <NewNames typed={typed} change={change} />
        </>
      );
    case 'copy':
      return <NewNames typed={typed} change={change} />;
    case 'split':
    case 'join':
      return (
        <>
          <TextInput
            label={typed.kind === 'split' ? 'Split at' : 'Between the values'}
            description={/^\s+$/.test(typed.separator) ? 'a space' : undefined}
            value={typed.separator}
            onChange={(event) => change({ separator: event.currentTarget.value })}
          />
          <NewNames typed={typed} change={change} />
        </>
      );
  }
}

function Replacement({ typed, change }: Props) {
  const isPattern = typed.kind === 'replace-pattern';
  return (
    <>
      <TextInput
        label={isPattern ? 'Pattern' : 'Find'}
        description={isPattern ? 'A regular expression, such as [^0-9+]' : undefined}
        value={typed.find}
        onChange={(event) => change({ find: event.currentTarget.value })}
      />
      <TextInput
        label="Replace with"
        placeholder="leave empty to remove it"
        value={typed.replacement}
        onChange={(event) => change({ replacement: event.currentTarget.value })}
      />
      {isPattern && (
        <Checkbox
          label="Ignore case"
          checked={typed.ignoreCase}
          onChange={(event) => change({ ignoreCase: event.currentTarget.checked })}
        />
      )}
    </>
  );
}

function Pairs({ typed, change }: Props) {
  const { unread } = typedPairs(typed.values);
  const [first] = unread;
  return (
    <Textarea
      label="Values"
      description="One per line: old value = new value"
      error={
        first === undefined
          ? undefined
          : unread.length === 1
            ? `Line ${first} has no =`
            : `${plural(unread.length, 'line')} have no =, the first is line ${first}`
      }
      autosize
      minRows={3}
      maxRows={10}
      value={typed.values}
      onChange={(event) => change({ values: event.currentTarget.value })}
    />
  );
}

function Fill({ label, typed, change }: Props & { readonly label: string }) {
  return (
    <TextInput label={label} value={typed.fill} onChange={(event) => change({ fill: event.currentTarget.value })} />
  );
}

function NewNames({ typed, change }: Props) {
  const isSplit = typed.kind === 'split';
  return (
    <TextInput
      label={isSplit ? 'Names of the new columns' : 'Name of the new column'}
      placeholder={isSplit ? 'First Name, Last Name' : ''}
      value={typed.names}
      onChange={(event) => change({ names: event.currentTarget.value })}
    />
  );
}
