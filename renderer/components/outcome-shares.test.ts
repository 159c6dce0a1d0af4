import { expect, test } from 'vitest';
import fc from 'fast-check';
import { NO_OUTCOMES, totalOf, type OutcomeCounts } from '../../shared/domain/load-results.ts';
import { outcomeShares } from './outcome-shares.ts';

test('pieces stand in the order of the outcomes, and what is not known yet is left empty', () => {
  expect(outcomeShares({ ...NO_OUTCOMES, created: 30, failed: 20 }, 100)).toEqual([
    { kind: 'created', rows: 30, percent: 30 },
    { kind: 'failed', rows: 20, percent: 20 },
  ]);
});

test('one failure among a million rows is seen', () => {
  const [created, failed] = outcomeShares({ ...NO_OUTCOMES, created: 999_999, failed: 1 }, 1_000_000);
  expect(failed?.percent).toBeGreaterThan(0.9);
  expect((created?.percent ?? 0) + (failed?.percent ?? 0)).toBeLessThanOrEqual(100.000001);
});

test('a bar is never longer than its track, and each outcome has its piece', () => {
  const count = fc.nat(5_000_000);
  const counts = fc.record(
    Object.fromEntries(Object.keys(NO_OUTCOMES).map((kind) => [kind, count])) as unknown as Record<
      keyof OutcomeCounts,
      typeof count
    >,
  );
  fc.assert(
    fc.property(counts, fc.nat(10), (of, more) => {
      const shares = outcomeShares(of, totalOf(of) + more);
      expect(shares.reduce((sum, { percent }) => sum + percent, 0)).toBeLessThanOrEqual(100.000001);
      expect(shares.reduce((sum, { rows }) => sum + rows, 0)).toBe(totalOf(of));
    }),
  );
});
