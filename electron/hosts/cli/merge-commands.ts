import { setTimeout as sleep } from 'node:timers/promises';
import { MergeId } from '../../../shared/domain/ids.ts';
import { restoredBy, writtenBy } from '../../../shared/domain/merge-confirmation.ts';
import {
  ValueRule,
  type MasterRule,
  type MergeRules,
  type MergeSnapshot,
  type MergeSource,
} from '../../../shared/domain/merge.ts';
import { keptText, MERGE_STATES, mergePlanText, skippedText } from '../../../shared/text/merge-text.ts';
import { plural } from '../../../shared/text/counts.ts';
import { askConsent } from './ask-consent.ts';
import type { BackendCaller } from './backend-caller.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import type { Ending, Output } from './output.ts';
import { UsageError } from './usage-error.ts';

export interface MergePlanFlags {
  readonly targetOrg?: string;
  readonly sobject: string;
  readonly file?: string;
  readonly idColumn?: string;
  readonly groupColumn?: string;
  readonly master?: MasterRule;
  readonly values?: ValueRule;
  /** Rules of single fields, `Field=rule` each. */
  readonly valuesOf?: readonly string[];
}

export interface MergeRunFlags {
  readonly mergeId: string;
  readonly yes?: boolean;
}

/** Milliseconds between two looks at a merge that runs. */
const LOOK_EVERY = 200;

function idOf({ mergeId }: MergeRunFlags): MergeId {
  const parsed = MergeId.safeParse(mergeId);
  if (!parsed.success) throw new UsageError(`${mergeId} is not the id of a merge.`);
  return parsed.data;
}

async function sourceOf(caller: BackendCaller, flags: MergePlanFlags): Promise<MergeSource> {
  if (flags.file === undefined) return { kind: 'resembling' };
  const { sourceId, columns } = await caller.stage([flags.file], {});
  const column = (name: string): number => {
    const found = columns.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (!found) throw new UsageError(`The file has no column ${name}. Name it with --id-column or --group-column.`);
    return found.index;
  };
  return {
    kind: 'file',
    sourceId,
    idColumn: column(flags.idColumn ?? 'Id'),
    groupColumn: column(flags.groupColumn ?? 'Group'),
  };
}

/** Rules of single fields by what the person called them. */
function fieldRules({ valuesOf = [] }: MergePlanFlags): Map<string, ValueRule> {
  return new Map(
    valuesOf.map((given) => {
      const [field = '', rule = ''] = given.split('=').map((part) => part.trim());
      const parsed = ValueRule.safeParse(rule);
      if (field === '' || !parsed.success)
        throw new UsageError(`--values-of takes a field and a rule, such as Phone=newest: not ${given}.`);
      return [field, parsed.data];
    }),
  );
}

/** Which fields a merge has is known once it is planned: rules of other fields are refused, not passed over. */
async function withFieldRules(
  caller: BackendCaller,
  merge: MergeSnapshot,
  rules: MergeRules,
  given: ReadonlyMap<string, ValueRule>,
): Promise<MergeSnapshot> {
  if (given.size === 0) return merge;
  const { mergeId } = merge;
  const known = await caller.call('merge.fields', { mergeId });
  const fields = [...given].map(([name, rule]) => {
    const found = known.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (!found) throw new UsageError(`${merge.labelPlural} have no field ${name} that a merge can change.`);
    return [found.name, rule] as const;
  });
  return caller.call('merge.decide', { mergeId, rules: { ...rules, fields: Object.fromEntries(fields) } });
}

/** Plans a merge of records that resemble each other, or of the groups that a file names. Writes nothing. */
export async function planMerge(caller: BackendCaller, flags: MergePlanFlags, output: Output): Promise<Ending> {
  const { orgId } = await caller.org(flags.targetOrg);
  const rules: MergeRules = { master: flags.master ?? 'oldest', values: flags.values ?? 'fill', fields: {} };
  const ofFields = fieldRules(flags);
  const source = await sourceOf(caller, flags);
  const planned = await caller.call('merge.plan', { orgId, objectName: flags.sobject, source, rules });
  const merge = await withFieldRules(caller, planned, rules, ofFields);
  output.line(`${merge.labelPlural} in ${merge.orgName}: ${mergePlanText(merge.counts)}.`);
  const skipped = skippedText(merge.skipped);
  if (skipped !== '') output.line(skipped);
  if (merge.counts.losers > 0)
    output.line(
      `To see each group: longshore merge report ${merge.mergeId}\nTo merge them: longshore merge run ${merge.mergeId}`,
    );
  return { code: EXIT.ok, result: merge };
}

