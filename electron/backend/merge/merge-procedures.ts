import { join } from 'node:path';
import type { WorkProgress } from '../../../shared/contract/events.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import { isTypedFor, mustBeTyped } from '../../../shared/domain/confirmation.ts';
import type { MergeId } from '../../../shared/domain/ids.ts';
import { restoredBy, writtenBy } from '../../../shared/domain/merge-confirmation.ts';
import type { MergeSnapshot, MergeSource } from '../../../shared/domain/merge.ts';
import type { HandlersOf } from '../dispatch.ts';
import { refuseOverBudget } from '../load/may-start.ts';
import { newExportFolder, offer } from '../offer-file.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { ReadOnlyOrgs } from '../orgs/read-only-orgs.ts';
import type { PlanRegistry } from '../plan/plan-registry.ts';
import type { BackendPorts } from '../ports.ts';
import { recordsAlike } from '../resembling/record-groups.ts';
import type { Preferences } from '../settings/preferences.ts';
import type { StagedSources } from '../source/staged-sources.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { findResemblingGroups, groupsOfFile, type FoundGroups } from './find-groups.ts';
import { mergeableObjects, type MergeDescribe } from './merge-describe.ts';
import type { MergeRegistry } from './merge-registry.ts';

/** Looks for the groups of a plan that is being made. */
export type FindGroups = (
  plan: {
    client: OrgClient;
    folder: string;
    mergeId: MergeId;
    describe: MergeDescribe;
    /** How far it is. */
    tell: (stage: WorkProgress['stage'], done: number, total: number | null) => void;
  },
  signal: AbortSignal,
) => Promise<FoundGroups>;

interface MergeTools {
  readonly merges: MergeRegistry;
  readonly orgs: Pick<OrgDirectory, 'get' | 'client'>;
  readonly readOnly: Pick<ReadOnlyOrgs, 'refuse'>;
  readonly preferences: Pick<Preferences, 'current'>;
  readonly staged: Pick<StagedSources, 'facts'>;
  readonly plans: Pick<PlanRegistry, 'get'>;
  readonly staging: StagingClient;
  readonly ports: Pick<BackendPorts, 'clock' | 'paths' | 'random' | 'fileSaver'>;
}

/** Calls that each hundred groups take at least: reads before, the merge itself, and a read of the masters. */
const CALLS_A_BATCH = 6;

/** Merging records that are in the org, and taking that back. */
export function mergeProcedures(tools: MergeTools): HandlersOf<'merge'> {
  const { merges, orgs } = tools;
  return {
    'merge.objects': async ({ orgId }, signal) => mergeableObjects(await orgs.client(orgId), signal),
    'merge.plan': (plan, signal) => merges.plan(plan, finderOf(tools, plan.source, plan.objectName), signal),
    'merge.decide': ({ mergeId, rules, choice }) => merges.decide(mergeId, { rules, choice }),
    'merge.page': ({ mergeId, state, offset, limit }) => merges.page(mergeId, state, offset, limit),
    'merge.fields': ({ mergeId }) => merges.fields(mergeId),
    'merge.save': async ({ mergeId }) => {
      const { labelPlural } = await merges.get(mergeId);
      const folder = await newExportFolder(tools.ports);
      const path = join(folder, 'merge.csv');
      await merges.writeReport(mergeId, path);
      return offer(tools.ports, folder, path, `${labelPlural}-merge.csv`);
    },
    'merge.get': ({ mergeId }) => merges.get(mergeId),
    'merge.list': () => merges.list(),
    'merge.start': ({ mergeId, planDigest, ...consent }, signal) =>
      merges.start(mergeId, planDigest, (merge) => mayWrite(tools, merge, consent, signal)),
    'merge.resume': ({ mergeId, acceptApiUse }, signal) =>
      merges.resume(mergeId, async (merge) => {
        await tools.readOnly.refuse(merge.orgId, merge.orgName);
        await holdToBudget(tools, merge, acceptApiUse, signal);
      }),
    'merge.stop': ({ mergeId }) => merges.stop(mergeId),
    'merge.planUndo': ({ mergeId }, signal) => merges.planUndo(mergeId, signal),
    'merge.undo': ({ mergeId, undoDigest, ...consent }, signal) =>
      merges.undo(mergeId, undoDigest, (merge) => mayWrite(tools, merge, consent, signal), signal),
  };
}

function finderOf({ staged, staging, plans, ports }: MergeTools, source: MergeSource, objectName: string): FindGroups {
  return async ({ client, folder, mergeId, describe, tell }, signal) => {
    if (source.kind === 'resembling') {
      const readable = new Set(describe.fields.map(({ name }) => name));
      return findResemblingGroups(
        { client, clock: ports.clock, staging, tell },
        objectName,
        readable,
        folder,
        mergeId,
        signal,
      );
    }
    if (source.kind === 'plan') {
      const groups = await recordsAlike(staging.until(signal), plans.get(source.planId), source.threshold);
      return { groups, badIds: 0, repeated: 0 };
    }
    const { rows, columns } = await staged.facts(source.sourceId);
    for (const column of [source.idColumn, source.groupColumn])
      if (!columns.some(({ index }) => index === column))
        throw new FailureError({ code: 'BAD_REQUEST', where: 'merge.plan', problem: `no column ${column}` });
    return groupsOfFile(staging, source, rows, signal);
  };
}

interface Consent {
  readonly confirmation?: string | undefined;
  readonly acceptApiUse?: boolean | undefined;
}

/** What a load is asked for, too: no merge is written into a read-only org, and production wants a typed yes. */
async function mayWrite(tools: MergeTools, merge: MergeSnapshot, consent: Consent, signal: AbortSignal): Promise<void> {
  await tools.readOnly.refuse(merge.orgId, merge.orgName);
  const org = tools.orgs.get(merge.orgId);
  const counts = merge.state === 'planned' ? writtenBy(merge.counts) : restoredBy(merge.counts);
  if (mustBeTyped(org.kind, counts) && !isTypedFor(consent.confirmation ?? '', counts, org.name))
    throw new FailureError({
      code: 'CONFIRMATION_NEEDED',
      org: org.name,
      changes: counts.update + counts.delete,
      deletes: counts.delete,
    });
  await holdToBudget(tools, merge, consent.acceptApiUse, signal);
}

async function holdToBudget(
  { orgs, preferences }: MergeTools,
  { orgId, counts }: MergeSnapshot,
  accepted: boolean | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (accepted === true) return;
  const calls = Math.ceil(counts.groups / 100) * CALLS_A_BATCH;
  await refuseOverBudget({ orgs, preferences }, orgs.get(orgId), calls, signal);
}
