import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, uptime } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startOrg } from './test-support/start-org.ts';

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'practice-org-state-'));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

test('records, the recycle bin, jobs and refresh tokens outlive a restart; ids go on', async () => {
  const first = await startOrg({ data, records: 20 });
  const kept = await first.create('Account', { Name: 'Kept "as it is", ü', ERP_Id__c: 'ST-1' });
  await first.send('PATCH', `/sobjects/Account/${kept}`, { Rating: 'Hot' });
  const gone = await first.create('Account', { Name: 'In the bin' });
  await first.create('Contact', { LastName: 'With it', AccountId: gone });
  await first.ask(`/sobjects/Account/${gone}`, { method: 'DELETE' });
  const job = await first.ingest({ object: 'Account', operation: 'insert' }, 'Name\nBy job\n');
  await first.running.close();

  const second = await startOrg({ data });
  expect(await second.query("SELECT Name, Rating FROM Account WHERE ERP_Id__c = 'ST-1'")).toMatchObject([
    { Name: 'Kept "as it is", ü', Rating: 'Hot' },
  ]);
  expect(await second.query(`SELECT Id FROM Account WHERE Id = '${gone}'`)).toEqual([]);
  const undelete = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header><SessionHeader><sessionId>${second.token}</sessionId></SessionHeader></e:Header><e:Body><undelete><ids>${gone}</ids></undelete></e:Body></e:Envelope>`;
  await fetch(`${second.url}/services/Soap/u/64.0`, { method: 'POST', body: undelete });
  expect(await second.query(`SELECT Id FROM Contact WHERE AccountId = '${gone}'`)).toHaveLength(1);
  const again = await second.outcome(job.id);
  expect(again.successful).toBe(job.successful);
  expect((await second.create('Account', { Name: 'New' })) > kept).toBe(true);
  await second.running.close();
});

test('a line that a crash cut off is not taken, and the next one is whole', async () => {
  const first = await startOrg({ data, records: 2 });
  await first.create('Account', { Name: 'Whole', ERP_Id__c: 'T-1' });
  await first.running.close();
  appendFileSync(join(data, 'records.jsonl'), '["put","Account",["001PR');
  const second = await startOrg({ data });
  await second.create('Account', { Name: 'After', ERP_Id__c: 'T-2' });
  await second.running.close();
  const third = await startOrg({ data });
  expect(
    await third.query("SELECT ERP_Id__c FROM Account WHERE ERP_Id__c LIKE 'T-%' ORDER BY ERP_Id__c"),
  ).toMatchObject([{ ERP_Id__c: 'T-1' }, { ERP_Id__c: 'T-2' }]);
  await third.running.close();
});

test('a reset forgets all of it, while running and before a start', async () => {
  const org = await startOrg({ data, records: 2 });
  await org.create('Account', { Name: 'Forgotten', ERP_Id__c: 'R-1' });
  await org.admin('POST', '/reset', {});
  org.token = await org.tokenOf('admin@practice.example');
  expect(await org.query('SELECT COUNT(Id) n FROM Account')).toMatchObject([{ n: 2 }]);
  await org.create('Account', { Name: 'Written after', ERP_Id__c: 'R-2' });
  await org.running.close();
  const kept = await startOrg({ data });
  expect(await kept.query("SELECT ERP_Id__c FROM Account WHERE ERP_Id__c LIKE 'R-%'")).toMatchObject([
    { ERP_Id__c: 'R-2' },
  ]);
  await kept.running.close();
  const fresh = await startOrg({ data, reset: true, records: 3 });
  expect(await fresh.query('SELECT COUNT(Id) n FROM Account')).toMatchObject([{ n: 3 }]);
  await fresh.running.close();
});

test('a reset in the middle of a job ends it', async () => {
  const org = await startOrg({ data, records: 1, knobs: { rowsPerSecond: 400 } });
  const { id } = (await org.send('POST', '/jobs/ingest', { object: 'Account', operation: 'insert' })).body as {
    id: string;
  };
  await org.ask(`/jobs/ingest/${id}/batches`, { method: 'PUT', body: `Name\n${'Stopped\n'.repeat(2000)}` });
  await org.send('PATCH', `/jobs/ingest/${id}`, { state: 'UploadComplete' });
  await expect
    .poll(
      async () =>
        ((await org.ask(`/jobs/ingest/${id}`)).body as { numberRecordsProcessed: number }).numberRecordsProcessed,
    )
    .toBeGreaterThan(0);
  await org.admin('POST', '/reset', {});
  org.token = await org.tokenOf('admin@practice.example');
  expect(await org.query("SELECT Id FROM Account WHERE Name = 'Stopped'")).toEqual([]);
  expect((await org.ask(`/jobs/ingest/${id}`)).status).toBe(404);
  await org.running.close();
});

test('a job that waits in its queue can be deleted', async () => {
  const org = await startOrg({ records: 1, knobs: { queueDelay: 60_000 } });
  const { id } = (await org.send('POST', '/jobs/ingest', { object: 'Account', operation: 'insert' })).body as {
    id: string;
  };
  await org.ask(`/jobs/ingest/${id}/batches`, { method: 'PUT', body: 'Name\nA\n' });
  await org.send('PATCH', `/jobs/ingest/${id}`, { state: 'UploadComplete' });
  expect((await org.ask(`/jobs/ingest/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect(await org.query("SELECT Id FROM Account WHERE Name = 'A'")).toEqual([]);
  await org.running.close();
});

