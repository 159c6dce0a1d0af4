import { z } from 'zod';

/** How far a load had come at a time: milliseconds that it had run, rows that Salesforce had worked on, and failed ones among them. */
export const PacePoint = z.object({ elapsed: z.number(), processed: z.number(), failed: z.number() });
export type PacePoint = z.infer<typeof PacePoint>;

/** Points that are kept of a load, however long it runs. */
export const MOST_POINTS = 32;

/** Milliseconds between two points at first. */
const FIRST_GAP = 250;

/**
 * A load's points with where it is now, if that is far enough from the last one, or `isLast`. Once there are too many every second one
 * goes, so that those of hours are as many as those of seconds, and about as far from one another.
 */
export function withPoint(points: readonly PacePoint[], now: PacePoint, isLast = false): readonly PacePoint[] {
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last) return [now];
  const gap = points.length < 2 ? FIRST_GAP : Math.max(FIRST_GAP, (last.elapsed - first.elapsed) / (points.length - 1));
  if (!isLast && now.elapsed - last.elapsed < gap) return points;
  const kept = points.length < MOST_POINTS ? points : points.filter((_point, place) => place % 2 === 0);
  return [...kept, now];
}

/** Points of a curve in a box, as SVG takes them: `x,y x,y`. */
export function curveOf(
  points: readonly PacePoint[],
  value: 'processed' | 'failed',
  { width, height }: { readonly width: number; readonly height: number },
): string {
  const longest = Math.max(1, ...points.map(({ elapsed }) => elapsed));
  const most = Math.max(1, ...points.map(({ processed }) => processed));
  const at = (part: number, whole: number, size: number) => Math.round((part / whole) * size * 10) / 10;
  return points
    .map((point) => `${at(point.elapsed, longest, width)},${height - at(point[value], most, height)}`)
    .join(' ');
}
