import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startOrg, type TestOrg } from './test-support/start-org.ts';

/** How records behave, whichever API writes them. */
let org: TestOrg;
beforeAll(async () => {
  org = await startOrg();
});
afterAll(() => org.running.close());

const fieldOf = async <T>(object: string, id: string, field: string): Promise<T> =>
  ((await org.query<Record<string, T>>(`SELECT ${field} FROM ${object} WHERE Id = '${id}'`))[0] as Record<string, T>)[
    field
  ] as T;

describe('details and their masters', () => {
  test('roll-ups count, sum, find the largest and follow their filter; deleting and undeleting keeps them true', async () => {
    const account = await org.create('Account', { Name: 'Rolls' });
    const shipment = await org.create('Shipment__c', { Account__c: account, Tracking_Code__c: 'ROLL' });
    const rolled = async () =>
      (
        await org.query(
          `SELECT Line_Count__c, Line_Weight__c, Heaviest_Line__c, Dangerous_Lines__c FROM Shipment__c WHERE Id = '${shipment}'`,
        )
      )[0];
    expect(await rolled()).toMatchObject({
      Line_Count__c: 0,
      Line_Weight__c: 0,
      Heaviest_Line__c: null,
      Dangerous_Lines__c: 0,
    });
    const light = await org.create('Shipment_Line__c', { Shipment__c: shipment, Weight__c: 1.5, Dangerous__c: true });
    await org.create('Shipment_Line__c', { Shipment__c: shipment, Weight__c: 2.25 });
    expect(await rolled()).toMatchObject({
      Line_Count__c: 2,
      Line_Weight__c: 3.75,
      Heaviest_Line__c: 2.25,
      Dangerous_Lines__c: 1,
    });
    await org.ask(`/sobjects/Shipment_Line__c/${light}`, { method: 'DELETE' });
    expect(await rolled()).toMatchObject({ Line_Count__c: 1, Line_Weight__c: 2.25, Dangerous_Lines__c: 0 });
    await org.ingest(
      { object: 'Shipment_Line__c', operation: 'insert' },
      `Shipment__r.Tracking_Code__c,Weight__c\nROLL,10\nROLL,20\n`,
    );
    expect(await rolled()).toMatchObject({ Line_Count__c: 3, Line_Weight__c: 32.25, Heaviest_Line__c: 20 });
  });

  test('a detail needs its master, may not change it, and goes with it', async () => {
    const account = await org.create('Account', { Name: 'Masters' });
    const shipment = await org.create('Shipment__c', { Account__c: account });
    const other = await org.create('Shipment__c', { Account__c: account });
    expect((await org.send('POST', '/sobjects/Shipment_Line__c', {})).body).toMatchObject([
      {
        errorCode: 'REQUIRED_FIELD_MISSING',
        message: 'Required fields are missing: [Shipment__c]',
        fields: ['Shipment__c'],
      },
    ]);
    const line = await org.create('Shipment_Line__c', { Shipment__c: shipment });
    expect((await org.send('PATCH', `/sobjects/Shipment_Line__c/${line}`, { Shipment__c: other })).body).toMatchObject([
      { errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE' },
    ]);
    expect((await org.ask(`/sobjects/Shipment__c/${shipment}`, { method: 'DELETE' })).status).toBe(204);
    expect(await org.ask(`/sobjects/Shipment_Line__c/${line}`)).toMatchObject({
      status: 404,
      body: [{ errorCode: 'ENTITY_IS_DELETED' }],
    });
  });

  test('lookups restrict, cascade or clear as their field says', async () => {
    const account = await org.create('Account', { Name: 'Held' });
    const contact = await org.create('Contact', { LastName: 'Cascades', AccountId: account });
    const child = await org.create('Account', { Name: 'Child', ParentId: account });
    const ticket = await org.create('Case', { AccountId: account, Subject: 'Holds' });
    const refused = await org.ask(`/sobjects/Account/${account}`, { method: 'DELETE' });
    expect(refused.body).toMatchObject([
      {
        errorCode: 'DELETE_FAILED',
        message: expect.stringMatching(
          /^Your attempt to delete Held could not be completed because it is associated with the following cases\.: 0000/,
        ) as string,
      },
    ]);
    await org.ask(`/sobjects/Case/${ticket}`, { method: 'DELETE' });
    expect((await org.ask(`/sobjects/Account/${account}`, { method: 'DELETE' })).status).toBe(204);
    expect((await org.ask(`/sobjects/Contact/${contact}`)).status).toBe(404);
    expect(await fieldOf('Account', child, 'ParentId')).toBeNull();
    expect(await org.query(`SELECT Id, IsDeleted FROM Contact WHERE Id = '${contact}' ALL ROWS`)).toMatchObject([
      { IsDeleted: true },
    ]);
  });
});

describe('values', () => {
  test('defaults, auto-numbers, names from parts, formulas over parents, compound fields', async () => {
    const account = await org.create('Account', { Name: 'Values', BillingCity: 'Hamburg', BillingCountry: 'Germany' });
    expect(await fieldOf('Account', account, 'Customer_Number__c')).toMatch(/^A-\d{7}$/);
    expect(await fieldOf('Account', account, 'BillingAddress')).toEqual({
      city: 'Hamburg',
      country: 'Germany',
      geocodeAccuracy: null,
      latitude: null,
      longitude: null,
      postalCode: null,
      state: null,
      street: null,
    });
    expect(await fieldOf('Account', account, 'ShippingAddress')).toBeNull();
    const berth = await org.create('Berth__c', { Name: 'B', Position__Latitude__s: 53.5, Position__Longitude__s: 9.9 });
    expect(await fieldOf('Berth__c', berth, 'Position__c')).toEqual({ latitude: 53.5, longitude: 9.9 });
    const contact = await org.create('Contact', { FirstName: 'Ada', LastName: 'Löwe' });
    expect(await fieldOf('Contact', contact, 'Name')).toBe('Ada Löwe');
    const deal = await org.create('Opportunity', {
      Name: 'D',
      StageName: 'Closed Won',
      CloseDate: '2026-03-01',
      Amount: 1000,
      Probability: 40,
    });
    expect(
      await org.query(`SELECT ExpectedRevenue, IsWon, FiscalYear FROM Opportunity WHERE Id = '${deal}'`),
    ).toMatchObject([{ ExpectedRevenue: 400, IsWon: true, FiscalYear: 2026 }]);
    const shipment = await org.create('Shipment__c', { Account__c: account, Weight__c: 2.5 });
    expect(await fieldOf('Shipment__c', shipment, 'Summary__c')).toMatch(/^S-\d{7} for Values \(2\.5 kg\)$/);
    const ticket = await org.create('Case', {});
    expect(await fieldOf('Case', ticket, 'Status')).toBe('New');
  });

  test('external ids are case-sensitive where the field says so', async () => {
    const account = await org.create('Account', { Name: 'Keys', ERP_Id__c: 'Key-A' });
    expect((await org.send('POST', '/sobjects/Account', { Name: 'Keys', ERP_Id__c: 'KEY-a' })).body).toMatchObject([
      { errorCode: 'DUPLICATE_VALUE' },
    ]);
    await org.create('Shipment__c', { Account__c: account, Tracking_Code__c: 'case' });
    await org.create('Shipment__c', { Account__c: account, Tracking_Code__c: 'CASE' });
    expect(await org.query("SELECT Id FROM Shipment__c WHERE Tracking_Code__c = 'case'")).toHaveLength(1);
  });

  test('picklists: restricted, multi-select in the order of their definition, fewer values by record type', async () => {
    const id = await org.create('Account', {
      Name: 'P',
      Interests__c: 'Security; Analytics;Security',
      Industry: 'Anything goes',
    });
    expect(await fieldOf('Account', id, 'Interests__c')).toBe('Analytics;Security');
    expect((await org.send('PATCH', `/sobjects/Account/${id}`, { Interests__c: 'Cloud;Boats' })).body).toMatchObject([
      {
        errorCode: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
        message: 'Interests: bad value for restricted picklist field: Boats',
        fields: ['Interests__c'],
      },
    ]);
    const [supplier] = await org.query<{ Id: string }>(
      "SELECT Id FROM RecordType WHERE SobjectType = 'Account' AND DeveloperName = 'Supplier'",
    );
    expect(
      (await org.send('POST', '/sobjects/Account', { Name: 'S', RecordTypeId: supplier?.Id, Rating: 'Hot' })).body,
    ).toMatchObject([{ errorCode: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST' }]);
    await org.create('Account', { Name: 'S', RecordTypeId: supplier?.Id, Rating: 'Cold' });
    expect((await org.send('POST', '/sobjects/Account', { Name: 'S', RecordTypeId: id })).body).toMatchObject([
      { errorCode: 'INVALID_CROSS_REFERENCE_KEY' },
    ]);
  });

  test('polymorphic lookups take any of their objects and no other', async () => {
    const account = await org.create('Account', { Name: 'What' });
    const contact = await org.create('Contact', { LastName: 'Who' });
    const task = await org.create('Task', { WhoId: contact, WhatId: account, Subject: 'Call' });
    expect(
      await org.query(
        `SELECT Who.Name, What.Type, TYPEOF What WHEN Account THEN Name, Rating ELSE Id END FROM Task WHERE Id = '${task}'`,
      ),
    ).toMatchObject([{ Who: { attributes: { type: 'Contact' }, Name: 'Who' }, What: { Name: 'What' } }]);
    expect((await org.send('POST', '/sobjects/Task', { WhoId: account })).body).toMatchObject([
      { errorCode: 'MALFORMED_ID' },
    ]);
    const [queue] = await org.query<{ Id: string }>("SELECT Id FROM Group WHERE Type = 'Queue'");
    const ticket = await org.create('Case', { OwnerId: queue?.Id });
    expect(await org.query(`SELECT Owner.Name, Owner.Type FROM Case WHERE Id = '${ticket}'`)).toMatchObject([
      { Owner: { Type: 'Group' } },
    ]);
  });

  test('an active user owns records, and a queue those of its objects', async () => {
    const owner = async (soql: string) => (await org.query<{ Id: string }>(soql))[0]?.Id;
    const gone = await owner("SELECT Id FROM User WHERE IsActive = false AND Alias = 'gone'");
    const leads = "Name = 'Inbound Leads' AND Type";
    const queue = await owner(
      `SELECT Id FROM Group WHERE ${leads} = 'Queue' AND Id IN (SELECT QueueId FROM QueueSobject WHERE SobjectType = 'Lead')`,
    );
    const group = await owner(`SELECT Id FROM Group WHERE ${leads} = 'Regular'`);
    const refused = async (object: string, values: object) =>
      (await org.send('POST', `/sobjects/${object}`, values)).body;
    expect(await refused('Account', { Name: 'A', OwnerId: gone })).toMatchObject([
      { errorCode: 'INACTIVE_OWNER_OR_USER' },
    ]);
    expect(await refused('Case', { OwnerId: queue })).toMatchObject([{ errorCode: 'INVALID_OPERATION' }]);
    expect(await refused('Case', { OwnerId: group })).toMatchObject([{ errorCode: 'FIELD_INTEGRITY_EXCEPTION' }]);
    const lead = await org.create('Lead', { LastName: 'L', Company: 'C', OwnerId: queue });
    expect(await org.query(`SELECT Owner.Name FROM Lead WHERE Id = '${lead}'`)).toMatchObject([
      { Owner: { Name: 'Inbound Leads' } },
    ]);
  });

  test('every object that may have record types has some; inactive ones say so', async () => {
    const types = await org.query<{ SobjectType: string; IsActive: boolean }>(
      'SELECT SobjectType, IsActive FROM RecordType',
    );
    const objects = ['Account', 'Asset', 'Campaign', 'CampaignMember', 'Case', 'Contact', 'Contract', 'Event', 'Lead'];
    expect([...new Set(types.map((type) => type.SobjectType))].sort()).toEqual(
      [...objects, 'Opportunity', 'Product2', 'Shipment__c', 'Task'].sort(),
    );
    expect(types.filter((type) => !type.IsActive)).toHaveLength(1);
  });

  test('validation rules are formulas', async () => {
    const account = await org.create('Account', { Name: 'V' });
    expect((await org.send('POST', '/sobjects/Shipment__c', { Account__c: account, Weight__c: -1 })).body).toEqual([
      {
        message: 'Weight must not be negative.',
        errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
        fields: ['Weight__c'],
      },
    ]);
    const { failed } = await org.ingest(
      { object: 'Shipment__c', operation: 'insert' },
      `Account__c,Weight__c\n${account},-1\n`,
    );
    expect(failed).toContain('"FIELD_CUSTOM_VALIDATION_EXCEPTION:Weight must not be negative.:Weight__c --"');
  });

  test('self-lookups resolve by external id to records of the same org, not of the same chunk', async () => {
    const { failed, successful } = await org.ingest(
      { object: 'Account', operation: 'upsert', externalIdFieldName: 'ERP_Id__c' },
      'ERP_Id__c,Name,Parent.ERP_Id__c\nSELF-1,Top,\nSELF-2,Below,SELF-1\nSELF-3,Orphan,SELF-9\n',
    );
    expect(successful.trimEnd().split('\n')).toHaveLength(3);
    expect(failed).toContain(
      'INVALID_FIELD:Foreign key external ID: self-9 not found for field ERP_Id__c in entity Account:--',
    );
    expect(await org.query("SELECT Id FROM Account WHERE Parent.ERP_Id__c = 'SELF-1'")).toHaveLength(1);
  });
});

describe('what a profile may do', () => {
  test('fields it may not write are refused, fields it may not read are not there, objects it may not delete stay', async () => {
    const token = await org.tokenOf('standard@practice.example');
    expect(
      (await org.send('POST', '/sobjects/Account', { Name: 'F', AnnualRevenue: 5 }, {}, token)).body,
    ).toMatchObject([{ errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE', fields: ['AnnualRevenue'] }]);
    expect((await org.ask('/query?q=SELECT+Birthdate+FROM+Contact', { token })).body).toMatchObject([
      { errorCode: 'INVALID_FIELD' },
    ]);
    const { fields } = (await org.ask('/sobjects/Contact/describe', { token })).body as { fields: { name: string }[] };
    expect(fields.map(({ name }) => name)).not.toContain('Birthdate');
    const berth = await org.create('Berth__c', { Name: 'Stays' });
    expect((await org.ask(`/sobjects/Berth__c/${berth}`, { method: 'DELETE', token })).body).toMatchObject([
      { errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY' },
    ]);
  });

  test('hard delete takes its permission and leaves nothing', async () => {
    const id = await org.create('Account', { Name: 'Gone for good' });
    await expect(org.ingest({ object: 'Account', operation: 'hardDelete' }, `Id\n${id}\n`)).rejects.toThrow(
      'FEATURENOTENABLED',
    );
    const token = await org.tokenOf('integration@practice.example');
    const { successful } = await org.ingest({ object: 'Account', operation: 'hardDelete' }, `Id\n${id}\n`, token);
    expect(successful).toContain(id);
    expect(await org.query(`SELECT Id FROM Account WHERE Id = '${id}' ALL ROWS`)).toEqual([]);
  });
});

describe('duplicate rules', () => {
  afterAll(() => org.admin('PATCH', '/knobs', { duplicateRules: false }));

  test('an alert refuses a save, tells whom it met, and lets it through when asked to', async () => {
    const id = await org.create('Account', {
      Name: 'Twin Harbor GmbH',
      BillingCity: 'Porto',
      BillingState: 'Norte',
      Website: 'https://twin.example',
    });
    await org.admin('PATCH', '/knobs', { duplicateRules: true });
    const twin = { Name: 'TWIN HARBOR Ltd', BillingCity: 'porto', BillingState: 'norte' };
    const refused = await org.send('POST', '/sobjects/Account', twin);
    expect(refused).toMatchObject({
      status: 400,
      body: [
        {
          errorCode: 'DUPLICATES_DETECTED',
          message: 'Use one of these records?',
          duplicateResut: {
            allowSave: true,
            duplicateRule: 'Standard_Account_Duplicate_Rule',
            matchResults: [{ size: 1, matchRecords: [{ record: { Id: id } }] }],
          },
        },
      ],
    });
    const { failed } = await org.ingest(
      { object: 'Account', operation: 'insert' },
      'Name,BillingCity,BillingState\nTwin Harbor,Porto,Norte\n',
    );
    expect(failed).toContain('DUPLICATES_DETECTED:Use one of these records?:--');
    const allowed = await org.send('POST', '/sobjects/Account', twin, {
      'Sforce-Duplicate-Rule-Header': 'allowSave=true; includeRecordDetails=true',
    });
    expect(allowed.status).toBe(201);
    await org.create('Account', { Name: 'Nobody like it', BillingCity: 'Porto', BillingState: 'Norte' });
  });
});

describe('row locks', () => {
  test('two jobs that write under one master at once: the later one’s rows cannot have the lock', async () => {
    const account = await org.create('Account', { Name: 'Locks' });
    const shipment = await org.create('Shipment__c', { Account__c: account, Tracking_Code__c: 'LOCKED' });
    await org.admin('PATCH', '/knobs', { rowsPerSecond: 20 });
    const rows = `Shipment__r.Tracking_Code__c,Weight__c\n${'LOCKED,1\n'.repeat(40)}`;
    const [first, second] = await Promise.all([
      org.ingest({ object: 'Shipment_Line__c', operation: 'insert' }, rows),
      org.ingest({ object: 'Shipment_Line__c', operation: 'insert' }, rows),
    ]);
    await org.admin('PATCH', '/knobs', { rowsPerSecond: 0 });
    expect(first.failed + second.failed).toContain(
      `UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 1 records: ${shipment}:--`,
    );
    expect(first.successful.split('\n').length + second.successful.split('\n').length).toBeGreaterThan(40);
  });
});

test('person accounts are an account and a contact in one', async () => {
  const own = await startOrg({ personAccounts: true });
  try {
    const id = await own.create('Account', { FirstName: 'Mei', LastName: 'Chen', PersonEmail: 'mei@chen.example' });
    expect(
      await own.query(
        `SELECT Name, IsPersonAccount, PersonContact.Name, PersonContact.Email FROM Account WHERE Id = '${id}'`,
      ),
    ).toMatchObject([
      { Name: 'Mei Chen', IsPersonAccount: true, PersonContact: { Name: 'Mei Chen', Email: 'mei@chen.example' } },
    ]);
    expect((await own.send('PATCH', `/sobjects/Account/${id}`, { Name: 'X' })).body).toMatchObject([
      { errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE', message: 'Account: bad field names on insert/update call: Name' },
    ]);
    await own.send('PATCH', `/sobjects/Account/${id}`, { LastName: 'Li' });
    expect(await own.query(`SELECT Name FROM Contact WHERE AccountId = '${id}'`)).toMatchObject([{ Name: 'Mei Li' }]);
    expect((await own.send('POST', '/sobjects/Account', {})).body).toMatchObject([
      { errorCode: 'REQUIRED_FIELD_MISSING' },
    ]);
  } finally {
    await own.running.close();
  }
});

test('multi-currency gives every object a currency', async () => {
  const own = await startOrg({ multiCurrency: true });
  try {
    const id = await own.create('Opportunity', {
      Name: 'C',
      StageName: 'Prospecting',
      CloseDate: '2026-01-01',
      CurrencyIsoCode: 'EUR',
    });
    expect(await own.query(`SELECT CurrencyIsoCode FROM Opportunity WHERE Id = '${id}'`)).toMatchObject([
      { CurrencyIsoCode: 'EUR' },
    ]);
    expect(await own.query('SELECT IsoCode FROM CurrencyType WHERE IsActive = true')).toHaveLength(4);
    expect((await own.send('PATCH', `/sobjects/Opportunity/${id}`, { CurrencyIsoCode: 'XXX' })).status).toBe(400);
  } finally {
    await own.running.close();
  }
});

test('state and country picklists take a label or a code of their list', async () => {
  const own = await startOrg({ stateCountryPicklists: true });
  try {
    const { successful, failed } = await own.ingest(
      { object: 'Account', operation: 'insert' },
      'Name,BillingCountry\nA,germany\nB,DE\nC,Atlantis\n',
    );
    expect(successful.trimEnd().split('\n')).toHaveLength(3);
    expect(failed).toContain(
      "FIELD_INTEGRITY_EXCEPTION:There's a problem with this country, even though it may appear correct. Please select a country/territory from the list of valid countries.:Billing Country:BillingCountry --",
    );
    expect(
      await own.query("SELECT Name FROM Account WHERE BillingCountry = 'Germany' AND Name IN ('A', 'B')"),
    ).toHaveLength(2);
  } finally {
    await own.running.close();
  }
});

test('what may not be null is not emptied by an update, whether or not a new record has a default for it', async () => {
  const lead = await org.create('Lead', { LastName: 'Kept', Company: 'Kept Ltd' });
  const emptied = (field: string) => org.send('PATCH', `/sobjects/Lead/${lead}`, { [field]: null });
  expect((await emptied('Status')).body).toMatchObject([{ errorCode: 'REQUIRED_FIELD_MISSING', fields: ['Status'] }]);
  expect((await emptied('OwnerId')).body).toMatchObject([
    { errorCode: 'INVALID_CROSS_REFERENCE_KEY', message: 'Owner ID: owner cannot be blank' },
  ]);
  expect((await emptied('IsUnreadByOwner')).status).toBe(204);
});
