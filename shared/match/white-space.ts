/**
 * White space at the edges of values, by code point: the one definition of it. `electron/backend/match/match-sql.ts` makes the
 * same rules in SQL from these lists, because neither language's own trimming will do: JavaScript's `trim` and `\s` leave
 * U+0085, and RE2's `\s` knows only ASCII.
 */

/** Everything of Unicode's property White_Space (PropList.txt), and two of no width that spreadsheets and web pages leave behind. */
export const EDGE_SPACES: readonly number[] = [
  0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0x85, 0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006,
  0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0x200b, 0xfeff,
];

/**
 * What Salesforce itself takes off text it stores: "Salesforce trims leading and trailing white spaces in field values" (Change
 * Data Capture guide, "Considerations for Newline Characters"), without saying which. A published test shows U+00A0 surviving,
 * and nothing shows any other being taken, so only plain white space counts. The evidence is weak. A wrong guess here makes a
 * value that differs in such a space alone count as changed, or as unchanged; it loses nothing.
 */
export const STORED_SPACES: readonly number[] = [0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20];

const EDGE = new Set(EDGE_SPACES);
const STORED = new Set(STORED_SPACES);

/** Looks from both ends only: a pattern would try every run of spaces inside a long text. All of the lists are single UTF-16 units. */
function trim(text: string, spaces: ReadonlySet<number>): string {
  let start = 0;
  let end = text.length;
  while (start < end && spaces.has(text.charCodeAt(start))) start++;
  while (end > start && spaces.has(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** A cell of a file without the white space around it (V34): what is left is what it says. */
export function trimEdges(text: string): string {
  return trim(text, EDGE);
}

/** A value as Salesforce stores it. */
export function trimStored(text: string): string {
  return trim(text, STORED);
}
