import type { Digest, SourceId } from '../../../shared/domain/ids.ts';
import type { PlanDrift } from '../../../shared/domain/load-plan.ts';
import type { HandlersOf } from '../dispatch.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { KeptFetches } from '../plan/fetch/kept-fetches.ts';
import type { PlanRegistry } from '../plan/plan-registry.ts';
import type { Preferences } from '../settings/preferences.ts';
import type { LoadRegistry } from './load-registry.ts';
import { forecastLoad } from './forecast-load.ts';
import { stalePlan } from './refuse-drift.ts';
import { limitsOf, mayComplete, mayResume, mayStart } from './may-start.ts';

interface LoadTools {
  readonly loads: LoadRegistry;
  readonly plans: Pick<PlanRegistry, 'get'>;
  readonly orgs: OrgDirectory;
  readonly fetches: Pick<KeptFetches, 'forget'>;
  readonly preferences: Preferences;
  readonly sources: {
    isThere(sourceId: SourceId): Promise<boolean>;
    since(sourceId: SourceId, digest: Digest): PlanDrift['file'];
  };
  /** Settled when what retention removes at the start is removed. */
  readonly swept: Promise<void>;
}

/** Running what was reviewed. */
export function loadProcedures({
  loads,
  plans,
  orgs,
  preferences,
  sources,
  swept,
  fetches,
}: LoadTools): HandlersOf<'load'> {
  return {
    'load.start': ({ planId, planDigest, ...consent }, signal) =>
      loads.start(plans.get(planId), planDigest, signal, async (plan) => {
        await mayStart({ orgs, preferences }, plan, consent, signal);
        // Should it turn out that records were changed, the next plan must not be made of the old ones.
        await fetches.forget(plan.orgId);
      }),
    'load.drift': async ({ planId }, signal) => {
      const stored = plans.get(planId);
      const { sourceId, sourceDigest } = stored.plan;
      return { file: sources.since(sourceId, sourceDigest), ...(await loads.drift(stored, signal)) };
    },
    'load.forecast': async ({ planId, planDigest }, signal) => {
      const { plan } = plans.get(planId);
      if (plan.planDigest !== planDigest) throw stalePlan('digest');
      const limits = await limitsOf({ orgs }, plan, signal);
      const earlier = (await loads.list()).filter(({ orgId }) => orgId === plan.orgId);
      return forecastLoad(plan, earlier, limits);
    },
    'load.get': ({ loadId }) => loads.get(loadId),
    'load.list': async () => {
      await swept;
      return loads.list();
    },
    'load.damaged': () => loads.damaged(),
    'load.source': async ({ loadId }) => {
      const { sourceId } = (await loads.planOf(loadId)).plan;
      return { sourceId: (await sources.isThere(sourceId)) ? sourceId : null };
    },
    'load.cancel': ({ loadId }) => loads.cancel(loadId),
    'load.pause': ({ loadId }) => loads.pause(loadId),
    'load.resume': ({ loadId, ...consent }, signal) =>
      loads.resume(loadId, (load, plan) => mayResume({ orgs, preferences }, load, plan, consent, signal)),
    'load.complete': ({ loadId, ...consent }, signal) =>
      loads.complete(loadId, (plan) => mayComplete({ orgs, preferences }, plan, consent, signal)),
  };
}