test('much-changed state is written anew at a start', async () => {
  const org = await startOrg({ data, records: 1 });
  const rows = Array.from({ length: 2200 }, (_all, n) => `C-${n},Name ${n}`).join('\n');
  for (let turn = 0; turn < 5; turn++)
    await org.ingest(
      { object: 'Account', operation: 'upsert', externalIdFieldName: 'ERP_Id__c' },
      `ERP_Id__c,Name\n${rows}\n`,
    );
  await org.running.close();
  const size = () => readFileSync(join(data, 'records.jsonl'), 'utf8').split('\n').length;
  const before = size();
  const again = await startOrg({ data });
  expect(size()).toBeLessThan(before / 3);
  expect(await again.query("SELECT COUNT(Id) n FROM Account WHERE ERP_Id__c LIKE 'C-%'")).toMatchObject([{ n: 2200 }]);
  await again.running.close();
});

test.each([
  ['before the computer was started anew', JSON.stringify({ pid: process.ppid, booted: 1000 })],
  ['by a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, booted: Math.round(Date.now() / 1000 - uptime()) })],
  ['by a crash', '{"pi'],
])('a lock left behind %s holds nobody up', async (_name, lock) => {
  writeFileSync(join(data, 'in-use'), lock);
  const org = await startOrg({ data, records: 1 });
  await org.running.close();
});

test('one folder, one org; other records than it began with are refused', async () => {
  const org = await startOrg({ data, records: 2 });
  const lock = join(data, 'in-use');
  const own = JSON.parse(readFileSync(lock, 'utf8')) as { pid: number; booted: number };
  writeFileSync(lock, JSON.stringify({ booted: own.booted, pid: process.ppid }));
  await expect(startOrg({ data })).rejects.toThrow(
    `another practice org (process ${process.ppid}) is using this folder`,
  );
  writeFileSync(lock, JSON.stringify(own));
  await org.create('Account', { Name: 'x' });
  await org.running.close();
  expect(existsSync(join(data, 'in-use'))).toBe(false);
  await expect(startOrg({ data, records: 5 })).rejects.toThrow('created with --records 2 --seed 1');
});

describe('schema files', () => {
  const MORE = {
    objects: [
      {
        name: 'Vessel__c',
        label: 'Vessel',
        labelPlural: 'Vessels',
        keyPrefix: 'a0V',
        sampleRecords: 7,
        fields: [
          { name: 'Name', label: 'Vessel Name', type: 'string', length: 80, required: true, nameField: true },
          { name: 'IMO__c', label: 'IMO', type: 'string', length: 10, externalId: true, unique: true },
          {
            name: 'Home_Berth__c',
            label: 'Home Berth',
            type: 'reference',
            referenceTo: ['Berth__c'],
            relationshipName: 'Home_Berth__r',
          },
        ],
      },
    ],
    fields: { Account: [{ name: 'Fleet_Size__c', label: 'Fleet Size', type: 'double', precision: 4, scale: 0 }] },
  };

  test('add objects, their records, and fields to what there is — under kept state too', async () => {
    const plain = await startOrg({ data, records: 60 });
    const id = await plain.create('Account', { Name: 'Before', Phone: '1' });
    await plain.running.close();
    const path = join(data, 'more.json');
    writeFileSync(path, JSON.stringify(MORE));
    const org = await startOrg({ data, schema: [path] });
    expect(await org.query('SELECT Id, Name, IMO__c FROM Vessel__c')).toHaveLength(7);
    expect(await org.query(`SELECT Name, Phone, Fleet_Size__c FROM Account WHERE Id = '${id}'`)).toMatchObject([
      { Name: 'Before', Phone: '1', Fleet_Size__c: null },
    ]);
    const { successful } = await org.ingest(
      { object: 'Vessel__c', operation: 'upsert', externalIdFieldName: 'IMO__c' },
      'IMO__c,Name,Home_Berth__r.Berth_Code__c\nIMO9,Aurora,B-1\n',
    );
    expect(successful).toContain('"Aurora"');
    await org.running.close();
  });

  test.each<[string, string, RegExp]>([
    ['no JSON', '{', /is not JSON/],
    ['an unknown word', JSON.stringify({ objects: [{ ...MORE.objects[0], colour: 'red' }] }), /colour/],
    [
      'a formula that does not compile',
      JSON.stringify({ fields: { Account: [{ name: 'F__c', label: 'F', type: 'double', formula: 'Nope__c + 1' }] } }),
      /Field Nope__c does not exist/,
    ],
    [
      'a key prefix that is taken',
      JSON.stringify({ objects: [{ ...MORE.objects[0], keyPrefix: '001' }] }),
      /Vessel__c and Account have the same keyPrefix 001/,
    ],
    [
      'a lookup to nothing',
      JSON.stringify({
        fields: { Account: [{ name: 'L__c', label: 'L', type: 'reference', referenceTo: ['Nope__c'] }] },
      }),
      /Account\.L__c refers to Nope__c, which is no object of the schema/,
    ],
  ])('%s is refused at the start, with the place', async (_name, text, message) => {
    const path = join(data, 'more.json');
    writeFileSync(path, text);
    await expect(startOrg({ schema: [path] })).rejects.toThrow(message);
  });
});

test('generated records are the same for the same seed and others for another', async () => {
  const snapshot = async (seed: number): Promise<string> => {
    const org = await startOrg({ records: 30, seed });
    const rows = await org.query('SELECT Name, Email, Phone FROM Contact ORDER BY Name');
    await org.running.close();
    return JSON.stringify(rows.map(({ attributes: _attributes, ...row }) => row));
  };
  const [one, again, other] = [await snapshot(1), await snapshot(1), await snapshot(2)];
  expect(again).toBe(one);
  expect(other).not.toBe(one);
});
