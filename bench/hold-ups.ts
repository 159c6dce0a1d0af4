import { readFile } from 'node:fs/promises';

/** The longest that the event loops of `name` were held up in a span of time, ms, by what event-loop-probe.ts noted. */
export async function longestHoldUp(probe: string, name: string, from: number, to = Infinity): Promise<number> {
  const noted = (await readFile(probe, 'utf8')).trimEnd().split('\n');
  const spans = noted.map((line) => line.split(' '));
  return spans
    .filter(([who, at]) => who === name && Number(at) >= from && Number(at) <= to)
    .reduce((longest, [, , ms]) => Math.max(longest, Number(ms)), 0);
}
