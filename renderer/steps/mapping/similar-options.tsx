import { NativeSelect } from '@mantine/core';
import { mappedColumns, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { SimilarKeep, type SimilarBy } from '../../../shared/domain/similar-rows.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import { KEEP_TEXT } from '../../../shared/text/similar-text.ts';
import { SeveralChoice } from '../../components/several-choice.tsx';

interface SimilarOptionsProps {
  readonly mapping: FieldMapping;
  readonly columns: readonly SourceColumn[];
  readonly change: (change: Partial<FieldMapping>) => void;
}

/** By which columns rows that would make new records are compared with one another, and which of those that are alike are sent. */
export function SimilarOptions({ mapping, columns, change }: SimilarOptionsProps) {
  const { operation, similar } = mapping;
  if (operation !== 'insert' && operation !== 'upsert') return null;
  const nameOf = (place: number) => columns[place]?.name || `Column ${place + 1}`;
  const mapped = () => mappedColumns(mapping).map(({ column }) => ({ value: String(column), label: nameOf(column) }));
  const set = (next: Partial<SimilarBy>) => similar && change({ similar: { ...similar, ...next } });
  const compare = (chosen: string[]) => {
    const places = chosen.map(Number);
    if (places.length === 0) return change({ similar: undefined });
    const equal = (similar?.equal ?? []).filter((place) => !places.includes(place));
    change({ similar: { keep: 'all', ...similar, columns: places, equal } });
  };
  return (
    <>
      <SeveralChoice
        label="Find similar new rows by"
        placeholder={similar ? '' : 'not compared'}
        miw={220}
        maxValues={10}
        options={mapped}
        value={similar?.columns.map(String) ?? []}
        onChange={compare}
      />
      {similar && (
        <>
          <SeveralChoice
            label="Only if they have the same"
            placeholder={similar.equal.length > 0 ? '' : 'anything'}
            miw={180}
            maxValues={10}
            options={() => mapped().filter(({ value }) => !similar.columns.includes(Number(value)))}
            value={similar.equal.map(String)}
            onChange={(chosen) => set({ equal: chosen.map(Number) })}
          />
          <NativeSelect
            label="Of similar rows"
            value={similar.keep}
            data={SimilarKeep.options.map((rule) => ({ value: rule, label: KEEP_TEXT[rule] }))}
            onChange={({ currentTarget: { value } }) => {
              const keep = value as SimilarKeep;
              set({ keep, newestBy: keep === 'newest' ? (similar.newestBy ?? 0) : similar.newestBy });
            }}
          />
          {similar.keep === 'newest' && (
            <NativeSelect
              label="The newest of similar rows by"
              value={String(similar.newestBy ?? 0)}
              data={columns.map(({ index }) => ({ value: String(index), label: nameOf(index) }))}
              onChange={({ currentTarget: { value } }) => set({ newestBy: Number(value) })}
            />
          )}
        </>
      )}
    </>
  );
}
