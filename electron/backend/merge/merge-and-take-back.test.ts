import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OrgId } from '../../../shared/domain/ids.ts';
import { DEFAULT_MERGE_RULES, type MergeSnapshot } from '../../../shared/domain/merge.ts';
import { recordsOf, type OrgRecords } from '../test-support/org-records.ts';
import { startBackend, startPracticeOrg, type TestBackend } from '../test-support/start-backend.ts';

let org: Awaited<ReturnType<typeof startPracticeOrg>>;
let backend: TestBackend;
let orgId: OrgId;
let records: OrgRecords;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-merge-'));
  org = await startPracticeOrg(['--records', '60']);
  records = recordsOf(org);
  backend = await startBackend(org, { data: folder });
  orgId = (await backend.call('orgs.signIn', { target: { kind: 'practice' } })).orgId;
});
afterAll(async () => {
  await backend.close();
  org.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

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
  for (const own of values) ids.push(await records.create('Account', { Name: 'Twin', ...own }));
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
  const contact = await records.create('Contact', { LastName: 'Child', AccountId: fourth });
  const task = await records.create('Task', { Subject: 'Call', WhatId: second, WhoId: contact });
  const before = await records.cells();
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
    await records.query(`SELECT Phone, Fax, Website, Description, BillingStreet FROM Account WHERE Id = '${master}'`),
  ).toEqual([{ Phone: '1', Fax: 'F2', Website: 'w3', Description: 'd4', BillingStreet: '1 & 2\r\n<Rue>' }]);
  expect(await records.query(`SELECT Id FROM Account WHERE Id IN ('${second}', '${third}', '${fourth}')`)).toEqual([]);
  expect(await records.query(`SELECT WhatId FROM Task WHERE Id = '${task}'`)).toEqual([{ WhatId: master }]);
  const back = await takeBack(merged);
  expect(back).toMatchObject({ state: 'undone', undo: { reversed: 1, partly: 0, kept: 0 } });
  expect(await records.cells()).toEqual(before);
});

test('a record that was changed since the plan stops its group, and only that one', async () => {
  const [first, second] = [await accounts({}, { Phone: '2' }), await accounts({}, { Phone: '3' })];
  const planned = await planOf([first, second]);
  await records.rest('PATCH', `sobjects/Account/${first[1]}`, { Fax: 'new' });
  const merged = await start(planned);
  expect(merged.counts).toMatchObject({ moved: 1, merged: 1 });
  const { groups } = await backend.call('merge.page', { mergeId: merged.mergeId, state: 'moved', offset: 0, limit: 5 });
  expect(groups.map(({ message }) => message)).toEqual(['Twin was changed since the plan was made: Account Fax.']);
  expect(await records.query(`SELECT Id FROM Account WHERE Id = '${first[1]}'`)).toHaveLength(1);
  expect((await takeBack(merged)).undo).toEqual({ reversed: 1, partly: 0, kept: 0 });
});

test('taken back is what still is as the merge left it; the rest is kept, with why', async () => {
  const ids = await accounts({}, { Phone: '2', Fax: 'f' }, { Website: 'w' });
  const [master = '', second = '', third = ''] = ids;
  const contacts = await Promise.all(
    ['Moves', 'Stays', 'Goes'].map((LastName) => records.create('Contact', { LastName, AccountId: second })),
  );
  const merged = await start(await planOf([ids]));
  await records.rest('PATCH', `sobjects/Account/${master}`, { Phone: 'changed' });
  const other = await records.create('Account', { Name: 'Other' });
  await records.rest('PATCH', `sobjects/Contact/${contacts[1]}`, { AccountId: other });
  await records.rest('DELETE', `sobjects/Contact/${contacts[2]}`);
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
  expect(await records.query(`SELECT Phone, Fax, Website FROM Account WHERE Id = '${master}'`)).toEqual([
    { Phone: 'changed', Fax: null, Website: null },
  ]);
  expect(await records.query(`SELECT Id FROM Account WHERE Id IN ('${second}', '${third}')`)).toHaveLength(2);
  expect(
    await records.query(`SELECT AccountId FROM Contact WHERE Id IN ('${contacts[0]}', '${contacts[1]}') ORDER BY Name`),
  ).toEqual([{ AccountId: second }, { AccountId: other }]);
});

