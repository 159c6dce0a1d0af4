/** Where each of some columns is in another file, by name; of several with one name the first is the first there, too. */
export function placesByName(before: readonly string[], now: readonly string[]): (number | null)[] {
  const places = new Map<string, number[]>();
  now.forEach((name, place) => {
    const key = name.toLowerCase();
    places.set(key, [...(places.get(key) ?? []), place]);
  });
  const times = new Map<string, number>();
  return before.map((name) => {
    const key = name.toLowerCase();
    const time = times.get(key) ?? 0;
    times.set(key, time + 1);
    return places.get(key)?.[time] ?? null;
  });
}

/** Of the columns that two files have between them, so many must be in both for one's mapping to be the other's. */
const ALIKE = 0.75;

/** Of the columns that two files have between them the share that is in both; null where it is too small for one's mapping to be the other's. */
export function likeness(before: readonly string[], now: readonly string[]): number | null {
  const common = placesByName(before, now).filter((place) => place !== null).length;
  const share = common / (before.length + now.length - common);
  return share >= ALIKE ? share : null;
}
