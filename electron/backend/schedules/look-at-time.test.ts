import { expect, test } from 'vitest';
import { JobSchedule, type TimedSchedule } from '../../../shared/domain/job-schedule.ts';
import { endOfBlackOut } from './black-outs.ts';
import { lookAtTime, type Look } from './look-at-time.ts';

const at = (text: string) => Date.parse(text);
const nightly = (more: object = {}) =>
  JobSchedule.parse({ kind: 'nightly', at: '02:30', zone: 'UTC', ...more }) as TimedSchedule;

type Told = [kind: Look['kind'], moment: string | null, missed?: number];
const told = (look: Look): Told => {
  const moment = look.kind === 'wait' ? look.next : look.at;
  const text = moment === null ? null : new Date(moment).toISOString().slice(0, 16);
  return look.kind === 'wait' ? [look.kind, text] : [look.kind, text, look.missed];
};

test.each<[string, object, string, string, Told]>([
  ['is due at its time', {}, '2026-06-01T12:00Z', '2026-06-02T02:30Z', ['due', '2026-06-02T02:30', 0]],
  ['is not due a second before', {}, '2026-06-01T12:00Z', '2026-06-02T02:29:59Z', ['wait', '2026-06-02T02:30']],
  ['is not due twice', {}, '2026-06-02T02:30Z', '2026-06-02T02:30:30Z', ['wait', '2026-06-03T02:30']],
  ['is due late, once, after a night', {}, '2026-06-01T12:00Z', '2026-06-02T09:00Z', ['due', '2026-06-02T02:30', 0]],
  ['is due once after a week', {}, '2026-06-01T12:00Z', '2026-06-08T09:00Z', ['due', '2026-06-08T02:30', 6]],
  [
    'skips what was missed',
    { missed: 'skip' },
    '2026-06-01T12:00Z',
    '2026-06-08T09:00Z',
    ['skip', '2026-06-08T02:30', 7],
  ],
  [
    'is not missed by who looks every few minutes',
    { missed: 'skip' },
    '2026-06-01T12:00Z',
    '2026-06-02T02:40Z',
    ['due', '2026-06-02T02:30', 0],
  ],
  [
    'waits for the end of a black-out',
    { blackOuts: [{ from: '22:00', to: '04:00' }] },
    '2026-06-01T12:00Z',
    '2026-06-02T02:30Z',
    ['wait', '2026-06-02T04:00'],
  ],
  [
    'and is due then',
    { blackOuts: [{ from: '22:00', to: '04:00' }] },
    '2026-06-01T12:00Z',
    '2026-06-02T04:00Z',
    ['due', '2026-06-02T02:30', 0],
  ],
  [
    'skips what a black-out made late',
    { missed: 'skip', blackOuts: [{ from: '22:00', to: '04:00' }] },
    '2026-06-01T12:00Z',
    '2026-06-02T04:00Z',
    ['skip', '2026-06-02T02:30', 1],
  ],
  [
    'never comes where black-outs leave no time',
    { blackOuts: [{ from: '00:00', to: '00:00' }] },
    '2026-06-01T12:00Z',
    '2026-06-02T02:30Z',
    ['wait', null],
  ],
])('a job of each night %s', (_what, more, last, now, expected) => {
  expect(told(lookAtTime(nightly(more), at(last), at(now)))).toEqual(expected);
});

test.each<[string, string, string]>([
  ['before it', '2026-06-05T21:59Z', '2026-06-05T21:59'],
  ['at its beginning', '2026-06-05T22:00Z', '2026-06-06T04:00'],
  ['after midnight', '2026-06-06T03:59Z', '2026-06-06T04:00'],
  ['at its end', '2026-06-06T04:00Z', '2026-06-06T04:00'],
  ['the night after, which follows from no day of it', '2026-06-08T01:00Z', '2026-06-08T01:00'],
  ['where another begins at its end', '2026-06-07T02:00Z', '2026-06-07T06:00'],
])('of a black-out from Friday night on: %s', (_what, moment, end) => {
  const windows = [
    { from: '22:00', to: '04:00', on: ['fri' as const, 'sat' as const] },
    { from: '04:00', to: '06:00', on: ['sun' as const] },
  ];
  expect(new Date(endOfBlackOut(windows, 'UTC', at(moment)) ?? 0).toISOString().slice(0, 16)).toBe(end);
});

test.each([
  ['2026-03-29T00:30Z', '2026-03-29T02:00'],
  ['2026-10-25T00:30Z', '2026-10-25T03:00'],
])('a black-out until four o’clock ends by the clock, in a night in which that is changed (%s)', (moment, end) => {
  const windows = [{ from: '01:00', to: '04:00' }];
  expect(new Date(endOfBlackOut(windows, 'Europe/Berlin', at(moment)) ?? 0).toISOString().slice(0, 16)).toBe(end);
});
