import { loadWay, type LoadWay } from './field-mapping.ts';
import type { LoadPlan, PlanCounts } from './load-plan.ts';
import type { OrgKind } from './org.ts';

/** So many changes may be made in production with a click: a record or two mended by hand. */
export const CLICK_AT_MOST = 10;

/** How many records a plan would write, delete, or bring back. */
export function changesOf({ insert, update, delete: deleted, undelete }: PlanCounts): number {
  return insert + update + deleted + undelete;
}

/** The way that a plan's rows go. */
export function planWay({ mapping, counts }: Pick<LoadPlan, 'mapping' | 'counts'>): LoadWay {
  return loadWay(mapping, changesOf(counts));
}

/** Whether a load wants a typed yes: every delete in production, and everything there that is more than a few records. */
export function mustBeTyped(kind: OrgKind, counts: PlanCounts): boolean {
  return kind === 'production' && (counts.delete > 0 || changesOf(counts) > CLICK_AT_MOST);
}

/** Whether what was typed is the number of changes, however its thousands are written, or the org's name. */
export function isTypedFor(text: string, counts: PlanCounts, orgName: string): boolean {
  const typed = fold(text);
  if (typed === '') return false;
  return typed.replace(/[.,'’\s]/g, '') === String(changesOf(counts)) || typed === fold(orgName);
}

function fold(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase();
}
