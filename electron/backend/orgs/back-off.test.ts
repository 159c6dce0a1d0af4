import { expect, test } from 'vitest';
import { BACK_OFF, pauseAfter, retryAfterOf } from './back-off.ts';

const NOON = Date.parse('2026-11-25T12:00:00Z');

test('pauses double from a quarter of a second, with a quarter of jitter to either side, up to the cap', () => {
  expect([1, 2, 3, 4].map((attempt) => pauseAfter(attempt, null, 0.5))).toEqual([250, 500, 1000, 2000]);
  expect(pauseAfter(1, null, 0)).toBe(187.5);
  expect(pauseAfter(1, null, 1)).toBe(312.5);
  expect(pauseAfter(30, null, 1)).toBe(BACK_OFF.cap);
});

test('the org’s own wish goes before, up to the cap', () => {
  expect(pauseAfter(1, 7000, 0.5)).toBe(7000);
  expect(pauseAfter(1, 0, 0.5)).toBe(0);
  expect(pauseAfter(1, 3_600_000, 0.5)).toBe(BACK_OFF.cap);
});

test.each<[string | undefined, number | null]>([
  ['5', 5000],
  [' 0 ', 0],
  ['Wed, 25 Nov 2026 12:00:09 GMT', 9000],
  ['Wed, 25 Nov 2026 11:00:00 GMT', 0],
  ['soon', null],
  ['-3', null],
  ['1.5', null],
  ['', null],
  [undefined, null],
])('Retry-After %j is %j milliseconds', (header, milliseconds) => {
  expect(retryAfterOf(header, NOON)).toBe(milliseconds);
});
