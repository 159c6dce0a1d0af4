import { carrySteps, columnsMadeBy } from '../../../../shared/domain/cleaning.ts';
import { MappingFile, type FittedMapping } from '../../../../shared/domain/mapping-file.ts';
import type { SourceColumn } from '../../../../shared/domain/source-file.ts';
import { placesByName } from '../../../../shared/domain/column-places.ts';
import { ownNames, withColumnsNow, withoutStale, type Described } from '../fit-mapping.ts';

/** The file's text: indented, to be read and compared. */
export function writeJsonMapping(file: MappingFile): string {
  return `${JSON.stringify(MappingFile.parse(file), null, 2)}\n`;
}

/** Null for what is no mapping of ours. */
export function readJsonMapping(text: string): MappingFile | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  return MappingFile.safeParse(parsed).data ?? null;
}

/**
 * Brings a mapping to a file and an org. An error file holds its rows as they were loaded, with the columns that steps had made:
 * there the steps are not taken again.
 */
export function fitJsonMapping(file: MappingFile, fileColumns: readonly string[], described: Described): FittedMapping {
  const wasLoaded = ownNames(fileColumns).length < fileColumns.length;
  const before = [...file.fileColumns, ...file.cleaning.flatMap(columnsMadeBy)];
  const steps = wasLoaded ? [] : file.cleaning;
  const known = wasLoaded ? before : file.fileColumns;
  const carried = carrySteps(steps, placesByName(known, fileColumns), fileColumns.length);
  const now = [...fileColumns, ...carried.steps.flatMap(columnsMadeBy)].map((name, index): SourceColumn => ({
    index,
    name,
  }));
  const placed = withColumnsNow(file.mapping, before, carried.places, now);
  const fitted = withoutStale(placed.mapping, described, now);
  const columns = fitted.mapping.columns.map((entry) =>
    entry.target.kind === 'ignored' ? entry : { ...entry, reason: 'file' as const },
  );
  return {
    mapping: { ...fitted.mapping, columns },
    cleaning: carried.steps,
    misfits: [
      ...placed.misfits,
      ...carried.lost.map((step) => ({ code: 'STEP_LOST' as const, step })),
      ...fitted.misfits,
    ],
  };
}
