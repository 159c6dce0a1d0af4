import { Button, Group } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, type Dispatch } from 'react';
import { Failure } from '../../shared/contract/failure.ts';
import type { LoadId } from '../../shared/domain/ids.ts';
import { totalOf, type LoadSnapshot } from '../../shared/domain/load-results.ts';
import { askForLoad } from '../backend/ask-for-load.ts';
import { failureOf, useBackend, useCall } from '../backend/backend-context.tsx';
import { useCommand } from '../backend/commands.tsx';
import { FailurePanel } from '../components/failure-panel.tsx';
import { LoadNotices } from '../components/load-notices.tsx';
import { OutcomeBar } from '../components/outcome-bar.tsx';
import { ProgressBar } from '../components/progress-bar.tsx';
import { Waiting } from '../components/waiting.tsx';
import { useSignInToResume } from '../sign-in/use-sign-in-to-resume.ts';
import { failedByReason, loadFigures } from './load-figures.ts';
import type { Draft, DraftAction } from '../wizard/draft.ts';
import { number, plural } from '../../shared/text/counts.ts';
import { becauseText } from '../../shared/text/way-text.ts';

/** A load at work: what is sent, what came back, how long it may take, and the way to stop it. */
export function LoadStep({ draft, dispatch }: { readonly draft: Draft; readonly dispatch: Dispatch<DraftAction> }) {
  const backend = useBackend();
  const cache = useQueryClient();
  const { loadId } = draft;
  const load = useCall('load.get', loadId ? { loadId } : null, { keep: true });
  const ask = (of: (loadId: LoadId) => Promise<LoadSnapshot>) => {
    const acted = loadId ?? never();
    return askForLoad(cache, acted, () => of(acted));
  };
  const cancel = useMutation({
    mutationFn: () => ask((of) => backend.call('load.cancel', { loadId: of })),
  });
  const pause = useMutation({
    mutationFn: () => ask((of) => backend.call('load.pause', { loadId: of })),
  });
  const resume = useMutation({
    mutationFn: (acceptApiUse: boolean) => ask((of) => backend.call('load.resume', { loadId: of, acceptApiUse })),
  });
  const state = load.data?.state.kind;
  const { mutate: resumeWith } = resume;
  const goOn = useCallback(() => resumeWith(false), [resumeWith]);
  const signInAndResume = useSignInToResume(load.data, goOn);

  useCommand('resume-load', state === 'paused' && !resume.isPending ? goOn : null);
  useCommand('cancel-load', state === 'running' || state === 'paused' ? () => cancel.mutate() : null);

  // Finished means there is something better to look at.
  useEffect(() => {
    if (state === 'finished') {
      void cache.invalidateQueries({ queryKey: ['load.list'] });
      dispatch({ kind: 'go', place: { kind: 'step', step: 'report' } });
    }
    // The place too: who is brought here once more, by a notification, comes to the report again.
  }, [state, dispatch, cache, draft.place]);

  if (load.error)
    return (
      <div className="step">
        <h2>Load</h2>
        <FailurePanel failure={failureOf(load.error)} again={() => void load.refetch()} />
      </div>
    );
  if (!load.data) return <Waiting title="Load">Opening the load…</Waiting>;
  const { data } = load;
  const figures = loadFigures(data);
  const paused = data.state.kind === 'paused' ? Failure.safeParse(data.state.failure) : null;

  return (
    <>
      <div className="step">
        <header>
          <div>
            <h2>{figures.title}</h2>
            <p className="lead">
              {data.fileName} → {data.orgName}. You can leave this screen or quit Longshore. The load continues where it
              stopped, and no row is sent twice.
            </p>
            {data.sending?.because && <p className="lead">{becauseText(data.sending.because, data.rowsToSend)}</p>}
          </div>
        </header>
        {paused?.success && (
          <FailurePanel
            failure={paused.data}
            action={signInAndResume ? { label: 'Sign in and resume', run: signInAndResume } : undefined}
          />
        )}
        <LoadNotices load={data} />
        {(resume.error ?? cancel.error ?? pause.error) && (
          <ActionFailure
            failure={failureOf(resume.error ?? cancel.error ?? pause.error)}
            accept={() => resumeWith(true)}
          />
        )}
        <section className="panel" aria-label="Progress">
          <ProgressBar load={data} />
          <dl className="facts" style={{ marginTop: 14 }}>
            <div className="key">
              <dt>Processed by Salesforce</dt>
              <dd>{figures.processed}</dd>
            </div>
            <div>
              <dt>Failed so far</dt>
              <dd>{figures.failed}</dd>
            </div>
            <div>
              <dt>Rate</dt>
              <dd>{figures.rate}</dd>
            </div>
            <div>
              <dt>Time left</dt>
              <dd>{figures.timeLeft}</dd>
            </div>
            <div>
              <dt>API calls</dt>
              <dd>{number(data.apiCalls)}</dd>
            </div>
          </dl>
          <p className="reason" style={{ margin: '14px 0 6px' }}>
            Outcomes so far
          </p>
          <OutcomeBar counts={data.counts} rows={data.rows} />
        </section>
        <Failures load={data} />
        <table className="list panel">
          <thead>
            <tr>
              <th>Job</th>
              <th>Rows</th>
              <th>State</th>
              <th>Processed</th>
              <th>Failed</th>
              <th>Id</th>
            </tr>
          </thead>
          <tbody>
            {data.jobs.map((job) => (
              <tr key={job.part}>
                <td>{job.part}</td>
                <td>{number(job.rows)}</td>
                <td>{job.state}</td>
                <td>{number(job.processed)}</td>
                <td>{number(job.failed)}</td>
                <td className="value">{job.jobId ?? ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="actions">
        <span className="what" role="status">
          {data.state.kind === 'cancelling'
            ? 'Stopping. Jobs at work are aborted, and their results are being fetched.'
            : `${number(totalOf(data.counts))} of ${plural(data.rows, 'row')} have an outcome`}
        </span>
        <Group>
          {data.state.kind === 'paused' && (
            <Button data-primary="focus" loading={resume.isPending} onClick={goOn}>
              Resume {plural(figures.toGo, 'row')}
            </Button>
          )}
          {data.state.kind === 'running' && (
            <Button
              variant="default"
              loading={pause.isPending}
              title="Sends nothing more until you resume. Salesforce still works on the rows that it was given."
              onClick={() => pause.mutate()}
            >
              Pause
            </Button>
          )}
          {(data.state.kind === 'running' || data.state.kind === 'paused') && (
            <Button variant="default" color="red" onClick={() => cancel.mutate()}>
              Cancel the load
            </Button>
          )}
        </Group>
      </div>
    </>
  );
}

/** Why Salesforce refused rows, from the first job that has ended on: a reason that all rows share is seen before they are all sent. */
function Failures({ load }: { readonly load: LoadSnapshot }) {
  const reasons = failedByReason(load);
  if (reasons.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="failures-title">
      <h3 id="failures-title">Failed so far, by reason</h3>
      <table className="list">
        <thead>
          <tr>
            <th>Reason</th>
            <th>Rows</th>
            <th>What Salesforce says</th>
          </tr>
        </thead>
        <tbody>
          {reasons.map(({ reason, rows, says }) => (
            <tr key={reason}>
              <td>{reason}</td>
              <td>{number(rows)}</td>
              <td className="reason whole">{says}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Why a load does not go on or end; `accept` goes on with a yes to the API calls it takes. */
function ActionFailure({ failure, accept }: { readonly failure: Failure; readonly accept: () => void }) {
  const action = failure.code === 'API_BUDGET' ? { label: 'Load anyway', run: accept } : undefined;
  return <FailurePanel failure={failure} action={action} />;
}

function never(): never {
  throw new Error('no load to act on');
}
