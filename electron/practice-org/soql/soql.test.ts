import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startOrg, type TestOrg } from '../test-support/start-org.ts';
import { dateLiteralRange } from './date-literals.ts';
import { parseSoql } from './parse-soql.ts';
import { ANY, fits, ONE, type Wildcard } from './wildcard.ts';

let org: TestOrg;
beforeAll(async () => {
  org = await startOrg();
  await org.create('Account', {
    Name: 'SOQL Alpha',
    ERP_Id__c: 'Q-A',
    Rating: 'Hot',
    AnnualRevenue: 100,
    Interests__c: 'Cloud;Security',
    Customer_Since__c: '2024-05-06',
  });
  await org.create('Account', {
    Name: 'SOQL beta',
    ERP_Id__c: 'Q-B',
    Rating: 'Hot',
    AnnualRevenue: 300,
    Interests__c: 'Cloud',
  });
  const c = await org.create('Account', { Name: "SOQL O'Neill_100%", ERP_Id__c: 'Q-C', AnnualRevenue: 200 });
  await org.create('Contact', { LastName: 'Soql', FirstName: 'One', AccountId: c, Email: 'one@soql.example' });
  await org.create('Contact', { LastName: 'Soql', FirstName: 'Two', AccountId: c });
});
afterAll(() => org.running.close());

const names = async (where: string): Promise<unknown[]> =>
  (await org.query(`SELECT ERP_Id__c FROM Account WHERE ERP_Id__c LIKE 'q-%' AND ${where} ORDER BY ERP_Id__c`)).map(
    (row) => row['ERP_Id__c'],
  );

test.each<[string, string[]]>([
  ["Name LIKE 'soql a%'", ['Q-A']],
  ["Name LIKE '%O\\'Neill\\_100\\%'", ['Q-C']],
  ["Name = 'SOQL BETA'", ['Q-B']],
  ["Rating = 'Hot' AND AnnualRevenue > 100", ['Q-B']],
  ["Rating = 'Hot' OR AnnualRevenue = 200", ['Q-A', 'Q-B', 'Q-C']],
  ["(Rating = 'Hot' OR Rating = null) AND AnnualRevenue >= 200", ['Q-B', 'Q-C']],
  ["NOT (Rating = 'Hot')", ['Q-C']],
  ["NOT Rating = 'Hot' AND AnnualRevenue < 1000", ['Q-C']],
  ['Rating != null', ['Q-A', 'Q-B']],
  ["Rating <> 'Hot'", ['Q-C']],
  ["Rating = ''", ['Q-C']],
  ["ERP_Id__c IN ('q-a', 'Q-C')", ['Q-A', 'Q-C']],
  ["ERP_Id__c NOT IN ('q-a', 'Q-C')", ['Q-B']],
  ["Interests__c INCLUDES ('Cloud;Security')", ['Q-A']],
  ["Interests__c INCLUDES ('Security', 'Cloud')", ['Q-A', 'Q-B']],
  ["Interests__c EXCLUDES ('Security')", ['Q-B', 'Q-C']],
  ['Id IN (SELECT AccountId FROM Contact WHERE Email != null)', ['Q-C']],
  ["Id NOT IN (SELECT AccountId FROM Contact WHERE LastName = 'Soql')", ['Q-A', 'Q-B']],
  ['Customer_Since__c = 2024-05-06', ['Q-A']],
  ['Customer_Since__c < 2024-05-06', []],
  ['CALENDAR_YEAR(Customer_Since__c) = 2024', ['Q-A']],
  ['CreatedDate = TODAY', ['Q-A', 'Q-B', 'Q-C']],
  ['CreatedDate = LAST_N_DAYS:1', ['Q-A', 'Q-B', 'Q-C']],
  ['CreatedDate < 2020-01-01T00:00:00+02:00', []],
  ['CreatedDate > YESTERDAY', ['Q-A', 'Q-B', 'Q-C']],
  ["Owner.Username = 'admin@practice.example'", ['Q-A', 'Q-B', 'Q-C']],
  ['AnnualRevenue IN (100, 200)', ['Q-A', 'Q-C']],
])('WHERE %s', async (where, expected) => {
  expect(await names(where)).toEqual(expected);
});

