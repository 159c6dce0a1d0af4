import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ExportFormat } from '../../../shared/domain/export.ts';
import { startBench } from '../test-support/start-bench.ts';

/** An export that is called off says so, and leaves nothing: not in the data folder, nor where a person would have it. */

const { app, orgId } = await startBench(['--records', '30000']);
const SOQL = 'SELECT Id, Name, AnnualRevenue, Phone, BillingStreet, CreatedDate, Owner.Name FROM Account';
const exportsFolder = join(app.data, 'exports');

async function filesOfExports(): Promise<string[]> {
  const entries = await readdir(exportsFolder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

/** Calls an export off once `isTime`; what comes of it. */
async function calledOff(format: ExportFormat, isTime: (stage: string) => Promise<boolean>) {
  const calling = new AbortController();
  let stage = '';
  const unsubscribe = app.backend.subscribe((event) => {
    if (event.topic === 'work') ({ stage } = event.work);
  });
  const input = { orgId, soql: SOQL, fileName: `a.${format}`, way: 'bulk', form: { format } };
  let isOver = false;
  const answer = app.backend.call('export.query', input, calling.signal).finally(() => (isOver = true));
  while (!isOver && !(await isTime(stage))) await new Promise(setImmediate);
  calling.abort();
  unsubscribe();
  return answer;
}

const cancelled = { ok: false, failure: { code: 'CANCELLED' } };

test.each(ExportFormat.options)('as %s, while records are fetched', async (format) => {
  expect(await calledOff(format, (stage) => Promise.resolve(stage === 'fetching'))).toMatchObject(cancelled);
  expect([app.saved.length, await filesOfExports()]).toEqual([0, []]);
});

test.each(['xlsx', 'jsonl', 'parquet'] as const)('as %s, while the file is written', async (format) => {
  const isBegun = async (stage: string) =>
    stage === 'writing' && (await filesOfExports()).some((name) => name !== 'export.csv');
  expect(await calledOff(format, isBegun)).toMatchObject(cancelled);
  expect([app.saved.length, await filesOfExports()]).toEqual([0, []]);
});

test('as xlsx, while the workbook is packed', async () => {
  const isBegun = async () => (await filesOfExports()).includes('export.xlsx');
  expect(await calledOff('xlsx', isBegun)).toMatchObject(cancelled);
  expect([app.saved.length, await filesOfExports()]).toEqual([0, []]);
});
