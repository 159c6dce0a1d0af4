import type { HandlersOf } from '../../dispatch.ts';
import type { OneAtATime } from '../../one-at-a-time.ts';
import type { StagingClient } from '../../staging/staging-client.ts';
import type { PlanRegistry } from '../plan-registry.ts';
import { decideSimilar } from './decide-similar.ts';
import { similarPage } from './similar-page.ts';

interface SimilarTools {
  readonly staging: Pick<StagingClient, 'until'>;
  readonly plans: PlanRegistry;
  readonly turns: OneAtATime;
}

/** Rows of a plan that resemble one another: what they are, and which of them are sent. */
export function similarHandlers({
  staging,
  plans,
  turns,
}: SimilarTools): Pick<HandlersOf<'plan'>, 'plan.similar' | 'plan.decideSimilar'> {
  return {
    'plan.similar': ({ planId, ...page }, signal) => similarPage(staging.until(signal), plans.get(planId), page),
    'plan.decideSimilar': ({ planId, change }, signal) =>
      turns.run(plans.get(planId).plan.sourceId, signal, () =>
        plans.change(planId, signal, (sql, _plan, input) => decideSimilar(sql, input, change)),
      ),
  };
}
