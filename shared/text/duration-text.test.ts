import { expect, test } from 'vitest';
import { durationText } from './duration-text.ts';

test.each([
  [0, '0 s'],
  [840, '0.8 s'],
  [59_400, '59.4 s'],
  [59_960, '1 min'],
  [200_000, '3 min 20 s'],
  [3_600_000, '1 h'],
  [7_530_000, '2 h 5 min'],
])('%i ms: %s', (milliseconds, text) => {
  expect(durationText(milliseconds)).toBe(text);
});
