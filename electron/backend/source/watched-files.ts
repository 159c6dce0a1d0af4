import { unwatchFile, watchFile } from 'node:fs';

/**
 * How often a file is looked at, in milliseconds. Looking at its facts works on every disk and for every way of saving;
 * events of the system do not come from network drives, and follow a file that an editor has put another in the place of.
 */
const EVERY = 2000;

/** Tells when one of the files of something has changed or gone. Each file is looked at once, whoever it belongs to. */
export class WatchedFiles<Key> {
  readonly #keysOf = new Map<string, Set<Key>>();
  readonly #changed: (key: Key) => void;

  constructor(changed: (key: Key) => void) {
    this.#changed = changed;
  }

  watch(key: Key, paths: readonly string[]): void {
    this.unwatch(key);
    for (const path of paths) {
      const known = this.#keysOf.get(path);
      if (known) {
        known.add(key);
        continue;
      }
      const keys = new Set([key]);
      this.#keysOf.set(path, keys);
      watchFile(path, { interval: EVERY, persistent: false }, () => {
        for (const one of keys) this.#changed(one);
      });
    }
  }

  unwatch(key: Key): void {
    for (const [path, keys] of this.#keysOf) {
      if (keys.delete(key) && keys.size === 0) this.#end(path);
    }
  }

  close(): void {
    for (const path of [...this.#keysOf.keys()]) this.#end(path);
  }

  #end(path: string): void {
    this.#keysOf.delete(path);
    unwatchFile(path);
  }
}
