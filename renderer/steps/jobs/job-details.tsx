import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import type { Failure } from '../../../shared/contract/failure.ts';
import type { Run } from '../../../shared/domain/run.ts';
import { canBeApproved } from '../../../shared/domain/run.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { jobRuleTexts, jobSourceText } from '../../../shared/text/job-text.ts';
import { Fact } from '../../components/fact.tsx';
import { HeldRun } from './held-run.tsx';
import type { JobProps } from './job-line.tsx';
import { JobTools } from './job-tools.tsx';
import { RunNow } from './run-now.tsx';
import { RunsTable } from './runs-table.tsx';
import { ScheduleForm } from './schedule-form.tsx';

/** Runs that are listed before more are asked for. */
const AT_ONCE = 10;

/** What a job is, what waits, what its runs did, and what can be done with it. */
export function JobDetails({ runs, ...props }: JobProps & { readonly runs: readonly Run[] }) {
  const { job, jobs, org, openLoad } = props;
  const { source, matchField, columns, madeColumns = [], schedule } = job.definition;
  const [most, setMost] = useState(AT_ONCE);
  // Kept here: while a run is approved it is none that is held, and is again if its load is refused.
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isTiming, setTiming] = useState(false);
  const mapped = [...columns, ...madeColumns].filter(({ fills }) => fills !== undefined).length;
  const held = runs.find(canBeApproved);
  return (
    <div className="load-details">
      <dl className="told">
        <Fact name="Rows from" value={jobSourceText(source)} />
        <Fact name="As" value={job.definition.org.username} />
        <Fact
          name="Mapping"
          value={`${plural(mapped, 'column')} loaded${matchField === null ? '' : `, matched by ${matchField}`}`}
        />
        {jobRuleTexts(job.definition).map((text) => (
          <Fact key={text} name="Rule" value={text} />
        ))}
      </dl>
      {org === null && (
        <div className="notice" data-tone="warning">
          Nobody is signed in as {job.definition.org.username}. Sign in under “Connect an org” for the job to run.
        </div>
      )}
      {held && <HeldRun key={held.runId} run={held} failure={failure} failed={setFailure} {...props} />}
      <RunNow {...props} />
      <Group gap="xs" mt="sm">
        <Button size="compact-sm" variant="default" aria-expanded={isTiming} onClick={() => setTiming(!isTiming)}>
          {schedule ? 'Change the schedule' : 'Run by itself'}
        </Button>
        <JobTools job={job} />
      </Group>
      {isTiming && <ScheduleForm job={job} jobs={jobs} org={org} done={() => setTiming(false)} />}
      {runs.length > 0 && <RunsTable runs={runs.slice(0, most)} openLoad={openLoad} />}
      {runs.length > most && (
        <button type="button" className="link" onClick={() => setMost(most + AT_ONCE)}>
          Show {number(Math.min(AT_ONCE, runs.length - most))} more
        </button>
      )}
    </div>
  );
}
