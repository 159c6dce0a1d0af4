import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DuckDbEngine } from '../staging/duckdb-engine.ts';
import { tablesOf } from '../tables/tables.ts';
import { stagingOver, type InProcessStaging } from '../test-support/engine-staging.ts';
import { findRuleMatches, type Side } from './find-matches.ts';
import { waysOf, type MatchingItem, type MatchingMethod, type MatchingRule } from './matching-rule.ts';

let folder: string;
let staging: InProcessStaging;
let seen: string[] = [];
const signal = new AbortController().signal;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-rules-'));
  staging = stagingOver(await DuckDbEngine.create(folder), (sql) => seen.push(sql));
  await staging.create('d', join(folder, 'd.duckdb'), { columns: 4, joinedRows: 10 }, signal);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const quoted = (text: string | null): string => (text === null ? 'NULL' : `'${text.replaceAll("'", "''")}'`);
function side(fields: readonly string[], rows: readonly (readonly (string | null)[])[]): Side {
  const values = rows.map((row, n) => `(${[String(n + 1), ...row.map(quoted)].join(', ')})`);
  const names = ['n', ...fields.map((_field, place) => `f${place}`)];
  return {
    relation: `(SELECT * FROM (VALUES ${values.join(', ')}) t(${names.join(', ')}))`,
    key: 'n',
    recordId: 'NULL',
    value: (field) => (fields.includes(field) ? `f${fields.indexOf(field)}::VARCHAR` : null),
  };
}

async function matches(rule: MatchingRule, rows: Side, records: Side, maxPairs = 1e6) {
  const found = await findRuleMatches(staging.until(signal), {
    rule,
    rows,
    records,
    into: 'matched',
    named: tablesOf('d').named,
    maxPairs,
  });
  return { ...found, matches: await staging.query('SELECT * FROM d.main.matched ORDER BY ALL', [], signal) };
}

const item = (field: string, method: MatchingMethod, matchBlanks = false): MatchingItem => ({
  field,
  method,
  matchBlanks,
});
const rule = (items: MatchingItem[], filter: string | null = null, name = 'Own'): MatchingRule => ({
  name,
  items,
  ways: waysOf(filter, items.length) ?? [],
});

test.each<[MatchingMethod, string, string, number | null]>([
  ['Exact', 'Oslo ', 'OSLO', 100],
  ['FirstName', 'Jonathan', 'J.', 100],
  ['FirstName', 'Johnny', 'Johny', 100],
  ['FirstName', 'Alexandra', 'Alexa', 100],
  ['FirstName', 'Bill', 'Bob', null],
  ['LastName', 'Catherine', 'Kathryn', 100],
  ['CompanyName', 'Advanced Micro Devices', 'Advanced Micro Devices, Inc.', 100],
  ['CompanyName', 'Department of Energy', 'Department of Enargy', 86],
  ['Phone', '1-415-555-1234', '(415) 555-5678', 90],
  ['City', 'San Fransisco', 'San Francisco', 92],
  ['City', 'Kristiansand', 'Kristiansund', 92],
  ['Street', '123 Market St', '123 Market Street', 100],
  ['Street', '123 Market Street, Suite 100', '123 Market Drive, Suite 300', null],
  ['Zip', '94104-1001', '94104-1002', 90],
  ['Zip', 'WT15 7TB', 'WT15 7TB', null],
  ['Title', 'Vice President of Sales', 'President of Sales', 75],
  ['Title', 'Chief Executive Officer', 'ceo', 100],
])('%s: %s and %s have %s', async (method, one, other, score) => {
  const found = await matches(rule([item('F', method)]), side(['F'], [[one]]), side(['F'], [[other]]));
  expect(found.matches).toEqual(score === null ? [] : [{ row: 1, record: 1, score }]);
});

test('blanks match nothing, or each other where the rule says so; a field that the file lacks is blank', async () => {
  const rows = side(
    ['F', 'G'],
    [
      ['a', null],
      ['a', 'x'],
      [null, 'x'],
    ],
  );
  const found = (blanks: boolean) =>
    matches(rule([item('F', 'Exact'), item('G', 'Exact', blanks)]), rows, side(['F', 'G'], [['a', ' ']]));
  expect((await found(false)).matches).toEqual([]);
  expect((await found(true)).matches).toEqual([{ row: 1, record: 1, score: 100 }]);
  expect((await matches(rule([item('H', 'Exact')]), rows, side(['F', 'G'], [['a', 'x']]))).matches).toEqual([]);
});

test('filters: the best way counts, and its score is the mean of its items', async () => {
  const items = [item('N', 'CompanyName'), item('Z', 'Zip'), item('P', 'Phone')];
  const found = await matches(
    rule(items, '1 AND (2 OR 3)'),
    side(
      ['N', 'Z', 'P'],
      [
        ['Acme', '94104-1', '4155551234'],
        ['Acme', '94104', null],
        ['Acme', null, null],
      ],
    ),
    side(['N', 'Z', 'P'], [['ACME Inc', '94104-2222', '415 555 9999']]),
  );
  expect(found.matches).toEqual([
    { row: 1, record: 1, score: 95 },
    { row: 2, record: 1, score: 95 },
  ]);
  expect(['1 AND', '(1', '1 2', '4', 'x'].map((filter) => waysOf(filter, 3))).toEqual([null, null, null, null, null]);
});

test('a rule whose keys make more pairs than allowed is not asked, and says so', async () => {
  const titles = side(['T'], [['Captain'], ['Mate']]);
  const found = await matches(rule([item('T', 'Title')]), titles, titles, 3);
  expect(found).toEqual({ pairs: 4, compared: false, matches: [] });
});

test('how a name sounds is worked out once a name, and records without a key of any row are left aside', async () => {
  const own = rule([item('Last', 'LastName'), item('First', 'FirstName')]);
  const people = (names: readonly string[]) =>
    side(
      ['Last', 'First'],
      names.map((name) => [name, 'Ann']),
    );
  seen = [];
  const found = await matches(own, people(['Meyer', 'Meyer', 'Okafor']), people(['Maier', 'Meyer', 'Nowak', 'Nowak']));
  expect(found.matches.map((match) => [match['row'], match['record']])).toEqual([
    [1, 1],
    [1, 2],
    [2, 1],
    [2, 2],
  ]);
  const pattern = 'tch|sch|ch';
  const told = seen
    .filter((sql) => sql.includes(pattern))
    .flatMap((sql) => sql.split(';').filter((one) => one.includes(pattern)));
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('SELECT DISTINCT');
  expect(told[0]?.split(pattern)).toHaveLength(2);
});
