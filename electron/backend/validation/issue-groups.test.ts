import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { startBench } from '../test-support/start-bench.ts';

const { app, orgId } = await startBench(['--records', '4']);

const LAST = { column: 1, code: 'NOT_AN_EMAIL' } as const;

async function checkedFile(
  name: string,
  lines: readonly string[],
  change: (m: FieldMapping) => FieldMapping = (m) => m,
) {
  const path = join(app.data, name);
  await writeFile(path, `${lines.join('\n')}\n`);
  const { sourceId } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName: 'Contact', operation: 'insert', useSaved: false } as const;
  const mapping = change(await app.call('mapping.suggest', wanted));
  const asked = { orgId, sourceId, mapping };
  return { asked, report: await app.call('checks.run', asked) };
}

const withFixes = (column: number, fixes: FieldMapping['columns'][number]['fixes']) => (mapping: FieldMapping) => ({
  ...mapping,
  columns: mapping.columns.map((one) => (one.column === column ? { ...one, fixes } : one)),
});

test('a problem says how many rows and values it has however many there are, and its groups can be paged through to the last', async () => {
  // Each of 252 values once, and the first of them twice more.
  const lines = [...Array.from({ length: 252 }, (_, n) => `A${n},no address ${n}`), 'B,no address 0', 'C,no address 0'];
  const { asked, report } = await checkedFile('many.csv', ['Last Name,Email', ...lines]);
  expect(report.problems).toEqual([
    { ...LAST, level: 'row', columnName: 'Email', field: 'Email', fieldLabel: 'Email', groups: 252, rows: 254 },
  ]);
  expect(report.groups).toHaveLength(50);
  const pages = [];
  for (let offset = 0; offset < 252; offset += 100) {
    const page = await app.call('checks.groups', { ...asked, ...LAST, offset, limit: 100 });
    expect(page.total).toBe(252);
    pages.push(...page.groups);
  }
  expect(pages.reduce((sum, { rows }) => sum + rows, 0)).toBe(254);
  expect(new Set(pages.map(({ rawValue }) => rawValue)).size).toBe(252);
  expect(pages.slice(0, 50)).toEqual(report.groups);
  expect(pages[0]).toMatchObject({ rawValue: 'no address 0', rows: 3 });
});

test('rows that are not sent are shown with every reason, and those of one problem by themselves', async () => {
  const lines = ['Last Name,Email', 'A,a@b.co', ',no address', 'C,neither', ',c@d.co'];
  const { asked, report } = await checkedFile('problems.csv', lines);
  expect(report).toMatchObject({ rows: 4, rowsReady: 1, rowsRepeated: 0, rowsBlocked: 3, rowsLeftOut: 0 });
  const page = { offset: 0, limit: 10 };
  const all = await app.call('checks.problemRows', { ...asked, problem: null, ...page });
  expect(all.rows.map(({ row, cells, issues }) => [row, ...cells, ...issues.map(({ code }) => code).sort()])).toEqual([
    [2, '', 'no address', 'NOT_AN_EMAIL', 'REQUIRED_BLANK'],
    [3, 'C', 'neither', 'NOT_AN_EMAIL'],
    [4, '', 'c@d.co', 'REQUIRED_BLANK'],
  ]);
  const blank = { column: 0, code: 'REQUIRED_BLANK' } as const;
  const some = await app.call('checks.problemRows', { ...asked, problem: blank, ...page });
  expect(some).toMatchObject({ total: 2, rows: [{ row: 2 }, { row: 4 }] });
});

test('problem rows are saved with their reasons, every column of the file, and in its own encoding', async () => {
  const path = join(app.data, 'latin.csv');
  await writeFile(path, Buffer.from('Last Name;Email;Notiz\nMüller;a@b.co;x\nGrün;keine;süß\n', 'latin1'));
  const { sourceId } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName: 'Contact', operation: 'insert', useSaved: false } as const;
  const mapping = await app.call('mapping.suggest', wanted);
  await app.call('checks.saveProblemRows', { orgId, sourceId, mapping });
  const saved = app.saved.at(-1);
  expect(saved?.name).toBe('latin-problems.csv');
  const text = (await readFile(saved?.path ?? '')).toString('latin1');
  const [header, row, end] = text.split('\n');
  expect(header).toBe('sf__Id;sf__Error;Last Name;Email;Notiz');
  expect(row).toMatch(/^;"?NOT_AN_EMAIL: Row 2 \(line 3\), Email: .*"?;Grün;keine;süß$/);
  expect(end).toBe('');
});

