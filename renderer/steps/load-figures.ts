import { loadProgress } from '../../shared/domain/load-progress.ts';
import type { LoadSnapshot } from '../../shared/domain/load-results.ts';
import { number, plural } from '../../shared/text/counts.ts';

/** What a load at work says of itself beside its bar. */
export interface LoadFigures {
  readonly title: string;
  /** The one number to look at. */
  readonly processed: string;
  /** Told by the jobs before their rows are reconciled. */
  readonly failed: string;
  readonly rate: string;
  readonly timeLeft: string;
  /** Rows that are sent, or told of, if the load goes on. */
  readonly toGo: number;
}

const NOT_YET = '–';

export function loadFigures(load: LoadSnapshot): LoadFigures {
  const { processed, failed, toProcess } = loadProgress(load);
  const toGo = Math.max(0, toProcess - processed);
  const perSecond = processed / Math.max(0.5, load.elapsed / 1000);
  const moves = load.state.kind === 'running' && processed > 0;
  const words = { running: 'Loading', cancelling: 'Canceling', paused: 'Paused', finished: 'Finished' } as const;
  return {
    title: `${words[load.state.kind]}: ${plural(load.rowsToSend, 'change')} to ${load.objectLabel}`,
    processed: `${number(processed)} of ${number(toProcess)}`,
    failed: number(failed),
    rate: processed === 0 ? NOT_YET : `${number(Math.round(perSecond))} rows/s`,
    // A range, because Salesforce's own pace varies: a quarter faster than so far to half as fast.
    timeLeft: moves ? `${spell((toGo / perSecond) * 0.8)}–${spell((toGo / perSecond) * 2)}` : NOT_YET,
    toGo,
  };
}

function spell(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}
