import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { to } from '../test-support/small-plan.ts';
import { startBench } from '../test-support/start-bench.ts';

const { app, orgId } = await startBench(['--records', '0']);

test('a report is a page that is whole by itself: its numbers, its reasons, its rows, and nothing of them is HTML', async () => {
  const mapping: FieldMapping = {
    objectName: 'Berth__c',
    operation: 'insert',
    matchField: null,
    columns: [to('Berth_Code__c'), to('Name')].map((target, column) => newColumn(column, target)),
    blankValues: 'leave',
    duplicateKeys: 'ask',
  };
  const load = async (name: string, rows: string) => {
    const path = join(app.data, name);
    await writeFile(path, `Code,Name\n${rows}`);
    const { sourceId } = await app.stage(path);
    const { planId, planDigest } = await app.call('plan.build', { orgId, sourceId, mapping });
    return app.finished((await app.call('load.start', { planId, planDigest })).loadId);
  };
  await load('first.csv', 'P-1,One\n');
  const { loadId, pace, rowsToSend } = await load('second.csv', 'P-1,<script>alert(1)</script>\nP-2,Two\n');
  expect(pace.at(-1)).toMatchObject({ processed: rowsToSend, failed: 1 });

  await app.call('report.savePage', { loadId });
  const { path, name } = app.saved.at(-1) ?? { path: '', name: '' };
  expect(name).toBe('second-report.html');
  const page = await readFile(path, 'utf8');
  const text = page
    .replace(/<style>[^]*<\/style>/, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
  expect(text).toContain('Insert 2 rows into Berth in');
  expect(text).toContain('Created 1 Failed 1 All rows of the file 2');
  expect(text).toContain('DUPLICATE_VALUE');
  expect(text).toContain('P-1 &lt;script&gt;alert(1)&lt;/script&gt;');
  expect(page).not.toContain('<script');
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/(?:src|href)=/);
});
