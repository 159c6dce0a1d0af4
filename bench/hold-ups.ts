import { readFile } from 'node:fs/promises';

export interface HoldUp {
  readonly ms: number;
  /** When it was noted, ms since the epoch: within 200 ms of its end. */
  readonly at: number;
}

/** The longest that the event loops of `name` were held up since a time, by what event-loop-probe.ts noted. */
export async function longestHoldUp(probe: string, name: string, from: number): Promise<HoldUp> {
  const noted = (await readFile(probe, 'utf8')).trimEnd().split('\n');
  return noted
    .map((line) => line.split(' '))
    .filter(([who, at]) => who === name && Number(at) >= from)
    .map(([, at, ms]) => ({ at: Number(at), ms: Number(ms) }))
    .reduce((longest, one) => (one.ms > longest.ms ? one : longest), { ms: 0, at: from });
}
