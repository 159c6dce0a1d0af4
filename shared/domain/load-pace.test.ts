import fc from 'fast-check';
import { expect, test } from 'vitest';
import { curveOf, MOST_POINTS, withPoint, type PacePoint } from './load-pace.ts';

test('however long a load runs, its points are few, in order, evenly apart, and the first and the last are there', () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 2_000 });
  fc.assert(
    fc.property(gaps, (all) => {
      let points: readonly PacePoint[] = [];
      let elapsed = 0;
      const first = { elapsed: 0, processed: 0, failed: 0 };
      points = withPoint(points, first);
      for (const gap of all) {
        elapsed += gap;
        points = withPoint(points, { elapsed, processed: elapsed, failed: 0 });
      }
      const last = { elapsed: elapsed + 1, processed: elapsed, failed: 1 };
      points = withPoint(points, last, true);
      expect(points.length).toBeLessThanOrEqual(MOST_POINTS + 1);
      expect([points[0], points.at(-1)]).toEqual([first, last]);
      const apart = points.slice(1, -1).map((point, at) => point.elapsed - (points[at]?.elapsed ?? 0));
      expect(Math.min(Infinity, ...apart)).toBeGreaterThanOrEqual(250);
      // One that is late may be five seconds late.
      expect(Math.max(0, ...apart)).toBeLessThan(4 * Math.max(5_000, elapsed / 10));
    }),
  );
});

test('a curve ends where the load does, and failed rows are on the same scale', () => {
  const points = [
    { elapsed: 0, processed: 0, failed: 0 },
    { elapsed: 500, processed: 50, failed: 10 },
    { elapsed: 1000, processed: 100, failed: 10 },
  ];
  const box = { width: 200, height: 40 };
  expect(curveOf(points, 'processed', box)).toBe('0,40 100,20 200,0');
  expect(curveOf(points, 'failed', box)).toBe('0,40 100,36 200,36');
});
