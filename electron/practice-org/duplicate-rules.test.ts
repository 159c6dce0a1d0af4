import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startOrg, type TestOrg } from './test-support/start-org.ts';

let org: TestOrg;
beforeAll(async () => {
  org = await startOrg();
});
beforeEach(async () => {
  await org.admin('POST', '/reset', {});
  org.token = await org.tokenOf('admin@practice.example');
  await org.admin('PATCH', '/knobs', { duplicateRules: true });
});
afterAll(() => org.running.close());

const ALLOW = { 'Sforce-Duplicate-Rule-Header': 'allowSave=true' };
const refusal = async (object: string, values: object, headers = {}) =>
  (await org.send('POST', `/sobjects/${object}`, values, headers)) as {
    status: number;
    body: { errorCode: string; duplicateResut: { allowSave: boolean; matchResults: { matchRecords: unknown[] }[] } }[];
  };

async function soap(body: string, details = false): Promise<string> {
  const response = await fetch(`${org.url}/services/Soap/u/64.0`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml', soapaction: '""' },
    body: `<Envelope><Header><SessionHeader><sessionId>${org.token}</sessionId></SessionHeader><DuplicateRuleHeader><includeRecordDetails>${details}</includeRecordDetails></DuplicateRuleHeader></Header><Body>${body}</Body></Envelope>`,
  });
  return response.text();
}

test('the standard rules are records, with their items in order, and nobody writes them', async () => {
  const rules = await org.query<{
    DeveloperName: string;
    BooleanFilter: string;
    MatchingRuleItems: { records: object[] };
  }>(
    "SELECT DeveloperName, BooleanFilter, RuleStatus, MatchEngine, (SELECT Field, MatchingMethod, BlankValueBehavior, SortOrder FROM MatchingRuleItems ORDER BY SortOrder) FROM MatchingRule WHERE SobjectType = 'Account'",
  );
  expect(rules).toMatchObject([
    {
      DeveloperName: 'Standard_Account_Match_Rule_v1_0',
      RuleStatus: 'Active',
      MatchEngine: 'FuzzyMatchEngine',
      BooleanFilter: '(1 AND 2) OR (1 AND 3 AND 4) OR (1 AND 5) OR (1 AND 6) OR (7 AND 6) OR (7 AND 2)',
    },
  ]);
  expect(rules[0]?.MatchingRuleItems.records).toHaveLength(7);
  expect(rules[0]?.MatchingRuleItems.records[4]).toMatchObject({
    Field: 'BillingPostalCode',
    MatchingMethod: 'Zip',
    BlankValueBehavior: 'NullNotAllowed',
    SortOrder: 5,
  });
  expect(await org.query('SELECT DeveloperName, IsActive FROM DuplicateRule ORDER BY DeveloperName')).toMatchObject([
    { DeveloperName: 'Standard_Account_Duplicate_Rule', IsActive: true },
    { DeveloperName: 'Standard_Contact_Duplicate_Rule', IsActive: true },
    { DeveloperName: 'Standard_Lead_Duplicate_Rule', IsActive: true },
  ]);
  expect((await org.ask('/sobjects/MatchingRuleItem/describe')).body).toMatchObject({
    createable: false,
    queryable: true,
  });
  expect((await org.ask('/ui-api/duplicates/Contact')).body).toMatchObject({
    dedupeEnabled: true,
    duplicateRules: [
      {
        name: 'Standard_Contact_Duplicate_Rule',
        actionOnInsert: 'Allow',
        operationsOnInsert: ['Alert', 'Report'],
        matchRules: [{ name: 'Standard_Contact_Match_Rule_v1_1' }],
      },
    ],
  });
});

test('accounts: a name alone is no duplicate, a name with a ZIP code, a telephone or a street is', async () => {
  const acme = { Name: 'Acme Trading, Inc.', BillingPostalCode: '94105', Phone: '1-415-555-1234' };
  await org.create('Account', { ...acme, BillingStreet: '50 Fremont Street' });
  await org.create('Account', { Name: 'Acme Trading' });
  const zip = await refusal('Account', { Name: 'ACME Trading Corp', BillingPostalCode: '94105-2222' });
  expect(zip.body[0]).toMatchObject({
    errorCode: 'DUPLICATES_DETECTED',
    duplicateResut: { matchResults: [{ matchEngine: 'FuzzyMatchEngine', matchRecords: [{ matchConfidence: 95 }] }] },
  });
  expect((await refusal('Account', { Name: 'Acme Trading', Phone: '415 555 1234' })).status).toBe(400);
  expect((await refusal('Account', { Name: 'Acme Trading', BillingStreet: '50 Fremont St' })).status).toBe(400);
  expect((await refusal('Account', { Name: 'Acme Trading', Phone: '212 555 1234' })).status).toBe(201);
});

test('contacts: variants, blanks with an e-mail, names in each other’s place, and the account’s name', async () => {
  const account = await org.create('Account', { Name: 'Ripley Freight' });
  const email = 'robert.ripley@ripley.example';
  await org.create('Contact', {
    FirstName: 'Robert',
    LastName: 'Ripley',
    Email: email,
    Phone: '2065550100',
    AccountId: account,
    Title: 'Chief Executive Officer',
  });
  for (const values of [
    { FirstName: 'Bob', LastName: 'Ripley', Email: email },
    { LastName: 'Ripley', Email: email },
    { FirstName: 'Ripley', LastName: 'Robert', Email: email },
    { FirstName: 'R.', LastName: 'Ripley', Phone: '206-555-0199' },
    { FirstName: 'Robert', LastName: 'Ripley', AccountId: account, Title: 'CEO' },
  ])
    expect([values, (await refusal('Contact', values)).status]).toEqual([values, 400]);
  for (const values of [
    { FirstName: 'Robert', LastName: 'Ripley' },
    { FirstName: 'Susan', LastName: 'Ripley', Email: email },
    { LastName: 'Ripley', Phone: '206-555-0100' },
  ])
    expect([values, (await refusal('Contact', values)).status]).toEqual([values, 201]);
});

