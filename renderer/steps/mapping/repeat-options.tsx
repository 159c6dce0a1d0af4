import { NativeSelect } from '@mantine/core';
import { mappedColumns, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import { SeveralChoice } from '../../components/several-choice.tsx';

interface RepeatOptionsProps {
  readonly mapping: FieldMapping;
  readonly columns: readonly SourceColumn[];
  readonly change: (change: Partial<FieldMapping>) => void;
}

const CHOICES: readonly { readonly value: FieldMapping['duplicateKeys']; readonly label: string }[] = [
  { value: 'ask', label: 'are not sent' },
  { value: 'first', label: 'use the first' },
  { value: 'last', label: 'use the last' },
  { value: 'newest', label: 'use the newest, by a column' },
  { value: 'merge', label: 'fill the first one from the others' },
];

/** When rows of the file repeat one another, and which of them is sent then. */
export function RepeatOptions({ mapping, columns, change }: RepeatOptionsProps) {
  const { operation, duplicateKeys, repeatedBy = [], newestBy } = mapping;
  const nameOf = (place: number) => columns[place]?.name || `Column ${place + 1}`;
  const isAsked = operation !== 'insert' || repeatedBy.length > 0;
  return (
    <>
      {operation === 'insert' && (
        <SeveralChoice
          label="Rows are duplicates if they have the same"
          placeholder={repeatedBy.length > 0 ? '' : 'every column'}
          miw={220}
          maxValues={10}
          options={() => mappedColumns(mapping).map(({ column }) => ({ value: String(column), label: nameOf(column) }))}
          value={repeatedBy.map(String)}
          onChange={(chosen) => change({ repeatedBy: chosen.length === 0 ? undefined : chosen.map(Number) })}
        />
      )}
      {isAsked && (
        <NativeSelect
          label={
            operation === 'insert'
              ? 'Duplicates with different data'
              : 'Rows with the same match value but different data'
          }
          value={duplicateKeys}
          data={[...CHOICES]}
          onChange={({ currentTarget: { value } }) => {
            const chosen = value as FieldMapping['duplicateKeys'];
            change({ duplicateKeys: chosen, newestBy: chosen === 'newest' ? (newestBy ?? 0) : undefined });
          }}
        />
      )}
      {isAsked && duplicateKeys === 'newest' && (
        <NativeSelect
          label="The newest by"
          value={String(newestBy ?? 0)}
          data={columns.map(({ index }) => ({ value: String(index), label: nameOf(index) }))}
          onChange={({ currentTarget: { value } }) => change({ newestBy: Number(value) })}
        />
      )}
    </>
  );
}
