import { expect, test } from 'vitest';
import { localDay, midnightOf } from './moments.ts';

test('a day and the moment it begins stand for one another', () => {
  for (const day of ['2026-11-01', '2024-02-29', '1999-12-31']) expect(localDay(midnightOf(day) ?? 0)).toBe(day);
  expect(midnightOf('2026-11-01')).toBe(new Date(2026, 10, 1).getTime());
  for (const none of ['', '2026', 'soon']) expect(midnightOf(none)).toBeNull();
});
