import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ResemblanceKind } from '../../../shared/domain/resemblance.ts';
import { DuckDbEngine } from '../staging/duckdb-engine.ts';
import { stagingOver, type InProcessStaging } from '../test-support/engine-staging.ts';
import { madeFile, MADE_KINDS, recordOf, type MadeKind, type MadeRow } from '../test-support/resembling-rows.ts';
import { tableOfRows } from '../test-support/resembling-tables.ts';
import { blockRecords } from './block-pairs.ts';
import { DEFAULT_MODELS, type ResemblanceModel } from './default-models.ts';
import { findResembling, type Resemblance } from './find-resembling.ts';
import { borderlinePairs, countsAt, pairsFrom } from './resembling-pairs.ts';

const ALIAS = 'plan_0000000000000001';
const NEVER = new AbortController().signal;
let [engine, staging, folder] = [] as unknown as [DuckDbEngine, InProcessStaging, string];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-resembling-'));
  engine = await DuckDbEngine.create(folder);
  staging = stagingOver(engine);
  await engine.createDatabase(ALIAS, join(folder, 'plan.duckdb'), { columns: 40, joinedRows: 10_000 });
});
afterAll(async () => {
  await engine.databases.forget(ALIAS);
  await rm(folder, { recursive: true, force: true });
});

type Rows = Iterable<readonly [string, MadeRow]>;

async function compare(kinds: readonly ResemblanceKind[], model: ResemblanceModel, rows: Rows, records: Rows | null) {
  const of = (name: string, made: Rows) => tableOfRows(staging, { alias: ALIAS, name, kinds }, made);
  const request = {
    alias: ALIAS,
    rows: await of('file', rows),
    records: records && (await of('org', records)),
    model,
  };
  return findResembling(staging, request, NEVER, () => undefined);
}

async function scored(found: Resemblance, again: number) {
  const pairs = await pairsFrom(found, { threshold: found.threshold, offset: 0, limit: 10_000 });
  const right = pairs.filter(({ row, record }) => row === record).length;
  return { precision: right / pairs.length, recall: right / again };
}

test.each(['Account', 'Contact'] as const)(
  '%ss that are in the org already are found in several scripts, without training and hardly ever wrongly',
  async (kind: MadeKind) => {
    const made = madeFile(kind, { seed: 11, records: 3000, rows: 1500, share: 0.06 });
    const found = await compare(MADE_KINDS[kind], DEFAULT_MODELS[kind], made.rows, made.records);
    const { precision, recall } = await scored(found, made.again);
    expect(precision).toBeGreaterThanOrEqual(0.98);
    expect(recall).toBeGreaterThanOrEqual(0.95);
  },
);

const ANNA = {
  firstName: 'Anna',
  lastName: 'Schröder',
  email: 'anna.schroeder@werk.de',
  phone: '+49 30 1234567',
  company: 'Werk GmbH',
  street: 'Hauptstraße 5',
  city: 'Köln',
  postalCode: '50667',
};
const CONTACT = MADE_KINDS.Contact;

/** Enough of others that names and places are as common as they are. */
function* others(count: number): Generator<readonly [string, MadeRow]> {
  for (let at = 0; at < count; at++) yield [`other ${at}`, recordOf('Contact', 5, at)];
}

async function weightOf(row: MadeRow, record: MadeRow) {
  const found = await compare(CONTACT, DEFAULT_MODELS.Contact, [['mine', row]], [['theirs', record], ...others(300)]);
  const pairs = await pairsFrom(found, { threshold: -40, offset: 0, limit: 100 });
  return { found, pair: pairs.find(({ record: key }) => key === 'theirs') };
}

test('a pair says what speaks for and against it, and with the prior that is its weight', async () => {
  const { found, pair } = await weightOf({ ...ANNA, city: 'Bonn', postalCode: '53111', mobile: '0171 5551234' }, ANNA);
  expect(pair?.reasons).toContainEqual(expect.objectContaining({ thing: 'email', level: 'same' }));
  expect(pair?.reasons.find(({ thing }) => thing === 'place')).toMatchObject({ level: 'other' });
  expect(
    pair?.reasons.map(({ thing }) => thing),
    'what one of them does not say',
  ).not.toContain('mobile');
  const sum = (pair?.reasons ?? []).reduce((all, { weight }) => all + weight, found.prior);
  expect(sum).toBeCloseTo(pair?.weight ?? 0, 3);
  const place = ['company', 'street', 'place', 'phone'];
  const together = pair?.reasons.filter(({ thing, weight }) => place.includes(thing) && weight > 0);
  expect(together, 'colleagues share all of a place: it counts once').toHaveLength(1);
});

test('names in either order, without accents or in another script, and short forms are the same person; a colleague is not', async () => {
  const least = DEFAULT_MODELS.Contact.threshold;
  const { email: _email, ...noEmail } = ANNA;
  const exchanged = { ...noEmail, firstName: 'Schroder', lastName: 'Anna' };
  expect((await weightOf(exchanged, noEmail)).pair?.weight).toBeGreaterThan(least);
  const ivan = { ...noEmail, firstName: 'Михаил', lastName: 'Смирнов' };
  expect((await weightOf({ ...noEmail, firstName: 'Misha', lastName: 'Smirnov' }, ivan)).pair?.weight).toBeGreaterThan(
    least,
  );
  const brother = { ...noEmail, firstName: 'Wolfgang' };
  expect((await weightOf(brother, noEmail)).pair?.weight ?? -99).toBeLessThan(least);
});

