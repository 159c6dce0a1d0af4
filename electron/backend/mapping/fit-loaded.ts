import { columnsMadeBy, type CleaningStep } from '../../../shared/domain/cleaning.ts';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { MAPPING_FILE_VERSION, type FittedMapping } from '../../../shared/domain/mapping-file.ts';
import type { SourceSummary } from '../../../shared/domain/source-file.ts';
import { fitJsonMapping } from './files/json-mapping.ts';
import type { Described } from './fit-mapping.ts';

/** What a load keeps of what it did. */
export interface LoadedMapping {
  readonly plan: { readonly mapping: FieldMapping };
  /** Names of the columns that the mapping is of: the file's, and after them those that cleaning made. */
  readonly columns: readonly string[];
  /** Earlier versions did not keep it. */
  readonly cleaning?: readonly CleaningStep[] | undefined;
}

/** Brings what a load did to a source, to be loaded once more. Where its cleaning was not kept, the source's own is taken for it. */
export function fitLoaded(
  { plan, columns, cleaning }: LoadedMapping,
  source: Pick<SourceSummary, 'columns' | 'fileColumns' | 'cleaning'>,
  described: Described,
): FittedMapping {
  const steps = [...(cleaning ?? source.cleaning)];
  const own = Math.max(0, columns.length - steps.flatMap(columnsMadeBy).length);
  const fitted = fitJsonMapping(
    {
      kind: 'longshore-mapping',
      version: MAPPING_FILE_VERSION,
      fileColumns: columns.slice(0, own),
      cleaning: steps,
      mapping: plan.mapping,
    },
    source.columns.slice(0, source.fileColumns).map(({ name }) => name),
    described,
  );
  const kept = fitted.mapping.columns.map((entry) =>
    entry.target.kind === 'ignored' ? entry : { ...entry, reason: 'saved' as const },
  );
  return { ...fitted, mapping: { ...fitted.mapping, columns: kept } };
}
