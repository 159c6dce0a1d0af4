import { expect, test } from 'vitest';
import { countSoql } from './count-soql.ts';
import { isBareValue, parseSoql } from './parse-soql.ts';
import type { SoqlQuery } from './soql-query.ts';

test.each<[string, Partial<SoqlQuery>]>([
  ['select id from Account', { objectName: 'Account', fields: ['id'] }],
  [
    "SELECT Id FROM Account WHERE Name <> 'x'",
    { filters: [{ field: 'Name', comparison: '!=', values: [{ kind: 'text', text: 'x' }] }] },
  ],
  [
    "SELECT Id FROM Account WHERE ((Name = 'a\\u0042')) or (A__c=-1.5e3)",
    {
      join: 'OR',
      filters: [
        { field: 'Name', comparison: '=', values: [{ kind: 'text', text: 'aB' }] },
        { field: 'A__c', comparison: '=', values: [{ kind: 'bare', text: '-1.5e3' }] },
      ],
    },
  ],
  [
    "SELECT Id FROM Account WHERE Name not  in ('a','b')",
    {
      filters: [
        {
          field: 'Name',
          comparison: 'NOT IN',
          values: [
            { kind: 'text', text: 'a' },
            { kind: 'text', text: 'b' },
          ],
        },
      ],
    },
  ],
  [
    'SELECT Id FROM Account ORDER BY Name ASC NULLS last, Owner.Name desc LIMIT 10',
    {
      order: [
        { field: 'Name', descending: false, nulls: 'LAST' },
        { field: 'Owner.Name', descending: true, nulls: null },
      ],
      limit: 10,
    },
  ],
])('%s', (soql, expected) => {
  expect(parseSoql(soql)).toMatchObject({ kind: 'query', query: expected });
});

test.each<[string, unknown]>([
  ['SELECT Id, (SELECT Id FROM Contacts) FROM Account', 'child-query'],
  ['SELECT COUNT(Id) FROM Account', 'function'],
  ['SELECT COUNT() FROM Account', 'function'],
  ['SELECT FORMAT(Amount) x FROM Opportunity', 'function'],
  ['SELECT TYPEOF Owner WHEN User THEN Id END FROM Case', 'typeof'],
  ['SELECT a.Id FROM Account a', 'alias'],
  ['SELECT a.Id FROM Account a, a.Contacts c', 'alias'],
  ['SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact)', 'condition-query'],
  ["SELECT Id FROM Account WHERE (Name = 'a' AND A = 1) OR B = 2", 'nested-conditions'],
  ['SELECT Id FROM Account WHERE A = 1 AND B = 2 OR C = 3', 'nested-conditions'],
  ["SELECT Id FROM Account WHERE NOT Name LIKE 'x'", 'nested-conditions'],
  ['SELECT Id FROM Account WHERE CALENDAR_YEAR(CreatedDate) = 2026', 'function'],
  ["SELECT Id FROM Account WHERE Name LIKE 'a\\\\_'", 'pattern'],
  ['SELECT Name FROM Account GROUP BY Name', { clause: 'GROUP BY' }],
  ['SELECT Id FROM Account LIMIT 5 OFFSET 10', { clause: 'OFFSET' }],
  ['SELECT Id FROM Account ALL ROWS', { clause: 'ALL ROWS' }],
  ['SELECT Id FROM Account WITH SECURITY_ENFORCED', { clause: 'WITH' }],
])('stays text: %s', (soql, beyond) => {
  expect(parseSoql(soql)).toMatchObject({ kind: 'beyond', beyond });
});

test.each<[string, number, number, string, unknown]>([
  ['', 1, 1, '', { word: 'SELECT' }],
  ['SELECT', 1, 7, '', 'field'],
  ['SELECT Id,\nFROM Account', 2, 1, 'FROM', 'field'],
  ['SELECT Id Name FROM Account', 1, 11, 'Name', { word: 'FROM' }],
  ['SELECT Id FROM', 1, 15, '', 'object'],
  ['SELECT Id FROM Account WERE Name = 1', 1, 24, 'WERE', { word: 'WHERE' }],
  ['SELECT Id FROM Account WHERE Name', 1, 34, '', 'comparison'],
  ['SELECT Id FROM Account WHERE Name == 1', 1, 36, '=', 'value'],
  ['SELECT Id\nFROM Account\nWHERE Name = Acme', 3, 14, 'Acme', 'value'],
  ['SELECT Id FROM Account WHERE Name = :x', 1, 37, ':', 'value'],
  ['SELECT Id FROM Account WHERE Name LIKE 5', 1, 40, '5', 'value'],
  ["SELECT Id FROM Account WHERE Name = 'a", 1, 37, "'", 'closed-quote'],
  ["SELECT Id FROM Account WHERE Name = 'a\\_'", 1, 39, '\\_', 'escape'],
  ["SELECT Id FROM Account WHERE Name IN 'a'", 1, 38, "'a'", { word: '(' }],
  ['SELECT Id FROM Account WHERE Name IN ()', 1, 39, ')', 'list-value'],
  ['SELECT Id FROM Account LIMIT 1.5', 1, 30, '1.5', 'whole-number'],
  ['SELECT Id FROM Account ORDER BY Name NULLS', 1, 43, '', 'one-null-order'],
  ['SELECT Id FROM Account WHERE A = 1 B = 2', 1, 36, 'B', 'end'],
  ['SELECT Id FROM Account;', 1, 23, ';', 'soql-character'],
])('goes wrong: %s', (soql, line, column, found, expected) => {
  expect(parseSoql(soql)).toMatchObject({ kind: 'error', error: { line, column, found, expected } });
});

test.each<[string, string | null]>([
  ['SELECT Id FROM Account', 'SELECT COUNT() FROM Account'],
  [
    "SELECT Id, (SELECT Id FROM Contacts) FROM Account WHERE Name = 'from x'",
    "SELECT COUNT() FROM Account WHERE Name = 'from x'",
  ],
  ['SELECT Id FROM Account ORDER BY Name LIMIT 5', 'SELECT COUNT() FROM Account LIMIT 5'],
  [
    'SELECT Id FROM Account WHERE (A = 1 OR B = 2) AND C = 3 ORDER BY Name',
    'SELECT COUNT() FROM Account WHERE (A = 1 OR B = 2) AND C = 3',
  ],
  ['SELECT Id FROM Account ALL ROWS', 'SELECT COUNT() FROM Account ALL ROWS'],
  ['SELECT FORMAT(Amount) FROM Opportunity', 'SELECT COUNT() FROM Opportunity'],
  ['SELECT COUNT(Id) FROM Account', null],
  ['SELECT Name FROM Account GROUP BY Name', null],
  ['Id FROM Account', null],
  ["SELECT Id FROM Account WHERE Name = 'x", null],
])('is counted: %s', (soql, counted) => {
  expect(countSoql(soql)).toBe(counted);
});

test.each<[string, boolean]>([
  ['5', true],
  ['TODAY', true],
  ['LAST_N_DAYS:7', true],
  ['N_DAYS_AGO:7', true],
  ['2026-11-27', true],
  ['', false],
  ['5 OR 1 = 1', false],
  ['Acme', false],
  ["'x'", false],
  ['NEXT_N_FOXES:7', false],
])('stands without quotes: %s', (text, expected) => {
  expect(isBareValue(text)).toBe(expected);
});
