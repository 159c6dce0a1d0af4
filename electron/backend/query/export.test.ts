import { readFile } from 'node:fs/promises';
import { beforeEach, expect, test } from 'vitest';
import { DuckDBInstance } from '@duckdb/node-api';
import type { ExportForm } from '../../../shared/domain/export.ts';
import { ALL_ROWS } from '../../../shared/domain/source-file.ts';
import { failureOf } from '../test-support/test-orgs.ts';
import { startBench } from '../test-support/start-bench.ts';

const { org, app, orgId } = await startBench([
  '--records',
  '3000',
  '--knob',
  'bulkQueryPage=700',
  '--knob',
  'restQueryPage=300',
]);
beforeEach(() => org.faults([]));

const ACCOUNTS = 'SELECT Id, Name, AnnualRevenue, Description, CreatedDate, Owner.Name FROM Account';

/** Writes records, and gives what was written. */
async function exported(
  soql: string,
  form?: ExportForm,
  way?: 'rest' | 'bulk',
): Promise<{ path: string; records: number }> {
  const { records } = await app.call('export.query', {
    orgId,
    soql,
    fileName: `a.${form?.format ?? 'csv'}`,
    ...(form ? { form } : {}),
    ...(way ? { way } : {}),
  });
  return { path: app.saved.at(-1)?.path ?? '', records };
}

async function asked(pattern: RegExp): Promise<number> {
  return (await org.requests()).filter(({ path }) => pattern.test(path)).length;
}

test('what it takes is told before, by a count', async () => {
  const all = await app.call('export.forecast', { orgId, soql: 'SELECT Id FROM Account' });
  expect(all.records).toBeGreaterThan(500);
  const pages = Math.ceil((all.records ?? 0) / 2000);
  expect(all.ways).toEqual([
    { way: 'rest', calls: pages, seconds: expect.any(Number) as number },
    { way: 'bulk', calls: 5, seconds: expect.any(Number) as number },
  ]);
  const grouped = await app.call('export.forecast', {
    orgId,
    soql: 'SELECT Industry, COUNT(Id) n FROM Account GROUP BY Industry',
  });
  expect(grouped).toEqual({ records: null, ways: [{ way: 'rest', calls: null, seconds: null }] });
  const within = await app.call('export.forecast', {
    orgId,
    soql: 'SELECT Id, (SELECT Id FROM Contacts) FROM Account',
  });
  expect(within).toEqual({ records: null, ways: [] });
});

test('both ways write the same rows', async () => {
  const soql = `${ACCOUNTS} ORDER BY Id`;
  const before = await asked(/jobs\/query$/);
  const rest = await exported(soql, undefined, 'rest');
  expect(await asked(/jobs\/query$/)).toBe(before);
  const bulk = await exported(soql, undefined, 'bulk');
  expect(await asked(/jobs\/query$/)).toBe(before + 1);
  expect(rest.records).toBe(bulk.records);
  // Bulk API writes numbers as Java does, 7610000.0 and 4.838E7; they are the same numbers.
  const asNumbers = (text: string) =>
    text.replace(/"(-?\d+\.\d+(?:E-?\d+)?)"/g, (_all, found: string) => `"${Number(found)}"`);
  const [restText, bulkText] = [await readFile(rest.path, 'utf8'), await readFile(bulk.path, 'utf8')];
  const bulkLines = new Set(asNumbers(bulkText).split('\n'));
  expect(
    asNumbers(restText)
      .split('\n')
      .filter((line) => !bulkLines.has(line))
      .slice(0, 5),
  ).toEqual([]);
  expect(asNumbers(restText).length).toBe(asNumbers(bulkText).length);
});

test('groups come by REST, as rows', async () => {
  const { path, records } = await exported('SELECT Industry, COUNT(Id) n FROM Account GROUP BY Industry');
  const [header, ...rows] = (await readFile(path, 'utf8')).trimEnd().split('\n');
  expect(header).toBe('"Industry","n"');
  expect(rows).toHaveLength(records);
});

test.each<[string, string, { way?: 'bulk' }, object]>([
  ['records within records', 'SELECT Id, (SELECT Id FROM Contacts) FROM Account', {}, { code: 'NOT_SUPPORTED' }],
  ['groups by Bulk API', 'SELECT COUNT(Id) FROM Account', { way: 'bulk' }, { code: 'NOT_SUPPORTED' }],
  ['a field that there is not', 'SELECT Nope__c FROM Account', {}, { code: 'ORG_REFUSED', errorCode: 'INVALID_FIELD' }],
  ['what is no SOQL', 'SELECT FROM', {}, { code: 'ORG_REFUSED', errorCode: 'MALFORMED_QUERY' }],
])('%s are refused', async (_name, soql, choice, failure) => {
  const { saved } = app;
  const before = saved.length;
  expect(await failureOf(app.call('export.query', { orgId, soql, fileName: 'a.csv', ...choice }))).toMatchObject(
    failure,
  );
  expect(saved).toHaveLength(before);
});

