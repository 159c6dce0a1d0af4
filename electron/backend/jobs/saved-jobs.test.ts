import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { JobDefinition } from '../../../shared/domain/job.ts';
import { SavedJobs } from './saved-jobs.ts';

let data: string;
let time = 0;
let tokens = 0;
const { signal } = new AbortController();

function open(): SavedJobs {
  const clock = { now: () => ++time, elapsed: () => 0, timeZone: () => 'UTC', sleep: () => Promise.resolve() };
  const random = { token: (length: number) => String(++tokens).padStart(length, '0') };
  return new SavedJobs({ paths: { data }, clock, random });
}

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'longshore-saved-jobs-'));
});
afterEach(() => rm(data, { recursive: true, force: true }));

const named = (name: string) =>
  JobDefinition.parse({
    name,
    org: { organization: '00D000000000001EAA', username: 'ann@acme.example' },
    source: { kind: 'file', path: '/a.csv' },
    object: 'Account',
    operation: 'insert',
    matchField: null,
    columns: [{ column: 'Name', fills: 'Name' }],
    blankValues: 'leave',
    repeated: { keep: 'ask' },
  });

test('no two jobs have one name, in whatever case and whichever way it is given', async () => {
  const jobs = open();
  const { jobId } = await jobs.save(named('Nightly'), { replace: false }, signal);
  const taken = { failure: { code: 'JOB_NAME_TAKEN' } };
  await expect(jobs.save(named('NIGHTLY'), { replace: false }, signal)).rejects.toMatchObject(taken);
  const copy = await jobs.clone(jobId, 'Weekly', signal);
  expect(copy.definition).toEqual({ ...named('Nightly'), name: 'Weekly' });
  await expect(jobs.clone(jobId, 'weekly', signal)).rejects.toMatchObject(taken);
  await expect(jobs.rename(copy.jobId, 'nightly', signal)).rejects.toMatchObject(taken);
  // Its own name in another case is no other job's.
  expect((await jobs.rename(jobId, 'NightLy', signal)).definition.name).toBe('NightLy');
  expect((await open().list()).jobs.map(({ definition }) => definition.name)).toEqual(['NightLy', 'Weekly']);
});

test('two that are saved at once by one name are one job, or one is refused', async () => {
  const saved = await Promise.allSettled([
    open().save(named('Once'), { replace: false }, signal),
    open().save(named('once'), { replace: false }, signal),
  ]);
  expect(saved.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect((await open().list()).jobs).toHaveLength(1);
});

test('a job that replaces another one of its name is the same job, changed', async () => {
  const jobs = open();
  const before = await jobs.save(named('Nightly'), { replace: false }, signal);
  const after = await jobs.save({ ...named('Nightly'), operation: 'upsert' }, { replace: true }, signal);
  expect(after).toMatchObject({
    jobId: before.jobId,
    createdAt: before.createdAt,
    definition: { operation: 'upsert' },
  });
  expect(after.changedAt).toBeGreaterThan(before.changedAt);
});

test('a job that is replaced by a load stays a sync that runs by itself; where it does another thing by then, its yes to production is gone', async () => {
  const jobs = open();
  const rules = {
    sync: { orgChanges: 'keep', gone: { then: 'leave' } },
    schedule: { kind: 'nightly', at: '02:00', zone: 'UTC', confirmOrg: 'Acme' },
  } as const;
  await jobs.save({ ...named('Mirror'), ...rules }, { replace: false }, signal);
  const replaced = { replace: true, keepsRules: true };
  expect((await jobs.save(named('Mirror'), replaced, signal)).definition).toMatchObject(rules);
  const { definition } = await jobs.save({ ...named('Mirror'), operation: 'delete' }, replaced, signal);
  expect(definition.sync).toBeUndefined();
  expect(definition.schedule).toEqual({ kind: 'nightly', at: '02:00', zone: 'UTC' });
});

test('a job that can’t be read is said, and neither removed nor replaced', async () => {
  const jobs = open();
  const { jobId } = await jobs.save(named('Nightly'), { replace: false }, signal);
  await writeFile(join(data, 'jobs', `${jobId}.json`), '{');
  const refused = { failure: { code: 'DOCUMENT_UNREADABLE', problem: 'damaged' } };
  await expect(jobs.remove(jobId, signal)).rejects.toMatchObject(refused);
  await expect(jobs.rename(jobId, 'Other', signal)).rejects.toMatchObject(refused);
  expect(await jobs.list()).toEqual({ jobs: [], unreadable: [{ name: `${jobId}.json`, problem: 'damaged' }] });
});
