import { Button } from '@mantine/core';
import { organizationOf, type LoadId } from '../../../shared/domain/ids.ts';
import type { Job } from '../../../shared/domain/job.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { plural } from '../../../shared/text/counts.ts';
import { documentProblemText } from '../../../shared/text/job-text.ts';
import { failureOf, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { Waiting } from '../../components/waiting.tsx';
import type { Openings } from '../../wizard/use-openings.ts';
import { JobLine } from './job-line.tsx';

export interface JobActions {
  readonly openLoad: (loadId: LoadId, step: 'load' | 'report') => void;
  readonly openPlan: Openings['openPlan'];
}

interface Props extends JobActions {
  readonly orgs: readonly OrgSummary[];
  readonly back: () => void;
}

/** Loads that were saved to be run again and again, how each of them stands, and what waits for a yes or a no. */
export function JobsScreen({ orgs, back, ...actions }: Props) {
  const jobs = useCall('job.list', {});
  const schedules = useCall('schedule.list', {});
  if (jobs.error) return <FailurePanel failure={failureOf(jobs.error)} again={() => void jobs.refetch()} />;
  if (!jobs.data) return <Waiting title="Jobs">Reading your jobs…</Waiting>;
  const { jobs: saved, unreadable } = jobs.data;
  return (
    <div className="step">
      <header>
        <div>
          <h2>Jobs</h2>
          <p className="lead" role="status">
            {saved.length === 0
              ? 'A job is a load that you run again and again: by hand, at times, or when files arrive. Load a file, and choose “Save as a job” in its report.'
              : plural(saved.length, 'job')}
          </p>
        </div>
        <Button data-leave variant="subtle" onClick={back}>
          Back
        </Button>
      </header>
      {schedules.error && <FailurePanel failure={failureOf(schedules.error)} again={() => void schedules.refetch()} />}
      {unreadable.map((one) => (
        <div key={one.name} className="notice" data-tone="warning">
          {documentProblemText({ what: 'a job', ...one })} It is kept as it is.
        </div>
      ))}
      {saved.length > 0 && (
        <table className="list panel loads">
          <thead>
            <tr>
              <th>Job</th>
              <th>Runs</th>
              <th>Last run</th>
              <th>
                <span className="skip">Details</span>
              </th>
            </tr>
          </thead>
          {saved.map((job) => (
            <JobLine
              key={job.jobId}
              job={job}
              jobs={saved}
              org={orgOf(job, orgs)}
              schedule={schedules.data?.find(({ jobId }) => jobId === job.jobId) ?? null}
              {...actions}
            />
          ))}
        </table>
      )}
    </div>
  );
}

/** The job's user in its own organization: the same name may be known in another one. */
function orgOf({ definition: { org } }: Job, orgs: readonly OrgSummary[]): OrgSummary | null {
  const isOwn = ({ orgId, username }: OrgSummary) =>
    organizationOf(orgId) === org.organization && username === org.username;
  return orgs.find(isOwn) ?? null;
}
