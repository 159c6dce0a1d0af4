import { expect, test } from 'vitest';
import type { JobSchedule } from '../../../shared/domain/job-schedule.ts';
import { draftOf, scheduleOf } from './schedule-draft.ts';

const ZONE = 'Europe/Berlin';
const blackOuts = [{ from: '22:00', to: '04:00' }];

test.each<JobSchedule>([
  { kind: 'hourly', minute: 15, zone: ZONE },
  { kind: 'nightly', at: '02:30', zone: 'America/New_York', missed: 'skip' },
  { kind: 'weekly', on: ['mon', 'fri'], at: '06:00', zone: ZONE, confirmOrg: 'Acme', blackOuts },
  { kind: 'cron', cron: '*/20 8-18 * * 1-5', zone: ZONE },
  { kind: 'after', job: 'Accounts' },
  { kind: 'after', job: 'Accounts', zone: ZONE, blackOuts },
  { kind: 'watch', move: true, settleSeconds: 30 },
  { kind: 'watch' },
])('a schedule that is looked at and saved again is the same: %j', (schedule) => {
  expect(scheduleOf(draftOf(schedule, ZONE), schedule)).toEqual(schedule);
});

test('a job without a schedule runs by hand, and a way that is chosen keeps its black-outs', () => {
  const draft = draftOf(undefined, ZONE);
  expect(scheduleOf(draft, undefined)).toBeNull();
  expect(scheduleOf({ ...draft, kind: 'nightly' }, undefined)).toEqual({ kind: 'nightly', at: '02:00', zone: ZONE });
  const before: JobSchedule = { kind: 'hourly', minute: 0, zone: ZONE, blackOuts };
  expect(scheduleOf({ ...draft, kind: 'watch' }, before)).toEqual({ kind: 'watch', zone: ZONE, blackOuts });
});

test.each([
  { kind: 'cron', cron: '61 * * * *' },
  { kind: 'weekly', on: [] },
  { kind: 'nightly', at: '' },
  { kind: 'after', after: '' },
  { kind: 'hourly', minute: 60 },
  { kind: 'nightly', zone: 'Nowhere/Land' },
] as const)('what can’t be is not saved: %j', (change) => {
  expect(scheduleOf({ ...draftOf(undefined, ZONE), ...change }, undefined)).toBe('invalid');
});
