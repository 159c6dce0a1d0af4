import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Connection as ConnectionClass } from 'jsforce';
import type { Checks, OrgUnderTest, Places } from './checks.ts';

type Jsforce = typeof import('jsforce');

/** jsforce's own calls: REST, Bulk 1.0, Bulk 2.0, SOAP and streaming. */
export async function checkJsforce(org: OrgUnderTest, places: Places, checks: Checks): Promise<void> {
  const jsforce = createRequire(join(places.clients, 'package.json'))('jsforce') as Jsforce;
  const token = (
    (await (await fetch(`${org.adminUrl}/access-token`, { method: 'POST', body: '{}' })).json()) as {
      accessToken: string;
    }
  ).accessToken;
  const connect = (version = '66.0'): ConnectionClass =>
    new jsforce.Connection({ instanceUrl: org.url, accessToken: token, version });
  const conn = connect();

  await checks.run('identity, describeGlobal, describe, limits, recent, tabs', async () => {
    assert.equal((await conn.identity()).username, 'admin@practice.example');
    assert.ok((await conn.describeGlobal()).sobjects.length > 20);
    assert.ok((await conn.describe('Account')).fields.length > 50);
    assert.ok((await conn.limits())['DailyApiRequests']);
    await conn.recent();
    await conn.tabs();
  });
  await checks.run('login and logout by SOAP', async () => {
    const own = new jsforce.Connection({ loginUrl: org.url, version: '64.0' });
    const user = await own.login('admin@practice.example', 'practice');
    assert.match(user.id, /^005/);
    await own.logout();
    await assert.rejects(
      new jsforce.Connection({ loginUrl: org.url, version: '64.0' }).login('admin@practice.example', 'wrong'),
      /INVALID_LOGIN/,
    );
  });
  await checks.run('create, retrieve, update, upsert and delete, one and many', async () => {
    const one = await conn.sobject('Account').create({ Name: 'One', ERP_Id__c: 'JF-1' });
    assert.ok(one.success && one.id);
    const many = await conn.sobject('Account').create([{ Name: 'Two' }, { Name: '' }]);
    assert.deepEqual(
      many.map((result) => result.success),
      [true, false],
    );
    assert.equal((await conn.sobject('Account').retrieve(one.id))['Name'], 'One');
    await conn.sobject('Account').update({ Id: one.id, Rating: 'Hot' });
    const upserted = await conn.sobject('Account').upsert({ ERP_Id__c: 'JF-1', Rating: 'Cold' }, 'ERP_Id__c');
    assert.equal((upserted as { created?: boolean }).created, false);
    const bulkUpsert = (await conn.sobject('Account').upsert(
      [
        { ERP_Id__c: 'JF-1', Name: 'One again' },
        { ERP_Id__c: 'JF-2', Name: 'New' },
      ],
      'ERP_Id__c',
    )) as { created: boolean }[];
    assert.deepEqual(
      bulkUpsert.map(({ created }) => created),
      [false, true],
    );
    const both = await conn.sobject('Account').retrieve([one.id, one.id]);
    assert.equal(both.length, 2);
    assert.ok((await conn.sobject('Account').destroy(one.id)).success);
    await assert.rejects(conn.sobject('Account').retrieve(one.id), /deleted/i);
  });
  await checks.run('allOrNone takes the others back', async () => {
    const results = await conn.create('Account', [{ Name: 'Kept?' }, { Name: 'x', Rating: 'Boiling' }], {
      allOrNone: true,
    });
    assert.deepEqual(
      results.map((result) => result.success),
      [false, false],
    );
    assert.equal((await conn.query("SELECT Id FROM Account WHERE Name = 'Kept?'")).totalSize, 0);
  });
  await checks.run('several records behind one external id are a choice', async () => {
    await conn.create('Berth__c', [
      { Name: 'A', Port_Code__c: 'JFJFJ' },
      { Name: 'B', Port_Code__c: 'JFJFJ' },
    ]);
    await assert.rejects(
      conn.upsert('Berth__c', { Port_Code__c: 'JFJFJ', Name: 'C' }, 'Port_Code__c'),
      (error: { errorCode?: string }) => error.errorCode === 'MULTIPLE_CHOICES',
    );
  });
  await checks.run('query with autoFetch over pages, queryMore and search', async () => {
    const found = await conn.query('SELECT Id FROM FieldDefinition', { autoFetch: true, maxFetch: 10_000 });
    assert.ok(found.records.length > 400);
    const first = await conn.request<{ nextRecordsUrl?: string; totalSize: number }>({
      method: 'GET',
      url: '/query?q=SELECT+Id+FROM+FieldDefinition',
      headers: { 'Sforce-Query-Options': 'batchSize=200' },
    });
    assert.ok(first.nextRecordsUrl);
    assert.ok((await conn.queryMore(first.nextRecordsUrl)).records.length > 0);
    assert.ok((await conn.search('FIND {Logistics*} RETURNING Account(Name LIMIT 5)')).searchRecords.length > 0);
  });
  await checks.run('updated and deleted', async () => {
    const start = new Date(Date.now() - 3_600_000).toISOString();
    const end = new Date(Date.now() + 60_000).toISOString();
    assert.ok((await conn.updated('Account', start, end)).ids.length > 0);
    assert.ok((await conn.deleted('Account', start, end)).deletedRecords.length > 0);
  });
  await checks.run('Bulk API 1.0: insert, query, errors in the order of the rows', async () => {
    const rows = Array.from({ length: 50 }, (_all, n) => ({ Name: n === 7 ? '' : `V1 ${n}`, ERP_Id__c: `V1-${n}` }));
    conn.bulk.pollInterval = 100;
    conn.bulk.pollTimeout = 30_000;
    const results = (await conn.bulk.load('Account', 'insert', rows)) as {
      id: string | null;
      success: boolean;
      errors: string[];
    }[];
    assert.equal(results.length, 50);
    assert.equal(
      results.findIndex((result) => !result.success),
      7,
    );
    assert.match(results[7]?.errors[0] ?? '', /REQUIRED_FIELD_MISSING/);
    const stream = await conn.bulk.query("SELECT Id, Name FROM Account WHERE ERP_Id__c LIKE 'V1-%'");
    assert.equal((await text(stream.stream())).trimEnd().split('\n').length, 50);
    const serial = conn.bulk.createJob('Account', 'upsert', { extIdField: 'ERP_Id__c', concurrencyMode: 'Serial' });
    const batch = serial.createBatch();
    const answered = new Promise((resolve, reject) => {
      batch.on('response', resolve);
      batch.on('error', reject);
    });
    batch.on('queue', () => {
      void batch.poll(100, 20_000);
    });
    void batch.execute([{ ERP_Id__c: 'V1-1', Rating: 'Hot' }]);
    await answered;
    await serial.close();
  });
  await checks.run('Bulk API 2.0: load and wait, query', async () => {
    const csv = 'Name,ERP_Id__c\n"V2, one",V2-1\nV2 two,V2-2\n,V2-3\n';
    const results = await conn.bulk2.loadAndWaitForResults({
      object: 'Account',
      operation: 'insert',
      input: csv,
      pollInterval: 100,
      pollTimeout: 30_000,
    });
    assert.equal(results.successfulResults.length, 2);
    assert.equal(results.failedResults.length, 1);
    const empty = await conn.bulk2
      .loadAndWaitForResults({
        object: 'Account',
        operation: 'insert',
        input: '',
        pollInterval: 100,
        pollTimeout: 30_000,
      })
      .catch((error: unknown) => error);
    assert.ok(empty instanceof Error || (empty as { successfulResults: unknown[] }).successfulResults.length === 0);
    const stream = await conn.bulk2.query("SELECT Id, Name FROM Account WHERE ERP_Id__c LIKE 'V2-%'", {
      pollInterval: 100,
      pollTimeout: 30_000,
    });
    assert.equal((await stream.toArray()).length, 2);
  });
  await checks.run('SOAP: getUserInfo, getServerTimestamp, merge, undelete, emptyRecycleBin, upsert', async () => {
    const soap = conn.soap;
    assert.equal((await soap.getUserInfo()).userName, 'admin@practice.example');
    assert.ok(Date.parse((await soap.getServerTimestamp()).timestamp) > 0);
    const made = await conn.create('Account', [{ Name: 'Master' }, { Name: 'Loser' }]);
    const [master, loser] = made.map((result) => result.id ?? '');
    await conn.create('Contact', { LastName: 'Moves', AccountId: loser ?? '' });
    const merged = await soap.merge({
      masterRecord: { type: 'Account', Id: master ?? '', fieldsToNull: ['Phone'] },
      recordToMergeIds: [loser ?? ''],
      additionalInformationMap: [],
    });
    const [mergeResult] = [merged].flat() as { success: boolean }[];
    assert.equal(mergeResult?.success, true);
    assert.equal((await conn.query(`SELECT Id FROM Contact WHERE AccountId = '${master ?? ''}'`)).totalSize, 1);
    const gone = await conn.query(`SELECT MasterRecordId FROM Account WHERE Id = '${loser ?? ''}'`, { scanAll: true });
    assert.equal(gone.records[0]?.['MasterRecordId'], master);
    assert.equal((await soap.undelete([loser ?? '']))[0]?.success, true);
    assert.equal((await conn.query(`SELECT Id FROM Contact WHERE AccountId = '${loser ?? ''}'`)).totalSize, 0);
    await conn.sobject('Account').destroy(master ?? '');
    assert.equal((await soap.undelete([master ?? '']))[0]?.success, true);
    assert.equal((await conn.query(`SELECT Id FROM Contact WHERE AccountId = '${master ?? ''}'`)).totalSize, 1);
    await conn.sobject('Account').destroy(master ?? '');
    assert.equal(((await soap.emptyRecycleBin([master ?? ''])) as unknown as { success: boolean }[])[0]?.success, true);
    const saved = await soap.upsert('ERP_Id__c', [{ type: 'Account', ERP_Id__c: 'SOAP-1', Name: 'By SOAP' }]);
    assert.equal(saved[0]?.created, true);
  });
  await checks.run('streaming: PushTopic, change events with replay, platform events, generic events', async () => {
    await conn.create('PushTopic', {
      Name: 'HotAccounts',
      Query: "SELECT Id, Name FROM Account WHERE Rating = 'Hot'",
      ApiVersion: 66.0,
      NotifyForFields: 'All',
    });
    const heard: Record<string, unknown>[] = [];
    const subscribed = (channel: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const subscription = conn.streaming.subscribe(channel, (message: unknown) =>
          heard.push(message as Record<string, unknown>),
        ) as unknown as { then: (good: () => void, bad: (error: unknown) => void) => void };
        subscription.then(resolve, reject);
      });
    await subscribed('HotAccounts');
    await subscribed('/data/AccountChangeEvent');
    await subscribed('/event/Shipment_Delayed__e');
    await conn.create('StreamingChannel', { Name: '/u/harbor' });
    await subscribed('/u/harbor');
    await conn.create('Account', { Name: 'Loud', Rating: 'Hot' });
    await conn.create('Shipment_Delayed__e', { Tracking_Code__c: 'TRK1', Hours__c: 4 });
    await conn.streaming.channel('/u/harbor').push({ payload: 'ahoy', userIds: [] });
    const until = Date.now() + 10_000;
    while (heard.length < 4 && Date.now() < until) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(heard.length, 4);
    const { StreamingExtension } = createRequire(join(places.clients, 'package.json'))(
      'jsforce/lib/api/streaming',
    ) as typeof import('jsforce/lib/api/streaming.js');
    const replayed: unknown[] = [];
    const client = conn.streaming.createClient([new StreamingExtension.Replay('/data/AccountChangeEvent', -2)]);
    await new Promise<void>((resolve, reject) => {
      const subscription = client.subscribe('/data/AccountChangeEvent', (message: unknown) => {
        replayed.push(message);
        resolve();
      }) as unknown as { then: (good: () => void, bad: (error: unknown) => void) => void };
      subscription.then(() => undefined, reject);
    });
    assert.ok(replayed.length > 0);
    (client as unknown as { disconnect: () => void }).disconnect();
  });
}
