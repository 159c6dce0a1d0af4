import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EDGE_SPACES } from '../../../shared/match/white-space.ts';
import { startBench } from '../test-support/start-bench.ts';

/** Cells that an org echoes in a form of its own, or stores so: the rows they are in are created, and known to be. */

const { org, app, orgId } = await startBench();

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

/** Inserts rows of the named columns; a column without a field stays unmapped. */
async function insert(objectName: string, header: string[], rows: string[][]) {
  const path = join(app.data, `${objectName}-${rows.length}.csv`);
  await writeFile(path, [header, ...rows].map((cells) => `${cells.map(quoted).join(',')}\n`).join(''));
  const { sourceId } = await app.stage(path);
  const suggested = { orgId, sourceId, objectName, operation: 'insert' as const, useSaved: false };
  const mapping = await app.call('mapping.suggest', suggested);
  const { planId, planDigest, counts } = await app.call('plan.build', { orgId, sourceId, mapping });
  expect(counts, 'every row is sent').toMatchObject({ insert: rows.length, blocked: 0 });
  const { loadId } = await app.call('load.start', { planId, planDigest });
  return app.finished(loadId);
}

async function stored(soql: string): Promise<Record<string, unknown>[]> {
  const response = await fetch(`${org.url}/services/data/v62.0/query?q=${encodeURIComponent(soql)}`, {
    headers: { Authorization: `Bearer ${org.accessToken}` },
  });
  return ((await response.json()) as { records: Record<string, unknown>[] }).records;
}

test('rows that are one blank cell are created, and line ends of other kinds come to the org as LF', async () => {
  const done = await insert(
    'Case',
    ['No field of that name', 'Description'],
    [
      ['1', 'one\r\ntwo'],
      ['2', ''],
      ['3', 'three\rfour\nfive'],
      ['4', ''],
    ],
  );
  expect(done.counts).toMatchObject({ created: 4, unknown: 0 });
  // A long text can't be filtered by.
  const created = await stored('SELECT Description FROM Case ORDER BY CreatedDate DESC LIMIT 4');
  const texts = created.map((record) => record['Description']).filter((text) => text !== null);
  expect(texts.sort()).toEqual(['one\ntwo', 'three\nfour\nfive']);
});

test('cleared e-mails and numbers, and Unicode spaces at the edges, leave no row unknown', async () => {
  const rows = EDGE_SPACES.map((code, n) => {
    const space = String.fromCodePoint(code);
    return [
      `${space}Berth ${n}${space}`,
      n % 2 === 0 ? '#N/A' : `a${n}@example.com${space}`,
      n % 3 === 0 ? '#N/A' : `${n}.50`,
    ];
  });
  const done = await insert('Berth__c', ['Name', 'Contact_Email__c', 'Depth__c'], rows);
  expect(done.counts).toMatchObject({ created: rows.length, unknown: 0 });
  const names = (await stored("SELECT Name FROM Berth__c WHERE Name LIKE 'Berth %'")).map((record) => record['Name']);
  for (const n of rows.keys()) expect(names).toContain(`Berth ${n}`);
});

test('a cleared checkbox is told of, whatever the org makes of it', async () => {
  const done = await insert(
    'Berth__c',
    ['Name', 'Crane__c'],
    [
      ['Cleared', '#N/A'],
      ['Set', 'yes'],
    ],
  );
  expect(done.counts.unknown + done.counts.unprocessed).toBe(0);
});

test('numbers of 16 digits are found again', async () => {
  const rows = ['1234567890123456', '9007199254740993', '912260031', '0.5'].map((amount, n) => [
    `Deal ${n}`,
    'Prospecting',
    '2026-01-15',
    amount,
  ]);
  const done = await insert('Opportunity', ['Name', 'StageName', 'CloseDate', 'Amount'], rows);
  expect(done.counts).toMatchObject({ created: rows.length, unknown: 0 });
});
