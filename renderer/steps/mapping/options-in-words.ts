import {
  type FieldMapping,
  hasAssignmentRules,
  needsCollections,
  needsJobs,
  mappedColumns,
  onlyNames,
} from '../../../shared/domain/field-mapping.ts';
import { fieldNamed, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { plural } from '../../../shared/text/counts.ts';
import { stopText } from '../../../shared/text/plan-text.ts';
import { calendarDay, localDay } from '../../settings/moments.ts';

/** What repeated match values come to, each after “Same match value:”. */
const REPEATED: Record<FieldMapping['duplicateKeys'], string> = {
  ask: 'not sent',
  first: 'the first is used',
  last: 'the last is used',
  newest: 'the newest is used',
  merge: 'merged into one',
};

/** How rows are matched and what a load leaves alone, in short; first what every load has, then what was chosen for this one. */
export function optionsInWords(
  mapping: FieldMapping,
  describe: SObjectDescribe,
): { readonly usual: readonly string[]; readonly chosen: readonly string[] } {
  const {
    operation,
    matchField,
    blankValues,
    duplicateKeys,
    repeatedBy = [],
    similar,
    policies = {},
    shownFields = [],
  } = mapping;
  const label = matchField === null ? null : (fieldNamed(describe, matchField)?.label ?? matchField);
  const isMatched = operation !== 'insert';
  const way = needsCollections(mapping) ? 'collections' : (policies.way ?? 'bulk');
  const isFree = !needsCollections(mapping) && !needsJobs(operation);
  const usual = [
    ...(isMatched && label !== null ? [`Match by ${label}`] : []),
    ...(isMatched && !onlyNames(operation)
      ? [`Blank cells ${blankValues === 'clear' ? 'clear' : 'keep'} the value`]
      : []),
    ...(isMatched ? [`Same match value: ${REPEATED[duplicateKeys]}`] : []),
    ...(isMatched || repeatedBy.length > 0 ? [] : ['Every row creates a record']),
    ...(isFree && way === 'automatic' ? ['Sent as fits the load'] : []),
    ...(isFree && way === 'bulk' ? ['Sent by Bulk API jobs'] : []),
  ];
  const kept = mappedColumns(mapping).filter(({ neverOverwrite }) => neverOverwrite).length;
  const chosen = [
    ...(!isMatched && repeatedBy.length > 0
      ? [`Duplicates by ${plural(repeatedBy.length, 'column')}: ${REPEATED[duplicateKeys]}`]
      : []),
    ...(similar ? [`Similar new rows by ${plural(similar.columns.length, 'column')}`] : []),
    ...(policies.upsert === 'update-only' ? ['Only updates'] : []),
    ...(policies.upsert === 'create-only' ? ['Only creates'] : []),
    ...(policies.fillBlanksOnly === true ? ['Only fills blanks'] : []),
    ...(kept > 0 ? [`${plural(kept, 'field')} never overwritten`] : []),
    ...(policies.unlessChangedSince === undefined
      ? []
      : [`Skips records changed since ${calendarDay(localDay(policies.unlessChangedSince))}`]),
    ...(policies.allowDuplicates === true ? ['Saves what duplicate rules warn about'] : []),
    ...(policies.assignmentRule && hasAssignmentRules(mapping)
      ? [`Assignment rule: ${policies.assignmentRule.name}`]
      : []),
    ...(way === 'collections' && !needsJobs(operation) ? ['200 rows at a time'] : []),
    ...(way === 'bulk-1' ? ['In the order of the file'] : []),
    ...(policies.allOrNone === true ? ['All or none of each request'] : []),
    ...(policies.jobsAtOnce === undefined ? [] : [`Up to ${plural(policies.jobsAtOnce, 'job')} at the same time`]),
    ...(policies.stopAfter ? [`Stops when ${stopText(policies.stopAfter)}`] : []),
    ...(shownFields.length > 0 ? [`Shows ${plural(shownFields.length, 'more field')}`] : []),
  ];
  return { usual, chosen };
}
