import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { OrgHttp } from '../orgs/org-http.ts';
import type { Clock } from '../ports.ts';

const QueryJob = z.object({
  id: z.string(),
  state: z.enum(['UploadComplete', 'InProgress', 'JobComplete', 'Failed', 'Aborted']),
  numberRecordsProcessed: z.number().default(0),
  errorMessage: z.string().nullish(),
});

/** Pauses between polls: from the first to the last, half as long again each time. */
const FIRST_POLL = 200;
const LAST_POLL = 8000;

/**
 * Runs a Bulk API 2.0 query and hands over each page of results as a CSV file, in order, deleted after use
 * (Bulk API 2.0 guide, "Get Results for a Query Job").
 */
export async function bulkQuery(
  http: OrgHttp,
  clock: Clock,
  soql: string,
  folder: string,
  usePage: (file: string, recordsSoFar: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const created = await http.json('POST', 'jobs/query', QueryJob, signal, { operation: 'query', query: soql });
  const path = `jobs/query/${created.id}`;
  try {
    for (let pause = FIRST_POLL; ; pause = Math.min(pause * 1.5, LAST_POLL)) {
      const job = await http.json('GET', path, QueryJob, signal);
      if (job.state === 'JobComplete') break;
      if (job.state === 'Failed' || job.state === 'Aborted') {
        throw new FailureError({
          code: 'ORG_REFUSED',
          status: 200,
          errorCode: job.state,
          message: job.errorMessage ?? 'the query job ended early',
        });
      }
      await clock.sleep(pause, signal);
    }
    let locator: string | null = null;
    for (let page = 0, records = 0; ; page++) {
      const file = join(folder, `${created.id}-${page}.csv`);
      const at: string = locator === null ? '' : `?locator=${encodeURIComponent(locator)}`;
      const { headers } = await http.download(`${path}/results${at}`, file, signal);
      records += Number(headers['sforce-numberofrecords'] ?? 0);
      await usePage(file, records);
      await rm(file, { force: true });
      locator = headers['sforce-locator'] ?? 'null';
      if (locator === 'null' || locator === '') return;
    }
  } finally {
    // The job is ours and read-only: if it can't be deleted it expires in seven days by itself.
    await http.json('DELETE', path, z.unknown(), AbortSignal.timeout(10_000)).catch(() => undefined);
  }
}
