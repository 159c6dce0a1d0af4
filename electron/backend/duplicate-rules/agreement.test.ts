import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { NAME_VARIANTS } from '../../../shared/domain/name-variants.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import { DuckDbEngine } from '../staging/duckdb-engine.ts';
import { tablesOf } from '../tables/tables.ts';
import { stagingOver, type InProcessStaging } from '../test-support/engine-staging.ts';
import { startPracticeOrg } from '../test-support/start-backend.ts';
import { keptOrg, openOrgs, ORG_ID } from '../test-support/test-orgs.ts';
import { findDuplicates } from './find-duplicates.ts';
import { findRuleMatches, type Side } from './find-matches.ts';
import { readDuplicateRules } from './read-rules.ts';

const ROWS = 200;
const signal = new AbortController().signal;
let folder: string;
let staging: InProcessStaging;
let org: Awaited<ReturnType<typeof startPracticeOrg>>;
let client: OrgClient;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-agreement-'));
  staging = stagingOver(await DuckDbEngine.create(folder));
  await staging.create('d', join(folder, 'd.duckdb'), { columns: 12, joinedRows: ROWS }, signal);
  org = await startPracticeOrg(['--records', '3']);
  const tokens = { accessToken: org.accessToken, refreshToken: null };
  client = await openOrgs(folder, keptOrg(org.url, tokens)).orgs.client(ORG_ID);
});
afterAll(async () => {
  org.stop();
  await rm(folder, { recursive: true, force: true });
});

type Values = Readonly<Record<string, string>>;
type Fields =
  | 'FirstName'
  | 'LastName'
  | 'Company'
  | 'Phone'
  | 'City'
  | 'Street'
  | 'PostalCode'
  | 'Title'
  | 'Email'
  | 'Website'
  | 'State';

let state = 20_261_126;
const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
const below = (n: number): number => Math.floor(random() * n);
const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;

const LAST =
  'Smith Schmidt Smyth Knight Night Phillips Filips Garcia Müller Mueller Wright Schwarz Thompson Tomson Kowalski Nguyen Anderson Andersen Iwanow Ødegaard Zhang Мартин Baugh McDonald O’Brien'.split(
    ' ',
  );
const WORDS =
  'Global Marine Freight Harbor Atlantic Logistics Pacific Shipping Energy Department Advanced Micro Devices Systems Northern Technical Équipement Blue Whale'.split(
    ' ',
  );
const FORMS = ['', '', ', Inc.', ' Corp', ' GmbH', ' Limited', ' S.A.', ' Co'];
const STREETS = ['Market', 'Maple', 'Old Harbor', 'Mission', 'St Marks', 'Hauptstraße', 'Kirchweg'];
const SUFFIXES = ['Street', 'St', 'Avenue', 'Ave.', 'Road', 'Dr', 'Lane', ''];
const CITIES = [
  'San Francisco',
  'Kristiansand',
  'Kristiansund',
  'São Paulo',
  'Philadelphia',
  'Köln',
  'New York',
  'Москва',
  'Aix-en-Provence',
];
const TITLES = [
  'Vice President of Sales',
  'VP Sales',
  'Chief Executive Officer',
  'CEO',
  'President of Sales',
  'Head of Logistics',
  'Captain',
  'Sales Manager, EMEA',
];
const digits = (n: number): string => Array.from({ length: n }, () => below(10)).join('');

const MAKE: Readonly<Record<Fields, () => string>> = {
  FirstName: () => {
    const name = pick(pick(NAME_VARIANTS));
    return name.charAt(0).toUpperCase() + name.slice(1);
  },
  LastName: () => pick(LAST),
  Company: () => Array.from({ length: 1 + below(4) }, () => pick(WORDS)).join(' ') + pick(FORMS),
  Phone: () =>
    pick(['', '+1 ', '1-', '+49 ', '0044']) +
    pick(['415', '212', '030']) +
    '-' +
    pick(['555', '556']) +
    '-' +
    digits(4),
  City: () => pick(CITIES),
  Street: () =>
    `${below(40)} ${pick(STREETS)} ${pick(SUFFIXES)}${pick(['', '', `, Suite ${below(4)}`, ` #${below(3)}`])}`.trim(),
  PostalCode: () => pick(['94104', '94105', '10001', 'WT15 7TB', '50667', '1234']) + pick(['', '', `-${digits(4)}`]),
  Title: () => pick(TITLES),
  Email: () => `${pick(['jo', 'a_b', 'x.y', 'bob'])}@${pick(['ibm.com', 'us.ibm.com', 'acme.example'])}`,
  Website: () => pick(['https://acme.example', 'www.blue.example', 'harbor.example']),
  State: () => pick(['CA', 'ca', 'NY', 'Norte']),
};

