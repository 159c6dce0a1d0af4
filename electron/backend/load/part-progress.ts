import type { JobProgress } from '../../../shared/domain/load-results.ts';
import type { PartState } from './part-state.ts';

/** How a part is shown that nobody is at work on. */
export function toProgress(part: PartState): JobProgress {
  const { stand } = part;
  const { processed, failed } =
    stand.at === 'SETTLED' ? stand : 'end' in stand ? stand.end : { processed: 0, failed: 0 };
  return {
    part: part.part,
    rows: part.rows,
    jobId: 'jobId' in stand ? stand.jobId : null,
    state: stateOf(stand),
    processed,
    failed,
    ...(part.again ? { again: true } : {}),
  };
}

function stateOf({ at }: PartState['stand']): JobProgress['state'] {
  if (at === 'RECONCILED' || at === 'SETTLED' || at === 'KEPT') return 'Reconciled';
  return at === 'PLANNED' ? 'Planned' : 'Uploading';
}
