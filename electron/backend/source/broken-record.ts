const QUOTE = 0x22;

/** A record as it lies in its bytes: each cell's first byte and the one after its last, and the line end after all. */
export interface BrokenRecord {
  readonly cells: readonly (readonly [number, number])[];
  readonly end: number;
}

/**
 * Takes apart a record with text after a closing quote (F14). What follows the quote belongs to its cell, up to the next
 * delimiter or line end, and opens no quotes: so one inch mark too many never swallows the records after it. Null if the
 * record does not end before the limit, within quotes.
 */
export function readBrokenRecord(
  bytes: Buffer,
  from: number,
  limit: number,
  delimiter: number,
  newline: number,
): BrokenRecord | null {
  const cells: [number, number][] = [];
  let at = from;
  for (;;) {
    const start = at;
    if (bytes[at] === QUOTE) {
      at = afterQuotes(bytes, at, limit);
      if (at < 0) return null;
    }
    while (at < limit && bytes[at] !== delimiter && bytes[at] !== newline) at++;
    if (at >= limit) return null;
    cells.push([start, at]);
    if (bytes[at] === newline) return { cells, end: at };
    at++;
  }
}

/** The place after the quote that closes the one at `from`; a doubled one does not. Negative if there is none. */
function afterQuotes(bytes: Buffer, from: number, limit: number): number {
  let at = from + 1;
  for (;;) {
    at = bytes.indexOf(QUOTE, at);
    if (at < 0 || at >= limit) return -1;
    if (bytes[at + 1] !== QUOTE) return at + 1;
    at += 2;
  }
}
