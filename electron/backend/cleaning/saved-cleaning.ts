import { z } from 'zod';
import { CleaningStep } from '../../../shared/domain/cleaning.ts';
import { digestOf } from '../digest-of.ts';
import type { SettingsStore } from '../ports.ts';

const SETTINGS_KEY = 'cleaning';
/** Old ones make room: steps are small, and a settings file should stay so. */
const KEPT = 100;

const Saved = z.array(z.object({ key: z.string(), steps: z.array(CleaningStep) }));

function parsed(stored: unknown): z.infer<typeof Saved> {
  const saved = Saved.safeParse(stored);
  return saved.success ? saved.data : [];
}

/** Cleaning is kept with the mapping, per set of headers: the next file of the same export is cleaned the same way. */
export class SavedCleaning {
  readonly #settings: SettingsStore;

  constructor(settings: SettingsStore) {
    this.#settings = settings;
  }

  #key(fileColumns: readonly string[]): string {
    const names = fileColumns.map((name) => name.toLowerCase());
    return digestOf(names);
  }

  save(fileColumns: readonly string[], steps: readonly CleaningStep[]): void {
    const key = this.#key(fileColumns);
    const known = parsed(this.#settings.get(SETTINGS_KEY)).some((entry) => entry.key === key);
    if (steps.length === 0 && !known) return;
    const mine = steps.length === 0 ? [] : [{ key, steps: [...steps] }];
    this.#settings.update(SETTINGS_KEY, (current) => {
      const others = parsed(current).filter((entry) => entry.key !== key);
      return [...others.slice(-KEPT + 1), ...mine];
    });
  }

  find(fileColumns: readonly string[]): CleaningStep[] {
    const key = this.#key(fileColumns);
    return parsed(this.#settings.get(SETTINGS_KEY)).find((entry) => entry.key === key)?.steps ?? [];
  }
}
