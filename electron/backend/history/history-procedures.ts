import { FailureError } from '../../../shared/contract/failure.ts';
import { bulkHeader } from '../../../shared/domain/field-mapping.ts';
import type { LoadId, SourceId } from '../../../shared/domain/ids.ts';
import type { HandlersOf } from '../dispatch.ts';
import type { LoadRegistry } from '../load/load-registry.ts';
import { removeFinished } from '../load/sweep-finished.ts';
import type { BackendPorts } from '../ports.ts';
import { baseName } from '../source/base-name.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { packLoad } from './pack-load.ts';

interface HistoryTools {
  readonly ports: Pick<BackendPorts, 'paths' | 'fileSaver' | 'log'>;
  readonly loads: Pick<LoadRegistry, 'sizes' | 'get' | 'load' | 'planOf' | 'letGo'>;
  readonly sources: { isThere(sourceId: SourceId): Promise<boolean> };
  readonly staging: StagingClient;
}

/** Loads of before: what they take on disk, what they were made of, the way to pass one on and to be rid of it. */
export function historyProcedures({ ports, loads, sources, staging }: HistoryTools): HandlersOf<'history'> {
  const ended = async (loadId: LoadId) => {
    const load = await loads.get(loadId);
    if (load.state.kind !== 'finished') throw new FailureError({ code: 'LOAD_NOT_FINISHED' });
    return load;
  };
  return {
    'history.storage': () => loads.sizes(),
    'history.details': async ({ loadId }) => {
      const { plan, columns, cleaning = [] } = await loads.planOf(loadId);
      const filled = new Map(plan.mapping.columns.map(({ column, target }) => [column, target]));
      return {
        columns: columns.map((name, place) => {
          const target = filled.get(place);
          return { name, field: target && target.kind !== 'ignored' ? bulkHeader(target) : null };
        }),
        cleaningSteps: cleaning.length,
        hasFile: await sources.isThere(plan.sourceId),
      };
    },
    'history.pack': async ({ loadId, withRows }, signal) => {
      await ended(loadId);
      const load = await loads.load(loadId);
      const path = await packLoad(staging, load, withRows, signal);
      return ports.fileSaver.save(path, `${baseName(load.snapshot.fileName)}-load.zip`);
    },
    'history.remove': async ({ loadId }) => {
      const { planId } = await ended(loadId);
      await loads.letGo({ planId });
      // Its database would be in the way on systems that keep open files where they are.
      await staging.detach(planId);
      await removeFinished(ports, planId);
      return {};
    },
  };
}
