import { sendingOf } from './choose-way.ts';
import type { Operation } from './field-mapping.ts';
import type { LoadPlan, PlanCounts } from './load-plan.ts';
import type { LoadWay, Sending } from './load-way.ts';
import type { OrgKind } from './org.ts';

/** So many changes may be made in production with a click: a record or two mended by hand. */
export const CLICK_AT_MOST = 10;

/** How many records a plan would write, delete, or bring back. */
export function changesOf({ insert, update, delete: deleted, undelete }: PlanCounts): number {
  return insert + update + deleted + undelete;
}

/** How a plan's rows go, and why so. */
export function planSending({ mapping, counts }: Pick<LoadPlan, 'mapping' | 'counts'>): Sending {
  return sendingOf(mapping, changesOf(counts));
}

/** The way that a plan's rows go. */
export function planWay(plan: Pick<LoadPlan, 'mapping' | 'counts'>): LoadWay {
  return planSending(plan).way;
}

/**
 * Whether a load wants a typed yes: every delete in production, and everything there that is more than a few records; deletes that no
 * Recycle Bin takes back in any org.
 */
export function mustBeTyped(kind: OrgKind, counts: PlanCounts, operation?: Operation): boolean {
  if (isForGood(counts, operation)) return true;
  return kind === 'production' && (counts.delete > 0 || changesOf(counts) > CLICK_AT_MOST);
}

/** Whether a plan deletes records that no undelete brings back. */
function isForGood(counts: PlanCounts, operation: Operation | undefined): boolean {
  return operation === 'hardDelete' && counts.delete > 0;
}

/** What is to be typed, as it is shown: the number of changes or the org's name, and of deletes for good what they are, with their number. */
export function wantedText(counts: PlanCounts, operation?: Operation): string {
  return `${isForGood(counts, operation) ? 'hard delete ' : ''}${changesOf(counts)}`;
}

/** Whether what was typed is what is wanted (`wantedText`), however its thousands are written, or the org's name where that will do. */
export function isTypedFor(text: string, counts: PlanCounts, orgName: string, operation?: Operation): boolean {
  const typed = fold(text);
  if (typed === '') return false;
  if (digitsJoined(typed) === digitsJoined(wantedText(counts, operation))) return true;
  return !isForGood(counts, operation) && typed === fold(orgName);
}

function digitsJoined(text: string): string {
  return text.replace(/[.,'’\s]/g, '');
}

function fold(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase();
}
