import type { HandlersOf } from '../dispatch.ts';
import { newExportFolder, offer } from '../offer-file.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import { OrgHttp } from '../orgs/org-http.ts';
import type { BackendPorts } from '../ports.ts';
import { exportQuery } from './export-query.ts';

/** Records out of an org. */
export function queryProcedures(
  ports: Pick<BackendPorts, 'paths' | 'random' | 'fileSaver' | 'clock'>,
  orgs: Pick<OrgDirectory, 'session'>,
): HandlersOf<'export'> {
  return {
    'export.query': async ({ orgId, soql, fileName }, signal) => {
      const http = new OrgHttp(await orgs.session(orgId), ports.clock);
      const folder = await newExportFolder(ports);
      try {
        const { path, records } = await exportQuery(http, ports.clock, soql, folder, signal);
        return { records, file: await offer(ports, folder, path, fileName) };
      } finally {
        await http.close();
      }
    },
  };
}
