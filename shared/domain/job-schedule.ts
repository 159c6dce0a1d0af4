import { z } from 'zod';
import { isCron } from './cron-pattern.ts';

/** The time of a day, on a clock of 24 hours. */
export const TimeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/);
export const Weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
export type Weekday = z.infer<typeof Weekday>;

/** A time zone by its IANA name. An offset is none: it has no summer. */
export const ZoneName = z
  .string()
  .max(60)
  .regex(/^[A-Za-z]/)
  .refine(isZone);

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/**
 * When nothing is begun: from one time of the day to another, which may be on the next day; one to itself is a whole day. `on` are the
 * days it begins on, absent: each.
 */
export const BlackOut = z.object({ from: TimeOfDay, to: TimeOfDay, on: z.array(Weekday).min(1).max(7).optional() });
export type BlackOut = z.infer<typeof BlackOut>;

const Always = {
  /** The zone of the times that the schedule names. */
  zone: ZoneName.optional(),
  blackOuts: z.array(BlackOut).max(20).optional(),
  /** The org's name, as it would be typed: the standing yes to what is typed before a load into production. */
  confirmOrg: z.string().min(1).max(300).optional(),
};
const AtTimes = {
  ...Always,
  zone: ZoneName,
  /** What becomes of a time that has passed while nothing could be begun: run once as soon as it can be (the default), or skipped. */
  missed: z.enum(['once', 'skip']).optional(),
};

/** When a job runs by itself. */
export const JobSchedule = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('hourly'), minute: z.number().int().min(0).max(59), ...AtTimes }),
    z.object({ kind: z.literal('nightly'), at: TimeOfDay, ...AtTimes }),
    z.object({ kind: z.literal('weekly'), on: z.array(Weekday).min(1).max(7), at: TimeOfDay, ...AtTimes }),
    z.object({ kind: z.literal('cron'), cron: z.string().max(200).refine(isCron), ...AtTimes }),
    /** After each run of another job, told by its name, that went well. */
    z.object({ kind: z.literal('after'), job: z.string().trim().min(1).max(100), ...Always }),
    /** When its files have come, or have changed, and have stayed the same for so many seconds. */
    z.object({
      kind: z.literal('watch'),
      settleSeconds: z.number().int().min(1).max(3600).optional(),
      /** What was read is moved to the folder `done` beside it, or `failed`. */
      move: z.boolean().optional(),
      ...Always,
    }),
  ])
  // Times of the day are nothing without a zone.
  .refine(({ zone, blackOuts }) => zone !== undefined || blackOuts === undefined, { path: ['zone'] });
export type JobSchedule = z.infer<typeof JobSchedule>;
export type TimedSchedule = Extract<JobSchedule, { missed?: unknown }>;

/** Seconds that files stay the same before they are read, unless their schedule says otherwise. */
export const SETTLE_SECONDS = 10;

export function isTimed(schedule: JobSchedule): schedule is TimedSchedule {
  return schedule.kind !== 'after' && schedule.kind !== 'watch';
}

/** The times of a schedule as a cron pattern of five fields. */
export function cronOf(schedule: TimedSchedule): string {
  switch (schedule.kind) {
    case 'hourly':
      return `${schedule.minute} * * * *`;
    case 'nightly':
      return `${minuteAndHour(schedule.at)} * * *`;
    case 'weekly':
      return `${minuteAndHour(schedule.at)} * * ${schedule.on.join(',').toUpperCase()}`;
    case 'cron':
      return schedule.cron;
  }
}

function minuteAndHour(at: string): string {
  const [hour, minute] = at.split(':').map(Number);
  return `${minute} ${hour}`;
}
