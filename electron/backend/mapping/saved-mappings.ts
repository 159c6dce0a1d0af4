import { z } from 'zod';
import { likeness, placesByName } from '../../../shared/domain/column-places.ts';
import { FieldMapping, mappedColumns, type Operation } from '../../../shared/domain/field-mapping.ts';
import { renumbered } from '../../../shared/domain/made-columns.ts';
import type { SuggestedMapping } from '../../../shared/domain/mapping-file.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import { digestOf } from '../digest-of.ts';
import type { SettingsStore } from '../ports.ts';
import { fitFormer, ownNames, type Described } from './fit-mapping.ts';

const SETTINGS_KEY = 'mappings';
/** Old ones make room: a mapping is small, and a settings file should stay so. */
const KEPT = 200;

/** `names` are the columns the mapping is of; one that was saved before they were kept is found by equal headers only. */
const Entry = z.object({ key: z.string(), mapping: FieldMapping, names: z.array(z.string()).optional() });
type Entry = z.infer<typeof Entry>;
const Saved = z.array(Entry);

function parsed(stored: unknown): Entry[] {
  const saved = Saved.safeParse(stored);
  return saved.success ? saved.data : [];
}

/**
 * Mappings are kept by themselves, per object, operation and set of headers: with what a person had done to the values of their
 * columns, and so with the values that this names. Columns that only result files have don't count: an error file that is dropped
 * back in is the file that it is of.
 */
export class SavedMappings {
  readonly #settings: SettingsStore;

  constructor(settings: SettingsStore) {
    this.#settings = settings;
  }

  #key(objectName: string, operation: Operation, names: readonly string[]): string {
    return digestOf([objectName.toLowerCase(), operation, names.map((name) => name.toLowerCase())]);
  }

  save(mapping: FieldMapping, columns: readonly SourceColumn[]): void {
    const all = columns.map(({ name }) => name);
    const names = ownNames(all);
    const places = placesByName(all, names);
    // What was decided of single rows is no matter for another file.
    const { repeatChoices: _rows, ...ofAnyFile } = mapping;
    const own = renumbered(ofAnyFile, (column) => places[column] ?? null);
    const key = this.#key(mapping.objectName, mapping.operation, names);
    this.#settings.update(SETTINGS_KEY, (current) => {
      const others = parsed(current).filter((entry) => entry.key !== key);
      return [...others.slice(-KEPT + 1), { key, mapping: own, names }];
    });
  }

  /** The mapping that these headers had last, or nearly these, with what no longer fits taken out and told (M10); or null. */
  find(described: Described, operation: Operation, columns: readonly SourceColumn[]): SuggestedMapping | null {
    const { name } = described.describe;
    const names = ownNames(columns.map((column) => column.name));
    const key = this.#key(name, operation, names);
    const entries = parsed(this.#settings.get(SETTINGS_KEY));
    const saved = entries.find((entry) => entry.key === key) ?? nearest(entries, name, operation, names);
    if (!saved) return null;
    const fitted = fitFormer({ mapping: saved.mapping, names: saved.names ?? names }, described, columns);
    return {
      ...fitted,
      columns: fitted.columns.map((column) => ({
        ...column,
        reason: column.target.kind === 'ignored' ? column.reason : ('saved' as const),
      })),
    };
  }

  /** What a file with exactly these headers was last loaded into, and how; into one object, or any. */
  last(
    columns: readonly SourceColumn[],
    objectName: string | undefined,
  ): { objectName: string; operation: Operation; matched: number } | null {
    const names = ownNames(columns.map((column) => column.name));
    const found = parsed(this.#settings.get(SETTINGS_KEY)).findLast(
      ({ key, mapping }) =>
        key === this.#key(mapping.objectName, mapping.operation, names) &&
        (objectName === undefined || mapping.objectName.toLowerCase() === objectName.toLowerCase()),
    );
    if (!found) return null;
    const { mapping } = found;
    return {
      objectName: mapping.objectName,
      operation: mapping.operation,
      matched: mappedColumns(mapping).length,
    };
  }
}

/** Of the mappings for the same load the one whose columns are most nearly these; of two as near the later. */
function nearest(
  entries: readonly Entry[],
  objectName: string,
  operation: Operation,
  names: readonly string[],
): Entry | undefined {
  let best: { entry: Entry; share: number } | undefined;
  for (const entry of entries) {
    const { mapping } = entry;
    if (!entry.names || mapping.operation !== operation) continue;
    if (mapping.objectName.toLowerCase() !== objectName.toLowerCase()) continue;
    const share = likeness(entry.names, names);
    if (share !== null && share >= (best?.share ?? 0)) best = { entry, share };
  }
  return best?.entry;
}
