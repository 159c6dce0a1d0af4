import type { Fault } from './faults.ts';
import type { Sequence } from './sequence.ts';

/** What a sequence may bring about that an undisturbed load must not. */
export interface Allowances {
  /** Rows whose truth can never be known. */
  readonly unknown: boolean;
  readonly unprocessed: boolean;
  /** Rows that the org refuses although nothing is wrong with them. */
  readonly refused: boolean;
  /** Records that no row answers for: what the org made of half a row. */
  readonly stray: boolean;
}

/** Strikes often enough that trying again does not get past it. */
function lasts({ every, times }: Fault): boolean {
  return every !== undefined || (times ?? 1) > 2;
}

export function allowancesOf(sequence: Sequence, cancelled: boolean): Allowances {
  const has = (test: (fault: Fault) => boolean) => sequence.faults.some(test);
  const losesBytes = has(
    ({ action, path }) => action.kind === 'lose-bytes' || (action.kind === 'pretend' && path.includes('batches')),
  );
  // A job said to be gone is believed: what became of its inserts can be asked of nobody.
  const gone = has(
    ({ action, path }) =>
      action.kind === 'purge-job' || (action['status'] === 404 && /ingest\\\/\[|Results/.test(path)),
  );
  const lies = has(
    (fault) =>
      lasts(fault) &&
      fault.path.includes('Results') &&
      (['shorten-results', 'other-results', 'answer', 'html'].includes(fault.action.kind) ||
        // A refusal that no later try gets past is as good as none.
        fault.action['status'] === 400),
  );
  // Whether a close arrived before the abort can't be told if it was not answered, not followed, or Longshore was killed over it:
  // of a job that was aborted before its upload was read the org lists no rows as left undone.
  const closesAnyhow =
    has(({ path, method }) => method === 'PATCH' && path.includes('ingest')) ||
    sequence.disturbances.some(({ kind }) => kind === 'kill');
  // An upload that was answered 200 by something else than the org: its rows were looked for, and are not there.
  const liesOfUpload = has(({ action, path }) => path.includes('batches') && ['html', 'answer'].includes(action.kind));
  const failsJob = has(({ action }) => action.kind === 'fail-job') || sequence.knobs['failJobAfterRows'] !== undefined;
  // An undelete is a call of its own for 200 rows: one that was not answered is never asked again, and what is not there may still come.
  const undeletes = sequence.operation === 'undelete';
  const leavesOpen =
    undeletes &&
    (has(({ path }) => path.includes('Soap')) || sequence.disturbances.some(({ kind }) => kind === 'kill'));
  return {
    // Rows of a job that is gone, or was ended before its end, may still be on their way, whatever a look at their records says.
    unknown:
      leavesOpen ||
      losesBytes ||
      gone ||
      ((lies || closesAnyhow) && (cancelled || failsJob)) ||
      ((lies || liesOfUpload) && sequence.operation === 'insert'),
    unprocessed: cancelled || failsJob || losesBytes || gone || liesOfUpload,
    refused:
      sequence.knobs['lockRowEvery'] !== undefined ||
      losesBytes ||
      (undeletes && has(({ path }) => path.includes('Soap'))),
    stray: losesBytes,
  };
}
