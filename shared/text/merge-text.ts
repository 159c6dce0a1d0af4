import type { WorkProgress } from '../contract/events.ts';
import type {
  GroupState,
  KeptReason,
  MasterRule,
  MergeCounts,
  MergeSkipped,
  MergeSnapshot,
  MergeStateKind,
  ValueRule,
} from '../domain/merge.ts';
import { number, plural } from './counts.ts';
import { lookingText } from './resembling-text.ts';

export const MASTER_RULES: Readonly<Record<MasterRule, string>> = {
  oldest: 'Created first',
  newest: 'Created last',
  fullest: 'Most fields filled',
  mostChildren: 'Most related records',
};

export const VALUE_RULES: Readonly<Record<ValueRule, string>> = {
  master: 'Keep the master’s values',
  fill: 'Fill the master’s blank fields',
  newest: 'Take the values changed last',
};

export const GROUP_STATES: Readonly<Record<GroupState, string>> = {
  leftOut: 'Left out',
  waiting: 'To merge',
  merged: 'Merged',
  partly: 'Partly merged',
  failed: 'Refused',
  moved: 'Changed since the plan',
};

export const MERGE_STATES: Readonly<Record<MergeStateKind, string>> = {
  planned: 'Planned',
  merging: 'Merging',
  paused: 'Paused',
  merged: 'Merged',
  undoing: 'Taking back',
  undoPaused: 'Taking back is paused',
  undone: 'Taken back',
};

export const UNDO_STATES = { reversed: 'Taken back', partly: 'Partly taken back', kept: 'Kept' } as const;

/** Why a group was not merged although the org was not asked to. */
export function changedSinceText(name: string, labels: readonly string[]): string {
  return labels.length === 0
    ? `${name} was saved again since the plan was made.`
    : `${name} was changed since the plan was made: ${labels.join(', ')}.`;
}

export function deletedSinceText(id: string): string {
  return `${id} was deleted or merged since the plan was made.`;
}

/** How far looking for groups has come. */
export function mergeLookText(work: Pick<WorkProgress, 'stage' | 'done' | 'total'> | undefined, org: string): string {
  const of = work?.total ? ` of ${number(work.total)}` : '';
  if (work?.stage === 'fetching' && work.done > 0) return `Read ${number(work.done)}${of} records of ${org}…`;
  if (work?.stage === 'reading')
    return `Read ${number(work.done)}${of} groups with what is related to their records. Nothing is changed.`;
  if (work && work.stage !== 'fetching') return lookingText(work);
  return `Reading the records of ${org} and what is related to them. Nothing is changed.`;
}

const THINGS = { loser: 'merged record', master: 'master', field: 'value', child: 'related record' } as const;
const WHYS: Readonly<Record<KeptReason['why'], string>> = {
  gone: 'no longer there',
  changedSince: 'changed since the merge',
  notWritable: 'can’t be moved back in Salesforce',
  unseen: 'moved by Salesforce without being seen before',
  refused: 'refused by the org',
};

/** "3 related records: changed since the merge". */
export function keptText({ what, why, count, message }: KeptReason): string {
  return `${plural(count, THINGS[what])}: ${WHYS[why]}${message === '' ? '' : ` (${message})`}`;
}

/** What a plan does, in one line. */
export function mergePlanText(counts: MergeCounts): string {
  return [`${plural(counts.groups - counts.leftOut, 'group')} to merge`, ...doneTexts(counts)].join(', ');
}

function doneTexts({ losers, changes, children, leftOut }: MergeCounts): string[] {
  return [
    `${plural(losers, 'record')} deleted`,
    `${plural(changes, 'value')} changed`,
    `${plural(children, 'related record')} moved`,
    ...(leftOut > 0 ? [`${number(leftOut)} left out`] : []),
  ];
}

/** What came of a merge that has begun, beside the number of groups that were merged or taken back. */
export function mergeStandText({ counts, undo }: Pick<MergeSnapshot, 'counts' | 'undo'>): string {
  const { groups, leftOut, merged, partly, failed, moved, waiting } = counts;
  if (undo) {
    const left = merged + partly - undo.reversed - undo.partly - undo.kept;
    const rest = [
      ...(left > 0 ? [`${number(left)} still to take back`] : []),
      ...(undo.partly > 0 ? [`${plural(undo.partly, 'group')} partly taken back`] : []),
      ...(undo.kept > 0 ? [`${plural(undo.kept, 'group')} kept`] : []),
    ];
    return rest.length === 0 ? 'every group is as it was before the merge' : rest.join(', ');
  }
  if (merged === groups - leftOut) return doneTexts(counts).join(', ');
  return [
    ...(partly > 0 ? [`${plural(partly, 'group')} partly merged`] : []),
    ...(failed > 0 ? [`${number(failed)} refused`] : []),
    ...(moved > 0 ? [`${number(moved)} changed since the plan`] : []),
    ...(waiting > 0 ? [`${number(waiting)} still to merge`] : []),
    ...(leftOut > 0 ? [`${number(leftOut)} left out`] : []),
  ].join(', ');
}

/** What of a source came to nothing; '' where nothing did. */
export function skippedText({ badIds, repeated, gone, alone }: MergeSkipped): string {
  const parts = [
    badIds > 0 ? `${plural(badIds, 'row')} without a record Id` : '',
    repeated > 0 ? `${plural(repeated, 'record')} named more than once` : '',
    gone > 0 ? `${plural(gone, 'record')} not found in the org` : '',
    alone > 0 ? `${plural(alone, 'group')} with only one record` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : `Not in the plan: ${parts.join(', ')}.`;
}
