import type { JobSchedule, Weekday } from '../../../shared/domain/job-schedule.ts';
import { JobSchedule as Schedule } from '../../../shared/domain/job-schedule.ts';

/** A schedule as it is being filled in: every way has what was typed for it, whichever is chosen. */
export interface ScheduleDraft {
  readonly kind: JobSchedule['kind'] | 'by-hand';
  readonly minute: number;
  readonly at: string;
  readonly on: readonly Weekday[];
  readonly cron: string;
  readonly zone: string;
  readonly skipsMissed: boolean;
  /** The job that it runs after, by name. */
  readonly after: string;
  readonly moves: boolean;
  /** The org's name as it was typed; blank for none. */
  readonly confirmOrg: string;
}

/** What a schedule is filled in from; `zone` is that of whoever looks at it. */
export function draftOf(schedule: JobSchedule | undefined, zone: string): ScheduleDraft {
  const blank: ScheduleDraft = {
    kind: 'by-hand',
    minute: 0,
    at: '02:00',
    on: ['mon'],
    cron: '0 2 * * 1-5',
    zone,
    skipsMissed: false,
    after: '',
    moves: false,
    confirmOrg: '',
  };
  if (!schedule) return blank;
  return {
    ...blank,
    kind: schedule.kind,
    zone: schedule.zone ?? zone,
    confirmOrg: schedule.confirmOrg ?? '',
    skipsMissed: 'missed' in schedule && schedule.missed === 'skip',
    ...(schedule.kind === 'hourly' ? { minute: schedule.minute } : {}),
    ...('at' in schedule ? { at: schedule.at } : {}),
    ...(schedule.kind === 'weekly' ? { on: schedule.on } : {}),
    ...(schedule.kind === 'cron' ? { cron: schedule.cron } : {}),
    ...(schedule.kind === 'after' ? { after: schedule.job } : {}),
    ...(schedule.kind === 'watch' ? { moves: schedule.move === true } : {}),
  };
}

/**
 * What a filled-in schedule says; null for only by hand, `invalid` where something is missing or can't be. What the form does not show (black-outs, how
 * long a file settles) stays as the job has it.
 */
export function scheduleOf(draft: ScheduleDraft, before: JobSchedule | undefined): JobSchedule | null | 'invalid' {
  if (draft.kind === 'by-hand') return null;
  const { kind, zone, confirmOrg } = draft;
  const confirmed = confirmOrg.trim() === '' ? {} : { confirmOrg: confirmOrg.trim() };
  const kept = before?.blackOuts ? { blackOuts: before.blackOuts } : {};
  const timed = { zone, ...(draft.skipsMissed ? { missed: 'skip' as const } : {}) };
  const always = { ...kept, ...confirmed };
  const own = {
    hourly: { minute: draft.minute, ...timed },
    nightly: { at: draft.at, ...timed },
    weekly: { on: [...draft.on], at: draft.at, ...timed },
    cron: { cron: draft.cron.trim(), ...timed },
    after: { job: draft.after, ...(before?.blackOuts ? { zone } : {}) },
    watch: {
      ...(draft.moves ? { move: true } : {}),
      ...(before?.kind === 'watch' && before.settleSeconds !== undefined
        ? { settleSeconds: before.settleSeconds }
        : {}),
      ...(before?.blackOuts ? { zone } : {}),
    },
  }[kind];
  const parsed = Schedule.safeParse({ kind, ...always, ...own });
  return parsed.success ? parsed.data : 'invalid';
}
