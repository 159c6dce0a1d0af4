import { afterAll, beforeAll, expect, test } from 'vitest';
import { startOrg, type TestOrg } from '../test-support/start-org.ts';

let org: TestOrg;
beforeAll(async () => {
  org = await startOrg();
});
afterAll(() => org.running.close());

type Message = Record<string, unknown> & {
  channel: string;
  data?: {
    event: { replayId: number };
    payload: Record<string, unknown> & { ChangeEventHeader: Record<string, unknown> };
    sobject: Record<string, unknown>;
  };
};

async function send(messages: object[], token = org.token): Promise<Message[]> {
  const response = await fetch(`${org.url}/cometd/66.0`, {
    method: 'POST',
    headers: { authorization: `OAuth ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(messages),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Message[];
}

/** A client that has shaken hands; `next` is one connect, with what came. */
async function client(subscriptions: Record<string, number | null>) {
  const [shake] = await send([
    { channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: ['long-polling'], id: '1' },
  ]);
  expect(shake).toMatchObject({ successful: true, ext: { replay: true } });
  const clientId = String(shake?.['clientId']);
  const subscribe = Object.entries(subscriptions).map(([subscription, replay]) => ({
    channel: '/meta/subscribe',
    clientId,
    subscription,
    ...(replay === null ? {} : { ext: { replay: { [subscription]: replay } } }),
  }));
  const replies = await send([
    { channel: '/meta/connect', clientId, connectionType: 'long-polling', advice: { timeout: 0 } },
    ...subscribe,
  ]);
  // What is replayed comes with the first answer already.
  let first = replies.filter((message) => message.data);
  return {
    replies: replies.filter((message) => !message.data),
    next: async () => {
      const heard =
        first.length > 0 ? first : await send([{ channel: '/meta/connect', clientId, connectionType: 'long-polling' }]);
      first = [];
      return heard.filter((message) => message.data);
    },
    send: (message: object) => send([{ clientId, ...message }]),
  };
}

test('every write is a change event, whichever API wrote it, with its fields and its origin', async () => {
  const own = await client({ '/data/AccountChangeEvent': -1 });
  const id = await org.create('Account', { Name: 'Eventful', Rating: 'Hot' });
  const [created] = await own.next();
  expect(created?.data?.payload).toMatchObject({
    Name: 'Eventful',
    ChangeEventHeader: {
      entityName: 'Account',
      recordIds: [id],
      changeType: 'CREATE',
      changeOrigin: 'com/salesforce/api/rest/66.0',
      sequenceNumber: 1,
      changedFields: [],
    },
  });
  await org.ingest({ object: 'Account', operation: 'update' }, `Id,Name,Rating\n${id},Eventful,#N/A\n`);
  const [updated] = await own.next();
  expect(updated?.data?.payload).toMatchObject({
    Rating: null,
    ChangeEventHeader: {
      changeType: 'UPDATE',
      changeOrigin: 'com/salesforce/api/bulkapi/66.0',
      nulledFields: ['Rating'],
      changedFields: expect.arrayContaining(['Rating', 'LastModifiedDate']) as string[],
    },
  });
  expect(updated?.data?.payload).not.toHaveProperty('Name');
  await org.ask(`/composite/sobjects?ids=${id},${await org.create('Account', { Name: 'Too' })}`, { method: 'DELETE' });
  const deletes: Message[] = [];
  while (deletes.length === 0)
    deletes.push(
      ...(await own.next()).filter((message) => message.data?.payload.ChangeEventHeader['changeType'] === 'DELETE'),
    );
  expect(deletes).toHaveLength(1);
  expect(deletes[0]?.data?.payload.ChangeEventHeader['recordIds']).toHaveLength(2);
});

test('a rolled back write is no event', async () => {
  const own = await client({ '/data/ChangeEvents': -1 });
  await org.send('POST', '/composite/sobjects', {
    allOrNone: true,
    records: [{ attributes: { type: 'Account' }, Name: 'Never' }, { attributes: { type: 'Account' } }],
  });
  await org.create('Lead', { LastName: 'Heard', Company: 'C' });
  const heard = await own.next();
  expect(heard.map((message) => message.data?.payload.ChangeEventHeader['entityName'])).toEqual(['Lead']);
});

test('events are replayed from an id on, from the beginning, and not from an id that is gone', async () => {
  const before = await client({ '/data/ContactChangeEvent': -1 });
  await org.create('Contact', { LastName: 'First' });
  await org.create('Contact', { LastName: 'Second' });
  const heard: Message[] = [];
  while (heard.length < 2) heard.push(...(await before.next()));
  const replayId = heard[0]?.data?.event.replayId ?? 0;
  const last = async (from: number) =>
    (await (await client({ '/data/ContactChangeEvent': from })).next()).map(
      (message) => message.data?.payload['LastName'],
    );
  expect(await last(replayId)).toEqual(['Second']);
  expect(await last(-2)).toEqual(expect.arrayContaining(['First', 'Second']));
  const { replies } = await client({ '/data/ContactChangeEvent': 7 });
  expect(replies.find((reply) => reply.channel === '/meta/subscribe')).toMatchObject({
    successful: false,
    error:
      '400::The replayId {7} you provided was invalid.  Please provide a valid ID, -2 to replay all events, or -1 to replay only new events.',
  });
});

test('platform events are heard and not stored; PushTopics hear their query; gaps come on demand', async () => {
  await org.create('PushTopic', {
    Name: 'Hot',
    Query: "SELECT Id, Name FROM Account WHERE Rating = 'Hot'",
    ApiVersion: 66,
  });
  const own = await client({
    '/event/Shipment_Delayed__e': null,
    '/topic/Hot': null,
    '/data/AccountChangeEvent': null,
  });
  expect((await org.send('POST', '/sobjects/Shipment_Delayed__e', { Tracking_Code__c: 'T', Hours__c: 3 })).status).toBe(
    201,
  );
  expect((await org.ask('/query?q=SELECT+Id+FROM+Shipment_Delayed__e')).body).toMatchObject([
    { errorCode: 'INVALID_TYPE' },
  ]);
  expect((await own.next())[0]).toMatchObject({
    channel: '/event/Shipment_Delayed__e',
    data: { payload: { Tracking_Code__c: 'T', Hours__c: 3 } },
  });
  await org.create('Account', { Name: 'Cold one', Rating: 'Cold' });
  const id = await org.create('Account', { Name: 'Hot one', Rating: 'Hot' });
  const heard: Message[] = [];
  while (!heard.some((message) => message.channel === '/topic/Hot')) heard.push(...(await own.next()));
  expect(heard.filter((message) => message.channel === '/topic/Hot').map((message) => message.data)).toMatchObject([
    { event: { type: 'created' }, sobject: { Id: id, Name: 'Hot one' } },
  ]);
  await org.admin('POST', '/gap', { object: 'Account', type: 'GAP_UPDATE', recordIds: [id] });
  expect((await own.next()).at(-1)?.data?.payload.ChangeEventHeader).toMatchObject({
    changeType: 'GAP_UPDATE',
    recordIds: [id],
  });
});

test('who is not signed in, unknown or asks for nothing is told so', async () => {
  expect(
    (await send([{ channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: ['long-polling'] }], 'x'))[0],
  ).toMatchObject({
    successful: false,
    error: '403::Handshake denied',
    ext: { sfdc: { failureReason: '401::Authentication invalid' } },
  });
  expect((await send([{ channel: '/meta/connect', clientId: 'nobody' }]))[0]).toMatchObject({
    error: '403::Unknown client',
    advice: { reconnect: 'handshake' },
  });
  expect((await send([{ channel: '/meta/connect', clientId: 'nobody' }], 'x'))[0]).toMatchObject({
    error: '401::Authentication invalid',
    advice: { reconnect: 'none' },
  });
  const { replies, send: ask } = await client({ '/data/NothingChangeEvent': null });
  expect(replies[1]).toMatchObject({
    successful: false,
    error: '404::The channel specified is not valid: /data/NothingChangeEvent',
  });
  expect((await ask({ channel: '/data/AccountChangeEvent', data: {} }))[0]).toMatchObject({ successful: false });
  expect((await ask({ channel: '/meta/disconnect' }))[0]).toMatchObject({ successful: true });
  const post = (body: string) =>
    fetch(`${org.url}/cometd/66.0`, { method: 'POST', headers: { authorization: `OAuth ${org.token}` }, body });
  expect((await post('{"channel":')).status).toBe(400);
  expect((await post(JSON.stringify([{ channel: 'x'.repeat(40_000) }]))).status).toBe(413);
});
