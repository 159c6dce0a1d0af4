import { assertNever } from '../../../shared/domain/assert-never.ts';
import type { Run } from '../../../shared/domain/run.ts';

/** How a run's state is coloured: what wants somebody stands out. */
export function runTone({
  state,
  counts,
}: Pick<Run, 'state' | 'counts'>): 'create' | 'update' | 'warning' | 'unchanged' {
  switch (state.kind) {
    case 'preparing':
    case 'planned':
    case 'loading':
      return 'update';
    case 'held':
    case 'failed':
    case 'interrupted':
      return 'warning';
    case 'rejected':
      return 'unchanged';
    case 'ended':
      if (state.how === 'unknown' || hasFailures(counts)) return 'warning';
      return state.how === 'loaded' ? 'create' : 'unchanged';
    default:
      return assertNever(state);
  }
}

function hasFailures(counts: Run['counts']): boolean {
  return counts !== null && counts.failed + counts.unprocessed + counts.unknown + counts.incomplete > 0;
}