test('a contact’s account that is renamed is compared by its new name', async () => {
  const account = await org.create('Account', { Name: 'Before The Mast' });
  const contact = { FirstName: 'Ada', LastName: 'Quist', AccountId: account, Title: 'Skipper' };
  await org.create('Contact', contact);
  expect((await refusal('Contact', contact)).status).toBe(400);
  await org.send('PATCH', `/sobjects/Account/${account}`, { Name: 'Zephyr Lines' });
  expect((await refusal('Contact', contact)).status).toBe(400);
});

test('a rule that blocks refuses whoever asks, one that only reports refuses nobody, one that is off finds nothing', async () => {
  const rules = (await (await org.admin('GET', '/duplicate-rules')).json()) as {
    matchingRules: object[];
    duplicateRules: object[];
  };
  const twin = { LastName: 'Vane', FirstName: 'Tess', Company: 'Weather Bureau', Email: 'tess@vane.example' };
  await org.create('Lead', twin);
  const act = async (changes: object) => {
    const duplicateRules = rules.duplicateRules.map((rule) => ({ ...rule, ...changes }));
    expect(await (await org.admin('PUT', '/duplicate-rules', { ...rules, duplicateRules })).json()).toMatchObject({
      duplicateRules,
    });
  };
  await act({ actionOnInsert: 'Block' });
  expect((await refusal('Lead', twin, ALLOW)).body[0]).toMatchObject({ duplicateResut: { allowSave: false } });
  await act({ operationsOnInsert: ['Report'] });
  expect((await refusal('Lead', twin)).status).toBe(201);
  await act({ active: false });
  expect(
    await soap('<findDuplicates><sObjects><type>Lead</type><LastName>Vane</LastName></sObjects></findDuplicates>'),
  ).toContain('no duplicate rules are active for Lead');
  expect(await org.query('SELECT Id FROM DuplicateRule WHERE IsActive = true')).toEqual([]);
});

test('an update is judged by the rule’s action on updates, and never by itself', async () => {
  const id = await org.create('Account', { Name: 'Lone Buoy', Phone: '4155550100' });
  await org.create('Account', { Name: 'Lone Buoy', Phone: '2125550100' });
  expect((await org.send('PATCH', `/sobjects/Account/${id}`, { Name: 'Lone Buoy Ltd' })).status).toBe(204);
  expect((await org.send('PATCH', `/sobjects/Account/${id}`, { Phone: '2125550100' })).status).toBe(400);
  expect((await org.send('PATCH', `/sobjects/Account/${id}`, { Phone: '2125550100' }, ALLOW)).status).toBe(204);
});

test('a bulk job has no such header: its rows fail (simple-salesforce #628)', async () => {
  await org.create('Account', { Name: 'Bulk Harbor', BillingPostalCode: '10001' });
  const { failed } = await org.ingest(
    { object: 'Account', operation: 'insert' },
    'Name,BillingPostalCode\nBulk Harbor,10001\n',
  );
  expect(failed).toContain('DUPLICATES_DETECTED:Use one of these records?:--');
});

test('custom rules: blanks that match, a filter of their own', async () => {
  await org.admin('PUT', '/duplicate-rules', {
    matchingRules: [
      {
        name: 'Same_City',
        label: 'Same city',
        object: 'Account',
        booleanFilter: '1 AND 2',
        items: [
          { field: 'BillingCity', method: 'City' },
          { field: 'Site', method: 'Exact', matchBlanks: true },
        ],
      },
    ],
    duplicateRules: [
      { name: 'No_City_Twice', label: 'x', object: 'Account', matchingRules: ['Same_City'], actionOnInsert: 'Block' },
    ],
  });
  await org.create('Account', { Name: 'One', BillingCity: 'Kristiansand' });
  expect((await refusal('Account', { Name: 'Two', BillingCity: 'Kristiansund' })).status).toBe(400);
  expect((await refusal('Account', { Name: 'Two', BillingCity: 'Kristiansund', Site: 'North' })).status).toBe(201);
  const wrong = { name: 'x', label: 'x', object: 'Account', matchingRules: ['None'] };
  expect(
    await (await org.admin('PUT', '/duplicate-rules', { matchingRules: [], duplicateRules: [wrong] })).text(),
  ).toContain('None');
});

test('findDuplicates: 50 records a call, details when asked for, rules without a match named without results', async () => {
  const id = await org.create('Account', { Name: 'Found Ferry', BillingPostalCode: '20001', Site: 'Pier 9' });
  const one =
    '<sObjects><type>Account</type><Name>Found Ferry</Name><BillingPostalCode>20001</BillingPostalCode></sObjects>';
  const plain = await soap(`<findDuplicates>${one}</findDuplicates>`);
  expect(plain).toContain(`<sf:Id>${id}</sf:Id>`);
  expect(plain).not.toContain('Pier 9');
  expect(await soap(`<findDuplicates>${one}</findDuplicates>`, true)).toContain('<sf:Site>Pier 9</sf:Site>');
  const none = await soap(`<findDuplicatesByIds><ids>${id}</ids></findDuplicatesByIds>`);
  expect(none).toContain('<duplicateRule>Standard_Account_Duplicate_Rule</duplicateRule>');
  expect(none).not.toContain('<matchResults>');
  expect(await soap(`<findDuplicates>${one.repeat(51)}</findDuplicates>`)).toContain(
    'LIMIT_EXCEEDED: Configuration error: The number of records to check is greater than the permitted batch size.',
  );
});
