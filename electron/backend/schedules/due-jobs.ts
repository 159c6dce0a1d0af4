import type { Job } from '../../../shared/domain/job.ts';
import { isTimed, type JobSchedule } from '../../../shared/domain/job-schedule.ts';
import type { ScheduledJob, Skipped } from '../../../shared/domain/scheduled-job.ts';
import type { BackendPorts } from '../ports.ts';
import type { RunRegistry } from '../runs/run-registry.ts';
import { isInCircle, jobBefore, lastWell } from './after-job.ts';
import { endOfBlackOut } from './black-outs.ts';
import { lookAtTime } from './look-at-time.ts';
import type { ScheduleState } from './schedule-states.ts';
import { WatchedFiles, type SeenFile } from './watched-files.ts';

interface DueTools {
  readonly ports: Pick<BackendPorts, 'clock'>;
  readonly runs: Pick<RunRegistry, 'list'>;
}

/** What is due of a job. */
export interface Due {
  /** The moment that it is known by. */
  readonly at: number;
  /** Of a watching job: the files that have come, and what they are known by. */
  readonly seen: readonly SeenFile[];
  readonly mark: string | null;
}

/** What is to be done of a job: to run it, to pass over what was due, or to look again at a time, or whenever something happens (null). */
export type Decided =
  { readonly due: Due } | { readonly skip: Skipped } | { readonly next: number | null; readonly settles?: true };

/** Which jobs are due. Begins nothing. */
export class DueJobs {
  readonly #tools: DueTools;
  readonly #watched: WatchedFiles;

  constructor(tools: DueTools) {
    this.#tools = tools;
    this.#watched = new WatchedFiles(() => tools.ports.clock.elapsed());
  }

  async decide(
    job: Job,
    schedule: JobSchedule,
    { jobs, state }: { readonly jobs: readonly Job[]; readonly state: ScheduleState },
  ): Promise<Decided> {
    const { clock } = this.#tools.ports;
    const now = clock.now();
    if (isTimed(schedule)) {
      const look = lookAtTime(schedule, state.last, now);
      if (look.kind === 'wait') return { next: look.next };
      if (job.paused) return { skip: { at: look.at, times: look.missed + 1, why: 'paused' } };
      return look.kind === 'due' ? dueAt(look.at) : { skip: { at: look.at, times: look.missed, why: 'missed' } };
    }
    const free = endOfBlackOut(schedule.blackOuts, schedule.zone ?? 'UTC', now);
    if (schedule.kind === 'watch') {
      if (job.paused || free !== now) return { next: free === now ? null : free };
      const watched = await this.#watched.look(job.jobId, job.definition, schedule, state.files);
      if (watched.kind === 'nothing') return { next: null };
      if (watched.kind === 'settling') return { next: now + watched.after, settles: true };
      // The moment by which tries are told is that of the files.
      const at = Math.max(...watched.files.map(({ modified }) => modified));
      return { due: { at, seen: watched.files, mark: watched.mark } };
    }
    const before = jobBefore(jobs, schedule);
    if (!before || isInCircle(jobs, job)) return { next: null };
    const at = lastWell(before, (await this.#tools.runs.list(before.jobId)).runs);
    if (at === null || at <= state.last) return { next: null };
    if (job.paused) return { skip: { at, times: 1, why: 'paused' } };
    return free === now ? dueAt(at) : { next: free };
  }
}

function dueAt(at: number): Decided {
  return { due: { at, seen: [], mark: null } };
}

/** When a job is due next, and what keeps it from ever being so. Pure. */
export function standingOf(
  job: Job,
  schedule: JobSchedule,
  { jobs, last, now }: { readonly jobs: readonly Job[]; readonly last: number; readonly now: number },
): Pick<ScheduledJob, 'next' | 'problem'> {
  if (isTimed(schedule)) {
    const look = lookAtTime(schedule, last, now);
    const next = look.kind === 'wait' ? look.next : look.at;
    return { next, problem: next === null ? 'never' : null };
  }
  const isNever = endOfBlackOut(schedule.blackOuts, schedule.zone ?? 'UTC', now) === null;
  const lacks = schedule.kind === 'after' && !jobBefore(jobs, schedule) ? ('no-such-job' as const) : null;
  const circle = schedule.kind === 'after' && isInCircle(jobs, job) ? ('circle' as const) : null;
  return { next: null, problem: lacks ?? circle ?? (isNever ? 'never' : null) };
}
