import { Cron } from 'croner';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isCron } from '../../../shared/domain/cron-pattern.ts';
import { JobSchedule, type TimedSchedule } from '../../../shared/domain/job-schedule.ts';
import { Occurrences } from './occurrences.ts';

const at = (text: string) => Date.parse(text);
const shown = (moment: number | null) => (moment === null ? null : new Date(moment).toISOString().slice(0, 16));
const schedule = (more: object) => JobSchedule.parse({ zone: 'Europe/Berlin', ...more }) as TimedSchedule;

/** All occurrences from one moment on, until another. */
function between(timed: TimedSchedule, from: string, until: string): (string | null)[] {
  const found: (string | null)[] = [];
  const occurrences = new Occurrences(timed);
  for (let one = occurrences.next(at(from)); one !== null && one < at(until); one = occurrences.next(one))
    found.push(shown(one));
  return found;
}

test.each<[string, object, [string, string], string[]]>([
  [
    'a night whose time the clock leaves out has its run after the gap',
    { kind: 'nightly', at: '02:30' },
    ['2026-03-28T00:00Z', '2026-03-31T00:00Z'],
    ['2026-03-28T01:30', '2026-03-29T01:00', '2026-03-30T00:30'],
  ],
  [
    'a night whose time comes twice has one run, at the first',
    { kind: 'nightly', at: '02:30' },
    ['2026-10-24T00:00Z', '2026-10-27T00:00Z'],
    ['2026-10-24T00:30', '2026-10-25T00:30', '2026-10-26T01:30'],
  ],
  [
    'a list of hours leaves out no night, either',
    { kind: 'cron', cron: '30 2,14 * * *' },
    ['2026-03-28T20:00Z', '2026-03-30T00:00Z'],
    ['2026-03-29T01:00', '2026-03-29T12:30'],
  ],
  [
    'each hour that passes has its run where the clock is set forward',
    { kind: 'hourly', minute: 15 },
    ['2026-03-29T00:00Z', '2026-03-29T03:00Z'],
    ['2026-03-29T00:15', '2026-03-29T01:15', '2026-03-29T02:15'],
  ],
  [
    'and where it is set back, in both of the two hours of one name',
    { kind: 'hourly', minute: 15 },
    ['2026-10-25T00:00Z', '2026-10-25T03:00Z'],
    ['2026-10-25T00:15', '2026-10-25T01:15', '2026-10-25T02:15'],
  ],
  [
    'weekly, in the zone of the schedule and not in ours',
    { kind: 'weekly', on: ['sun', 'mon'], at: '00:05', zone: 'Pacific/Auckland' },
    ['2026-06-01T00:00Z', '2026-06-09T00:00Z'],
    ['2026-06-06T12:05', '2026-06-07T12:05'],
  ],
  [
    'by a pattern of weekdays',
    { kind: 'cron', cron: '0 6 * * MON-FRI/2' },
    ['2026-06-01T00:00Z', '2026-06-08T00:00Z'],
    ['2026-06-01T04:00', '2026-06-03T04:00', '2026-06-05T04:00'],
  ],
])('%s', (_what, more, [from, until], expected) => {
  expect(between(schedule(more), from, until)).toEqual(expected);
});

test('a day that never comes is said to be none', () => {
  const never = new Occurrences(schedule({ kind: 'cron', cron: '0 0 31 2 *' }));
  expect(never.next(at('2026-01-01T00:00Z'))).toBeNull();
  expect(never.last(at('2026-01-01T00:00Z'))).toBeNull();
});

const field = (least: number, most: number) => {
  const value = fc.integer({ min: least, max: most });
  const range = fc.tuple(value, value).map(([one, other]) => `${Math.min(one, other)}-${Math.max(one, other)}`);
  const stepped = fc
    .tuple(fc.oneof(range, fc.constant('*')), fc.integer({ min: 1, max: most }))
    .map((of) => of.join('/'));
  const part = fc.oneof(value.map(String), range, stepped, fc.constant('*'));
  return fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(','));
};
const pattern = fc
  .tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7))
  .map((fields) => fields.join(' '));

test('the last occurrence is the one before the next, exact to the millisecond, in zones with and without clock changes', () => {
  const moments = fc.integer({ min: at('2026-01-01T00:00Z'), max: at('2027-12-31T00:00Z') });
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu');
  fc.assert(
    fc.property(pattern, zones, moments, (cron, zone, moment) => {
      const occurrences = new Occurrences(schedule({ kind: 'cron', cron, zone }));
      const next = occurrences.next(moment);
      if (next === null) return;
      expect(next).toBeGreaterThan(moment);
      expect(occurrences.last(next)).toBe(next);
      const last = occurrences.last(next - 1);
      // Nothing lies between them.
      if (last !== null) expect(occurrences.next(last)).toBe(next);
    }),
    { numRuns: 200 },
  );
});

test.each([
  '30 2 * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * * 13 *',
  '* * * * 8',
  '5/10 * * * *',
  '5-1 * * * *',
  '* * L * *',
  '* * * * MON#1',
  '0 0 0 * * *',
  '*/0 * * * *',
  '@daily',
  '',
  '* * * * MONDAY',
  '1-2-3 * * * *',
  '1.5 * * * *',
])('“%s” is no cron pattern', (text) => {
  expect(isCron(text)).toBe(false);
});

test('what is taken for a cron pattern is one to what reads it', () => {
  fc.assert(
    fc.property(fc.oneof(pattern, fc.stringMatching(/^[\d*,/A-Z-]{1,6}( [\d*,/A-Z-]{1,6}){4}$/)), (text) => {
      if (isCron(text)) expect(() => new Cron(text, { mode: '5-part', paused: true })).not.toThrow();
    }),
    { numRuns: 2000 },
  );
});

test.each(['+02:00', 'Europe/Berlln', '', 'UTC+2'])('“%s” is no time zone', (zone) => {
  expect(JobSchedule.safeParse({ kind: 'nightly', at: '02:30', zone }).success).toBe(false);
});