/** What a merge would do, or did, group by group, as a file; and how far it is. */
export async function reportMerge(caller: BackendCaller, flags: MergeRunFlags, output: Output): Promise<Ending> {
  const merge = await caller.call('merge.get', { mergeId: idOf(flags) });
  output.line(`${merge.labelPlural} in ${merge.orgName}: ${mergePlanText(merge.counts)}.`);
  if (merge.state !== 'planned') output.line(endText(merge));
  await saveReport(caller, merge, output);
  return { code: EXIT.ok, result: merge };
}

async function saveReport(caller: BackendCaller, { mergeId }: MergeSnapshot, output: Output): Promise<void> {
  const saved = await caller.call('merge.save', { mergeId });
  if (saved.kind === 'saved') output.line(`Wrote ${saved.fileName}`);
}

function endText({ state, counts: { merged, partly, failed, moved } }: MergeSnapshot): string {
  return `${MERGE_STATES[state]}: ${plural(merged, 'group')} merged, ${partly} partly, ${failed} refused, ${moved} changed since the plan.`;
}

async function consentFor(
  caller: BackendCaller,
  { orgId }: MergeSnapshot,
  counts: ReturnType<typeof writtenBy>,
  yes: boolean,
  output: Output,
): ReturnType<typeof askConsent> {
  const org = (await caller.call('orgs.list', {})).find((one) => one.orgId === orgId);
  // Without the org the backend says what is missing.
  return org ? askConsent(org, { counts }, yes, output) : {};
}

async function ended(caller: BackendCaller, { mergeId }: MergeSnapshot, output: Output): Promise<MergeSnapshot> {
  for (;;) {
    const merge = await caller.call('merge.get', { mergeId });
    if (merge.state !== 'merging' && merge.state !== 'undoing') return merge;
    output.progress(`  ${MERGE_STATES[merge.state]}: ${plural(merge.counts.merged, 'group')} merged`);
    await sleep(LOOK_EVERY);
  }
}

/** Merges what was planned, or goes on with it. */
export async function runMerge(caller: BackendCaller, flags: MergeRunFlags, output: Output): Promise<Ending> {
  const mergeId = idOf(flags);
  const merge = await caller.call('merge.get', { mergeId });
  const yes = flags.yes === true;
  const consent = await consentFor(caller, merge, writtenBy(merge.counts), yes, output);
  const begun =
    merge.state === 'paused'
      ? await caller.call('merge.resume', { mergeId, acceptApiUse: yes })
      : await caller.call('merge.start', { mergeId, planDigest: merge.planDigest, ...consent });
  const done = await ended(caller, begun, output);
  const { partly, failed, moved } = done.counts;
  output.line(endText(done));
  await saveReport(caller, done, output);
  output.line(`To take it back: longshore merge undo ${mergeId}`);
  if (done.state === 'paused') return paused(done);
  return { code: partly + failed + moved > 0 ? EXIT.someRowsFailed : EXIT.ok, result: done };
}

function paused(merge: MergeSnapshot): Ending {
  return { code: merge.failure ? exitCodeOf(merge.failure) : EXIT.operation, result: merge };
}

/** Takes a merge back, as far as the org still is as the merge left it. */
export async function undoMerge(caller: BackendCaller, flags: MergeRunFlags, output: Output): Promise<Ending> {
  const mergeId = idOf(flags);
  const plan = await caller.call('merge.planUndo', { mergeId });
  output.line(
    `${plural(plan.losers, 'record')} to bring back, ${plural(plan.values, 'value')} to set back, ${plural(plan.children, 'related record')} to give back.`,
  );
  for (const reason of plan.kept) output.line(`  kept: ${keptText(reason)}`);
  const merge = await caller.call('merge.get', { mergeId });
  const yes = flags.yes === true;
  const consent = await consentFor(caller, merge, restoredBy(merge.counts), yes, output);
  const begun =
    merge.state === 'undoPaused'
      ? await caller.call('merge.resume', { mergeId, acceptApiUse: yes })
      : await caller.call('merge.undo', { mergeId, undoDigest: plan.undoDigest, ...consent });
  const done = await ended(caller, begun, output);
  if (done.state === 'undoPaused') return paused(done);
  await saveReport(caller, done, output);
  const { reversed = 0, partly = 0, kept = 0 } = done.undo ?? {};
  output.line(`${plural(reversed, 'group')} taken back, ${partly} partly, ${kept} kept.`);
  return { code: partly + kept > 0 ? EXIT.someRowsFailed : EXIT.ok, result: done };
}
