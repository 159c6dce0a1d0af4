import { Button } from '@mantine/core';
import { useState } from 'react';
import { Failure } from '../../../shared/contract/failure.ts';
import type { Job } from '../../../shared/domain/job.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import type { ScheduledJob } from '../../../shared/domain/scheduled-job.ts';
import { failureText } from '../../../shared/text/failure-text.ts';
import { runStateText } from '../../../shared/text/job-text.ts';
import { OPERATION_WORD } from '../../../shared/text/load-title.ts';
import { scheduleProblemText, scheduleText, skippedText } from '../../../shared/text/schedule-text.ts';
import { failureOf, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { moment } from '../../settings/moments.ts';
import { JobDetails } from './job-details.tsx';
import type { JobActions } from './jobs-screen.tsx';
import { runTone } from './run-tone.ts';

export interface JobProps extends JobActions {
  readonly job: Job;
  /** All of them: a job may run after another one. */
  readonly jobs: readonly Job[];
  /** The job's user; null where nobody is signed in as that. */
  readonly org: OrgSummary | null;
  /** Null where it runs by hand only. */
  readonly schedule: ScheduledJob | null;
}

/** One job in a line, which opens to its runs and all that can be done with it. */
export function JobLine(props: JobProps) {
  const { job, schedule, org } = props;
  const [isOpen, setOpen] = useState(false);
  const runs = useCall('run.list', { jobId: job.jobId });
  const { name, operation, object } = job.definition;
  const last = runs.data?.runs[0];
  const notBegun = schedule?.failure ? Failure.safeParse(schedule.failure) : null;
  return (
    <tbody>
      <tr>
        <td>
          {name}
          <div className="reason whole">
            {OPERATION_WORD[operation]} {object} in {org?.name ?? job.definition.org.username}
          </div>
        </td>
        <td>
          {job.paused ? (
            <span className="tone" data-tone="warning">
              Paused
            </span>
          ) : (
            whenText(schedule)
          )}
          {schedule && <div className="reason whole">{scheduleText(schedule.schedule)}</div>}
          {schedule?.problem && (
            <div className="reason whole">{scheduleProblemText(schedule.problem, schedule.schedule)}</div>
          )}
          {notBegun?.success && (
            <div className="reason whole">It couldn’t run by itself: {failureText(notBegun.data).title}</div>
          )}
          {schedule?.skipped && <div className="reason whole">{skippedText(schedule.skipped)}</div>}
        </td>
        <td>
          {runs.error && <FailurePanel failure={failureOf(runs.error)} again={() => void runs.refetch()} />}
          {last ? (
            <>
              <span className="tone" data-tone={runTone(last)}>
                {runStateText(last)}
              </span>
              <div className="reason whole">{moment(last.startedAt)}</div>
            </>
          ) : (
            runs.data && 'Not run yet'
          )}
        </td>
        <td>
          <Button
            size="compact-sm"
            variant="subtle"
            aria-expanded={isOpen}
            aria-label={`${isOpen ? 'Close' : 'Details'}: ${name}`}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? 'Close' : 'Details'}
          </Button>
        </td>
      </tr>
      {isOpen && (
        <tr className="under">
          <td colSpan={4}>
            <JobDetails {...props} runs={runs.data?.runs ?? []} />
          </td>
        </tr>
      )}
    </tbody>
  );
}

function whenText(schedule: ScheduledJob | null): string {
  if (!schedule) return 'By hand';
  if (schedule.next !== null) return `Next: ${moment(schedule.next)}`;
  return schedule.problem === null ? 'By itself' : 'Never';
}
