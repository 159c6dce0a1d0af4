import { expect, test } from 'vitest';
import { OrgClock } from './org-clock.ts';

test('the org’s dates count, moved on by monotonic time, whatever this machine’s clock says (R39)', () => {
  let elapsed = 100;
  const clock = new OrgClock({ now: () => 5, elapsed: () => elapsed });
  expect(clock.now()).toBe(5);
  clock.note('Wed, 25 Nov 2026 12:00:00 GMT');
  const noon = Date.parse('2026-11-25T12:00:00Z');
  expect(clock.now()).toBe(noon);
  elapsed += 400;
  expect(clock.now()).toBe(noon + 400);
  clock.note('Wed, 25 Nov 2026 12:00:00 GMT');
  expect(clock.now(), 'a date cut to its second does not set the time back').toBe(noon + 400);
  clock.note('no date');
  clock.note(undefined);
  expect(clock.now()).toBe(noon + 400);
  clock.note('Wed, 25 Nov 2026 12:00:09 GMT');
  expect(clock.now()).toBe(noon + 9000);
  clock.note('Wed, 25 Nov 2026 11:00:00 GMT');
  expect(clock.now(), 'the org’s clock was set').toBe(noon - 3_600_000);
});
