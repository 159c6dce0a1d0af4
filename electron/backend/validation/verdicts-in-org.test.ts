import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Papa from 'papaparse';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import { startBackend, startPracticeOrg, type TestBackend } from '../test-support/start-backend.ts';
import { to } from '../test-support/small-plan.ts';
import { asJson, verdictRows, type VerdictRow } from '../test-support/verdict-rows.ts';

let org: Awaited<ReturnType<typeof startPracticeOrg>>;
let app: TestBackend;
let orgId: OrgId;
let folder: string;
let rows: readonly VerdictRow[];
let fields: readonly string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-verdicts-'));
  const schema = join(folder, 'schema.json');
  await writeFile(schema, JSON.stringify(verdictRows(new Map()).schema));
  org = await startPracticeOrg(['--schema', schema, '--records', '120']);
  app = await startBackend(org);
  ({ orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } }));
  const ids = async (object: string) =>
    (await query(`SELECT Id FROM ${object} ORDER BY Id`)).map(({ Id }) => String(Id));
  ({ rows, fields } = verdictRows(
    new Map([
      ['001', await ids('Account')],
      ['003', await ids('Contact')],
    ]),
  ));
});
afterAll(async () => {
  await app.close();
  org.stop();
  await rm(folder, { recursive: true, force: true });
});

