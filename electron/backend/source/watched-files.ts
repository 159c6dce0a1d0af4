import { unwatchFile, watchFile } from 'node:fs';

/**
 * How often a file is looked at, in milliseconds. Looking at its facts works on every disk and for every way of saving;
 * events of the system do not come from network drives, and follow a file that an editor has put another in the place of.
 */
const EVERY = 2000;

/** Tells when one of the files of something has changed or gone. */
export class WatchedFiles<Key> {
  readonly #listeners = new Map<Key, { paths: readonly string[]; listener: () => void }>();
  readonly #changed: (key: Key) => void;

  constructor(changed: (key: Key) => void) {
    this.#changed = changed;
  }

  watch(key: Key, paths: readonly string[]): void {
    this.unwatch(key);
    const listener = () => this.#changed(key);
    this.#listeners.set(key, { paths, listener });
    for (const path of paths) watchFile(path, { interval: EVERY, persistent: false }, listener);
  }

  unwatch(key: Key): void {
    const known = this.#listeners.get(key);
    this.#listeners.delete(key);
    for (const path of known?.paths ?? []) unwatchFile(path, known?.listener);
  }

  close(): void {
    for (const key of [...this.#listeners.keys()]) this.unwatch(key);
  }
}
