/** A pattern of plain characters, `any` run of characters and exactly `one`. */
export type Wildcard = readonly (string | { readonly any: boolean })[];

export const ANY = { any: true } as const;
export const ONE = { any: false } as const;

/**
 * Whether the whole text fits the pattern, case ignored (both in lower case). Goes back to the latest run only, so that
 * no pattern takes longer than its length times the text's: as a regular expression `%a%a%a%a%b` never ends.
 */
export function fits(pattern: Wildcard, text: string): boolean {
  let at = 0;
  let position = 0;
  let run = -1;
  let resume = 0;
  while (position < text.length) {
    const part = pattern[at];
    if (part === ONE || part === text.charAt(position)) {
      at++;
      position++;
    } else if (part === ANY) {
      run = at++;
      resume = position;
    } else if (run >= 0) {
      at = run + 1;
      position = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === ANY) at++;
  return at === pattern.length;
}
