/** What a field can be found by. */
export interface SearchedField {
  readonly label: string;
  readonly name: string;
  readonly help: string;
}

/** Letters and digits alone, without accents, so that `ERP_Id__c`, “ERP Id” and “erp-id” are one. */
function folded(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** An API name in words: `BillingPostalCode` is found by “postal”. */
function wordsOf(name: string): string {
  return folded(name.replace(/__[a-z]$/i, '').replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2'));
}

/** Whether the letters are what the words begin with: “bpc” of “billing postal code”. */
function areInitials(letters: string, words: string): boolean {
  const initials = words
    .split(' ')
    .map((word) => word[0] ?? '')
    .join('');
  return letters.length > 1 && initials.startsWith(letters);
}

/** Whether two words differ by one letter that is wrong, missing, too many, or swapped with the next. */
function isOneSlip(typed: string, word: string): boolean {
  const [short, long] = typed.length <= word.length ? [typed, word] : [word, typed];
  if (long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at += 1;
  if (short.length < long.length) return short.slice(at) === long.slice(at + 1);
  const swapped = short[at] === long[at + 1] && short[at + 1] === long[at];
  return short.slice(at + 1) === long.slice(at + 1) || (swapped && short.slice(at + 2) === long.slice(at + 2));
}

/** From this length on a slip is looked past: of shorter words too many are alike. */
const SLIPS_FROM = 4;

/** How well one word that was typed fits a name in words: 0 best, null not at all. */
function fit(typed: string, words: string): number | null {
  if (words === typed) return 0;
  if (words.startsWith(typed)) return 1;
  const all = words.split(' ');
  if (all.some((word) => word.startsWith(typed))) return 2;
  if (words.includes(typed) || words.replaceAll(' ', '').includes(typed)) return 3;
  if (areInitials(typed, words)) return 3;
  const slipped = (word: string) => isOneSlip(typed, word) || isOneSlip(typed, word.slice(0, typed.length));
  return typed.length >= SLIPS_FROM && all.some(slipped) ? 5 : null;
}

/** How well a field fits what was typed, the lower the better; null if a word of it fits nowhere. */
function rank(query: string, field: SearchedField): number | null {
  const [label, name, help] = [folded(field.label), wordsOf(field.name), folded(field.help)];
  const whole = [label, name, folded(field.name)];
  if (whole.includes(query)) return -2;
  if (whole.some((words) => words.startsWith(query))) return -1;
  let sum = 0;
  for (const typed of query.split(' ')) {
    const named = [fit(typed, label), fit(typed, name)].filter((one) => one !== null);
    const best = named.length > 0 ? Math.min(...named) : help.includes(typed) ? 6 : null;
    if (best === null) return null;
    sum += best;
  }
  return sum;
}

/**
 * The fields that fit what was typed, the closest first; of two that fit alike the one that was first. By label, API name, initials
 * and help text, past one slip of the keyboard. All of them for a blank.
 */
export function searchFields<F extends SearchedField>(fields: readonly F[], typed: string): F[] {
  const query = folded(typed);
  if (query === '') return [...fields];
  return fields
    .flatMap((field) => {
      const found = rank(query, field);
      return found === null ? [] : [{ field, found }];
    })
    .sort((a, b) => a.found - b.found)
    .map(({ field }) => field);
}
