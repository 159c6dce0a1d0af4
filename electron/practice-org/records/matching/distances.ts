type Items = string | readonly string[];

/** The cheapest way from one list to another by leaving out, putting in and replacing items. */
function distance(one: Items, other: Items, replacing: (a: string, b: string) => number): number {
  let row = Array.from({ length: other.length + 1 }, (_none, place) => place);
  for (let i = 0; i < one.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j++) {
      const [a = '', b = ''] = [one[i], other[j]];
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (a === b ? 0 : replacing(a, b))));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}

/** Levenshtein's distance. */
export function editDistance(one: Items, other: Items): number {
  return distance(one, other, () => 1);
}

const KEYS = new Map(
  ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'].flatMap((keys, row) =>
    Array.from(keys, (key, place) => [key, { row, place: place + row * 0.5 }] as const),
  ),
);

/**
 * The edit distance "weighted by the position of the keys on the keyboard" (Salesforce Help, "Matching Algorithms Used with
 * Matching Methods", Keyboard Distance); the weights are not published. A slip to a neighbouring key of a QWERTY keyboard
 * costs half of another letter.
 */
export function keyboardDistance(one: string, other: string): number {
  return distance(one, other, (a, b) => {
    const [here, there] = [KEYS.get(a), KEYS.get(b)];
    return here && there && Math.abs(here.row - there.row) <= 1 && Math.abs(here.place - there.place) <= 1 ? 0.5 : 1;
  });
}

/** Winkler's similarity, 0 to 1; the four first letters count more. */
export function jaroWinkler(one: string, other: string): number {
  const reach = Math.max(0, Math.floor(Math.max(one.length, other.length) / 2) - 1);
  const taken = new Set<number>();
  const common: string[] = [];
  for (let i = 0; i < one.length; i++) {
    for (let j = Math.max(0, i - reach); j <= Math.min(other.length - 1, i + reach); j++) {
      if (taken.has(j) || one[i] !== other[j]) continue;
      taken.add(j);
      common.push(one[i] ?? '');
      break;
    }
  }
  if (common.length === 0) return 0;
  const there = Array.from(other).filter((_letter, place) => taken.has(place));
  // Winkler's own program counts whole pairs.
  const moved = Math.floor(common.filter((letter, place) => letter !== there[place]).length / 2);
  const jaro =
    (common.length / one.length + common.length / other.length + (common.length - moved) / common.length) / 3;
  let prefix = 0;
  while (prefix < 4 && prefix < Math.min(one.length, other.length) && one[prefix] === other[prefix]) prefix++;
  return jaro + prefix * 0.1 * (1 - jaro);
}
