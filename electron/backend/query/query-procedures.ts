import { rm } from 'node:fs/promises';
import type { HandlersOf } from '../dispatch.ts';
import { newExportFolder, offer } from '../offer-file.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { BackendPorts } from '../ports.ts';
import { exportQuery } from './export-query.ts';

/** Records out of an org. */
export function queryProcedures(
  ports: Pick<BackendPorts, 'paths' | 'random' | 'fileSaver' | 'clock'>,
  orgs: Pick<OrgDirectory, 'client'>,
): HandlersOf<'export'> {
  return {
    'export.query': async ({ orgId, soql, fileName }, signal) => {
      const client = await orgs.client(orgId);
      const folder = await newExportFolder(ports);
      try {
        const { path, records } = await exportQuery(client, ports.clock, soql, folder, signal);
        return { records, file: await offer(ports, folder, path, fileName) };
      } catch (error) {
        await rm(folder, { recursive: true, force: true });
        throw error;
      }
    },
  };
}
