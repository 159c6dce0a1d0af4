import { columnsMadeBy, placesWithoutStep, withoutStep, type CleaningStep } from './cleaning.ts';
import type { ColumnMapping, FieldMapping, MappingTarget } from './field-mapping.ts';
import type { SimilarBy } from './similar-rows.ts';

/** Steps, and a mapping of the columns there are with them. */
export interface MappedSteps {
  readonly steps: readonly CleaningStep[];
  readonly mapping: FieldMapping;
}

/** The entry of a column that a step has just made. */
export function newColumn(column: number, target: MappingTarget): ColumnMapping {
  return { column, target, reason: 'chosen', format: {}, replacements: {}, fixes: [] };
}

/** The mapping with its column numbers as `places` says; entries of columns that have none are gone, and so is what they were for. */
export function renumbered(mapping: FieldMapping, places: (column: number) => number | null): FieldMapping {
  const columns = mapping.columns.flatMap((entry): ColumnMapping[] => {
    const column = places(entry.column);
    if (column === null) return [];
    const { target } = entry;
    if (entry.expected !== undefined) {
      const expected = places(entry.expected);
      // Nothing is overwritten that can't be compared.
      return [expected === null ? { ...newColumn(column, { kind: 'ignored' }) } : { ...entry, column, expected }];
    }
    if (target.kind !== 'found' || !target.and) return [{ ...entry, column }];
    const second = places(target.and.column);
    if (second === null) return [{ ...entry, column, target: { kind: 'ignored' } }];
    return [{ ...entry, column, target: { ...target, and: { ...target.and, column: second } } }];
  });
  const { newestBy: _newest, repeatedBy: _by, similar, ...others } = mapping;
  const compared = similar && movedSimilar(similar, places);
  return { ...others, columns, ...repeatsBy(mapping, places), ...(compared ? { similar: compared } : {}) };
}

/** By which columns rows repeat one another, or the newest is told: without one of them, nothing is decided by the others. */
function repeatsBy(
  { duplicateKeys, newestBy, repeatedBy }: FieldMapping,
  places: (column: number) => number | null,
): Pick<FieldMapping, 'duplicateKeys' | 'newestBy' | 'repeatedBy'> {
  const newest = newestBy === undefined ? undefined : (places(newestBy) ?? undefined);
  const by = repeatedBy?.flatMap((column) => places(column) ?? []);
  return {
    duplicateKeys: duplicateKeys === 'newest' && newest === undefined ? 'ask' : duplicateKeys,
    ...(newest === undefined ? {} : { newestBy: newest }),
    ...(by === undefined || by.length !== repeatedBy?.length ? {} : { repeatedBy: by }),
  };
}

/** By which columns rows are compared; without one of these they aren't. */
function movedSimilar(similar: SimilarBy, places: (column: number) => number | null): SimilarBy | null {
  const [columns, equal] = [similar.columns, similar.equal].map((list) => list.flatMap((one) => places(one) ?? []));
  if (columns?.length !== similar.columns.length || equal?.length !== similar.equal.length) return null;
  const { newestBy, keep, ...others } = similar;
  const newest = newestBy === undefined ? null : places(newestBy);
  const kept = keep === 'newest' && newest === null ? 'all' : keep;
  return { ...others, columns, equal, keep: kept, ...(newest === null ? {} : { newestBy: newest }) };
}

/** Without one of the steps, and without the columns it made; all others are mapped as they were. */
export function withoutMadeBy({ steps, mapping }: MappedSteps, gone: number, fileColumns: number): MappedSteps {
  const places = placesWithoutStep(steps, gone, fileColumns);
  return {
    steps: withoutStep(steps, gone, fileColumns),
    mapping: renumbered(mapping, (column) => places[column] ?? null),
  };
}

/** A name that no column has yet: the one wanted, or with the first free number after it. */
export function freeName(wanted: string, taken: readonly string[]): string {
  const names = new Set(taken.map((name) => name.toLowerCase()));
  let name = wanted;
  for (let number = 2; names.has(name.toLowerCase()); number += 1) name = `${wanted} ${number}`;
  return name;
}

/** Which step made a column, and which of the step's columns it is; null for a column of the file. */
export function makerOf(
  column: number,
  steps: readonly CleaningStep[],
  fileColumns: number,
): { readonly step: CleaningStep; readonly place: number } | null {
  let next = fileColumns;
  for (const [place, step] of steps.entries()) {
    next += columnsMadeBy(step).length;
    if (column >= fileColumns && column < next) return { step, place };
  }
  return null;
}