test('rows left out are counted, whatever else is wrong with them, and are no problem rows any more', async () => {
  const lines = ['Last Name,Email', 'A,a@b.co', ',no address', 'C,neither'];
  const { asked, report } = await checkedFile(
    'left-out.csv',
    lines,
    withFixes(1, [{ kind: 'exclude', value: 'no address' }]),
  );
  expect(report).toMatchObject({ rows: 3, rowsReady: 1, rowsBlocked: 2, rowsLeftOut: 1 });
  expect(report.problems.map(({ code, rows }) => [code, rows]).sort()).toEqual([
    ['LEFT_OUT', 1],
    ['NOT_AN_EMAIL', 1],
  ]);
  const { rows } = await app.call('checks.problemRows', { ...asked, problem: null, offset: 0, limit: 10 });
  expect(rows.map(({ row, issues }) => [row, ...issues.map(({ code }) => code)])).toEqual([[3, 'NOT_AN_EMAIL']]);
});

test('blanks that were filled are said, and no longer missing', async () => {
  const { report } = await checkedFile(
    'filled.csv',
    ['Last Name,Email', 'A,a@b.co', ',b@b.co'],
    withFixes(0, [{ kind: 'fill', text: 'Unknown' }]),
  );
  expect(report).toMatchObject({ rowsReady: 2, rowsBlocked: 0 });
  expect(report.problems).toMatchObject([{ code: 'BLANK_FILLED', level: 'fix', rows: 1 }]);
  expect(report.groups).toMatchObject([{ rawValue: '', facts: { readAs: 'Unknown' }, firstRow: 2 }]);
});

test('what is asked of a mapping is of that mapping, whichever was checked last', async () => {
  const lines = ['Last Name,Email', 'A,neither', 'B,nor'];
  const { asked } = await checkedFile('back.csv', lines);
  const mended = withFixes(1, [{ kind: 'exclude', value: 'neither' }])(asked.mapping);
  await app.call('checks.run', { ...asked, mapping: mended });
  const page = { ...LAST, offset: 0, limit: 10 };
  expect((await app.call('checks.groups', { ...asked, ...page })).groups.map(({ rawValue }) => rawValue)).toEqual([
    'neither',
    'nor',
  ]);
  expect((await app.call('checks.groups', { ...asked, mapping: mended, ...page })).groups).toMatchObject([
    { rawValue: 'nor' },
  ]);
});

test('a value that is not offered for its controlling value is said, and sent: the API takes it', async () => {
  const path = join(app.data, 'dependent.csv');
  const lines = [
    'Tracking Code,Carrier,Service,Account.ERP_Id__c',
    'D-1,Sea,Express,ERP-100001',
    'D-2,Road,Express,ERP-100001',
    'D-3,Sea,Express,ERP-100001',
    'D-4,Rail,Charter,ERP-100001',
  ];
  await writeFile(path, `${lines.join('\n')}\n`);
  const { sourceId } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName: 'Shipment__c', operation: 'insert', useSaved: false } as const;
  const { misfits: _none, ...mapping } = await app.call('mapping.suggest', wanted);
  const asked = { orgId, sourceId, mapping };
  const report = await app.call('checks.run', asked);
  expect(report).toMatchObject({ rowsReady: 4, rowsBlocked: 0 });
  expect(report.problems).toMatchObject([{ code: 'PICKLIST_NOT_OFFERED_HERE', level: 'warn', rows: 3 }]);
  const [group] = report.groups;
  expect(group).toMatchObject({
    rawValue: 'Express',
    firstRow: 1,
    facts: { controller: 'Carrier', controlling: 'Sea' },
  });
  const rows = await app.call('checks.rows', { ...asked, groupKey: group?.key ?? '', offset: 0, limit: 10 });
  expect(rows.map(({ row, level, facts }) => [row, level, facts['controlling']])).toEqual([
    [1, 'warn', 'Sea'],
    [3, 'warn', 'Sea'],
    [4, 'warn', 'Rail'],
  ]);
  const { planId, planDigest } = await app.call('plan.build', asked);
  const { loadId } = await app.call('load.start', { planId, planDigest });
  expect((await app.finished(loadId)).counts).toMatchObject({ created: 4, failed: 0, skipped: 0 });
  const without = {
    ...mapping,
    columns: mapping.columns.map((one) =>
      one.column === 2 ? { ...one, fixes: [{ kind: 'exclude' as const, value: 'Charter' }] } : one,
    ),
  };
  const left = await app.call('checks.run', { ...asked, mapping: without });
  expect(left.problems.map(({ code, rows: n }) => [code, n]).sort()).toEqual([
    ['LEFT_OUT', 1],
    ['PICKLIST_NOT_OFFERED_HERE', 2],
  ]);
});
