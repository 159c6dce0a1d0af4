import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { changesOf } from '../../../shared/domain/confirmation.ts';
import type { LoadId } from '../../../shared/domain/ids.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import type { UndoWhat } from '../../../shared/domain/undo.ts';
import {
  notUndoneText,
  RECREATE_CAVEAT,
  UNDELETE_CAVEAT,
  UNDO_CAVEAT,
  undoStepText,
} from '../../../shared/text/undo-text.ts';
import { askConsent } from './ask-consent.ts';
import type { BackendCaller } from './backend-caller.ts';
import { find, finish, type WhichLoad } from './commands.ts';
import { EXIT } from './exit-codes.ts';
import type { Ending, Output } from './output.ts';
import { tellChecks, tellPlan } from './tell.ts';

export interface UndoFlags {
  readonly yes?: boolean;
  /** Only shows what would be done. */
  readonly plan?: boolean;
}

/** Takes back what a load did, one step after another; the next one is not begun if one could not be done whole. */
export async function undo(caller: BackendCaller, flags: WhichLoad & UndoFlags, output: Output): Promise<Ending> {
  const { loadId, orgId, fileName } = await find(caller, flags, output);
  const offer = await caller.call('undo.offer', { loadId });
  const org = await caller.org(orgId);
  output.line(`Undo of ${fileName}: ${offer.steps.length === 0 ? 'there is nothing to undo.' : UNDO_CAVEAT}`);
  for (const one of offer.notUndone) output.line(`  ${notUndoneText(one)}`);
  if (offer.steps.some(({ what }) => what === 'undelete')) output.line(`  ${UNDELETE_CAVEAT}`);
  if (offer.steps.some(({ what }) => what === 'recreate')) output.line(`  ${RECREATE_CAVEAT}`);
  let code: number = offer.notUndone.length > 0 ? EXIT.someRowsFailed : EXIT.ok;
  const steps: object[] = [];
  for (const { what, rows } of offer.steps) {
    output.line(`${undoStepText(what, rows, offer.operation)}:`);
    const plan = await planStep(caller, loadId, what, output);
    const { leftOut, blocked } = plan.counts;
    if (leftOut + blocked > 0) code = EXIT.someRowsFailed;
    if (flags.plan === true || changesOf(plan.counts) === 0) {
      steps.push({ what, plan });
      continue;
    }
    const ending = await loadStep(caller, org, plan, flags, output);
    steps.push({ what, load: 'result' in ending ? ending.result : null });
    if (ending.code === EXIT.ok) continue;
    code = ending.code;
    if (code !== EXIT.someRowsFailed) break;
  }
  return { code, result: { undoOf: loadId, steps, notUndone: offer.notUndone } };
}

async function planStep(caller: BackendCaller, loadId: LoadId, what: UndoWhat, output: Output): Promise<LoadPlan> {
  const { orgId, sourceId, choice, mapping } = await caller.call('undo.prepare', { loadId, what });
  await caller.opened(sourceId, choice);
  tellChecks(await caller.call('checks.run', { orgId, sourceId, mapping }), output);
  const plan = await caller.call('plan.build', { orgId, sourceId, mapping });
  tellPlan(plan, await caller.call('plan.problems', { planId: plan.planId }), output);
  return plan;
}

async function loadStep(
  caller: BackendCaller,
  org: OrgSummary,
  plan: LoadPlan,
  flags: UndoFlags,
  output: Output,
): Promise<Ending> {
  const consent = await askConsent(org, plan, flags.yes === true, output);
  const { loadId } = await caller.run('load.start', { planId: plan.planId, planDigest: plan.planDigest, ...consent });
  return finish(caller, loadId, output);
}
