import type { PlanApproval } from '../domain/plan-approval.ts';

/** Digits of a plan's digest that are shown, as in the names of its files. */
const SHOWN = 8;

/** Who approved a plan, when, and which; `time` is the moment, as it is shown. */
export function approvalText({ approvedBy, planDigest }: PlanApproval, time: string): string {
  return `Approved by ${approvedBy}, ${time}, as plan ${planDigest.slice(0, SHOWN)}.`;
}