test('names in the wrong fields are known in spite of a typing error; an email that differs as the names do is another person’s', async () => {
  const { email: _email, ...noEmail } = ANNA;
  const exchanged = { ...noEmail, firstName: 'Schröder', lastName: 'Amna' };
  const { pair } = await weightOf(exchanged, noEmail);
  expect(pair?.reasons).toContainEqual(expect.objectContaining({ thing: 'lastName', level: 'exchanged' }));
  const other = { ...ANNA, lastName: 'Schreder', email: 'anna.schreder@werk.de', phone: '030 998877' };
  const { pair: near } = await weightOf(other, ANNA);
  expect(near?.reasons.find(({ thing }) => thing === 'email')?.level).toBe('other');
  expect(near?.weight ?? -99).toBeLessThan(DEFAULT_MODELS.Contact.threshold);
  const { pair: mistyped } = await weightOf({ ...ANNA, email: 'anna.schroedre@werk.de' }, ANNA);
  expect(mistyped?.reasons).toContainEqual(expect.objectContaining({ thing: 'email', level: 'nearlySame' }));
});

test('companies are the same whatever their legal form, and the order of their words', async () => {
  const rows: [string, MadeRow][] = [
    ['1', { company: 'Brückner Stahlbau GmbH & Co. KG', city: 'Köln', phone: '0221 998877' }],
    ['2', { company: 'アジア電子 株式会社', city: '大阪', phone: '06 1234567' }],
  ];
  const records: [string, MadeRow][] = [
    ['1', { company: 'STAHLBAU BRUECKNER', city: 'Koeln', phone: '+49 221 998877' }],
    ['2', { company: 'アジア電子', city: '大阪', phone: '+81 6-1234567' }],
    ...Array.from({ length: 300 }, (_, at) => [`other ${at}`, recordOf('Account', 6, at)] as [string, MadeRow]),
  ];
  const found = await compare(MADE_KINDS.Account, DEFAULT_MODELS.Account, rows, records);
  const pairs = await pairsFrom(found, { threshold: found.threshold, offset: 0, limit: 10 });
  expect(pairs.map(({ row, record }) => [row, record]).sort()).toEqual([
    ['1', '1'],
    ['2', '2'],
  ]);
  expect(pairs.find(({ row }) => row === '2')?.reasons).toContainEqual(
    expect.objectContaining({ thing: 'company', level: 'same' }),
  );
});

test('rows of a file are compared with one another, each pair once', async () => {
  const rows: (readonly [string, MadeRow])[] = [
    ['a', ANNA],
    ['b', { ...ANNA, phone: '030 1234567', lastName: 'Schroeder' }],
    ...others(300),
  ];
  const found = await compare(CONTACT, DEFAULT_MODELS.Contact, rows, null);
  const pairs = await pairsFrom(found, { threshold: found.threshold, offset: 0, limit: 10 });
  expect(pairs.map(({ row, record }) => [row, record].sort())).toEqual([['a', 'b']]);
});

test('a block over the cap is looked at in part, and that is said', async () => {
  const made = madeFile('Contact', { seed: 3, records: 400, rows: 200, share: 0.1 });
  const found = await compare(CONTACT, DEFAULT_MODELS.Contact, made.rows, made.records);
  expect(found.capped, 'none of so few').toEqual([]);
  const everyone = { name: 'everyone', kinds: ['lastName'] as const, key: `CASE WHEN lastName <> '' THEN 'x' END` };
  const capped = await blockRecords(found.work, found.sides, [everyone]);
  expect(capped).toEqual([{ rule: 'everyone', blocks: 1, pairs: 80_000, lookedAt: 10_000 }]);
});

test('thresholds are counted, and the least sure pairs come from around the model’s own, one a row', async () => {
  const made = madeFile('Contact', { seed: 4, records: 2000, rows: 1000, share: 0.1 });
  const found = await compare(CONTACT, DEFAULT_MODELS.Contact, made.rows, made.records);
  const counts = await countsAt(found, [-5, found.threshold, 12]);
  expect(counts.map(({ pairs }) => pairs)).toEqual([...counts.map(({ pairs }) => pairs)].sort((a, b) => b - a));
  expect(counts[1]?.pairs).toBe(
    (await pairsFrom(found, { threshold: found.threshold, offset: 0, limit: 10_000 })).length,
  );
  const asked = await borderlinePairs(found, 10);
  expect(asked).toHaveLength(10);
  expect(new Set(asked.map(({ row }) => row)).size).toBe(10);
});

test('it stops when it is called off, and says how far it is', async () => {
  const made = madeFile('Contact', { seed: 4, records: 500, rows: 200, share: 0.1 });
  const [rows, records] = [
    await tableOfRows(staging, { alias: ALIAS, name: 'file', kinds: CONTACT }, made.rows),
    await tableOfRows(staging, { alias: ALIAS, name: 'org', kinds: CONTACT }, made.records),
  ];
  const request = { alias: ALIAS, rows, records, model: DEFAULT_MODELS.Contact };
  const abort = new AbortController();
  const stages: string[] = [];
  const work = findResembling(staging, request, abort.signal, ({ stage }) => {
    stages.push(stage);
    if (stage === 'learning') abort.abort(new Error('called off'));
  });
  await expect(work).rejects.toThrow();
  expect(new Set(stages)).toEqual(new Set(['preparing', 'learning']));
});
