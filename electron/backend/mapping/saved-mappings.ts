import { z } from 'zod';
import { FieldMapping, type Operation } from '../../../shared/domain/field-mapping.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { digestOf } from '../digest-of.ts';
import type { SettingsStore } from '../ports.ts';
import { settleMapping } from './settle-mapping.ts';

const SETTINGS_KEY = 'mappings';
/** Old ones make room: a mapping is small, and a settings file should stay so. */
const KEPT = 200;

const Saved = z.array(z.object({ key: z.string(), mapping: FieldMapping }));

function parsed(stored: unknown): z.infer<typeof Saved> {
  const saved = Saved.safeParse(stored);
  return saved.success ? saved.data : [];
}

/**
 * Mappings are kept by themselves, per object, operation and set of headers: with what a person had done to the values of their
 * columns, and so with the values that this names.
 */
export class SavedMappings {
  readonly #settings: SettingsStore;

  constructor(settings: SettingsStore) {
    this.#settings = settings;
  }

  #key(objectName: string, operation: Operation, columns: readonly SourceColumn[]): string {
    const names = columns.map((column) => column.name.toLowerCase());
    return digestOf([objectName.toLowerCase(), operation, names]);
  }

  save(mapping: FieldMapping, columns: readonly SourceColumn[]): void {
    const key = this.#key(mapping.objectName, mapping.operation, columns);
    this.#settings.update(SETTINGS_KEY, (current) => {
      const others = parsed(current).filter((entry) => entry.key !== key);
      return [...others.slice(-KEPT + 1), { key, mapping }];
    });
  }

  /** The saved mapping with what the object no longer has taken out (M10), or null. */
  find(
    describe: SObjectDescribe,
    parents: ReadonlyMap<string, SObjectDescribe>,
    operation: Operation,
    columns: readonly SourceColumn[],
  ): FieldMapping | null {
    const key = this.#key(describe.name, operation, columns);
    const saved = parsed(this.#settings.get(SETTINGS_KEY)).find((entry) => entry.key === key)?.mapping;
    if (!saved) return null;
    const { mapping } = settleMapping(saved, describe, parents, columns);
    const kept = new Map(saved.columns.map(({ column, target }) => [column, target.kind !== 'ignored']));
    return {
      ...mapping,
      columns: mapping.columns.map((column) => {
        const gone = column.target.kind === 'ignored' && kept.get(column.column) === true;
        return { ...column, reason: gone ? ('no-match' as const) : ('saved' as const) };
      }),
    };
  }
}
