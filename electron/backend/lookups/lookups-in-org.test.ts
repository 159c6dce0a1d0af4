import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FieldMapping, FoundTarget, MappingTarget } from '../../../shared/domain/field-mapping.ts';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { startBench } from '../test-support/start-bench.ts';
import { to } from '../test-support/small-plan.ts';

const { org, app, orgId } = await startBench(['--records', '40']);

let files = 0;
async function stage(text: string): Promise<SourceId> {
  const path = join(app.data, `lookups-${++files}.csv`);
  await writeFile(path, text);
  return (await app.stage(path)).sourceId;
}

function mappingOf(
  objectName: string,
  operation: FieldMapping['operation'],
  matchField: string | null,
  targets: readonly MappingTarget[],
): FieldMapping {
  return {
    objectName,
    operation,
    matchField,
    columns: targets.map((target, column) => ({
      column,
      target,
      reason: 'chosen',
      format: {},
      replacements: {},
      fixes: [],
    })),
    blankValues: 'leave',
    duplicateKeys: 'ask',
  };
}

const by = (
  field: string,
  parentObject: string,
  parentField: string,
  more: Partial<FoundTarget> = {},
): FoundTarget => ({
  kind: 'found',
  field,
  parentObject,
  parentField,
  and: null,
  whenNone: 'home',
  whenSeveral: 'home',
  whenInactive: 'home',
  ...more,
});

const build = async (mapping: FieldMapping, text: string): Promise<LoadPlan> =>
  app.call('plan.build', { orgId, sourceId: await stage(text), mapping });

async function load({ planId, planDigest }: LoadPlan) {
  const { loadId } = await app.call('load.start', { planId, planDigest });
  return (await app.finished(loadId)).counts;
}

