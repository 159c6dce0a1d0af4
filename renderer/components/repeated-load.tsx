import { RotateCcw } from 'lucide-react';
import type { SourceSummary } from '../../shared/domain/source-file.ts';
import { repeatedLoadText } from '../../shared/text/repeated-load-text.ts';
import { moment } from '../settings/moments.ts';
import type { Again } from '../wizard/draft.ts';

interface Props {
  readonly again: Again;
  readonly source: SourceSummary | null;
}

/** That a load is prepared once more, and whether its rows are those that were loaded. */
export function RepeatedLoad({ again: { load, state }, source }: Props) {
  const digest = source?.state.kind === 'staged' ? source.state.digest : null;
  const standing = state === 'due' || digest === null ? 'reading' : digest === load.sourceDigest ? 'same' : 'changed';
  return (
    <div className="notice repeated" data-tone={standing === 'changed' ? 'warning' : 'update'} role="status">
      <RotateCcw size={16} aria-hidden />
      <span>{repeatedLoadText(load, moment(load.startedAt), standing)}</span>
    </div>
  );
}
