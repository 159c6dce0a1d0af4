import type { StoredPlan } from '../plan/stored-plan.ts';
import { hasTables } from '../plan/has-tables.ts';
import { textOf } from '../staging/staging-functions.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { pairTables } from './resembling-pages.ts';

/** Rows of pairs that are read at a time. */
const PAGE = 20_000;

/**
 * Records that one row of a plan resembles, where these are several: they may be duplicates of each other. Rows that have a record in
 * common make one group. None where nobody has looked.
 */
export async function recordsAlike(
  sql: Pick<StagingSql, 'query'>,
  stored: Pick<StoredPlan, 'plan'>,
  threshold: number,
): Promise<string[][]> {
  if (!(await hasTables(sql, stored.plan.planId, 'resembling_pairs', 'resembling_records'))) return [];
  const { pairs, records } = pairTables(stored);
  const groups = new Joined();
  for (let after = -1; ;) {
    const page = await sql.query(
      `SELECT l, string_agg(b.key, ' ' ORDER BY b.key) AS ids FROM ${pairs} p JOIN ${records} b ON b.id = p.r
       WHERE weight >= ${threshold} AND l > ${after} GROUP BY l HAVING count(*) > 1 ORDER BY l LIMIT ${PAGE}`,
    );
    for (const row of page) groups.join(textOf(row, 'ids').split(' '));
    const last = page.at(-1);
    if (!last || page.length < PAGE) return groups.all();
    after = Number(last['l']);
  }
}

/** Ids that belong together, by what was said to. */
class Joined {
  readonly #above = new Map<string, string>();

  #top(id: string): string {
    let top = id;
    for (let next = this.#above.get(top); next !== undefined && next !== top; next = this.#above.get(top)) top = next;
    this.#above.set(id, top);
    return top;
  }

  join(ids: readonly string[]): void {
    const [first, ...others] = ids.map((id) => this.#top(id));
    for (const other of others) if (first !== undefined) this.#above.set(other, first);
  }

  all(): string[][] {
    const groups = new Map<string, string[]>();
    for (const id of this.#above.keys()) {
      const top = this.#top(id);
      groups.set(top, [...(groups.get(top) ?? []), id]);
    }
    return [...groups.values()]
      .map((ids) => ids.sort())
      .sort((one, other) => (one[0] ?? '').localeCompare(other[0] ?? ''));
  }
}
