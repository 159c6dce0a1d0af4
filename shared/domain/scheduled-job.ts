import { z } from 'zod';
import { JobId } from './ids.ts';
import { JobSchedule } from './job-schedule.ts';

/** Why a time of a schedule passed without a run. */
export const Skipped = z.object({
  at: z.number(),
  /** So many times, the one at `at` being the last; 100 for that many or more. */
  times: z.number(),
  /** `given-up`: Longshore ended in the middle of it, or its load paused by itself, time after time. */
  why: z.enum(['missed', 'paused', 'given-up']),
});
export type Skipped = z.infer<typeof Skipped>;

/** A job that runs by itself, as its schedule stands. */
export const ScheduledJob = z.object({
  jobId: JobId,
  name: z.string(),
  schedule: JobSchedule,
  /** Since when the job has been paused; null where it is not. */
  paused: z.number().nullable(),
  /** When it is due next; null where that is not a matter of time, or it never is. */
  next: z.number().nullable(),
  /** When what was last due was begun or passed over. */
  last: z.number(),
  skipped: Skipped.nullable(),
  /** Why what was last due could not begin a run, or is not done yet. */
  failure: z.looseObject({ code: z.string() }).nullable(),
  /** What keeps it from ever running by itself. */
  problem: z
    .enum([
      /** The job that it comes after is not there. */
      'no-such-job',
      /** It comes after itself, by way of others. */
      'circle',
      /** No time is left between its black-outs, or its pattern names no day that there is. */
      'never',
    ])
    .nullable(),
});
export type ScheduledJob = z.infer<typeof ScheduledJob>;
