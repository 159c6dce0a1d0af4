import type { Failure } from '../../../shared/contract/failure.ts';
import type { MergeSnapshot, MergeStateKind } from '../../../shared/domain/merge.ts';
import { countStates } from './group-view.ts';
import { planDigestOf, type MergeDocument } from './merge-document.ts';
import type { MergeStand } from './merge-journal.ts';

/** `runs`: in this process or in another one. */
function kindOf({ planDigest, ended, undo }: MergeStand, runs: boolean): MergeStateKind {
  if (planDigest === null) return runs ? 'merging' : 'planned';
  if (undo === 'begun') return runs ? 'undoing' : 'undoPaused';
  if (runs) return ended ? 'undoing' : 'merging';
  if (undo === 'ended') return 'undone';
  return ended ? 'merged' : 'paused';
}

/** A merge as it is told: by its plan and its journal. */
export function snapshotOf(
  document: MergeDocument,
  stand: MergeStand,
  { runs, failure }: { runs: boolean; failure: Failure | null },
): MergeSnapshot {
  const { mergeId, orgId, orgName, objectName, labelPlural, source, madeAt, rules, unseen, skipped } = document;
  const undo = { reversed: 0, partly: 0, kept: 0 };
  for (const { undo: own } of stand.groups.values()) if (own) undo[own.state]++;
  return {
    mergeId,
    orgId,
    orgName,
    objectName,
    labelPlural,
    source,
    madeAt,
    rules,
    planDigest: planDigestOf(document),
    unseen,
    skipped,
    state: kindOf(stand, runs),
    failure: runs ? null : failure,
    counts: countStates(document, stand),
    undo: stand.undo === 'none' ? null : undo,
  };
}
