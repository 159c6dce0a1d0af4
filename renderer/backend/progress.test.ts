import { expect, test } from 'vitest';
import type { WorkProgress } from '../../shared/contract/events.ts';
import { progressAfter } from './progress.ts';

const fetching = (done: number): WorkProgress => ({ sourceId: 'src_1' as never, stage: 'fetching', done, total: null });

test('a stage says its pace once it has run for a while, and each stage its own', () => {
  const first = progressAfter(undefined, fetching(2000), 10_000);
  expect(first.rate).toBeNull();
  expect(progressAfter(first, fetching(4000), 10_300).rate).toBeNull();
  const third = progressAfter(progressAfter(first, fetching(4000), 10_300), fetching(6000), 12_000);
  expect(third.rate).toBe(2000);
  expect(progressAfter(third, { ...fetching(0), stage: 'comparing' }, 13_000).rate).toBeNull();
});

test('a stage that begins anew is counted anew', () => {
  const first = progressAfter(undefined, fetching(9000), 0);
  expect(progressAfter(first, fetching(1000), 5000)).toMatchObject({ since: 5000, from: 1000, rate: null });
});
