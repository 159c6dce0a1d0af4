/**
 * The first key that one object of the text has twice, or null. RFC 8259, 4: what comes of such an object is not
 * predictable; `JSON.parse` forgets all values but the last. The text must be valid JSON.
 */
export function repeatedKey(text: string): string | null {
  /** Keys of the objects that are open; null for an array. */
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(null);
    else if (character === '}' || character === ']') open.pop();
    if (character !== '"') continue;
    const start = at++;
    while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    const keys = open.at(-1);
    if (!keys || !/^\s*:/.test(text.slice(at + 1, at + 50))) continue;
    const key = JSON.parse(text.slice(start, at + 1)) as string;
    if (keys.has(key)) return key;
    keys.add(key);
  }
  return null;
}
