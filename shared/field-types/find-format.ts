/** What the values of a column show about how they are written. */
export interface FormatFinding<C extends string> {
  /** The one format that fits every value that can tell; `ambiguous` if none or several do; null if no value needs one. */
  readonly choice: C | 'ambiguous' | null;
  /** By format: a value that reads in no other, the shortest of them. */
  readonly proof: Partial<Record<C, string>>;
  /** A value that means different things under different formats, and what it means under each; null if there is none. */
  readonly open: { readonly text: string; readonly readings: Partial<Record<C, string>> } | null;
}

/** The shorter of two texts, of equal ones the first by code unit: an example that does not depend on the order of rows. */
function plainer(known: string | undefined, text: string): boolean {
  if (known === undefined) return true;
  return text.length < known.length || (text.length === known.length && text < known);
}

/**
 * Judges how a column is written over all of its values, in whatever order they come: a format is found only where it is the
 * one left that reads them all. Proof of two, or of none, leaves the column to be asked about.
 */
export function findFormat<C extends string>(
  values: Iterable<string>,
  formats: readonly C[],
  readingsOf: (text: string) => Partial<Record<C, string>>,
): FormatFinding<C> {
  const proof: Partial<Record<C, string>> = {};
  let open: FormatFinding<C>['open'] = null;
  let fitting = [...formats];
  for (const text of values) {
    const readings = readingsOf(text);
    const possible = formats.filter((format) => readings[format] !== undefined);
    const [only] = possible;
    if (only === undefined) continue;
    if (possible.length === 1) {
      if (plainer(proof[only], text)) proof[only] = text;
    } else if (new Set(possible.map((format) => readings[format])).size === 1) {
      continue;
    } else if (plainer(open?.text, text)) {
      open = { text, readings };
    }
    fitting = fitting.filter((format) => possible.includes(format));
  }
  const isSilent = open === null && Object.keys(proof).length === 0;
  return { choice: isSilent ? null : fitting.length === 1 ? (fitting[0] ?? null) : 'ambiguous', proof, open };
}
