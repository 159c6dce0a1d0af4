/** What is asked with again and again: a mapping of hundreds of columns takes milliseconds to write out. */
const written = new WeakMap<object, string>();

/** An object's text, its entries in order of their names; written once for each object, as none is ever changed. */
function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const known = written.get(value);
  if (known !== undefined) return known;
  const text = Array.isArray(value)
    ? `[${value.map(textOf).join(',')}]`
    : `{${Object.entries(value)
        .filter(([, entry]) => entry !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, entry]) => `${JSON.stringify(name)}:${textOf(entry)}`)
        .join(',')}}`;
  written.set(value, text);
  return text;
}

/** By what an answer is kept: as react-query's own `hashKey`, equal for keys that say the same, whatever the order of their entries. */
export function hashQueryKey(key: readonly unknown[]): string {
  return `[${key.map(textOf).join(',')}]`;
}
