import type { Input } from '../../../shared/contract/procedures.ts';
import { changesOf, mustBeTyped, wantedText } from '../../../shared/domain/confirmation.ts';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
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
  plan: Pick<LoadPlan, 'counts'> & { readonly mapping?: Pick<FieldMapping, 'operation'> },
  yes: boolean,
  output: Output,
): Promise<Consent> {
  const changes = changesOf(plan.counts);
  const operation = plan.mapping?.operation;
  const wanted = wantedText(plan.counts, operation);
  if (yes) return { confirmation: wanted, acceptApiUse: true };
  if (!mustBeTyped(org.kind, plan.counts, operation)) return {};
  if (operation === 'hardDelete') {
    const typed = await output.ask(
      `FOR GOOD: this will delete ${number(changes)} records in ${org.name} past the Recycle Bin. Type “${wanted}” to continue: `,
    );
    return typed === null ? {} : { confirmation: typed };
  }
  const what =
    plan.counts.delete > 0 ? `delete ${number(plan.counts.delete)} records in` : `make ${number(changes)} changes in`;
  const typed = await output.ask(
    `PRODUCTION: this will ${what} ${org.name}. Type ${changes} or the org’s name to continue: `,
  );
  return typed === null ? {} : { confirmation: typed };
}
