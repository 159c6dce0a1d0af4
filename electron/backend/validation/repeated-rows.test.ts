import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { totalOf } from '../../../shared/domain/load-results.ts';
import { checkedGroups } from '../../../shared/domain/row-groups.ts';
import { startBench } from '../test-support/start-bench.ts';

const { app, orgId } = await startBench(['--records', '4']);

async function mapped(name: string, lines: readonly string[], operation: 'insert' | 'upsert') {
  const path = join(app.data, name);
  await writeFile(path, `${lines.join('\n')}\n`);
  const { sourceId } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName: 'Account', operation, useSaved: false } as const;
  return { orgId, sourceId, mapping: await app.call('mapping.suggest', wanted) };
}

test('rows that another row stands for are told as such, and checks, plan, load and report count them alike', async () => {
  const lines = ['ERP Id,Account Name', 'RR-1,One', 'RR-1,One', 'RR-2,Two', 'RR-2,Zwei', 'RR-1,One', 'RR-3,Three'];
  const asked = await mapped('repeated.csv', lines, 'upsert');
  const input = { ...asked, mapping: { ...asked.mapping, duplicateKeys: 'last' as const } };
  const checks = await app.call('checks.run', input);
  expect(checks.problems.map(({ code, level, rows }) => [code, level, rows])).toEqual([
    ['ROW_REPEATED', 'once', 2],
    ['ROW_SUPERSEDED', 'once', 1],
  ]);
  expect(
    checks.groups.map(({ code, rows, firstRow, firstLine, facts }) => [code, rows, firstRow, firstLine, facts]),
  ).toEqual([
    ['ROW_REPEATED', 2, 2, 3, { of: 1 }],
    ['ROW_SUPERSEDED', 1, 3, 4, { of: 4 }],
  ]);
  for (const { key, code, rows } of checks.groups) {
    const told = await app.call('checks.rows', { ...input, groupKey: key, offset: 0, limit: 10 });
    expect(told).toHaveLength(rows);
    expect(told.every((row) => row.code === code && row.level === 'once')).toBe(true);
  }
  const plan = await app.call('plan.build', input);
  const divided = { ready: 3, repeated: 3, leftOut: 0, notSent: 0 };
  expect(checkedGroups(checks, null)).toEqual(divided);
  expect(checkedGroups(checks, plan.counts)).toEqual(divided);
  const { loadId } = await app.call('load.start', { planId: plan.planId, planDigest: plan.planDigest });
  await app.finished(loadId);
  const { load, errorGroups } = await app.call('report.get', { loadId });
  expect(load.counts).toMatchObject({ created: 3, repeated: 3 });
  expect(totalOf(load.counts)).toBe(6);
  expect(errorGroups).toEqual([]);
  const { rows } = await app.call('report.page', { loadId, kinds: ['repeated'], offset: 0, limit: 10 });
  expect(rows.map(({ row, error }) => [row, error])).toEqual([
    [2, 'Longshore: identical to row 1, which stands for it'],
    [3, 'Longshore: row 4 with the same match value was chosen'],
    [5, 'Longshore: identical to row 1, which stands for it'],
  ]);
});

test('without a match field rows that are equal in every cell are created once', async () => {
  const asked = await mapped('twice.csv', ['Account Name,City', 'A,Ulm', 'A,Ulm', 'A,Bonn'], 'insert');
  const checks = await app.call('checks.run', asked);
  expect(checks).toMatchObject({ rowsReady: 2, rowsRepeated: 1 });
  expect(checks.problems).toMatchObject([{ code: 'ROW_REPEATED', level: 'once', rows: 1 }]);
  expect((await app.call('plan.build', asked)).counts).toMatchObject({ insert: 2, duplicate: 1 });
});

test('rows that are merged into another are told as merged, by checks and report', async () => {
  const asked = await mapped('merged.csv', ['ERP Id,Account Name,City', 'RM-1,One,', 'RM-1,,Ulm'], 'upsert');
  const input = { ...asked, mapping: { ...asked.mapping, duplicateKeys: 'merge' as const } };
  const checks = await app.call('checks.run', input);
  expect(checks).toMatchObject({ rowsReady: 1, rowsRepeated: 1 });
  expect(checks.problems).toMatchObject([{ code: 'ROW_MERGED', level: 'once', rows: 1 }]);
  const { planId, planDigest } = await app.call('plan.build', input);
  const { loadId } = await app.call('load.start', { planId, planDigest });
  await app.finished(loadId);
  const { rows } = await app.call('report.page', { loadId, kinds: ['repeated'], offset: 0, limit: 10 });
  expect(rows.map(({ error }) => error)).toEqual(['Longshore: merged into row 1, which stands for it']);
});