const CHANGES: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.toUpperCase(),
  (text) => ` ${text}  `,
  (text) => text.normalize('NFD').replace(/\p{M}/gu, ''),
  (text) => text.slice(0, -1),
  (text) => `${text}${text.slice(-1)}`,
  (text) => text.split(' ').toReversed().join(' '),
  (text) => text.split(' ').slice(0, -1).join(' '),
  (text) => `${text} Group`,
  (text) => text.charAt(0),
  (text) =>
    text
      .split(' ')
      .map((word) => word.charAt(0))
      .join(''),
  (text) => text.replaceAll(/[^\p{L}\p{N} ]/gu, ''),
  (text) => {
    const at = below(Math.max(1, text.length - 1));
    return text.slice(0, at) + (text[at + 1] ?? '') + (text[at] ?? '') + text.slice(at + 2);
  },
  (text) => {
    const at = below(Math.max(1, text.length));
    return text.slice(0, at) + pick([...'abcdefghijklmnopqrstuvwxyz0123456789']) + text.slice(at + 1);
  },
  () => '',
];

function made(fields: readonly Fields[]): Values[] {
  return Array.from({ length: ROWS }, () => Object.fromEntries(fields.map((field) => [field, MAKE[field]()])));
}

/** Rows that are records with something changed in about every second value; some are records of nobody. */
function changed(records: readonly Values[], fields: readonly Fields[], kept: readonly string[]): Values[] {
  return records.map((record) =>
    Object.fromEntries(
      fields.map((field) => {
        const value = random() < 0.1 ? MAKE[field]() : (record[field] ?? '');
        const other =
          field === 'FirstName' && random() < 0.3
            ? pick(NAME_VARIANTS.find((names) => names.includes(value.toLowerCase())) ?? [value])
            : value;
        const now = random() < 0.5 ? other : pick(CHANGES)(other);
        return [field, now.trim() === '' && kept.includes(field) ? value : now];
      }),
    ),
  );
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
function sideOf(fields: readonly string[], rows: readonly Values[], keys: readonly string[]): Side {
  const values = rows.map(
    (row, n) => `(${[keys[n] ?? '', ...fields.map((field) => row[field] ?? '')].map(quoted).join(', ')})`,
  );
  return {
    relation: `(SELECT * FROM (VALUES ${values.join(', ')}) t(id, ${fields.map((_field, n) => `f${n}`).join(', ')}))`,
    key: 'id',
    recordId: 'NULL',
    value: (field) => (fields.includes(field) ? `f${fields.indexOf(field)}` : null),
  };
}

const Saved = z.array(z.object({ id: z.string(), success: z.literal(true) }));
async function save(object: string, records: readonly Values[]): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < records.length; at += 100) {
    const part = records.slice(at, at + 100).map((record) => ({ attributes: { type: object }, ...record }));
    ids.push(
      ...(await client.json('POST', 'composite/sobjects', Saved, signal, { records: part })).map(({ id }) => id),
    );
  }
  return ids;
}

/** What the org finds and what we find, as `row matching-rule record score`. */
async function bothSides(
  object: string,
  fields: readonly Fields[],
  rows: readonly Values[],
  records: readonly Values[],
) {
  const ids = await save(object, records);
  const numbers = rows.map((_row, n) => String(n));
  const ours = new Set<string>();
  for (const { matchingRules } of await readDuplicateRules(client, object, signal))
    for (const rule of matchingRules) {
      const sides = { rows: sideOf(fields, rows, numbers), records: sideOf(fields, records, ids) };
      await findRuleMatches(staging.until(signal), {
        rule,
        ...sides,
        into: 'matched',
        named: tablesOf('d').named,
        maxPairs: 1e7,
      });
      for (const found of await staging.query('SELECT * FROM d.main.matched', [], signal))
        ours.add([found['row'], rule.name, found['record'], found['score']].join(' '));
    }
  const mine = new Set(ids);
  const theirs = new Set<string>();
  for (const [row, { found }] of (await findDuplicates(client, object, rows, signal)).entries())
    for (const { matches } of found)
      for (const { matchingRule, recordId, confidence } of matches)
        if (mine.has(recordId)) theirs.add([row, matchingRule, recordId, confidence].join(' '));
  return { ours, theirs };
}

