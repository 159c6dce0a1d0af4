import type { Org } from '../org.ts';
import type { Session } from '../records/org-data.ts';
import { idOf, type RecordTable, type StoredRecord } from '../records/record-store.ts';

/** RecentlyViewed has so many records of a user in total (REST API Developer Guide, "Recently Viewed Items"). */
const KEPT = 200;

/**
 * What each user viewed last. Through the API that is what she queried `FOR VIEW` or `FOR REFERENCE` (the same guide,
 * "Mark Records as Recently Viewed").
 */
export class RecentItems {
  readonly #byUser = new Map<string, string[]>();

  view(session: Session, records: readonly StoredRecord[]): void {
    const ids = records.slice(0, KEPT).map(idOf);
    const fresh = new Set(ids);
    const before = (this.#byUser.get(session.userId) ?? []).filter((id) => !fresh.has(id));
    this.#byUser.set(session.userId, [...ids, ...before].slice(0, KEPT));
  }

  /** The latest first, of all objects or of one; deleted ones are left out. */
  list(org: Org, session: Session, version: string, limit: number, only?: RecordTable): Record<string, unknown>[] {
    const items: Record<string, unknown>[] = [];
    for (const id of this.#byUser.get(session.userId) ?? []) {
      const table = org.data.store.tableOfId(id);
      const record = table?.records.get(id);
      if (!table || !record || items.length >= limit || (only && only !== table)) continue;
      const { name } = org.data.rules(table);
      items.push({
        attributes: { type: table.object.name, url: `/services/data/v${version}/sobjects/${table.object.name}/${id}` },
        Id: id,
        ...(name ? { [name.name]: org.data.read(table, record, name) } : {}),
      });
    }
    return items;
  }

  clear(): void {
    this.#byUser.clear();
  }
}
