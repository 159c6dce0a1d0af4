import type { HandlersOf } from '../dispatch.ts';
import { shownJob } from '../jobs/job-procedures.ts';
import type { SavedJobs } from '../jobs/saved-jobs.ts';
import type { Alerts } from './alerts.ts';
import type { Channels } from './channels.ts';

interface AlertProcedureTools {
  readonly jobs: SavedJobs;
  readonly alerts: Alerts;
  readonly channels: Channels;
}

/** What is told of jobs, and where. What is secret of a channel does not cross the contract. */
export function alertProcedures({ jobs, alerts, channels }: AlertProcedureTools): HandlersOf<'alert'> {
  return {
    'alert.channels': () => channels.list(),
    'alert.removeChannel': async ({ name }, signal) => {
      await channels.remove(name, signal);
      return {};
    },
    'alert.test': async ({ name }, signal) => {
      await alerts.test(name, signal);
      return {};
    },
    'alert.set': async ({ jobId, alerts: told }, signal) => {
      // A channel that is not there would never tell anybody.
      for (const { channel } of told) await channels.named(channel);
      return shownJob(await jobs.alert(jobId, told, signal));
    },
  };
}
