import type { HandlersOf } from '../dispatch.ts';
import { shownJob } from '../jobs/job-procedures.ts';
import type { SavedJobs } from '../jobs/saved-jobs.ts';
import type { Schedules } from './schedules.ts';

interface ScheduleProcedureTools {
  readonly jobs: SavedJobs;
  readonly schedules: Schedules;
  /** Something may be due otherwise from now on. */
  readonly changed: () => void;
}

/** When jobs run by themselves. */
export function scheduleProcedures({ jobs, schedules, changed }: ScheduleProcedureTools): HandlersOf<'schedule'> {
  return {
    'schedule.list': () => schedules.list(),
    'schedule.set': async ({ jobId, schedule }, signal) => {
      const job = await jobs.schedule(jobId, schedule, signal);
      await schedules.passOver(job);
      changed();
      return shownJob(job);
    },
  };
}
