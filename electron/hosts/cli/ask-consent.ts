import type { Input } from '../../../shared/contract/procedures.ts';
import { changesOf, mustBeTyped } from '../../../shared/domain/confirmation.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { number } from '../../../shared/text/counts.ts';
import type { Output } from './output.ts';

type Consent = Pick<Input<'load.start'>, 'confirmation' | 'acceptApiUse'>;

/**
 * What goes with a load for the backend to judge: with `--yes` a yes to whatever is asked, else what is typed at a terminal if
 * something must be. Where nobody can be asked nothing goes with it, and the backend says what is missing.
 */
export async function askConsent(
  org: OrgSummary,
  plan: Pick<LoadPlan, 'counts'>,
  yes: boolean,
  output: Output,
): Promise<Consent> {
  const changes = changesOf(plan.counts);
  if (yes) return { confirmation: String(changes), acceptApiUse: true };
  if (!mustBeTyped(org.kind, plan.counts)) return {};
  const what =
    plan.counts.delete > 0 ? `delete ${number(plan.counts.delete)} records in` : `make ${number(changes)} changes in`;
  const typed = await output.ask(
    `PRODUCTION: this will ${what} ${org.name}. Type ${changes} or the org’s name to continue: `,
  );
  return typed === null ? {} : { confirmation: typed };
}
