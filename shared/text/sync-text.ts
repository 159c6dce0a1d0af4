import type { GoneRule, RunSync, SyncRules, SyncStateProblem, SyncStateSummary } from '../domain/sync.ts';
import { number, plural } from './counts.ts';

const STATE: Record<SyncStateProblem, string> = {
  missing: 'What this sync agreed on before is no longer on this computer.',
  damaged: 'The file with what this sync agreed on before is damaged.',
  newer: 'What this sync agreed on before was written by a later version of Longshore. Update Longshore.',
  job: 'What this sync agreed on before is of another job.',
  org: 'What this sync agreed on before is of another org.',
  mapping: 'The job matches records, or fills fields, in another way than when this sync agreed on them.',
};

/** Why a sync can't go on from its state, and what to do. */
export function syncStateText(problem: SyncStateProblem): string {
  if (problem === 'newer') return STATE[problem];
  return `${STATE[problem]} To compare every row with the org and start again: longshore job reset`;
}

const ORG_CHANGES: Record<SyncRules['orgChanges'], string> = {
  'set-back': 'Sync: what was changed in the org is set back to the file’s value',
  keep: 'Sync: what was changed in the org stays until its row changes',
};

/** What a job's sync does, a line each. */
export function syncRuleTexts({ orgChanges, gone }: SyncRules): string[] {
  return [ORG_CHANGES[orgChanges], goneText(gone)];
}

function goneText(rule: GoneRule): string {
  if (rule.then === 'leave') return 'Records whose rows are gone: left as they are';
  const after = `after ${plural(rule.afterRuns, 'run')}${rule.afterDays > 0 ? ` and ${plural(rule.afterDays, 'day')}` : ''}`;
  return rule.then === 'delete'
    ? `Records whose rows are gone: deleted ${after}`
    : `Records whose rows are gone: ${rule.field} is set to “${rule.value}” ${after}`;
}

/** What a sync has found and done, a line each; the first adds up to the keys of the file. */
export function syncTexts({ left, right, keys, retried, kept, whole, done, part }: RunSync): string[] {
  if (part === 'gone')
    return [
      `${plural(keys, 'record')} whose ${keys === 1 ? 'row is' : 'rows are'} gone`,
      ...(kept > 0 ? [`${number(kept)} changed in the org since: left as ${kept === 1 ? 'it is' : 'they are'}`] : []),
      ...syncDoneTexts(done),
    ];
  return [
    ...(left
      ? [
          `${plural(left.keys, 'key')}: ${left.added} new, ${left.changed} changed, ${left.same} unchanged; ${left.gone} gone`,
          ...(left.unusable > 0
            ? [
                `${plural(left.unusable, 'row')} can’t be read or ${left.unusable === 1 ? 'has' : 'have'} no key: not sent, and nothing counts as gone`,
              ]
            : []),
        ]
      : []),
    ...(whole ? ['Every row is compared with the org.'] : []),
    ...(right && !whole ? [`In the org since: ${right.changed} changed, ${right.deleted} deleted`] : []),
    ...(retried > 0 ? [`${plural(retried, 'row')} tried again`] : []),
    ...(kept > 0 ? [`${plural(kept, 'value')} left as the org has ${kept === 1 ? 'it' : 'them'}`] : []),
    ...syncDoneTexts(done),
  ];
}

/** What a sync's run has come to, once it is committed. */
export function syncDoneTexts(done: RunSync['done']): string[] {
  if (done === null) return [];
  const { setBack, rewritten, waiting, setAside, goneDue } = done;
  return [
    ...(setBack > 0 ? [`${plural(setBack, 'value')} set back`] : []),
    ...(rewritten > 0 ? [`${plural(rewritten, 'value')} changed by the org while saving: agreed as they are`] : []),
    ...(waiting > 0 ? [`${plural(waiting, 'row')} waiting to be tried again`] : []),
    ...setAside.map(
      ({ field, records }) =>
        `${field} set aside in ${plural(records, 'record')}: it was changed back in three runs. It is left alone until its row changes.`,
    ),
    ...(goneDue > 0 ? [`${plural(goneDue, 'record')} due to follow ${goneDue === 1 ? 'its row' : 'their rows'}`] : []),
  ];
}

/** What forgetting a sync's state means. */
export function syncResetText({ problem, records, runs, waiting, gone, setAside }: SyncStateSummary): string {
  if (problem !== null) return STATE[problem];
  if (runs === 0) return 'This sync has not agreed on anything yet.';
  return `Agreed on in ${plural(runs, 'run')}: ${plural(records, 'record')}, ${number(waiting)} of them waiting to be tried again, ${number(gone)} without a row, ${number(setAside)} with a value set aside.`;
}
