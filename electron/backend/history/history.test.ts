import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { expect, test } from 'vitest';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { LoadId } from '../../../shared/domain/ids.ts';
import { to } from '../test-support/small-plan.ts';
import { startBench } from '../test-support/start-bench.ts';

const { app, orgId, org } = await startBench(['--records', '0']);

const mapping: FieldMapping = {
  objectName: 'Berth__c',
  operation: 'insert',
  matchField: null,
  columns: [newColumn(0, to('Berth_Code__c')), newColumn(1, to('Name')), newColumn(2, { kind: 'ignored' })],
  blankValues: 'leave',
  duplicateKeys: 'ask',
};

/** A session id of Salesforce: the org's Id and a secret (OAuth 2.0, "access_token"). */
const SESSION = /00D\w{12,15}!\S+/;

/** A load of one row that is created and one that repeats it. */
async function load(code: string) {
  const path = join(app.data, `${code}.csv`);
  await writeFile(path, `Code,Name,Remark\n${code},One,x\n${code},Again,y\n`);
  const { sourceId } = await app.stage(path);
  const { planId, planDigest } = await app.call('plan.build', { orgId, sourceId, mapping });
  return app.finished((await app.call('load.start', { planId, planDigest })).loadId);
}

/** The files of a ZIP by name. */
async function unzip(path: string): Promise<Record<string, string>> {
  const zip = await promisify<string, yauzl.Options, ZipFile>(yauzl.open)(path, { autoClose: false });
  const open = promisify(zip.openReadStream.bind(zip)) as (entry: Entry) => Promise<NodeJS.ReadableStream>;
  const entries: Entry[] = [];
  await new Promise((resolve, reject) => {
    zip.on('entry', (entry: Entry) => entries.push(entry)).once('end', resolve);
    zip.once('error', reject);
  });
  const files: Record<string, string> = {};
  for (const entry of entries) files[entry.fileName] = (await buffer(await open(entry))).toString('utf8');
  zip.close();
  return files;
}

async function pack(loadId: LoadId, withRows: boolean): Promise<Record<string, string>> {
  await app.call('history.pack', { loadId, withRows });
  return unzip(app.saved.at(-1)?.path ?? '');
}

test('a load is told, packed with and without its rows, and removed for good', async () => {
  const first = await load('H-1');
  const second = await load('H-2');
  const { loadId } = first;
  expect(await app.call('history.details', { loadId })).toEqual({
    columns: [
      { name: 'Code', field: 'Berth_Code__c' },
      { name: 'Name', field: 'Name' },
      { name: 'Remark', field: null },
    ],
    cleaningSteps: 0,
    hasFile: true,
  });

  const whole = await pack(loadId, true);
  expect(Object.keys(whole).sort()).toEqual(
    [
      'error.csv',
      'journal.jsonl',
      'load.json',
      'load.txt',
      'plan.json',
      'success.csv',
      'unchanged.csv',
      'unprocessed.csv',
    ].sort(),
  );
  expect(app.saved.at(-1)?.name).toBe('H-1-load.zip');
  expect(whole['load.txt']).toContain('File: H-1.csv (SHA-256 ');
  const rows = (file: string) => (whole[file] ?? '').trim().split(/\r?\n/).length - 1;
  // The repeated row is not sent, which is told in the error file.
  expect([rows('success.csv'), rows('error.csv'), rows('unprocessed.csv')]).toEqual([1, 1, 0]);
  const told = await pack(loadId, false);
  expect(Object.keys(told).sort()).toEqual(['journal.jsonl', 'load.json', 'load.txt', 'plan.json']);
  expect(Object.values(told).join()).not.toContain('Again');

  // The canary: whoever gets the ZIP gets no session with it.
  const everything = [...Object.values(whole), ...Object.values(told)].join('\n');
  expect(org.accessToken).toMatch(SESSION);
  expect(everything).not.toMatch(SESSION);
  for (const secret of [org.accessToken.split('!')[1] ?? '', 'Bearer', 'refresh_token', 'access_token'])
    expect(everything).not.toContain(secret);

  const sizes = await app.call('history.storage', {});
  expect(sizes.map((one) => one.loadId).sort()).toEqual([first.loadId, second.loadId].sort());
  const folder = join(app.data, 'loads', first.planId);
  const database = (await stat(join(folder, 'plan.duckdb'))).size;
  expect(sizes.find((one) => one.loadId === loadId)?.bytes).toBeGreaterThan(database);

  await app.call('history.remove', { loadId });
  await expect(stat(folder)).rejects.toThrow('ENOENT');
  expect((await app.call('load.list', {})).map((one) => one.loadId)).toEqual([second.loadId]);
  await expect(app.call('history.details', { loadId })).rejects.toThrow('LOAD_UNKNOWN');
  await expect(app.call('report.get', { loadId })).rejects.toThrow('LOAD_UNKNOWN');
  expect(await app.call('report.get', { loadId: second.loadId })).toMatchObject({ load: { loadId: second.loadId } });
});

test('a load that has not ended is neither packed nor removed', async () => {
  const { loadId, planId } = await load('H-3');
  const file = join(app.data, 'loads', planId, 'load.json');
  const document = JSON.parse(await readFile(file, 'utf8')) as { snapshot: object };
  const paused = { kind: 'paused', failure: { code: 'LOAD_INTERRUPTED' } };
  await writeFile(file, JSON.stringify({ ...document, snapshot: { ...document.snapshot, state: paused } }));
  await expect(app.call('history.remove', { loadId })).rejects.toThrow('LOAD_NOT_FINISHED');
  await expect(app.call('history.pack', { loadId, withRows: true })).rejects.toThrow('LOAD_NOT_FINISHED');
  expect((await stat(file)).size).toBeGreaterThan(0);
});
