import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findRuleMatches, type Side } from '../electron/backend/duplicate-rules/find-matches.ts';
import { waysOf, type MatchingItem, type MatchingRule } from '../electron/backend/duplicate-rules/matching-rule.ts';
import { DuckDbEngine } from '../electron/backend/staging/duckdb-engine.ts';
import { tablesOf } from '../electron/backend/tables/tables.ts';
import { stagingOver } from '../electron/backend/test-support/engine-staging.ts';

/**
 * Salesforce's standard matching rules, as they are emulated, over rows of a file and records of an org: every tenth row is like a
 * record. One command, `npm run bench:duplicate-rules`; `-- --rows N --records N` for other numbers.
 */
const { values: flags } = parseArgs({ options: { rows: { type: 'string' }, records: { type: 'string' } } });
const ROWS = Number(flags.rows ?? 100_000);
const RECORDS = Number(flags.records ?? 1_000_000);
const signal = new AbortController().signal;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const item = ([field, method]: readonly [string, MatchingItem['method']]): MatchingItem => ({
  field,
  method,
  matchBlanks: false,
});

function ruleOf(
  name: string,
  filter: string,
  items: readonly (readonly [string, MatchingItem['method']])[],
): MatchingRule {
  return { name, items: items.map(item), ways: waysOf(filter, items.length) ?? [] };
}

/** As the org has them (Salesforce Help, "Standard Matching Rules"). */
const RULES: readonly MatchingRule[] = [
  ruleOf(
    'Standard_Account_Match_Rule_v1_0',
    '(1 AND 2) OR (1 AND 3 AND 4) OR (1 AND 5) OR (1 AND 6) OR (7 AND 6) OR (7 AND 2)',
    [
      ['Company', 'CompanyName'],
      ['Street', 'Street'],
      ['City', 'City'],
      ['State', 'Exact'],
      ['PostalCode', 'Zip'],
      ['Phone', 'Phone'],
      ['Website', 'Exact'],
    ],
  ),
  ruleOf(
    'Standard_Lead_Match_Rule_v1_0',
    '(1 AND 2 AND 3 AND 4) OR (1 AND 2 AND 5) OR (1 AND 2 AND 6 AND 4) OR (1 AND 2 AND 7 AND (8 OR 9 OR 6)) OR (1 AND 2 AND 7 AND 3) OR (1 AND 2 AND 3 AND 5) OR (1 AND 2 AND 6)',
    [
      ['FirstName', 'FirstName'],
      ['LastName', 'LastName'],
      ['Title', 'Title'],
      ['Company', 'CompanyName'],
      ['Email', 'Exact'],
      ['Phone', 'Phone'],
      ['Street', 'Street'],
      ['City', 'City'],
      ['PostalCode', 'Zip'],
    ],
  ),
];

/** One of a list's texts, by a number that every `n` has for itself. */
function one(n: string, salt: number, texts: readonly string[]): string {
  return `[${texts.map((text) => `'${text}'`).join(', ')}][1 + (hash(${n}, ${salt}) % ${texts.length})::INTEGER]`;
}
const PARTS = 'ka lo mi ter son berg vel dan ro shi per ton mar ell wick ham ster ova nik res'.split(' ');
/** A name of three parts out of eight thousand. */
const name = (n: string, salt: number): string => [1, 2, 3].map((part) => one(n, salt * 10 + part, PARTS)).join(' || ');
const FIELDS: Readonly<Record<string, (n: string) => string>> = {
  FirstName: (n) =>
    one(n, 1, ['Robert', 'Maria', 'Jonathan', 'Susan', 'Peter', 'Anna', 'Thomas', 'Julia', 'William', 'Elena']),
  LastName: (n) => name(n, 2),
  Title: (n) => one(n, 3, ['Vice President of Sales', 'Captain', 'Head of Logistics', 'Manager', 'CEO']),
  Company: (n) => `${name(n, 4)} || ' ' || ${name(n, 5)} || ${one(n, 6, [' Inc', ' GmbH', '', ' Ltd'])}`,
  Email: (n) => `'m' || ${n} || '@' || ${name(n, 7)} || '.example'`,
  Phone: (n) =>
    `'+1 ' || (200 + hash(${n}, 8) % 700) || '-' || (100 + hash(${n}, 9) % 900) || '-' || (1000 + hash(${n}, 10) % 9000)`,
  Street: (n) =>
    `(1 + hash(${n}, 11) % 300) || ' ' || ${name(n, 12)} || ${one(n, 13, [' Street', ' Ave', ' Road', ''])}`,
  City: (n) => name(n, 14),
  State: (n) => one(n, 15, ['CA', 'NY', 'TX', 'WA']),
  PostalCode: (n) => `(10000 + hash(${n}, 16) % 90000)::VARCHAR`,
  Website: (n) => `'https://' || ${name(n, 17)} || ${n} || '.example'`,
};

function tableSql(table: string, count: number, n: string): string {
  const columns = Object.entries(FIELDS).map(([field, sql]) => `${sql(n)} AS ${field}`);
  return `CREATE TABLE ${table} AS SELECT r AS id, ${columns.join(', ')} FROM range(${count}) t(r)`;
}
const side = (table: string): Side => ({
  relation: table,
  key: 'id',
  recordId: 'NULL',
  value: (field) => (field in FIELDS ? field : null),
});

const folder = await mkdtemp(join(tmpdir(), 'longshore-bench-rules-'));
try {
  const staging = stagingOver(await DuckDbEngine.create(folder));
  await staging.create('d', join(folder, 'd.duckdb'), { columns: 24, joinedRows: RECORDS }, signal);
  await staging.run(tableSql('d.main.org', RECORDS, 'r'));
  await staging.run(tableSql('d.main.file', ROWS, `(CASE WHEN r % 10 = 0 THEN r ELSE r + ${RECORDS} END)`));
  say(`${ROWS} rows, ${RECORDS} records, ${cpus().length} cores`);
  for (const rule of RULES) {
    const start = performance.now();
    const request = {
      rule,
      rows: side('d.main.file'),
      records: side('d.main.org'),
      into: 'matched',
      named: tablesOf('d').named,
    };
    const { pairs } = await findRuleMatches(staging.until(signal), { ...request, maxPairs: 1e9 });
    const seconds = (performance.now() - start) / 1000;
    const [found] = await staging.query('SELECT count(DISTINCT "row") AS n FROM d.main.matched', [], signal);
    say(`${rule.name}: ${seconds.toFixed(1)} s, ${pairs} pairs compared, ${String(found?.['n'])} rows with a match`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
