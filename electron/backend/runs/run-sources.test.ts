import { appendFileSync } from 'node:fs';
import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { Job } from '../../../shared/domain/job.ts';
import type { Run } from '../../../shared/domain/run.ts';
import { recordsOf } from '../test-support/org-records.ts';
import { accountsFile, loadRun, rewriteJob, saveAccountsJob, writesOf } from '../test-support/saved-job.ts';
import { startBench } from '../test-support/start-bench.ts';

/** Jobs of several files and of folders, from their files to records of the practice org. */

const { org, app, orgId } = await startBench(['--records', '5']);
const records = recordsOf(org);
let job: Job;
let folder: string;
let made = 0;

beforeAll(async () => {
  const file = accountsFile(app.data, 'first');
  await file.write(['first-1,First,+49 1']);
  const saved = await saveAccountsJob(app, orgId, { name: 'Files', path: file.path });
  // Its files have few rows, and then fewer, and one after another of them can't be read.
  const guards = 'guards: { shrunkPercent: null, changesTimes: null, failedRuns: null }';
  job = await rewriteJob(app, saved, (yaml) => `${yaml}${guards}\n`);
});
beforeEach(async () => {
  folder = join(app.data, `files-${++made}`);
  await mkdir(folder);
});

/** The job with its files elsewhere, as its YAML says it. */
async function of(source: object): Promise<Job> {
  return rewriteJob(app, job, (yaml) => yaml.replace(/^source:\n( {2}.*\n)+/m, `source: ${JSON.stringify(source)}\n`));
}
const put = async (name: string, keys: readonly string[], header = 'ERP Id,Account Name,Phone') => {
  const path = join(folder, name);
  await writeFile(path, `${header}\n${keys.map((key) => `${key},Name of ${key},+49 1`).join('\n')}\n`);
  return path;
};
const prepared = async ({ jobId }: Job): Promise<Run> => (await app.call('run.prepare', { jobId, dry: false })).run;
const inOrg = async (prefix: string): Promise<string[]> => {
  const soql = `SELECT ERP_Id__c FROM Account WHERE ERP_Id__c LIKE '${prefix}-%' ORDER BY ERP_Id__c`;
  return (await records.query(soql)).map((one) => String(one['ERP_Id__c']));
};

test('several files are one load: the rows of all of them', async () => {
  const paths = [await put('a.csv', ['several-1', 'several-2']), await put('b.csv', ['several-3'])];
  const run = await prepared(await of({ kind: 'files', paths }));
  expect(run).toMatchObject({ state: { kind: 'planned' }, source: { fileName: 'a.csv and 1 more', rows: 3 } });
  expect(await loadRun(app, run)).toMatchObject({ state: { how: 'loaded' }, counts: { created: 3 } });
  expect(await inOrg('several')).toEqual(['several-1', 'several-2', 'several-3']);
});

test('a folder is its files of a pattern, those that are there by then and whole; or the newest of them', async () => {
  await put('accounts-1.csv', ['folder-1']);
  await put('accounts-2.csv', ['folder-2']);
  await put('contacts-1.csv', ['folder-8']);
  await put('.~lock.accounts-3.csv', ['folder-9']);
  await put('accounts-3.csv.part', ['folder-9']);
  const all = await of({ kind: 'folder', folder, pattern: 'accounts-*.csv*', take: 'all' });
  expect(await loadRun(app, await prepared(all))).toMatchObject({ counts: { created: 2 } });
  await put('accounts-3.csv', ['folder-3']);
  // What came later is another file; the others come to nothing.
  expect(await loadRun(app, await prepared(all))).toMatchObject({ counts: { created: 1, unchanged: 2 } });
  const older = await put('accounts-9.csv', ['folder-7']);
  await utimes(older, 1000, 1000);
  const newest = await of({ kind: 'folder', folder, pattern: 'accounts-*.csv', take: 'newest' });
  expect(await prepared(newest)).toMatchObject({ source: { fileName: 'accounts-3.csv', rows: 1 } });
  expect(await inOrg('folder')).toEqual(['folder-1', 'folder-2', 'folder-3']);
});

test('where no file matches, one is gone, or their columns differ, the run has failed and nothing was sent', async () => {
  const before = await writesOf(org);
  const failed = async (source: object, failure: object) => {
    const saved = await of(source);
    await expect(prepared(saved)).rejects.toMatchObject({ failure });
    const [run] = (await app.call('run.list', { jobId: saved.jobId })).runs;
    expect(run?.state).toMatchObject({ kind: 'failed', failure });
  };
  await failed(
    { kind: 'folder', folder, pattern: '*.csv', take: 'all' },
    { code: 'JOB_NO_FILE', folder: `files-${made}`, pattern: '*.csv' },
  );
  const paths = [await put('a.csv', ['differ-1']), await put('b.csv', ['differ-2'], 'ERP Id,Account Name,Fax')];
  await failed({ kind: 'files', paths }, { code: 'FILE_SEVERAL', difference: { missing: ['Phone'], extra: ['Fax'] } });
  await failed({ kind: 'folder', folder, pattern: '*.csv', take: 'all' }, { code: 'FILE_SEVERAL' });
  await rm(join(folder, 'b.csv'));
  await failed({ kind: 'files', paths }, { code: 'FILE_UNREADABLE', fileName: 'b.csv', reason: 'ENOENT' });
  expect(await writesOf(org)).toBe(before);
});

test('a file that is still being written is not loaded without a yes', async () => {
  const keys = Array.from({ length: 20_000 }, (_, n) => `growing-${n}`);
  const path = await put('growing.csv', keys);
  const growing = await of({ kind: 'file', path });
  let grew = 0;
  const writing = setInterval(() => appendFileSync(path, `growing-more-${++grew},More,+49 1\n`), 1);
  const before = await writesOf(org);
  await expect(prepared(growing)).rejects.toMatchObject({
    failure: { code: 'FILE_CHANGED_WHILE_READ', change: 'grew' },
  });
  clearInterval(writing);
  expect(await writesOf(org)).toBe(before);
  // Whole by now, it is read as it is.
  const run = await prepared(growing);
  expect(run).toMatchObject({ state: { kind: 'planned' }, source: { rows: keys.length + grew } });
}, 60_000);
