import { expect, test } from 'vitest';
import type { RehearsalReport } from '../domain/rehearsal.ts';
import { rehearsalResultText } from './rehearsal-text.ts';

const report = (change: Partial<RehearsalReport>): RehearsalReport => ({
  tried: 0,
  passed: 0,
  refused: 0,
  unsettled: 0,
  untried: 0,
  refusals: [],
  moreRefusals: 0,
  calls: 1,
  ...change,
});

test('one row is spoken of as one', () => {
  expect(rehearsalResultText(report({ tried: 1, passed: 1 }), true)).toBe(
    'The org would delete the row that you tried. It was taken back. 1 API call.',
  );
  expect(rehearsalResultText(report({ tried: 2, passed: 2, calls: 3 }), false)).toBe(
    'The org would accept all 2 rows that you tried. All were taken back. 3 API calls.',
  );
  expect(rehearsalResultText(report({ tried: 5, passed: 4, refused: 1 }), false)).toBe(
    'Of 5 rows that you tried, the org would accept 4 and reject 1. All were taken back. 1 API call.',
  );
});
