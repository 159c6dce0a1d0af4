import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OrgId } from '../../../shared/domain/ids.ts';
import { DEFAULT_MERGE_RULES, MasterRule, ValueRule, type MergeSnapshot } from '../../../shared/domain/merge.ts';
import { startBackend, startPracticeOrg, type TestBackend } from '../test-support/start-backend.ts';

let org: Awaited<ReturnType<typeof startPracticeOrg>>;
let backend: TestBackend;
let orgId: OrgId;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-merge-'));
  org = await startPracticeOrg(['--records', '60']);
  backend = await startBackend(org, { data: folder });
  orgId = (await backend.call('orgs.signIn', { target: { kind: 'practice' } })).orgId;
});
afterAll(async () => {
  await backend.close();
  org.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function rest(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${org.url}/services/data/v66.0/${path}`, {
    method,
    headers: { authorization: `Bearer ${org.accessToken}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text === '' ? null : (JSON.parse(text) as unknown);
}

const create = async (object: string, values: object): Promise<string> =>
  ((await rest('POST', `sobjects/${object}`, values)) as { id: string }).id;

async function query(soql: string): Promise<Record<string, unknown>[]> {
  const { records } = (await rest('GET', `query?q=${encodeURIComponent(soql)}`)) as {
    records: Record<string, unknown>[];
  };
  return records.map(({ attributes: _, ...record }) => record);
}

/** What a merge may leave otherwise: when and by whom a record was saved last. */
const SYSTEM = new Set(['SystemModstamp', 'LastModifiedDate', 'LastModifiedById']);
/** Salesforce works it out from the other lookups; the practice org moves it with the account and leaves it there. */
const FOLLOWING = 'Task.AccountId';

/** Every cell of the objects that take part, but for those. */
async function cellsOfOrg(): Promise<Record<string, unknown>> {
  const cells: Record<string, unknown> = {};
  for (const object of ['Account', 'Contact', 'Opportunity', 'Case', 'Task', 'Contract', 'Asset']) {
    const { fields } = (await rest('GET', `sobjects/${object}/describe`)) as {
      fields: { name: string; type: string }[];
    };
    const names = fields.filter(
      ({ name, type }) =>
        !SYSTEM.has(name) && `${object}.${name}` !== FOLLOWING && !['address', 'location'].includes(type),
    );
    cells[object] = await query(`SELECT ${names.map(({ name }) => name).join(',')} FROM ${object} ORDER BY Id`);
  }
  return cells;
}

async function planOf(groups: readonly (readonly string[])[], rules = DEFAULT_MERGE_RULES): Promise<MergeSnapshot> {
  const path = join(folder, `groups-${Math.random().toString(36).slice(2)}.csv`);
  await writeFile(path, ['Id,Group', ...groups.flatMap((ids, at) => ids.map((id) => `${id},g${at}`))].join('\n'));
  const { sourceId } = await backend.stage(path);
  const source = { kind: 'file' as const, sourceId, idColumn: 0, groupColumn: 1 };
  return backend.call('merge.plan', { orgId, objectName: 'Account', source, rules });
}

async function settled(mergeId: MergeSnapshot['mergeId']): Promise<MergeSnapshot> {
  for (;;) {
    const merge = await backend.call('merge.get', { mergeId });
    if (merge.state !== 'merging' && merge.state !== 'undoing') return merge;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const start = async ({ mergeId, planDigest }: MergeSnapshot): Promise<MergeSnapshot> => {
  await backend.call('merge.start', { mergeId, planDigest, acceptApiUse: true });
  return settled(mergeId);
};

async function takeBack({ mergeId }: MergeSnapshot): Promise<MergeSnapshot> {
  const { undoDigest } = await backend.call('merge.planUndo', { mergeId });
  await backend.call('merge.undo', { mergeId, undoDigest, acceptApiUse: true });
  return settled(mergeId);
}

async function accounts(...values: Record<string, unknown>[]): Promise<string[]> {
  const ids: string[] = [];
  for (const own of values) ids.push(await create('Account', { Name: 'Twin', ...own }));
  return ids;
}

test('blank fields are filled from the losers, in rounds of two, and all of it is taken back', async () => {
  const ids = await accounts(
    { Phone: '1' },
    { Phone: '2', Fax: 'F2', BillingCity: 'Lyon', BillingStreet: '1 & 2\r\n<Rue>' },
    { Website: 'w3' },
    { Description: 'd4', BillingCity: 'Oslo', ParentId: null },
  );
  const [master = '', second = '', third = '', fourth = ''] = ids;
  const contact = await create('Contact', { LastName: 'Child', AccountId: fourth });
  const task = await create('Task', { Subject: 'Call', WhatId: second, WhoId: contact });
  const before = await cellsOfOrg();
  const planned = await planOf([ids]);
  expect(planned.counts).toMatchObject({ groups: 1, records: 4, losers: 3, children: 2, waiting: 1 });
  const { groups } = await backend.call('merge.page', { mergeId: planned.mergeId, state: null, offset: 0, limit: 10 });
  expect(groups[0]).toMatchObject({ masterId: master, rounds: 2 });
  const changed = groups[0]?.fields.filter(({ from }) => from !== master) ?? [];
  expect(changed.map(({ field, new: value }) => [field, value])).toEqual(
    expect.arrayContaining([
      ['Fax', 'F2'],
      ['BillingCity', 'Lyon'],
      ['Website', 'w3'],
      ['Description', 'd4'],
    ]),
  );
  const merged = await start(planned);
  expect(merged).toMatchObject({ state: 'merged', failure: null, counts: { merged: 1, waiting: 0 } });
  expect(
    await query(`SELECT Phone, Fax, Website, Description, BillingStreet FROM Account WHERE Id = '${master}'`),
  ).toEqual([{ Phone: '1', Fax: 'F2', Website: 'w3', Description: 'd4', BillingStreet: '1 & 2\r\n<Rue>' }]);
  expect(await query(`SELECT Id FROM Account WHERE Id IN ('${second}', '${third}', '${fourth}')`)).toEqual([]);
  expect(await query(`SELECT WhatId FROM Task WHERE Id = '${task}'`)).toEqual([{ WhatId: master }]);
  const back = await takeBack(merged);
  expect(back).toMatchObject({ state: 'undone', undo: { reversed: 1, partly: 0, kept: 0 } });
  expect(await cellsOfOrg()).toEqual(before);
});

test('a record that was changed since the plan stops its group, and only that one', async () => {
  const [first, second] = [await accounts({}, { Phone: '2' }), await accounts({}, { Phone: '3' })];
  const planned = await planOf([first, second]);
  await rest('PATCH', `sobjects/Account/${first[1]}`, { Fax: 'new' });
  const merged = await start(planned);
  expect(merged.counts).toMatchObject({ moved: 1, merged: 1 });
  const { groups } = await backend.call('merge.page', { mergeId: merged.mergeId, state: 'moved', offset: 0, limit: 5 });
  expect(groups.map(({ message }) => message)).toEqual(['Twin was changed since the plan was made: Account Fax.']);
  expect(await query(`SELECT Id FROM Account WHERE Id = '${first[1]}'`)).toHaveLength(1);
  expect((await takeBack(merged)).undo).toEqual({ reversed: 1, partly: 0, kept: 0 });
});

test('taken back is what still is as the merge left it; the rest is kept, with why', async () => {
  const ids = await accounts({}, { Phone: '2', Fax: 'f' }, { Website: 'w' });
  const [master = '', second = '', third = ''] = ids;
  const contacts = await Promise.all(
    ['Moves', 'Stays', 'Goes'].map((LastName) => create('Contact', { LastName, AccountId: second })),
  );
  const merged = await start(await planOf([ids]));
  await rest('PATCH', `sobjects/Account/${master}`, { Phone: 'changed' });
  const other = await create('Account', { Name: 'Other' });
  await rest('PATCH', `sobjects/Contact/${contacts[1]}`, { AccountId: other });
  await rest('DELETE', `sobjects/Contact/${contacts[2]}`);
  const plan = await backend.call('merge.planUndo', { mergeId: merged.mergeId });
  expect(plan).toMatchObject({ groups: 1, losers: 2, values: 2, children: 1 });
  expect(plan.kept).toEqual(
    expect.arrayContaining([
      { what: 'field', why: 'changedSince', count: 1, message: '' },
      { what: 'child', why: 'changedSince', count: 1, message: '' },
      { what: 'child', why: 'gone', count: 1, message: '' },
    ]),
  );
  const back = await takeBack(merged);
  expect(back.undo).toEqual({ reversed: 0, partly: 1, kept: 0 });
  expect(await query(`SELECT Phone, Fax, Website FROM Account WHERE Id = '${master}'`)).toEqual([
    { Phone: 'changed', Fax: null, Website: null },
  ]);
  expect(await query(`SELECT Id FROM Account WHERE Id IN ('${second}', '${third}')`)).toHaveLength(2);
  expect(
    await query(`SELECT AccountId FROM Contact WHERE Id IN ('${contacts[0]}', '${contacts[1]}') ORDER BY Name`),
  ).toEqual([{ AccountId: second }, { AccountId: other }]);
});

test('what runs is what was reviewed: decided otherwise it has another digest', async () => {
  const ids = await accounts({}, { Phone: '2' });
  const planned = await planOf([ids]);
  const choice = { group: 0, master: ids[1] ?? '', fields: {}, leftOut: false };
  const chosen = await backend.call('merge.decide', { mergeId: planned.mergeId, choice });
  await expect(start(planned)).rejects.toMatchObject({ failure: { code: 'PLAN_STALE', why: 'digest' } });
  const merged = await start(chosen);
  expect(await query(`SELECT Phone FROM Account WHERE Id = '${ids[1]}'`)).toEqual([{ Phone: '2' }]);
  await expect(backend.call('merge.decide', { mergeId: merged.mergeId, choice })).rejects.toMatchObject({
    failure: { code: 'PLAN_STALE', why: 'used' },
  });
  const plan = await backend.call('merge.planUndo', { mergeId: merged.mergeId });
  await rest('PATCH', `sobjects/Account/${ids[1]}`, { Phone: 'later' });
  const stale = { mergeId: merged.mergeId, undoDigest: plan.undoDigest };
  // What is kept did not change by that: nothing of the master had been written.
  expect((await backend.call('merge.undo', { ...stale, acceptApiUse: true })).mergeId).toBe(merged.mergeId);
  expect((await settled(merged.mergeId)).undo).toMatchObject({ reversed: 1 });
});

const reset = (path: string, nth: number, when: 'before' | 'after') => ({ path, nth, action: { kind: 'reset', when } });
/** The org answers nothing that is asked, from the nth time on. */
const outage = (path: string, nth: number) => ({
  path,
  nth,
  times: 200,
  action: { kind: 'status', status: 503, errorCode: 'SERVER_UNAVAILABLE', message: 'down' },
});

/** Goes on after each stop in a new backend, as after a kill: it knows only what is on disk. */
async function throughTrouble(begin: () => Promise<MergeSnapshot>, faults: readonly unknown[]): Promise<MergeSnapshot> {
  await org.faults([...faults]);
  let merge = await begin().finally(() => org.faults([]));
  for (let tries = 0; merge.state === 'paused' || merge.state === 'undoPaused'; tries++) {
    if (tries > 3) throw new Error(JSON.stringify(merge.failure));
    stops.add(`${merge.state} ${merge.failure?.code}`);
    await backend.close();
    backend = await startBackend(org, { data: folder });
    await backend.call('orgs.signIn', { target: { kind: 'practice' } });
    await backend.call('merge.resume', { mergeId: merge.mergeId, acceptApiUse: true });
    merge = await settled(merge.mergeId);
  }
  return merge;
}
const stops = new Set<string>();

test('whatever the groups are and wherever it is cut off, merged and taken back leaves every cell as it was', async () => {
  const text = fc.constantFrom(null, 'a', 'b & c', ' d\r\ne ', '<é>');
  const record = fc.record({
    Phone: fc.constantFrom(null, '1', '2'),
    Description: text,
    BillingCity: text,
    AnnualRevenue: fc.constantFrom(null, 0, 12),
    Active__c: fc.boolean(),
    Customer_Since__c: fc.constantFrom(null, '2020-02-29'),
    Last_Review__c: fc.constantFrom(null, '2021-03-04T05:06:07.000Z'),
    children: fc.nat(2),
    below: fc.option(fc.nat(20), { nil: null, freq: 3 }),
  });
  const world = fc.record({
    groups: fc.array(fc.array(record, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 3 }),
    master: fc.constantFrom(...MasterRule.options),
    values: fc.constantFrom(...ValueRule.options),
    cut: fc.record({ nth: fc.integer({ min: 1, max: 3 }), when: fc.constantFrom('before' as const, 'after' as const) }),
    undoCut: fc.record({
      path: fc.constantFrom('/services/Soap/', '/composite/sobjects'),
      when: fc.constantFrom('before' as const, 'after' as const),
      reads: fc.integer({ min: 8, max: 40 }),
    }),
  });
  const property = fc.asyncProperty(world, async ({ groups, master, values, cut, undoCut }) => {
    const made: string[][] = [];
    for (const group of groups) {
      const ids: string[] = [];
      for (const { children, below, ...own } of group) {
        const known = made.flat();
        const id = await create('Account', {
          Name: 'P',
          ...own,
          ParentId: below === null ? null : (known[below] ?? null),
        });
        ids.push(id);
        for (let at = 0; at < children; at++) await create('Contact', { LastName: `C${at}`, AccountId: id });
        if (children === 2) await create('Task', { Subject: 's', WhatId: id });
      }
      made.push(ids);
    }
    const before = await cellsOfOrg();
    const planned = await planOf(made, { master, values, fields: {} });
    const merged = await throughTrouble(
      () => start(planned),
      [
        reset('/services/Soap/', cut.nth, cut.when),
        // Looked up only when an answer was lost.
        outage('/queryAll', 1),
      ],
    );
    expect(merged).toMatchObject({ state: 'merged', counts: { merged: made.length - planned.counts.leftOut } });
    const { undoDigest } = await backend.call('merge.planUndo', { mergeId: merged.mergeId });
    const undo = async () => {
      const request = { mergeId: merged.mergeId, undoDigest, acceptApiUse: true };
      // The org may be away before anything was begun.
      await backend
        .call('merge.undo', request)
        .catch(() => org.faults([]).then(() => backend.call('merge.undo', request)));
      return settled(merged.mergeId);
    };
    const back = await throughTrouble(undo, [reset(undoCut.path, 1, undoCut.when), outage('/query', undoCut.reads)]);
    expect(back.undo).toEqual({ reversed: made.length - planned.counts.leftOut, partly: 0, kept: 0 });
    expect(await cellsOfOrg()).toEqual(before);
  });
  await fc.assert(property, { numRuns: 12 });
  expect([...stops].join(), 'it was cut off in both').toMatch(/paused.*undoPaused|undoPaused.*,paused/);
}, 240_000);