describe('SELECT', () => {
  test('aliases, parents, children, labels and formats', async () => {
    const [row] = await org.query<Record<string, unknown>>(
      "SELECT a.Name, a.Owner.Name, toLabel(a.Rating), FORMAT(a.AnnualRevenue) revenue, (SELECT FirstName FROM Contacts ORDER BY FirstName DESC LIMIT 1) FROM Account a WHERE a.ERP_Id__c = 'Q-C'",
    );
    expect(row).toMatchObject({
      Name: "SOQL O'Neill_100%",
      Owner: { attributes: { type: 'User' }, Name: 'Ada Admin' },
      Rating: null,
      revenue: '200',
      Contacts: { totalSize: 1, done: true, records: [{ FirstName: 'Two' }] },
    });
    expect(Object.keys(row ?? {})).toEqual(['attributes', 'Name', 'Owner', 'Rating', 'revenue', 'Contacts']);
    expect(
      (await org
        .query("SELECT Contacts FROM Account WHERE ERP_Id__c = 'Q-A'")
        .catch((error: Error) => error.message)) as string,
    ).toContain('INVALID_FIELD');
  });

  test('FIELDS() with a limit, and without one', async () => {
    const [row] = await org.query("SELECT FIELDS(ALL) FROM Account WHERE ERP_Id__c = 'Q-A' LIMIT 200");
    expect(Object.keys(row ?? {}).length).toBeGreaterThan(60);
    await expect(org.query('SELECT FIELDS(ALL) FROM Account')).rejects.toThrow('LIMIT of at most 200');
  });

  test('aggregates: groups, having, order, roll-up, and counts', async () => {
    const only = "WHERE ERP_Id__c LIKE 'Q-%'";
    expect((await org.ask(`/query?q=${encodeURIComponent(`SELECT COUNT() FROM Account ${only}`)}`)).body).toEqual({
      totalSize: 3,
      done: true,
      records: [],
    });
    expect(
      await org.query(
        `SELECT COUNT(Id) CNT, SUM(AnnualRevenue), AVG(AnnualRevenue) a, MIN(Name) m, COUNT_DISTINCT(Rating) d FROM Account ${only}`,
      ),
    ).toMatchObject([{ CNT: 3, expr0: 600, a: 200, m: 'SOQL Alpha', d: 1 }]);
    expect(
      await org.query(`SELECT Rating r, COUNT(Id) n FROM Account ${only} GROUP BY Rating ORDER BY COUNT(Id) DESC`),
    ).toMatchObject([
      { r: 'Hot', n: 2 },
      { r: null, n: 1 },
    ]);
    expect(
      await org.query(`SELECT Rating, MAX(AnnualRevenue) FROM Account ${only} GROUP BY Rating HAVING COUNT(Id) > 1`),
    ).toMatchObject([{ Rating: 'Hot', expr0: 300 }]);
    expect(
      await org.query(
        `SELECT CALENDAR_YEAR(CreatedDate) y, COUNT(Id) FROM Account ${only} GROUP BY CALENDAR_YEAR(CreatedDate)`,
      ),
    ).toHaveLength(1);
    expect(await org.query(`SELECT Rating, COUNT(Id) n FROM Account ${only} GROUP BY ROLLUP(Rating)`)).toHaveLength(3);
    await expect(org.query('SELECT Name, COUNT(Id) FROM Account')).rejects.toThrow(
      'Field must be grouped or aggregated: Name',
    );
  });

  test('ORDER BY with nulls first and last, OFFSET and LIMIT', async () => {
    const ordered = async (order: string) =>
      (await org.query(`SELECT ERP_Id__c FROM Account WHERE ERP_Id__c LIKE 'Q-%' ORDER BY ${order}`)).map(
        (row) => row['ERP_Id__c'],
      );
    expect(await ordered('Rating, AnnualRevenue')).toEqual(['Q-C', 'Q-A', 'Q-B']);
    expect(await ordered('Rating NULLS LAST, AnnualRevenue DESC')).toEqual(['Q-B', 'Q-A', 'Q-C']);
    expect(await ordered('AnnualRevenue DESC LIMIT 1 OFFSET 1')).toEqual(['Q-C']);
    await expect(org.query('SELECT Id FROM Account OFFSET 2001')).rejects.toThrow(
      'Maximum SOQL offset allowed is 2000',
    );
  });

  test('what describes the org can be asked too', async () => {
    expect(
      await org.query(
        'SELECT QualifiedApiName, Label\n FROM EntityDefinition\n WHERE IsDeprecatedAndHidden = false ORDER BY QualifiedApiName',
      ),
    ).toContainEqual(expect.objectContaining({ QualifiedApiName: 'Account', Label: 'Account' }));
    expect(
      await org.query(
        "SELECT DataType FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Account' AND QualifiedApiName = 'Rating'",
      ),
    ).toMatchObject([{ DataType: 'picklist' }]);
  });
});