async function problems(plan: LoadPlan): Promise<Record<string, number>> {
  const { rows } = await app.call('plan.page', {
    planId: plan.planId,
    kind: 'blocked',
    search: '',
    offset: 0,
    limit: 500,
  });
  const counts: Record<string, number> = {};
  for (const row of rows)
    for (const { code } of row.kind === 'blocked' ? row.issues : []) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

async function records<T>(soql: string): Promise<T[]> {
  const answer = await fetch(`${org.url}/services/data/v66.0/query?q=${encodeURIComponent(soql)}`, {
    headers: { authorization: `Bearer ${org.accessToken}` },
  });
  return ((await answer.json()) as { records: T[] }).records;
}

async function create(object: string, values: object): Promise<string> {
  const answer = await fetch(`${org.url}/services/data/v66.0/sobjects/${object}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${org.accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(values),
  });
  return ((await answer.json()) as { id: string }).id;
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

test('cases: account by name and city, owner by queue, record type by label; loaded, then unchanged', async () => {
  await create('Account', { Name: 'O\'Hara\'s 100% "Best"', BillingCity: 'Köln' });
  await create('Account', { Name: 'O\'Hara\'s 100% "Best"', BillingCity: 'Ulm' });
  const mapping = mappingOf('Case', 'upsert', 'Ticket_Key__c', [
    to('Ticket_Key__c'),
    by('AccountId', 'Account', 'Name', { and: { parentField: 'BillingCity', column: 2 } }),
    { kind: 'ignored' },
    by('OwnerId', 'Group', 'Name'),
    by('RecordTypeId', 'RecordType', 'Name'),
  ]);
  const name = quoted('o\'hara\'s 100% "BEST"');
  const rows = [
    `L-1,${name},köln,support tier 1,complaint`,
    `L-2,${name},Ulm,Support Tier 1,Question`,
    // Another object's record type and queue, and a city without such an account.
    `L-3,${name},Ulm,Support Tier 1,Renewal`,
    `L-4,${name},Ulm,Inbound Leads,Question`,
    `L-5,${name},Rome,Support Tier 1,Question`,
  ];
  const text = `Key,Account,City,Owner,Type\n${rows.join('\n')}\n`;
  const first = await build(mapping, text);
  expect(first.counts).toMatchObject({ insert: 2, blocked: 3 });
  expect(await problems(first)).toEqual({ LOOKUP_NOT_FOUND: 3 });
  expect(await load(first)).toMatchObject({ created: 2, skipped: 3, failed: 0 });
  const made = await records<object>(
    "SELECT Account.BillingCity, Owner.Name, RecordType.Name FROM Case WHERE Ticket_Key__c LIKE 'L-%' ORDER BY Ticket_Key__c",
  );
  expect(made).toMatchObject([
    { Account: { BillingCity: 'Köln' }, Owner: { Name: 'Support Tier 1' }, RecordType: { Name: 'Complaint' } },
    { Account: { BillingCity: 'Ulm' }, Owner: { Name: 'Support Tier 1' }, RecordType: { Name: 'Question' } },
  ]);
  const again = await build(mapping, text);
  expect(again.counts).toMatchObject({ unchanged: 2, update: 0, blocked: 3 });
});

test('owners by user name, e-mail, federation id and alias; who is inactive is not sent, and Salesforce refuses them if used', async () => {
  const lines = (value: string, gone: string) => `Name,Owner\nOwned by ${value},${value}\nOwned by ${gone},${gone}\n`;
  for (const [field, value, gone] of [
    ['Username', 'Standard@practice.example', 'gone@practice.example'],
    ['Email', 'standard@practice.example', 'Gone@practice.example'],
    ['FederationIdentifier', 'ada.admin', 'greta.gone'],
    ['Alias', 'STAN', 'gone'],
  ] as const) {
    const mapping = mappingOf('Account', 'insert', null, [to('Name'), by('OwnerId', 'User', field)]);
    const plan = await build(mapping, lines(value, gone));
    expect(plan.counts, field).toMatchObject({ insert: 1, blocked: 1 });
    expect(await problems(plan)).toEqual({ LOOKUP_INACTIVE: 1 });
  }
  const used = by('OwnerId', 'User', 'Alias', { whenInactive: 'use' });
  const plan = await build(mappingOf('Account', 'insert', null, [to('Name'), used]), lines('stan', 'gone'));
  expect(plan.lookups).toMatchObject([{ found: 1, inactive: 1 }]);
  expect(await load(plan)).toMatchObject({ created: 1, failed: 1 });
});

test('an inactive record type is none, and a deleted record is not found by its Id', async () => {
  const mapping = mappingOf('Opportunity', 'insert', null, [
    to('Name'),
    to('StageName'),
    to('CloseDate'),
    by('AccountId', 'Account', 'Id'),
    by('RecordTypeId', 'RecordType', 'DeveloperName'),
  ]);
  const [kept, deleted] = [await create('Account', { Name: 'Kept' }), await create('Account', { Name: 'Deleted' })];
  await fetch(`${org.url}/services/data/v66.0/sobjects/Account/${deleted}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${org.accessToken}` },
  });
  const row = (name: string, account: string, type: string) => `${name},Prospecting,2026-12-01,${account},${type}`;
  const rows = [
    row('a', kept.slice(0, 15), 'renewal'),
    row('b', kept, 'Tender_Old'),
    row('c', deleted, 'Renewal'),
    row('d', '001000000000999AAA', ''),
  ];
  const plan = await build(mapping, `Name,Stage,Close,Account,Type\n${rows.join('\n')}\n`);
  expect(plan.counts).toMatchObject({ insert: 1, blocked: 3 });
  expect(await problems(plan)).toEqual({ LOOKUP_NOT_FOUND: 3 });
  expect(await load(plan)).toMatchObject({ created: 1, failed: 0 });
});

test('columns of Ids are looked up as they are: owners by user or queue, what is deleted; loaded, none refused, then unchanged', async () => {
  const [kept, deleted] = [await create('Account', { Name: 'Named' }), await create('Account', { Name: 'Gone' })];
  await fetch(`${org.url}/services/data/v66.0/sobjects/Account/${deleted}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${org.accessToken}` },
  });
  const idOf = async (soql: string) => (await records<{ Id: string }>(soql))[0]?.Id ?? '';
  const own = await idOf("SELECT Id FROM Group WHERE Name = 'Support Tier 1'");
  const others = await idOf("SELECT Id FROM Group WHERE Name = 'Inbound Leads'");
  const gone = await idOf('SELECT Id FROM User WHERE IsActive = false');
  const user = await idOf('SELECT Id FROM User WHERE IsActive = true');
  const type = await idOf("SELECT Id FROM RecordType WHERE SobjectType = 'Case' AND IsActive = true");
  const wrong = await idOf("SELECT Id FROM RecordType WHERE SobjectType = 'Opportunity'");
  const targets = [to('Ticket_Key__c'), to('AccountId'), to('OwnerId'), to('RecordTypeId')];
  const mapping = mappingOf('Case', 'upsert', 'Ticket_Key__c', targets);
  const rows = [
    [kept.slice(0, 15), own, type],
    [kept, user, type],
    [deleted, user, type],
    [kept, others, type],
    [kept, gone, type],
    [kept, user, wrong],
    [kept, user, '012000000000000AAA'],
  ];
  const text = `Key,Account,Owner,Type\n${rows.map((row, n) => `I-${n},${row.join()}`).join('\n')}\n`;
  const plan = await build(mapping, text);
  expect(plan.counts).toMatchObject({ insert: 3, blocked: 4 });
  expect(await problems(plan)).toEqual({ LOOKUP_NOT_FOUND: 3, LOOKUP_INACTIVE: 1 });
  expect(plan.lookups.map(({ parent, found, apiCalls }) => [parent, found, apiCalls])).toEqual([
    ['Account', 6, 1],
    ['User', 4, 1],
    ['queue of Cases', 1, 1],
    ['Record Type', 5, 1],
  ]);
  expect(await load(plan)).toMatchObject({ created: 3, failed: 0, skipped: 4 });
  expect((await build(mapping, text)).counts).toMatchObject({ insert: 0, unchanged: 2, blocked: 4 });
  // Salesforce refuses the very rows that were not sent.
  const unasked = targets.map((target) => ({
    ...target,
    ids: { whenNone: 'unasked' as const, whenInactive: 'home' as const },
  }));
  const sent = await build(mappingOf('Case', 'upsert', 'Ticket_Key__c', unasked), text);
  expect(sent).toMatchObject({ counts: { insert: 4, unchanged: 2, blocked: 0 }, lookups: [] });
  expect(await load(sent)).toMatchObject({ created: 0, failed: 4 });
});

test('thousands of values are found with few calls, which the plan counts', async () => {
  const accounts = await records<{ Name: string }>('SELECT Name FROM Account');
  const names = [...accounts.map(({ Name }) => Name), ...Array.from({ length: 4000 }, (_, n) => `Nobody ${n}`)];
  const mapping = mappingOf('Contact', 'insert', null, [
    to('LastName'),
    by('AccountId', 'Account', 'Name', { whenNone: 'without', whenSeveral: 'oldest' }),
  ]);
  const sourceId = await stage(`Last,Account\n${names.map((name, n) => `P${n},${quoted(name)}`).join('\n')}\n`);
  const before = (await org.requests()).length;
  const plan = await app.call('plan.build', { orgId, sourceId, mapping });
  const [lookup] = plan.lookups;
  expect(lookup).toMatchObject({ without: 4000 });
  expect((lookup?.found ?? 0) + (lookup?.oldest ?? 0)).toBe(accounts.length);
  expect(lookup?.apiCalls).toBeLessThan(12);
  const made = (await org.requests()).slice(before).filter(({ path }) => /\/(?:query|jobs)/.test(path));
  // Deleting the query job is behind the plan's back.
  expect(Math.abs(made.length - (lookup?.apiCalls ?? 0))).toBeLessThan(2);
  expect(plan.counts).toMatchObject({ insert: names.length });
});

test('while a lookup is chosen: how many values find their parent, asked once, and nothing left behind', async () => {
  await create('Account', { Name: 'Covered', BillingCity: 'Bonn' });
  await create('Account', { Name: 'Covered', BillingCity: 'Jena' });
  await create('Account', { Name: 'Covered alone', BillingCity: 'Trier' });
  const rows = ['covered alone,Trier', 'Covered Alone,Trier', 'Covered,Bonn', 'Covered,Rome', 'Nobody,Bonn', ',Bonn'];
  const sourceId = await stage(`Account,City,Owner\n${rows.map((row) => `${row},gone`).join('\n')}\n`);
  const covered = async (column: number, target: FoundTarget) => {
    const targets: MappingTarget[] = [{ kind: 'ignored' }, { kind: 'ignored' }, { kind: 'ignored' }];
    targets[column] = target;
    const before = (await org.requests()).length;
    const coverage = await app.call('lookups.coverage', {
      orgId,
      sourceId,
      mapping: mappingOf('Contact', 'insert', null, targets),
      column,
    });
    const asked = (await org.requests()).slice(before).filter(({ path }) => path.includes('/query')).length;
    return { coverage, asked };
  };
  const byName = by('AccountId', 'Account', 'Name');
  const first = await covered(0, byName);
  expect(first).toEqual({
    coverage: {
      parent: 'Account',
      parentField: 'Account Name',
      values: 3,
      found: 1,
      inFile: 0,
      several: 1,
      inactive: 0,
      none: 1,
      unasked: 0,
      misses: ['Nobody'],
      apiCalls: 1,
    },
    asked: 1,
  });
  expect(await covered(0, byName)).toEqual({ ...first, asked: 0 });
  const { coverage: pairs } = await covered(0, { ...byName, and: { parentField: 'BillingCity', column: 1 } });
  expect(pairs).toMatchObject({ values: 4, found: 2, none: 2, misses: ['Covered, Rome', 'Nobody, Bonn'] });
  const { coverage: owners } = await covered(2, by('OwnerId', 'User', 'Alias'));
  expect(owners).toMatchObject({ values: 1, found: 0, inactive: 1, none: 0 });
  await expect(covered(0, by('AccountId', 'Account', 'Description'))).rejects.toMatchObject({
    failure: { code: 'MAPPING_BLOCKED' },
  });
});

test('a coverage that is called off leaves no table behind', async () => {
  const sourceId = await stage('Account\nAcme\n');
  const mapping = mappingOf('Contact', 'insert', null, [by('AccountId', 'Account', 'Name')]);
  const controller = new AbortController();
  const asked = app.backend.call('lookups.coverage', { orgId, sourceId, mapping, column: 0 }, controller.signal);
  controller.abort();
  expect(await asked).toMatchObject({ ok: false, failure: { code: 'CANCELLED' } });
  // A check of the same source has the engine to itself again.
  expect(await app.call('lookups.coverage', { orgId, sourceId, mapping, column: 0 })).toMatchObject({ values: 1 });
});

test('accounts whose parents are rows of the same file: level by level, loaded, then unchanged', async () => {
  const mapping = mappingOf('Account', 'upsert', 'ERP_Id__c', [
    to('ERP_Id__c'),
    to('Name'),
    {
      kind: 'lookup',
      field: 'ParentId',
      relationshipName: 'Parent',
      parentObject: 'Account',
      parentField: 'ERP_Id__c',
      polymorphic: false,
    },
  ]);
  const rows = [
    'TREE-4,Berth,tree-3',
    'TREE-3,Quay,TREE-2',
    'TREE-2,Harbour,TREE-1',
    'TREE-1,Port,',
    'TREE-5,Shed,TREE-2',
    'RING-1,Hen,RING-2',
    'RING-2,Egg,RING-1',
  ];
  const text = `ERP Id,Account Name,Parent\n${rows.join('\n')}\n`;
  const first = await build(mapping, text);
  expect(first).toMatchObject({ jobs: 4, counts: { insert: 5, blocked: 2 } });
  expect(await problems(first)).toEqual({ LOOKUP_CIRCLE: 2 });
  expect(await load(first)).toMatchObject({ created: 5, failed: 0, skipped: 2 });
  const [berth] = await records<object>(
    "SELECT Parent.Name, Parent.Parent.Name, Parent.Parent.Parent.Name FROM Account WHERE ERP_Id__c = 'TREE-4'",
  );
  expect(berth).toMatchObject({ Parent: { Name: 'Quay', Parent: { Name: 'Harbour', Parent: { Name: 'Port' } } } });
  expect((await build(mapping, text)).counts).toMatchObject({ unchanged: 5, blocked: 2 });
});
