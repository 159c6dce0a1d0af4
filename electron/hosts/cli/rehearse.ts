import { changesOf, mustBeTyped } from '../../../shared/domain/confirmation.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import type { RehearsalReport } from '../../../shared/domain/rehearsal.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import {
  refusalPlaceText,
  rehearsalCaveatText,
  rehearsalCostText,
  rehearsalResultText,
  untriedText,
} from '../../../shared/text/rehearsal-text.ts';
import type { BackendCaller } from './backend-caller.ts';
import type { Output } from './output.ts';

export interface RehearsalFlags {
  readonly rehearse?: 'sample' | 'all';
  readonly yes?: boolean;
}

/** Tries the rows of a plan in the org and has them taken back, telling what it does; null where nothing would be sent. */
export async function rehearse(
  caller: BackendCaller,
  org: OrgSummary,
  plan: LoadPlan,
  { rehearse: which, yes }: RehearsalFlags,
  output: Output,
): Promise<RehearsalReport | null> {
  const { planId, planDigest, counts } = plan;
  const rows = changesOf(counts);
  if (rows === 0) {
    output.line('Nothing to try.');
    return null;
  }
  const sample = which !== 'all';
  const removes = counts.delete > 0;
  output.line(`Rehearsal in ${org.name}: ${rehearsalCaveatText(removes)} ${rehearsalCostText(rows, sample)}`);
  const consent = await consentTo(org, plan, yes === true, output);
  const report = await caller.call('rehearsal.run', { planId, planDigest, sample, ...consent });
  output.line(rehearsalResultText(report, removes));
  if (report.untried > 0) output.line(`  ${untriedText(report.untried)}`);
  for (const refusal of report.refusals) output.line(`  ${refusal.message} (${refusalPlaceText(refusal)})`);
  if (report.moreRefusals > 0) output.line(`  and ${plural(report.moreRefusals, 'row')} rejected for other reasons`);
  return report;
}

/** As `askConsent`; how many rows are tried the backend knows, so that the org's name is what is typed. */
async function consentTo(org: OrgSummary, { counts }: LoadPlan, yes: boolean, output: Output) {
  if (yes) return { confirmation: org.name, acceptApiUse: true };
  if (!mustBeTyped(org.kind, counts)) return {};
  const what = `${number(changesOf(counts))} ${counts.delete > 0 ? 'deletes' : 'changes'}`;
  const typed = await output.ask(`PRODUCTION: this will try ${what} in ${org.name}. Type the org’s name to continue: `);
  return typed === null ? {} : { confirmation: typed };
}
