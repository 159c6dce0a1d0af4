import type { WorkProgress } from '../../../shared/contract/events.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import { changesOf, isTypedFor, mustBeTyped } from '../../../shared/domain/confirmation.ts';
import type { PlanCounts } from '../../../shared/domain/load-plan.ts';
import { rehearsalCalls, SAMPLE_ROWS } from '../../../shared/domain/rehearsal.ts';
import { uniqueColumns } from '../../../shared/domain/unique-columns.ts';
import type { HandlersOf } from '../dispatch.ts';
import { saveCollection } from '../load/collection-client.ts';
import { refuseOverBudget } from '../load/may-start.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { ReadOnlyOrgs } from '../orgs/read-only-orgs.ts';
import type { FetchTools } from '../plan/fetch-current-records.ts';
import { planFolder, type PlanRegistry } from '../plan/plan-registry.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { BackendPorts } from '../ports.ts';
import type { Preferences } from '../settings/preferences.ts';
import { findPicklistConflicts } from './find-picklist-conflicts.ts';
import { findTaken } from './find-taken.ts';
import { Rehearsal, type SendAll } from './rehearse-rows.ts';
import { countUntried, mustFail, noRecord, otherObject, triedRecords, type TriedKind } from './tried-records.ts';

interface RehearsalTools {
  readonly plans: Pick<PlanRegistry, 'get'>;
  readonly orgs: Pick<OrgDirectory, 'get' | 'client' | 'objects'>;
  readonly readOnly: Pick<ReadOnlyOrgs, 'refuse'>;
  readonly preferences: Pick<Preferences, 'current'>;
  readonly ports: Pick<BackendPorts, 'paths' | 'clock'>;
  readonly staging: FetchTools['staging'];
  readonly work: (progress: WorkProgress) => void;
}

/** Saves as the load itself would, all or none. What must fail makes a lost answer harmless, but it is not asked for again. */
function sender(
  client: Pick<OrgClient, 'json' | 'soapOnce'>,
  operation: TriedKind,
  { mapping }: StoredPlan['plan'],
  signal: AbortSignal,
): SendAll {
  const { objectName, policies } = mapping;
  const allowDuplicates = policies?.allowDuplicates === true;
  const assignmentRule = policies?.assignmentRule?.id ?? null;
  const save = { operation, objectName, matchField: null, allOrNone: true, allowDuplicates, assignmentRule };
  return (records) => saveCollection(client, save, records, signal);
}

/** Trying rows in the org without leaving any of them there. */
export function rehearsalProcedures(tools: RehearsalTools): HandlersOf<'rehearsal'> {
  const { ports, plans, orgs, readOnly, preferences, staging, work } = tools;
  return {
    'rehearsal.unique': async ({ planId }, signal) => {
      const stored = plans.get(planId);
      const client = await orgs.client(stored.plan.orgId);
      const folder = planFolder(ports.paths, planId);
      const found = await findTaken({ client, staging, clock: ports.clock }, stored, folder, signal);
      const fields = uniqueColumns(stored.plan.mapping, stored.describe).map(({ field }) => field.label);
      return { ...found, fields };
    },
    'rehearsal.picklists': async ({ planId }, signal) => {
      const stored = plans.get(planId);
      const client = await orgs.client(stored.plan.orgId);
      return findPicklistConflicts(client, staging.until(signal), stored, signal);
    },
    'rehearsal.run': async ({ planId, planDigest, sample, confirmation, acceptApiUse }, signal) => {
      const stored = plans.get(planId);
      const { orgId, sourceId, counts, planDigest: reviewed } = stored.plan;
      if (planDigest !== reviewed) throw new FailureError({ code: 'PLAN_STALE', why: 'digest', rows: 0 });
      const org = orgs.get(orgId);
      // Nothing is to stay in the org, but that is the org's promise: one that nothing may write to is not asked for it.
      await readOnly.refuse(orgId, org.name);
      const untried = await countUntried(staging.until(signal), stored);
      const tried = triedCounts(counts, untried, sample);
      const total = changesOf(tried);
      if (total === 0) throw new FailureError({ code: 'PLAN_EMPTY' });
      if (mustBeTyped(org.kind, tried) && !isTypedFor(confirmation ?? '', tried, org.name))
        throw new FailureError({ code: 'CONFIRMATION_NEEDED', org: org.name, changes: total, deletes: tried.delete });
      if (acceptApiUse !== true) await refuseOverBudget({ orgs, preferences }, org, rehearsalCalls(total), signal);
      const other = otherObject(await orgs.objects(orgId, signal), stored.describe.name);
      if (other === null) throw new FailureError({ code: 'REHEARSAL_UNSAFE' });
      const client = await orgs.client(orgId);
      const reports = [];
      for (const kind of ['insert', 'update', 'delete'] as const) {
        if (counts[kind] === 0) continue;
        const witness = kind === 'delete' ? noRecord(stored.describe.keyPrefix) : null;
        const rehearsal = new Rehearsal(sender(client, kind, stored.plan, signal), mustFail(kind, other), witness);
        await rehearsal.begin();
        const before = reports.reduce((sum, report) => sum + report.tried, 0);
        for await (const rows of triedRecords(staging.until(signal), stored, kind, sample)) {
          await rehearsal.try(rows);
          work({ sourceId, stage: 'rehearsing', done: before + rehearsal.tried, total });
        }
        reports.push(rehearsal.report());
      }
      return { ...together(reports), untried };
    },
  };
}

type Report = ReturnType<Rehearsal['report']>;

function together(reports: readonly Report[]): Report {
  const sum = (count: (report: Report) => number) => reports.reduce((all, report) => all + count(report), 0);
  return {
    tried: sum(({ tried }) => tried),
    passed: sum(({ passed }) => passed),
    refused: sum(({ refused }) => refused),
    unsettled: sum(({ unsettled }) => unsettled),
    calls: sum(({ calls }) => calls),
    refusals: reports.flatMap(({ refusals }) => refusals).sort((a, b) => b.rows - a.rows),
    moreRefusals: sum(({ moreRefusals }) => moreRefusals),
  };
}

/** Rows that are tried, for what a person is asked before. */
function triedCounts(counts: PlanCounts, untried: number, sample: boolean): PlanCounts {
  const most = (rows: number) => (sample ? Math.min(rows, SAMPLE_ROWS) : rows);
  const none = { update: 0, undelete: 0, unchanged: 0, duplicate: 0, leftOut: 0, blocked: 0 };
  return { insert: most(Math.max(0, counts.insert + counts.update - untried)), delete: most(counts.delete), ...none };
}
