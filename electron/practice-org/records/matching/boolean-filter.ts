/**
 * The ways in which a rule's items can match together: each is a set of item numbers, counted from 1, all of which have to.
 * AND, OR and brackets are rewritten "into a standardized format that translates the OR statements into AND statements"
 * (Salesforce Help, "How Match Keys Are Generated and Used in Matching Rules"). Throws for what is no such filter.
 */
export function waysOf(filter: string | undefined, items: number): number[][] {
  if (filter === undefined) return [Array.from({ length: items }, (_none, place) => place + 1)];
  const tokens = filter.match(/\d+|\w+|\S/g) ?? [];
  let at = 0;
  const word = (): string => (tokens[at] ?? '').toUpperCase();
  const one = (): number[][] => {
    const next = tokens[at++] ?? '';
    if (next === '(') {
      const inner = either();
      if (tokens[at++] !== ')') throw new Error(`a bracket is not closed in ${filter}`);
      return inner;
    }
    const item = Number(next);
    if (!Number.isInteger(item) || item < 1 || item > items) throw new Error(`${next} is no item in ${filter}`);
    return [[item]];
  };
  const every = (): number[][] => {
    let ways = one();
    while (word() === 'AND') {
      at++;
      const more = one();
      ways = ways.flatMap((way) => more.map((other) => [...new Set([...way, ...other])]));
    }
    return ways;
  };
  const either = (): number[][] => {
    const ways = every();
    while (word() === 'OR') {
      at++;
      ways.push(...every());
    }
    return ways;
  };
  const ways = either();
  if (at < tokens.length) throw new Error(`${tokens[at] ?? ''} is not understood in ${filter}`);
  return ways;
}
