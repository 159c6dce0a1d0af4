import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { WorkProgress } from '../../../shared/contract/events.ts';
import type { ExportForecast, ExportForm, ExportWay } from '../../../shared/domain/export.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import type { HandlersOf } from '../dispatch.ts';
import { newExportFolder, offer } from '../offer-file.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { BackendPorts } from '../ports.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { columnKinds } from './column-types.ts';
import { convertExport, headerOfFile, needsKinds } from './convert-export.ts';
import { exportQuery } from './export-query.ts';
import { costOf, readable, type Readable } from './export-ways.ts';
import { writeRestCsv } from './write-rest-csv.ts';

interface QueryTools {
  readonly ports: Pick<BackendPorts, 'paths' | 'random' | 'fileSaver' | 'clock'>;
  readonly orgs: Pick<OrgDirectory, 'client' | 'describe'>;
  readonly staging: Pick<StagingClient, 'copyInOrder' | 'query'>;
  readonly work: (progress: WorkProgress) => void;
}

/** Records out of an org. */
export function queryProcedures(tools: QueryTools): HandlersOf<'export'> {
  const { ports, orgs } = tools;
  return {
    'export.forecast': async ({ orgId, soql }, signal) => forecast(await orgs.client(orgId), readable(soql), signal),
    'export.query': async ({ orgId, soql, fileName, way, form = { format: 'csv' } }, signal) => {
      const client = await orgs.client(orgId);
      const query = readable(soql);
      const chosen = await wayOf(client, query, way, signal);
      const folder = await newExportFolder(ports);
      try {
        const request = { orgId, soql, way: chosen, fields: query.fields, form, folder };
        const { path, records, writing } = await writeExport(tools, client, request, signal);
        return { records, way: chosen, file: await offer(ports, folder, path, fileName), writing };
      } catch (error) {
        await rm(folder, { recursive: true, force: true });
        throw error;
      }
    },
  };
}

async function forecast(
  client: Pick<OrgClient, 'count'>,
  { ways, countedBy }: Readable,
  signal: AbortSignal,
): Promise<ExportForecast> {
  const records = countedBy === null || ways.length === 0 ? null : await client.count(countedBy, signal);
  return { records, ways: costOf(ways, records) };
}

async function wayOf(
  client: Pick<OrgClient, 'count'>,
  query: Readable,
  wanted: ExportWay | undefined,
  signal: AbortSignal,
): Promise<ExportWay> {
  const [only, other] = query.ways;
  if (only === undefined)
    throw new FailureError({
      code: 'NOT_SUPPORTED',
      what: 'A query for records within records',
      instead: 'Export the related records by a query of their own.',
    });
  if (wanted !== undefined && !query.ways.includes(wanted))
    throw new FailureError({
      code: 'NOT_SUPPORTED',
      what: wanted === 'bulk' ? 'This query by Bulk API' : 'This query by REST API',
      instead: wanted === 'bulk' ? 'Use REST API.' : 'Use Bulk API.',
    });
  if (wanted !== undefined || other === undefined) return wanted ?? only;
  const counted = await forecast(client, query, signal);
  return counted.ways[0]?.way ?? only;
}

interface ExportRequest {
  readonly orgId: OrgId;
  readonly soql: string;
  readonly way: ExportWay;
  readonly fields: readonly string[] | null;
  readonly form: ExportForm;
  readonly folder: string;
}

async function writeExport(
  { ports, orgs, staging, work }: QueryTools,
  client: OrgClient,
  { orgId, soql, way, fields, form, folder }: ExportRequest,
  signal: AbortSignal,
) {
  const tell = (stage: WorkProgress['stage'], total: number | null) => (done: number) =>
    work({ sourceId: orgId, stage, done, total });
  const fetching = tell('fetching', null);
  fetching(0);
  const path = join(folder, 'export.csv');
  const records =
    way === 'rest'
      ? await writeRestCsv(client, soql, fields, path, fetching, signal)
      : (await exportQuery(client, ports.clock, soql, folder, signal, fetching)).records;
  tell('writing', records)(0);
  const columns = await headerOfFile(path);
  const kinds = needsKinds(form.format)
    ? await columnKinds(soql, columns, (objectName) => orgs.describe(orgId, objectName, false, signal))
    : columns.map(() => 'text' as const);
  const written = await convertExport(staging, { path, folder, columns, kinds, records }, form, signal);
  return { records, ...written };
}
