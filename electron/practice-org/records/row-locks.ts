/**
 * Which parents are being written under right now. Saving a detail locks its masters, and a batch holds its locks for
 * as long as it takes; another batch that wants the same parent fails with UNABLE_TO_LOCK_ROW (Bulk API guide,
 * "General Guidelines for Data Loads", on lock contention).
 */
export class RowLocks {
  readonly #held = new Map<string, { readonly owner: string; readonly until: number }>();

  /** The first of `ids` that another owner holds, or null after taking all of them. `until` is a time in ms. */
  take(ids: readonly string[], owner: string, until: number, now: number): string | null {
    for (const id of ids) {
      const lock = this.#held.get(id);
      if (lock && lock.owner !== owner && lock.until > now) return id;
    }
    if (until > now) for (const id of ids) this.#held.set(id, { owner, until });
    return null;
  }

  release(owner: string): void {
    for (const [id, lock] of this.#held) if (lock.owner === owner) this.#held.delete(id);
  }
}