const withoutScore = (line: string): string => line.replace(/ \d+$/, '');
function expectAgreement({ ours, theirs }: { ours: Set<string>; theirs: Set<string> }, least: number): void {
  const found = new Set([...ours].map(withoutScore));
  expect([...theirs].filter((line) => !found.has(withoutScore(line)))).toEqual([]);
  const all = new Set([...ours, ...theirs]);
  const agreed = [...ours].filter((line) => theirs.has(line)).length;
  expect(theirs.size).toBeGreaterThan(least);
  expect([agreed / all.size, [...all].filter((line) => !ours.has(line) || !theirs.has(line)).slice(0, 5)]).toEqual([
    1,
    [],
  ]);
}

const ITEMS = {
  Exact: 'Email',
  FirstName: 'FirstName',
  LastName: 'LastName',
  CompanyName: 'Company',
  Phone: 'Phone',
  City: 'City',
  Street: 'Street',
  Zip: 'PostalCode',
  Title: 'Title',
} as const;

test('each method alone finds what the org finds, with its scores', async () => {
  const standard = await org.admin<object>('GET', '/duplicate-rules');
  const names = Object.keys(ITEMS) as (keyof typeof ITEMS)[];
  await org.admin('PUT', '/duplicate-rules', {
    matchingRules: names.map((method) => ({
      name: method,
      label: `By ${method}`,
      object: 'Lead',
      items: [{ field: ITEMS[method], method }],
    })),
    duplicateRules: names.map((method) => ({
      name: `No_${method}_Twice`,
      label: method,
      object: 'Lead',
      matchingRules: [method],
    })),
  });
  const fields = Object.values(ITEMS);
  const records = made(fields);
  const found = await bothSides('Lead', fields, changed(records, fields, ['LastName', 'Company']), records);
  const asked = (await org.requests()).filter(({ path }) => path.includes('/Soap/'));
  expect(asked).toHaveLength(ROWS / 50);
  await org.admin('PUT', '/duplicate-rules', standard);
  for (const method of names) {
    const of = (lines: Set<string>) => new Set([...lines].filter((line) => line.includes(` ${method} `)));
    expectAgreement({ ours: of(found.ours), theirs: of(found.theirs) }, 100);
  }
});

test('the standard lead rule: keys, names in each other’s place, blanks beside an e-mail', async () => {
  const fields: Fields[] = [
    'FirstName',
    'LastName',
    'Company',
    'Phone',
    'City',
    'Street',
    'PostalCode',
    'Title',
    'Email',
  ];
  const records = made(fields);
  const rows = changed(records, fields, ['LastName', 'Company']).map((row, n) =>
    n % 10 === 0 && row['FirstName'] !== ''
      ? { ...row, FirstName: row['LastName'] ?? '', LastName: row['FirstName'] ?? '' }
      : row,
  );
  expectAgreement(await bothSides('Lead', fields, rows, records), 100);
});

test('the standard account rule', async () => {
  const asAccount = (values: Values): Values => ({
    Name: values['Company'] ?? '',
    BillingStreet: values['Street'] ?? '',
    BillingCity: values['City'] ?? '',
    BillingState: values['State'] ?? '',
    BillingPostalCode: values['PostalCode'] ?? '',
    Phone: values['Phone'] ?? '',
    Website: values['Website'] ?? '',
  });
  const fields: Fields[] = ['Company', 'Street', 'City', 'State', 'PostalCode', 'Phone', 'Website'];
  const records = made(fields);
  const rows = changed(records, fields, ['Company']).map(asAccount);
  const accounts = records.map(asAccount);
  expectAgreement(await bothSides('Account', Object.keys(accounts[0] ?? {}) as Fields[], rows, accounts), 100);
});

test('the standard contact rule, of contacts without an account', async () => {
  const asContact = (values: Values): Values => ({
    FirstName: values['FirstName'] ?? '',
    LastName: values['LastName'] ?? '',
    Title: values['Title'] ?? '',
    Email: values['Email'] ?? '',
    Phone: values['Phone'] ?? '',
    MailingStreet: values['Street'] ?? '',
    MailingCity: values['City'] ?? '',
    MailingPostalCode: values['PostalCode'] ?? '',
  });
  const fields: Fields[] = ['FirstName', 'LastName', 'Title', 'Email', 'Phone', 'Street', 'City', 'PostalCode'];
  const records = made(fields);
  const rows = changed(records, fields, ['LastName']).map(asContact);
  const contacts = records.map(asContact);
  expectAgreement(await bothSides('Contact', Object.keys(contacts[0] ?? {}) as Fields[], rows, contacts), 100);
});
