import type { PlanCounts } from '../domain/load-plan.ts';
import { groupList, plannedGroups, type RowGroup } from '../domain/row-groups.ts';
import { number, plural } from './counts.ts';

/** What each group of rows is called, everywhere. */
export const GROUP_WORD: Record<RowGroup, string> = {
  ready: 'Ready',
  create: 'Create',
  update: 'Update',
  delete: 'Delete',
  undelete: 'Undelete',
  created: 'Created',
  updated: 'Updated',
  deleted: 'Deleted',
  undeleted: 'Undeleted',
  unchanged: 'Unchanged',
  incomplete: 'Incomplete',
  failed: 'Failed',
  unprocessed: 'Unprocessed',
  unknown: 'Unknown',
  toCome: 'To come',
  repeated: 'Repeated',
  leftOut: 'Left out',
  notSent: 'Not sent',
};

/** “4,966 ready + 34 not sent = 5,000 rows”. */
export function groupSumText(groups: Partial<Record<RowGroup, number>>, rows: number): string {
  return `${groupTexts(groups).join(' + ') || '0'} = ${plural(rows, 'row')}`;
}

/** The same of all rows of a plan. */
export function plannedSumText(counts: PlanCounts): string {
  const groups = plannedGroups(counts);
  return groupSumText(
    groups,
    Object.values(groups).reduce((sum, rows) => sum + rows, 0),
  );
}

/** “4,966 created”, “34 not sent”: those that have rows. */
export function groupTexts(groups: Partial<Record<RowGroup, number>>): string[] {
  return groupList(groups).map(({ group, rows }) => `${number(rows)} ${GROUP_WORD[group].toLowerCase()}`);
}
