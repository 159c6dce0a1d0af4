import type { HandlersOf } from '../dispatch.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { BackendPorts } from '../ports.ts';
import type { SavedMappings } from '../mapping/saved-mappings.ts';
import type { OneAtATime } from '../one-at-a-time.ts';
import type { SourceRegistry } from '../source/source-registry.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { mappingContext, type ContextTools } from '../validation/mapping-context.ts';
import { planPage } from './plan-pages.ts';
import { countChildren } from './count-children.ts';
import { planFolder, type PlanRegistry } from './plan-registry.ts';

interface PlanProcedureTools extends ContextTools {
  readonly ports: Pick<BackendPorts, 'paths' | 'clock'>;
  readonly orgs: ContextTools['orgs'] & Pick<OrgDirectory, 'client' | 'objects'>;
  readonly staging: StagingClient;
  readonly plans: PlanRegistry;
  readonly sources: Pick<SourceRegistry, 'keepCleaning' | 'refuseChanged'>;
  readonly mappings: SavedMappings;
  readonly turns: OneAtATime;
}

/** What a load would do to each row, before it does. */
export function planProcedures(tools: PlanProcedureTools): HandlersOf<'plan'> {
  const { ports, orgs, staging, plans, sources, mappings, turns } = tools;
  return {
    'plan.build': ({ orgId, sourceId, mapping, acceptChangedFile }, signal) =>
      turns.run(sourceId, signal, async () => {
        sources.refuseChanged(sourceId, acceptChangedFile ?? false);
        const context = await mappingContext(tools, orgId, sourceId, mapping, signal);
        const plan = await plans.build(orgId, context, signal);
        mappings.save(context.mapping, context.source.columns);
        sources.keepCleaning(sourceId);
        return plan;
      }),
    'plan.leaveOut': ({ planId, ...what }, signal) =>
      turns.run(plans.get(planId).plan.sourceId, signal, () => plans.leaveOut(planId, what, signal)),
    'plan.children': async ({ planId }, signal) => {
      const stored = plans.get(planId);
      const { orgId } = stored.plan;
      const client = await orgs.client(orgId);
      const objects = await orgs.objects(orgId, signal);
      const fetch = { client, staging, clock: ports.clock };
      return countChildren(fetch, stored, objects, planFolder(ports.paths, planId), signal);
    },
    'plan.page': ({ planId, offset, limit, ...view }, signal) =>
      planPage(staging.until(signal), plans.get(planId).plan, view, offset, limit),
  };
}
