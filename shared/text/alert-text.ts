import type { Failure } from '../contract/failure.ts';
import type { Alert, AlertChannel, AlertCondition } from '../domain/alert.ts';
import { assertNever } from '../domain/assert-never.ts';
import type { Job } from '../domain/job.ts';
import type { FailuresSoFar } from '../domain/load-results.ts';
import type { Run } from '../domain/run.ts';
import { plural } from './counts.ts';
import { failureText } from './failure-text.ts';
import { runHoldText, runStateText } from './job-text.ts';

interface Told {
  readonly run: Run | null;
  readonly failure: Failure | null;
  readonly failures: FailuresSoFar | null;
  /** What Salesforce says of failed rows may name values of records. */
  readonly withRecords: boolean;
  readonly at: number;
}

function titleOf(condition: AlertCondition, name: string): string {
  switch (condition) {
    case 'failed':
      return `The job “${name}” failed`;
    case 'rows-failed':
      return `Rows of the job “${name}” failed`;
    case 'held':
    case 'deviation':
      return `The job “${name}” is held and waits for you`;
    case 'no-success':
      return `The job “${name}” has not succeeded for too long`;
    case 'recovered':
      return `The job “${name}” succeeds again`;
    default:
      return assertNever(condition);
  }
}

/** An alert of a job. Without a yes to more, it has names of the job, its file, and its columns, and numbers; nothing of its rows. */
export function alertOf(condition: AlertCondition, { definition }: Job, told: Told): Alert {
  const { run, failure, failures, withRecords, at } = told;
  const { name, org, object } = definition;
  const counts = run?.counts ?? null;
  const numbers = Object.entries(counts ?? {}).filter(([, rows]) => rows > 0);
  const said = failure ?? (run?.state.kind === 'failed' ? (run.state.failure as Failure) : null);
  const groups = failures?.groups ?? [];
  return {
    condition,
    job: name,
    org: org.username,
    title: titleOf(condition, name),
    lines: [
      `${object} in the org of ${org.username}`,
      ...(run ? [runStateText(run)] : []),
      ...(said ? [failureText(said).title] : []),
      ...(run?.state.kind === 'held' ? run.state.holds.map(runHoldText) : []),
      ...(numbers.length > 0 ? [numbers.map(([kind, rows]) => `${rows} ${kind}`).join(', ')] : []),
      ...groups.map(
        ({ statusCode, rows, message }) => `${plural(rows, 'row')}: ${statusCode}${withRecords ? `, ${message}` : ''}`,
      ),
      ...(run?.state.kind === 'held' && run.plan ? [`longshore job approve ${run.runId}`] : []),
    ],
    runId: run?.runId ?? null,
    loadId: run?.loadId ?? null,
    counts,
    at,
  };
}

export function testAlert({ name }: AlertChannel, at: number): Alert {
  return {
    condition: 'test',
    job: '',
    org: '',
    title: 'This is a test of Longshore',
    lines: [`Alerts by “${name}” arrive here.`],
    runId: null,
    loadId: null,
    counts: null,
    at,
  };
}

/** Where alerts of a channel go, in a few words. */
export function channelText({ way }: AlertChannel): string {
  switch (way.kind) {
    case 'webhook':
      return `${way.shape === 'slack' ? 'Slack webhook' : 'webhook'} at ${way.host}`;
    case 'mail':
      return `email to ${way.to.join(', ')} by ${way.host}:${way.port}`;
    case 'desktop':
      return 'notifications of the desktop app';
    default:
      return assertNever(way);
  }
}
