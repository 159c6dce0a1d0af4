import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startBench } from '../test-support/start-bench.ts';

const { app, orgId } = await startBench();

test('of a job’s files only the names cross the contract; the host is told where they lie', async () => {
  const path = join(app.data, 'nightly.csv');
  await writeFile(path, 'ERP Id,Account Name\nJOB-1,One\n');
  const { sourceId } = await app.stage(path);
  const asked = { orgId, sourceId, objectName: 'Account', operation: 'upsert', useSaved: false } as const;
  const mapping = await app.call('mapping.suggest', asked);
  const from = { kind: 'source' as const, orgId, sourceId, mapping };
  const { job } = await app.call('job.save', { name: 'Nightly', from, replace: false });
  const { jobId } = job;
  const answers = [
    job,
    await app.call('job.get', { jobId }),
    await app.call('job.rename', { jobId, name: 'Weekly' }),
    await app.call('job.clone', { jobId, name: 'Monthly' }),
    ...(await app.call('job.list', {})).jobs,
  ];
  for (const { definition } of answers) expect(definition.source).toEqual({ kind: 'file', path: 'nightly.csv' });
  for (const { definition } of (await app.backend.listJobs()).jobs)
    expect(definition.source).toEqual({ kind: 'file', path });
});
