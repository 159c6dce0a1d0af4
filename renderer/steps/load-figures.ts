import { failedUntold, loadProgress } from '../../shared/domain/load-progress.ts';
import type { LoadSnapshot } from '../../shared/domain/load-results.ts';
import { failedSoFar } from '../../shared/domain/stop-after.ts';
import { number, plural } from '../../shared/text/counts.ts';
import { refusalText } from '../../shared/text/refusal-text.ts';

/** What a load at work says of itself beside its bar. */
export interface LoadFigures {
  readonly title: string;
  /** The one number to look at. */
  readonly processed: string;
  readonly failed: string;
  readonly rate: string;
  readonly timeLeft: string;
  /** Rows that are sent, or told of, if the load goes on. */
  readonly toGo: number;
}

const NOT_YET = '–';

export function loadFigures(load: LoadSnapshot): LoadFigures {
  const { processed, toProcess } = loadProgress(load);
  const toGo = Math.max(0, toProcess - processed);
  const perSecond = processed / Math.max(0.5, load.elapsed / 1000);
  const moves = load.state.kind === 'running' && processed > 0 && toGo > 0;
  const words = { running: 'Loading', cancelling: 'Canceling', paused: 'Paused', finished: 'Finished' } as const;
  return {
    title: `${words[load.state.kind]}: ${plural(load.rowsToSend, 'change')} to ${load.objectLabel}`,
    processed: `${number(processed)} of ${number(toProcess)}`,
    failed: number(failedSoFar(load)),
    rate: processed === 0 ? NOT_YET : `${number(Math.round(perSecond))} rows/s`,
    // A range, because Salesforce's own pace varies: a quarter faster than so far to half as fast.
    timeLeft: moves ? `${spell((toGo / perSecond) * 0.8)}–${spell((toGo / perSecond) * 2)}` : NOT_YET,
    toGo,
  };
}

/** Rows that failed for one reason. */
export interface FailedFor {
  readonly reason: string;
  readonly rows: number;
  readonly says: string;
}

/** The rows that failed so far by their reason; the numbers of rows add up to `LoadFigures.failed`. */
export function failedByReason(load: LoadSnapshot): FailedFor[] {
  const { groups, otherRows } = load.failures;
  const told = groups.map(({ statusCode, fields, rows, message }) => ({
    reason: `${statusCode}${fields === '' ? '' : ` (${fields})`}`,
    rows,
    says: refusalText(message),
  }));
  const others = [
    { reason: 'Other reasons', rows: otherRows, says: 'The report lists them.' },
    {
      reason: 'Not known yet',
      rows: failedUntold(load),
      says: 'Salesforce gives its reasons when a job ends.',
    },
  ];
  return [...told, ...others.filter(({ rows }) => rows > 0)];
}

function spell(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}