test('what runs is what was reviewed: decided otherwise it has another digest', async () => {
  const ids = await accounts({}, { Phone: '2' });
  const planned = await planOf([ids]);
  const choice = { group: 0, master: ids[1] ?? '', fields: {}, leftOut: false };
  const chosen = await backend.call('merge.decide', { mergeId: planned.mergeId, choice });
  await expect(start(planned)).rejects.toMatchObject({ failure: { code: 'PLAN_STALE', why: 'digest' } });
  const merged = await start(chosen);
  expect(await records.query(`SELECT Phone FROM Account WHERE Id = '${ids[1]}'`)).toEqual([{ Phone: '2' }]);
  await expect(backend.call('merge.decide', { mergeId: merged.mergeId, choice })).rejects.toMatchObject({
    failure: { code: 'PLAN_STALE', why: 'used' },
  });
  const plan = await backend.call('merge.planUndo', { mergeId: merged.mergeId });
  await records.rest('PATCH', `sobjects/Account/${ids[1]}`, { Phone: 'later' });
  const stale = { mergeId: merged.mergeId, undoDigest: plan.undoDigest };
  // What is kept did not change by that: nothing of the master had been written.
  expect((await backend.call('merge.undo', { ...stale, acceptApiUse: true })).mergeId).toBe(merged.mergeId);
  expect((await settled(merged.mergeId)).undo).toMatchObject({ reversed: 1 });
});

test('records that resemble each other are found in the org, and nothing else is', async () => {
  const known = await Promise.all(
    ['Bergmann Schifffahrt', 'Ostwind Reederei', 'Kaltenbach Spedition'].map(async (Name, at) => {
      const same = {
        Phone: `+49 40 555 01${at}`,
        BillingCity: 'Hamburg',
        BillingStreet: `Kai ${at}`,
        Website: `https://w${at}.example`,
      };
      return [
        await records.create('Account', { Name: `${Name} GmbH`, ...same }),
        await records.create('Account', { Name, ...same }),
      ];
    }),
  );
  const planned = await backend.call('merge.plan', {
    orgId,
    objectName: 'Account',
    source: { kind: 'resembling' },
    rules: DEFAULT_MERGE_RULES,
  });
  const { groups } = await backend.call('merge.page', { mergeId: planned.mergeId, state: null, offset: 0, limit: 500 });
  const found = groups.map(({ members }) => members.map(({ id }) => id).sort());
  for (const ids of known) expect(found).toContainEqual([...ids].sort());
  expect((await backend.call('merge.list', {})).map(({ mergeId }) => mergeId)).toContain(planned.mergeId);
});

test('an object that the org does not merge is said to be one, and texts that are no ids are counted', async () => {
  const wanted = {
    orgId,
    objectName: 'Opportunity',
    source: { kind: 'resembling' as const },
    rules: DEFAULT_MERGE_RULES,
  };
  await expect(backend.call('merge.plan', wanted)).rejects.toMatchObject({ failure: { code: 'NOT_SUPPORTED' } });
  expect((await backend.call('merge.objects', { orgId })).map(({ name }) => name)).toEqual([
    'Account',
    'Contact',
    'Lead',
  ]);
  const [first = '', second = '', third = ''] = await accounts({}, {}, {});
  const planned = await planOf([[first, second, first.slice(0, 15)], [third], ['no id', '001000000000000AAA']]);
  expect(planned.skipped).toEqual({ badIds: 1, repeated: 1, gone: 1, alone: 1 });
  expect(planned.counts).toMatchObject({ groups: 1, records: 2 });
});
