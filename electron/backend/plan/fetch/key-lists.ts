import { textOf } from '../../staging/staging-functions.ts';
import type { StagingSql } from '../../staging/staging-client.ts';

/** Keys read from the staging store at a time. */
const KEY_PAGE = 20_000;

/** How large a list may be, and what a key takes of it. */
export interface ListLimits {
  readonly size: number;
  readonly measure: (written: string) => number;
}

/**
 * The keys of a table (`WANTED`) as lists, each under a size, one at a time: the same lists every time for the same keys, so that
 * a fetch that broke off knows which of them are done. `write` gives a key as it stands in a list.
 */
export async function* keyLists(
  staging: StagingSql,
  wanted: string,
  { size, measure }: ListLimits,
  write: (key: string) => string,
): AsyncGenerator<string[]> {
  let list: string[] = [];
  let length = 0;
  let last: string | null = null;
  for (;;) {
    const page = await staging.query(
      `SELECT k, spelling FROM ${wanted} ${last === null ? '' : 'WHERE k > ?'} ORDER BY k LIMIT ${KEY_PAGE}`,
      last === null ? [] : [last],
    );
    for (const row of page) {
      const text = write(textOf(row, 'spelling'));
      const taken = measure(text);
      if (length + taken > size && list.length > 0) {
        yield list;
        list = [];
        length = 0;
      }
      list.push(text);
      length += taken;
    }
    if (page.length < KEY_PAGE) break;
    last = textOf(page.at(-1) ?? {}, 'k');
  }
  if (list.length > 0) yield list;
}
