import { Button } from '@mantine/core';
import type { Run } from '../../../shared/domain/run.ts';
import { totalOf } from '../../../shared/domain/load-results.ts';
import { plural } from '../../../shared/text/counts.ts';
import { durationText } from '../../../shared/text/duration-text.ts';
import { runHoldText, runStateText } from '../../../shared/text/job-text.ts';
import { plannedSumText } from '../../../shared/text/row-group-text.ts';
import { syncTexts } from '../../../shared/text/sync-text.ts';
import { OutcomeBar } from '../../components/outcome-bar.tsx';
import { moment } from '../../settings/moments.ts';
import type { JobActions } from './jobs-screen.tsx';
import { runTone } from './run-tone.ts';

interface Props extends Pick<JobActions, 'openLoad'> {
  readonly runs: readonly Run[];
}

/** The runs of a job, the latest first, each with what it did or would do. */
export function RunsTable({ runs, openLoad }: Props) {
  return (
    <table className="list runs" aria-label="Runs so far">
      <tbody>
        {runs.map((run) => (
          <tr key={run.runId}>
            <td>
              {moment(run.startedAt)}
              <div className="reason">
                {run.by === 'schedule' ? 'By its schedule' : 'By hand'}
                {run.endedAt !== null && `, ${durationText(run.endedAt - run.startedAt)}`}
              </div>
            </td>
            <td>
              <span className="tone" data-tone={runTone(run)}>
                {runStateText(run)}
              </span>
              {holdsOf(run).map((hold) => (
                <div key={runHoldText(hold)} className="reason whole">
                  {run.approved && 'Approved although: '}
                  {runHoldText(hold)}
                </div>
              ))}
              {run.sync &&
                syncTexts(run.sync).map((text) => (
                  <div key={text} className="reason whole">
                    {text}
                  </div>
                ))}
            </td>
            <td>
              <Numbers run={run} />
            </td>
            <td>
              {run.loadId && (
                <Button
                  size="compact-sm"
                  variant="subtle"
                  aria-label={`${run.counts ? 'Report' : 'Open'}: ${moment(run.startedAt)}`}
                  onClick={() => run.loadId && openLoad(run.loadId, run.counts ? 'report' : 'load')}
                >
                  {run.counts ? 'Report' : 'Open'}
                </Button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What a run was held for; what was approved is told as well. */
function holdsOf({ state, approved }: Run) {
  return state.kind === 'held' || state.kind === 'rejected' ? state.holds : (approved?.holds ?? []);
}

/** What its load did; before that, what it would do. */
function Numbers({ run: { counts, plan, source } }: { readonly run: Run }) {
  if (counts) {
    const rows = totalOf(counts);
    return (
      <>
        <OutcomeBar counts={counts} rows={rows} />
        <div className="reason whole">{plural(rows, 'row')}</div>
      </>
    );
  }
  if (plan) return <div className="reason whole">{plannedSumText(plan.counts)}</div>;
  return source && <div className="reason whole">{plural(source.rows, 'row')}</div>;
}