async function ask<T>(method: string, path: string, body?: unknown, type = 'application/json'): Promise<T> {
  const response = await fetch(`${org.url}/services/data/v66.0/${path}`, {
    method,
    headers: { authorization: `Bearer ${org.accessToken}`, 'content-type': type },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text.slice(0, 500)}`);
  return (response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text) as T;
}

async function query(soql: string): Promise<Record<string, unknown>[]> {
  type Page = { records: Record<string, unknown>[]; nextRecordsUrl?: string };
  const first = await ask<Page>('GET', `query?q=${encodeURIComponent(soql)}`);
  expect(first.nextRecordsUrl, 'all of it on one page').toBeUndefined();
  return first.records;
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_all, n) => all.slice(n * size, (n + 1) * size));
}

const of = (...verdicts: VerdictRow['verdict'][]) => rows.filter(({ verdict }) => verdicts.includes(verdict));
const isId = ({ type }: VerdictRow): boolean => type === 'id';
const plain = (row: VerdictRow): string => `${row.type} ${row.field} ${JSON.stringify(row.text.slice(0, 60))}`;

/** What became of the values in the org, against what the table says is given back. */
async function expectKept(way: string): Promise<void> {
  const sent = of('accepted').filter((row) => !isId(row));
  const found = new Map(
    (await query(`SELECT Key__c, ${fields.join(', ')} FROM Verdict__c WHERE Key__c LIKE '${way}-%'`)).map(
      (record) => [record['Key__c'], record] as const,
    ),
  );
  const differing = sent.flatMap((row) => {
    const got = asJson(row.type, found.get(`${way}-${row.key}`)?.[row.field]);
    return Object.is(got, asJson(row.type, row.kept)) || got === asJson(row.type, row.kept) ? [] : [[plain(row), got]];
  });
  expect(differing).toEqual([]);
  expect(found.size, 'what is refused is not there').toBe(sent.length);
}

test('by REST the org takes what the table says, and keeps it so', async () => {
  type Saved = { success: boolean; errors: unknown[] }[];
  const accepted: string[] = [];
  for (const some of chunks(
    of('accepted').filter((row) => !isId(row)),
    200,
  )) {
    const records = some.map((row) => ({
      attributes: { type: 'Verdict__c' },
      Key__c: `rest-${row.key}`,
      [row.field]: row.sent,
    }));
    const saved = await ask<Saved>('POST', 'composite/sobjects', { records });
    saved.forEach(({ success, errors }, n) => {
      const row = some[n];
      if (!success && row) accepted.push(`${plain(row)} ${JSON.stringify(errors)}`);
    });
  }
  expect(accepted, 'accepted in the table, refused by the org').toEqual([]);
  const refused: string[] = [];
  for (const some of chunks(of('refused'), 25)) {
    const batchRequests = some.map((row) => ({
      method: isId(row) ? 'PATCH' : 'POST',
      url: isId(row) ? `v66.0/sobjects/Account/${encodeURIComponent(row.text)}` : 'v66.0/sobjects/Verdict__c',
      richInput: isId(row) ? { Site: 'x' } : { Key__c: `rest-${row.key}`, [row.field]: row.text },
    }));
    const { results } = await ask<{ results: { statusCode: number }[] }>('POST', 'composite/batch', { batchRequests });
    results.forEach(({ statusCode }, n) => {
      const row = some[n];
      if (statusCode < 400 && row) refused.push(plain(row));
    });
  }
  expect(refused, 'refused in the table, accepted by the org').toEqual([]);
  await expectKept('rest');
});

/** What a job of Bulk API 2.0 says of its rows, by the cell of their first column. */
async function ingest(
  object: string,
  operation: 'insert' | 'update',
  csv: string,
): Promise<Map<string, string | null>> {
  const { id } = await ask<{ id: string }>('POST', 'jobs/ingest', { object, operation, lineEnding: 'LF' });
  await ask('PUT', `jobs/ingest/${id}/batches`, csv, 'text/csv');
  await ask('PATCH', `jobs/ingest/${id}`, { state: 'UploadComplete' });
  for (;;) {
    const { state } = await ask<{ state: string }>('GET', `jobs/ingest/${id}`);
    if (state === 'JobComplete') break;
    if (state === 'Failed') throw new Error('the job failed');
    await sleep(20);
  }
  const results = async (kind: string) =>
    Papa.parse<string[]>((await ask<string>('GET', `jobs/ingest/${id}/${kind}`)).trimEnd()).data.slice(1);
  return new Map([
    ...(await results('successfulResults')).map(([, , key = '']) => [key, null] as const),
    ...(await results('failedResults')).map(([, error = '', key = '']) => [key, error] as const),
  ]);
}

test('by Bulk API 2.0 the org says the same', async () => {
  const sent = of('accepted', 'refused');
  const records = sent
    .filter((row) => !isId(row))
    .map((row) => [`bulk-${row.key}`, ...fields.map((field) => (field === row.field ? row.sent : ''))]);
  const csv = Papa.unparse([['Key__c', ...fields], ...records], { newline: '\n' });
  const ids = sent.filter(isId).map((row) => [row.sent, 'bulk']);
  const answers = await ingest('Verdict__c', 'insert', `${csv}\n`);
  const ofIds = await ingest('Account', 'update', `${Papa.unparse([['Id', 'Site'], ...ids], { newline: '\n' })}\n`);
  const wrong = sent.flatMap((row) => {
    const error = isId(row) ? ofIds.get(row.sent) : answers.get(`bulk-${row.key}`);
    const isRight = row.verdict === 'accepted' ? error === null : typeof error === 'string';
    return isRight ? [] : [[row.verdict, plain(row), error]];
  });
  expect(wrong).toEqual([]);
  await expectKept('bulk');
});

function mappingOf(objectName: string, operation: 'update' | 'upsert', names: readonly string[]): FieldMapping {
  const columns = names.map((name, column): FieldMapping['columns'][number] => ({
    column,
    target: to(name),
    reason: 'chosen',
    format: { timeZone: 'UTC' },
    replacements: {},
    fixes: [],
  }));
  return { objectName, operation, matchField: names[0] ?? '', columns, blankValues: 'leave', duplicateKeys: 'ask' };
}

/** Stages a file of one row a value, plans and loads it, and plans it again. */
async function planLoadPlan(
  mapping: FieldMapping,
  records: readonly (readonly string[])[],
  expected: readonly VerdictRow[],
) {
  const path = join(folder, `${mapping.objectName}.csv`);
  const names = mapping.columns.map(({ target }) => (target.kind === 'field' ? target.field : ''));
  await writeFile(path, `${Papa.unparse([names, ...records], { newline: '\n' })}\n`);
  const { sourceId } = await app.stage(path);
  const first = await app.call('plan.build', { orgId, sourceId, mapping });
  const blocked = new Set<number>();
  for (let offset = 0; offset < first.counts.blocked; offset += 200) {
    const page = { planId: first.planId, kind: 'blocked', search: '', offset, limit: 200 } as const;
    for (const { row } of (await app.call('plan.page', page)).rows) blocked.add(row - 1);
  }
  const wrong = expected.filter((row, index) => (row.verdict === 'accepted') === blocked.has(index)).map(plain);
  expect(wrong, 'held back and accepted, or sent and refused').toEqual([]);
  const { loadId } = await app.call('load.start', { planId: first.planId, planDigest: first.planDigest });
  const done = await app.finished(loadId);
  const good = expected.filter(({ verdict }) => verdict === 'accepted').length;
  expect(done.counts).toMatchObject({ skipped: expected.length - good, failed: 0, unknown: 0, unprocessed: 0 });
  const again = await app.call('plan.build', { orgId, sourceId, mapping });
  const { rows: changed } = await app.call('plan.page', {
    planId: again.planId,
    kind: 'update',
    search: '',
    offset: 0,
    limit: 20,
  });
  expect(changed, 'no change is left').toEqual([]);
  expect(again.counts).toEqual({
    insert: 0,
    update: 0,
    delete: 0,
    undelete: 0,
    duplicate: 0,
    unchanged: good,
    leftOut: 0,
    blocked: expected.length - good,
  });
}

test('plan, load, plan: what is accepted is sent and then unchanged, what is refused or open is not sent', async () => {
  const all = rows.filter((row) => !isId(row));
  const records = all.map((row) => [
    `plan-${row.key}`,
    ...fields.map((field) => (field === row.field ? row.text : '')),
  ]);
  await planLoadPlan(mappingOf('Verdict__c', 'upsert', ['Key__c', ...fields]), records, all);
  await expectKept('plan');
});

test('plan, load, plan of records by their ids in every spelling', async () => {
  const all = rows.filter(isId);
  const records = all.map((row) => [row.text, `Site ${row.key}`]);
  await planLoadPlan(mappingOf('Account', 'update', ['Id', 'Site']), records, all);
});
