import { join } from 'node:path';
import type { WorkProgress } from '../../../shared/contract/events.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { HandlersOf } from '../dispatch.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { BackendPorts } from '../ports.ts';
import type { SavedMappings } from '../mapping/saved-mappings.ts';
import type { OneAtATime } from '../one-at-a-time.ts';
import { newExportFolder, offer } from '../offer-file.ts';
import { baseName } from '../source/base-name.ts';
import type { SourceRegistry } from '../source/source-registry.ts';
import { mappingContext, type ContextTools } from '../validation/mapping-context.ts';
import { writePlanCsv } from './export/write-plan-csv.ts';
import { writePlanPage } from './export/write-plan-page.ts';
import { orgProblemHandlers, type OrgProblemTools } from './org-problem-handlers.ts';
import { movedRows } from './moved-rows.ts';
import { KnownViews, planPage } from './plan-pages.ts';
import { countChildren } from './count-children.ts';
import { noteOf } from './waiting-plans.ts';
import { planFolder, type PlanRegistry } from './plan-registry.ts';
import { SortedColumns } from './sorted-columns.ts';
import type { StoredPlan } from './stored-plan.ts';
import { similarHandlers } from './similar/similar-handlers.ts';

interface PlanProcedureTools extends ContextTools, OrgProblemTools {
  readonly ports: OrgProblemTools['ports'] & Pick<BackendPorts, 'clock'>;
  readonly work: (progress: WorkProgress) => void;
  readonly orgs: ContextTools['orgs'] & Pick<OrgDirectory, 'client' | 'objects' | 'get'>;
  readonly plans: PlanRegistry;
  readonly sources: Pick<SourceRegistry, 'isKnown' | 'keepCleaning' | 'refuseChanged'>;
  readonly mappings: SavedMappings;
  readonly turns: OneAtATime;
}

/** What a load would do to each row, before it does. */
export function planProcedures(tools: PlanProcedureTools): HandlersOf<'plan'> {
  const { ports, orgs, staging, plans, sources, mappings, turns, work } = tools;
  // A plan that changes is another one.
  const known = new WeakMap<LoadPlan, KnownViews>();
  const columns = new SortedColumns(staging);
  let states = 0;
  const knownOf = ({ plan, describe }: StoredPlan): KnownViews => {
    const views = known.get(plan) ?? new KnownViews(describe, columns, `${plan.planId} ${++states}`);
    known.set(plan, views);
    return views;
  };
  return {
    'plan.build': ({ orgId, sourceId, mapping, acceptChangedFile, recordsFrom: from, keepChoicesOf }, signal) =>
      turns.run(sourceId, signal, async () => {
        sources.refuseChanged(sourceId, acceptChangedFile ?? false);
        await columns.clear();
        const context = await mappingContext(tools, orgId, sourceId, mapping, signal);
        const plan = await plans.build(orgId, context, signal, { from, keepChoicesOf });
        // What undoes one load is no mapping for another file.
        if (!mapping.undoOf) mappings.save(context.mapping, context.source.columns);
        sources.keepCleaning(sourceId);
        return plan;
      }),
    'plan.list': async () => (await plans.waiting()).map(noteOf).filter(({ sourceId }) => sources.isKnown(sourceId)),
    'plan.reopen': async ({ planId }) => {
      const { plan, columns } = await plans.reopen(planId);
      return { plan, columns };
    },
    'plan.forget': async ({ planId }) => {
      await columns.clear();
      await plans.forget(planId);
      return {};
    },
    'plan.leaveOut': ({ planId, ...what }, signal) =>
      turns.run(plans.get(planId).plan.sourceId, signal, () => plans.leaveOut(planId, what, signal)),
    'plan.export': async (what, signal) => {
      const stored = plans.get(what.planId);
      const { plan, fileName } = stored;
      const folder = await newExportFolder(ports);
      const base = `${baseName(fileName)}-plan-${plan.planDigest.slice(0, 8)}`;
      const sql = staging.until(signal);
      if (what.form === 'page') {
        const path = join(folder, 'plan.html');
        await writePlanPage(sql, stored, orgs.get(plan.orgId).name, path);
        return offer(ports, folder, path, `${base}.html`);
      }
      const path = join(folder, 'plan.csv');
      const { counts, rows, sourceId } = plan;
      // How many rows are found by a text or by what they change is not known before they are.
      const isKnown = what.search === '' && !what.change;
      const total = !isKnown ? null : what.kind === null ? rows : counts[what.kind];
      await writePlanCsv(sql, plan, stored.columns, what, path, (done) =>
        work({ sourceId, stage: 'writing', done, total }),
      );
      return offer(ports, folder, path, `${base}.csv`);
    },
    'plan.approve': ({ planId, fileName, content }) => plans.approve(planId, fileName, content),
    'plan.approval': ({ planId, planDigest }) => {
      const { approval } = plans.get(planId);
      return Promise.resolve(approval?.planDigest === planDigest ? approval : null);
    },
    'plan.children': async ({ planId }, signal) => {
      const stored = plans.get(planId);
      const { orgId } = stored.plan;
      const client = await orgs.client(orgId);
      const objects = await orgs.objects(orgId, signal);
      const fetch = { client, staging, clock: ports.clock };
      return countChildren(fetch, stored, objects, planFolder(ports.paths, planId), signal);
    },
    'plan.moved': ({ planId, offset, limit }, signal) =>
      movedRows(staging.until(signal), plans.get(planId).plan, offset, limit),
    'plan.page': ({ planId, offset, limit, ...view }, signal) => {
      const stored = plans.get(planId);
      return planPage(staging.until(signal), stored.plan, view, offset, limit, knownOf(stored));
    },
    ...orgProblemHandlers(tools),
    ...similarHandlers(tools),
  };
}
