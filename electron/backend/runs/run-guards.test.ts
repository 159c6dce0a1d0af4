import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Operation } from '../../../shared/domain/field-mapping.ts';
import { Digest, type JobId } from '../../../shared/domain/ids.ts';
import type { ResemblingRule } from '../../../shared/domain/prepared-load.ts';
import type { Run } from '../../../shared/domain/run.ts';
import { runHoldText } from '../../../shared/text/job-text.ts';
import { recordsOf } from '../test-support/org-records.ts';
import { accountsFile, loadRun, rewriteJob, saveAccountsJob, writesOf } from '../test-support/saved-job.ts';
import { startBench } from '../test-support/start-bench.ts';

/** What holds a run although its job fits: nothing is written, and whoever says yes has it loaded as it was planned. */

const { org, app, orgId } = await startBench(['--records', '5']);
const records = recordsOf(org);

const prepared = async (jobId: JobId): Promise<Run> => (await app.call('run.prepare', { jobId, dry: false })).run;
const approved = async ({ runId, plan }: Run): Promise<Run> =>
  (await app.call('run.approve', { runId, planDigest: Digest.parse(plan?.planDigest) })).run;
const rows = (name: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${name}-${n},Name ${n},+49 ${n}`);

async function held(jobId: JobId): Promise<Run> {
  const before = await writesOf(org);
  const run = await prepared(jobId);
  expect(run.state.kind).toBe('held');
  expect(await writesOf(org)).toBe(before);
  if (run.state.kind === 'held') for (const hold of run.state.holds) expect(runHoldText(hold)).toMatch(/\.$/);
  return run;
}

async function saved(
  object: string,
  operation: Operation,
  lines: readonly string[],
  { name = `${object} ${operation}`, resembling }: { name?: string; resembling?: ResemblingRule } = {},
): Promise<{ jobId: JobId; path: string }> {
  const path = join(app.data, `${name}.csv`);
  await writeFile(path, `${lines.join('\n')}\n`);
  const { sourceId } = await app.stage(path);
  const asked = { orgId, sourceId, objectName: object, operation, useSaved: false };
  const { misfits: _none, ...mapping } = await app.call('mapping.suggest', asked);
  const from = { kind: 'source' as const, orgId, sourceId, mapping };
  const { job } = await app.call('job.save', { name, from, replace: true, ...(resembling ? { resembling } : {}) });
  return { jobId: job.jobId, path };
}

test('half a file, or none, is held', async () => {
  const file = accountsFile(app.data, 'half');
  await file.write(rows('half', 10));
  const { jobId } = await saveAccountsJob(app, orgId, { name: 'Half', path: file.path });
  expect(await loadRun(app, await prepared(jobId))).toMatchObject({ counts: { created: 10 } });
  await file.write(rows('half', 7));
  const run = await held(jobId);
  expect(run.state).toMatchObject({ holds: [{ code: 'SOURCE_SHRUNK', rows: 7, had: 10 }] });
  expect((await approved(run)).state).toEqual({ kind: 'ended', how: 'nothing-to-load' });
  await file.write([]);
  const empty = await held(jobId);
  expect(empty).toMatchObject({ state: { holds: [{ code: 'SOURCE_EMPTY', fileName: 'half.csv' }] }, plan: null });
  // What a person has said yes to is what is usual from then on.
  await file.write(rows('half', 6));
  expect((await prepared(jobId)).state).toEqual({ kind: 'ended', how: 'nothing-to-load' });
});

test('deletes of more than a share of the records are held; a job may say how many are usual', async () => {
  const ids = await Promise.all(Array.from({ length: 4 }, () => records.create('Berth__c', { Name: 'Old' })));
  const { jobId } = await saved('Berth__c', 'delete', ['Id', ...ids]);
  const run = await held(jobId);
  expect(run.state).toMatchObject({ holds: [{ code: 'DELETES_MANY', deletes: 4 }] });
  const usual = await rewriteJob(app, await app.call('job.get', { jobId }), (yaml) =>
    yaml.replace(
      /^source:\n( {2}.*\n)+/m,
      `source: { kind: file, path: Berth__c delete.csv }\nguards: { deletesPercent: null, deletes: 4 }\n`,
    ),
  );
  expect(usual.jobId).toBe(jobId);
  expect(await loadRun(app, await prepared(jobId))).toMatchObject({ counts: { deleted: 4 } });
});

test('a load over the job’s API budget is held, and a yes to it is one to its calls', async () => {
  const file = accountsFile(app.data, 'budget');
  await file.write(rows('budget', 3));
  const job = await saveAccountsJob(app, orgId, { name: 'Budget', path: file.path });
  const { jobId } = await rewriteJob(app, job, (yaml) => `${yaml}apiBudgetPercent: 1\n`);
  const { usage } = await org.admin<{ usage: { requests: number } }>('GET', '/state');
  await org.admin('PATCH', '/knobs', { apiLimit: usage.requests + 110 });
  try {
    const run = await held(jobId);
    expect(run.state).toMatchObject({ holds: [{ code: 'OVER_BUDGET', percent: 1 }] });
    expect(await loadRun(app, await approved(run))).toMatchObject({ counts: { created: 3 } });
  } finally {
    await org.admin('PATCH', '/knobs', { apiLimit: 100_000 });
  }
});

const HEADER = 'FirstName,LastName,Company,Email,Phone,City';
const NAMES = ['Adelheid', 'Bertrand', 'Cosima', 'Dietmar', 'Edeltraud', 'Florian', 'Gisela', 'Hartmut'];
/** People of whom no two are alike, by their number. */
const lead = (n: number): string => {
  const last = `${['Achter', 'Bruch', 'Czer', 'Dorn', 'Esch'][Math.floor(n / 8)] ?? ''}mann`;
  const first = NAMES[n % 8] ?? '';
  return `${first},${last},Werke ${n * 17} GmbH,${first}.${last}@werke${n}.example,+49 30 ${4000000 + n * 7919},Bremen`;
};

test('a job decides of rows that resemble records; where nothing can be compared its run is held', async () => {
  const known = Array.from({ length: 16 }, (_none, n) => lead(n));
  const { jobId } = await saved('Lead', 'insert', [HEADER, ...known]);
  expect(await loadRun(app, await prepared(jobId))).toMatchObject({ counts: { created: 16 } });
  const again = [lead(3).replace('Bremen', 'Hamburg'), lead(30), lead(31)];
  const skipping = await saved('Lead', 'insert', [HEADER, ...again], {
    name: 'Skipping',
    resembling: { then: 'skip' },
  });
  const run = await prepared(skipping.jobId);
  expect(run).toMatchObject({ state: { kind: 'planned' }, resembled: { pairs: 1, asked: 0 } });
  expect(await loadRun(app, run)).toMatchObject({ counts: { created: 2, leftOut: 1 } });
  const berths = await saved('Berth__c', 'insert', ['Name', 'Quay'], { resembling: { then: 'skip' } });
  const unlike = await held(berths.jobId);
  expect(unlike.state).toMatchObject({ holds: [{ code: 'NOT_COMPARABLE', objectName: 'Berth__c' }] });
  expect(await loadRun(app, await approved(unlike))).toMatchObject({ counts: { created: 1 } });
}, 30_000);
