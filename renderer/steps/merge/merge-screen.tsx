import { useState } from 'react';
import type { MergeId, SourceId } from '../../../shared/domain/ids.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { MergeStart } from './merge-start.tsx';
import { MergeView } from './merge-view.tsx';

interface Props {
  readonly org: OrgSummary;
  /** A file that is open, which may name groups; null for none. */
  readonly sourceId: SourceId | null;
  /** The merge that is open at first. */
  readonly first?: MergeId | null;
  readonly back: () => void;
}

/** Merging duplicates that are in the org: what there is to merge, the plan of it, and what came of it. */
export function MergeScreen({ org, sourceId, first = null, back }: Props) {
  const [mergeId, setMergeId] = useState<MergeId | null>(first);
  return mergeId === null ? (
    <MergeStart org={org} sourceId={sourceId} back={back} open={setMergeId} />
  ) : (
    <MergeView key={mergeId} mergeId={mergeId} org={org} back={() => (mergeId === first ? back() : setMergeId(null))} />
  );
}