describe('mistakes say what and where', () => {
  const LOCATED = (row: number, column: number) => `ERROR at Row:${row}:Column:${column}\n`;
  test.each<[string, string, string]>([
    [
      'SELECT Nme FROM Account',
      'INVALID_FIELD',
      `\nSELECT Nme FROM Account\n       ^\n${LOCATED(1, 8)}No such column 'Nme' on entity 'Account'.`,
    ],
    [
      "SELECT Id\nFROM Account\nWHERE Nme = 'x'",
      'INVALID_FIELD',
      `\nWHERE Nme = 'x'\n      ^\n${LOCATED(3, 7)}No such column 'Nme'`,
    ],
    ['SELECT Id FROM Nothing', 'INVALID_TYPE', `${LOCATED(1, 16)}sObject type 'Nothing' is not supported.`],
    ['SELECT Boss.Name FROM Account', 'INVALID_FIELD', "Didn't understand relationship 'Boss' in field path."],
    [
      'SELECT (SELECT Id FROM Things) FROM Account',
      'INVALID_TYPE',
      "Didn't understand relationship 'Things' in FROM part of query call.",
    ],
    ['SELECT Id FROM Account WHERE', 'MALFORMED_QUERY', "unexpected token: '<EOF>'"],
    ['SELECT Id FROM', 'MALFORMED_QUERY', "unexpected token: '<EOF>'"],
    [
      'SELCT Id FROM Account',
      'MALFORMED_QUERY',
      `\nSELCT Id FROM Account\n^\n${LOCATED(1, 1)}unexpected token: 'SELCT'`,
    ],
    ['SELECT Id,, Name FROM Account', 'MALFORMED_QUERY', `${LOCATED(1, 11)}unexpected token: ','`],
    ["SELECT Id FROM Account WHERE Name ~ 'x'", 'MALFORMED_QUERY', `${LOCATED(1, 35)}unexpected token: '~'`],
    ['SELECT Id FROM Account LIMIT x', 'MALFORMED_QUERY', "unexpected token: 'x'"],
    ['', 'MALFORMED_QUERY', 'A query string has to be specified'],
    [
      "SELECT Id FROM Account WHERE NumberOfEmployees = '5'",
      'INVALID_FIELD',
      'must be of type int and should not be enclosed in quotes',
    ],
    [
      'SELECT Id FROM Account WHERE Name = 5',
      'INVALID_FIELD',
      'must be of type string and should be enclosed in quotes',
    ],
    ["SELECT Id FROM Account WHERE Id = 'x'", 'INVALID_QUERY_FILTER_OPERATOR', 'invalid ID field: x'],
    [
      "SELECT Id FROM Account WHERE Description = 'x'",
      'INVALID_FIELD',
      "field 'Description' can not be filtered in a query call",
    ],
  ])('%s', async (soql, errorCode, message) => {
    const { status, body } = await org.ask(`/query?q=${encodeURIComponent(soql)}`);
    expect(status).toBe(400);
    expect(body).toMatchObject([{ errorCode, message: expect.stringContaining(message) as string }]);
  });

  test('nothing but a parsed query or Salesforce’s own error comes of any text', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            'SELECT',
            'Id',
            ',',
            'FROM',
            'Account',
            'WHERE',
            'Name',
            '=',
            "'x'",
            '(',
            ')',
            'AND',
            'NOT',
            'LIMIT',
            '5',
            'ORDER BY',
            '~',
            "'",
            '\n',
            'GROUP BY',
            'IN',
          ),
          { maxLength: 14 },
        ),
        (parts) => {
          try {
            parseSoql(parts.join(' '));
          } catch (error) {
            expect(error).toMatchObject({ errorCode: 'MALFORMED_QUERY' });
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('LIKE and search words', () => {
  test('fit as a regular expression would say, and end where one would not', () => {
    const parts = fc.array(fc.constantFrom<Wildcard[number]>('a', 'b', ANY, ONE), { maxLength: 8 });
    fc.assert(
      fc.property(parts, fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 10 }), (pattern, text) => {
        const source = pattern.map((part) => (typeof part === 'string' ? part : part.any ? '.*' : '.')).join('');
        // The pattern is made of the letters above.
        // eslint-disable-next-line security/detect-non-literal-regexp -- see above
        expect(fits(pattern, text)).toBe(new RegExp(`^${source}$`).test(text));
      }),
      { numRuns: 2000 },
    );
  });

  test('no pattern holds the org up', async () => {
    await org.create('Account', { Name: 'Long', Description: 'a'.repeat(32_000), Site: 'a'.repeat(80) });
    expect(await org.query(`SELECT Id FROM Account WHERE Site LIKE '${'%a'.repeat(40)}b'`)).toEqual([]);
    const { body } = await org.ask(`/search?q=${encodeURIComponent(`FIND {${'a*'.repeat(30)}b} RETURNING Account`)}`);
    expect(body).toEqual({ searchRecords: [] });
  });
});

describe('date literals', () => {
  /** A Sunday. */
  const now = Date.UTC(2026, 10, 22, 15);
  const day = (text: string) => Date.parse(`${text}T00:00:00Z`);
  test.each<[string, string, string]>([
    ['TODAY', '2026-11-22', '2026-11-23'],
    ['YESTERDAY', '2026-11-21', '2026-11-22'],
    ['THIS_WEEK', '2026-11-22', '2026-11-29'],
    ['LAST_WEEK', '2026-11-15', '2026-11-22'],
    ['THIS_MONTH', '2026-11-01', '2026-12-01'],
    ['NEXT_QUARTER', '2027-01-01', '2027-04-01'],
    ['LAST_FISCAL_YEAR', '2025-01-01', '2026-01-01'],
    ['LAST_N_DAYS:7', '2026-11-15', '2026-11-23'],
    ['NEXT_N_DAYS:2', '2026-11-23', '2026-11-25'],
    ['LAST_N_MONTHS:2', '2026-09-01', '2026-11-01'],
    ['N_YEARS_AGO:1', '2025-01-01', '2026-01-01'],
    ['LAST_90_DAYS', '2026-08-24', '2026-11-23'],
  ])('%s', (literal, from, to) => {
    expect(dateLiteralRange(literal, now)).toEqual([day(from), day(to)]);
  });
  test('other words are none', () => {
    for (const word of ['LAST_N_DAYS:x', 'SOMEDAY', 'THIS_HOUR', 'LAST_N_FORTNIGHTS:2'])
      expect(dateLiteralRange(word, now)).toBeNull();
  });
});