test('a page of REST that fails leaves nothing', async () => {
  const before = app.saved.length;
  const soql = 'SELECT Id FROM Contact';
  const { records } = await app.call('export.forecast', { orgId, soql });
  expect(records).toBeGreaterThan(600);
  await org.faults([
    {
      path: '/query/',
      every: 1,
      action: {
        kind: 'answer',
        status: 400,
        contentType: 'application/json',
        body: '[{"errorCode":"INVALID_QUERY_LOCATOR","message":"gone"}]',
      },
    },
  ]);
  expect(await failureOf(app.call('export.query', { orgId, soql, fileName: 'a.csv', way: 'rest' }))).toMatchObject({
    code: 'ORG_REFUSED',
    errorCode: 'INVALID_QUERY_LOCATOR',
  });
  expect(app.saved).toHaveLength(before);
});

/** A table of the texts that any reader finds in a file: read by DuckDB, not by our own code. */
async function readBack(from: string): Promise<Record<string, unknown>[]> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  return (await connection.runAndReadAll(`SELECT * FROM ${from}`)).getRowObjectsJson();
}

const TYPED =
  'SELECT Id, Name, AnnualRevenue, NumberOfEmployees, IsDeleted, CreatedDate, Owner.Name FROM Account ORDER BY Id';

test('JSON Lines and Parquet have the values with their types, in order', async () => {
  const csv = await exported(TYPED, undefined, 'bulk');
  const texts = await readBack(`read_csv('${csv.path}', all_varchar = true)`);
  const lines = await exported(TYPED, { format: 'jsonl' });
  const objects = (await readFile(lines.path, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const parquet = await exported(TYPED, { format: 'parquet' }, 'bulk');
  const rows = await readBack(`read_parquet('${parquet.path}')`);
  expect(objects).toHaveLength(texts.length);
  expect(rows).toHaveLength(texts.length);
  texts.forEach((text, at) => {
    const [object, row] = [objects[at] ?? {}, rows[at] ?? {}];
    for (const name of ['Id', 'Name', 'Owner.Name'])
      expect([object[name], row[name]]).toEqual([text[name], text[name]]);
    for (const name of ['AnnualRevenue', 'NumberOfEmployees']) {
      const expected = text[name] === null ? null : Number(text[name]);
      expect([object[name], row[name] === null ? null : Number(row[name])]).toEqual([expected, expected]);
    }
    expect([object['IsDeleted'], row['IsDeleted']]).toEqual([false, false]);
    expect(object['CreatedDate']).toBe(text['CreatedDate']);
    expect(Date.parse(String(row['CreatedDate']))).toBe(Date.parse(String(text['CreatedDate'])));
  });
});

test('a workbook is read with the same cells', async () => {
  const odd = 'a<b>&"c"\r\n\u0001_x0041_ \ttab';
  const created = await fetch(`${org.url}/services/data/v66.0/sobjects/Account`, {
    method: 'POST',
    headers: { authorization: `Bearer ${org.accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ Name: 'Odd', Description: odd, AnnualRevenue: 12.5 }),
  });
  expect(created.status).toBe(201);
  const soql = "SELECT Name, Description, AnnualRevenue, IsDeleted FROM Account WHERE Name = 'Odd'";
  const { path } = await exported(soql, { format: 'xlsx' });
  const source = await app.stage(path);
  expect(source.columns.map(({ name }) => name)).toEqual(['Name', 'Description', 'AnnualRevenue', 'IsDeleted']);
  const { page } = await app.call('source.page', { sourceId: source.sourceId, view: ALL_ROWS, offset: 0, limit: 5 });
  const plain = await exported(soql);
  const [text] = await readBack(`read_csv('${plain.path}', all_varchar = true)`);
  expect(page[0]?.cells.slice(0, 3)).toEqual(['Odd', text?.['Description'], '12.5']);
});

test('CSV is written with another delimiter, and in another encoding where that has the characters', async () => {
  const soql = 'SELECT Id, Name FROM Account LIMIT 3';
  const semicolons = await exported(soql, {
    format: 'csv',
    delimiter: ';',
    writing: { encoding: 'utf-8', mark: true },
  });
  const text = await readFile(semicolons.path, 'utf8');
  expect(text.startsWith('\ufeff"Id";"Name"\n')).toBe(true);
  expect(text.trimEnd().split('\n')).toHaveLength(4);
});
