import { rm } from 'node:fs/promises';
import type { WorkProgress } from '../../../shared/contract/events.ts';
import type { HandlersOf } from '../dispatch.ts';
import { newExportFolder, offer } from '../offer-file.ts';
import type { OneAtATime } from '../one-at-a-time.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { BackendPorts } from '../ports.ts';
import type { StagedSources } from '../source/staged-sources.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { enrichSource } from './enrich-source.ts';

interface EnrichTools {
  readonly ports: Pick<BackendPorts, 'paths' | 'random' | 'fileSaver' | 'clock'>;
  readonly orgs: Pick<OrgDirectory, 'client' | 'describe'>;
  readonly staged: Pick<StagedSources, 'facts'>;
  readonly staging: StagingClient;
  readonly turns: OneAtATime;
  readonly work: (progress: WorkProgress) => void;
}

/** Fields of records beside the keys of a file. */
export function enrichProcedures(tools: EnrichTools): HandlersOf<'enrich'> {
  const { ports, orgs, staged, staging, turns, work } = tools;
  return {
    'enrich.file': ({ orgId, sourceId, fileName, ...request }, signal) =>
      // Of one source one at a time: its keys lie in its database meanwhile.
      turns.run(`enriching of ${sourceId}`, signal, async () => {
        const source = await staged.facts(sourceId);
        const describe = await orgs.describe(orgId, request.objectName, false, signal);
        const fetch = { client: await orgs.client(orgId), staging, clock: ports.clock };
        const folder = await newExportFolder(ports);
        const progress = (done: number) => work({ sourceId, stage: 'fetching', done, total: null });
        try {
          const { path, ...counts } = await enrichSource(
            { fetch, staging },
            { source, describe, folder, ...request },
            signal,
            progress,
          );
          return { ...counts, file: await offer(ports, folder, path, fileName) };
        } catch (error) {
          await rm(folder, { recursive: true, force: true });
          throw error;
        }
      }),
  };
}
