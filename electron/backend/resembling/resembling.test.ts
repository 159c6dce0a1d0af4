import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Papa from 'papaparse';
import { beforeAll, expect, test } from 'vitest';
import type { Input } from '../../../shared/contract/procedures.ts';
import type { WritePolicies } from '../../../shared/domain/field-mapping.ts';
import type { LoadPlan, PlannedRow } from '../../../shared/domain/load-plan.ts';
import { OutcomeKind, type OutcomeRow } from '../../../shared/domain/load-results.ts';
import type { ResemblanceKind } from '../../../shared/domain/resemblance.ts';
import { plannedGroups } from '../../../shared/domain/row-groups.ts';
import { madeFile, type MadeRow } from '../test-support/resembling-rows.ts';
import { startBench } from '../test-support/start-bench.ts';

const { org, app, orgId } = await startBench(['--records', '3']);
beforeAll(async () => {
  // The standard rules would refuse rows that resemble records, as Bulk API can't say allowSave.
  await org.admin('PUT', '/duplicate-rules', { matchingRules: [], duplicateRules: [] });
});

const LEAD = {
  firstName: 'FirstName',
  lastName: 'LastName',
  company: 'Company',
  email: 'Email',
  phone: 'Phone',
  mobile: 'MobilePhone',
  street: 'Street',
  city: 'City',
  postalCode: 'PostalCode',
} as const satisfies Partial<Record<ResemblanceKind, string>>;

type Line = Readonly<Record<string, string>>;

const leadOf = (row: MadeRow): Line =>
  Object.fromEntries(Object.entries(LEAD).map(([kind, field]) => [field, row[kind as keyof typeof LEAD] ?? '']));

async function planOf(
  name: string,
  objectName: string,
  lines: readonly Line[],
  operation: 'insert' | 'upsert' = 'insert',
  policies: WritePolicies = {},
) {
  const path = join(app.data, `${name}.csv`);
  await writeFile(path, Papa.unparse(lines as Line[]));
  const { sourceId } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName, operation, useSaved: false } as const;
  const mapping = await app.call('mapping.suggest', wanted);
  return app.call('plan.build', { orgId, sourceId, mapping: { ...mapping, policies } });
}

async function load({ planId, planDigest }: LoadPlan) {
  const { loadId } = await app.call('load.start', { planId, planDigest });
  return app.finished(loadId);
}

async function rowsOf({ planId, rows }: LoadPlan): Promise<PlannedRow[]> {
  const pages = [];
  for (let offset = 0; offset < rows; offset += 500)
    pages.push(...(await app.call('plan.page', { planId, kind: null, search: '', offset, limit: 500 })).rows);
  return pages;
}

async function exported(what: Input<'plan.export'>): Promise<string> {
  await app.call('plan.export', what);
  return readFile(app.saved.at(-1)?.path ?? '', 'utf8');
}

async function query(soql: string): Promise<Record<string, string | null>[]> {
  const response = await fetch(`${org.url}/services/data/v66.0/query?q=${encodeURIComponent(soql)}`, {
    headers: { authorization: `Bearer ${org.accessToken}` },
  });
  return ((await response.json()) as { records: Record<string, string | null>[] }).records;
}

const requestsSoFar = async () => (await org.admin<{ usage: { requests: number } }>('GET', '/state')).usage.requests;

const countLeads = async () => (await query('SELECT Id FROM Lead')).length;

test('leads of which 5 % exist: those update their records, none is there twice, and each row comes out as planned', async () => {
  const made = madeFile('Contact', { seed: 3, records: 400, rows: 200, share: 0.05 });
  await load(
    await planOf(
      'org',
      'Lead',
      [...made.records].map(([, row]) => leadOf(row)),
    ),
  );
  const known = await countLeads();
  const lines = [...made.rows].map(([, row]) => leadOf(row));
  const plan = await planOf('leads', 'Lead', lines);
  expect(plan.counts.insert).toBe(200);
  const { planId } = plan;

  const offer = await app.call('resembling.offer', { planId });
  const report = await app.call('resembling.find', { planId });
  expect(report).toMatchObject({ rows: 200, records: known, fields: offer?.fields });
  expect(report.calls).toBeGreaterThanOrEqual(offer?.calls ?? Infinity);
  const view = { threshold: report.threshold, rule: null, which: 'open' } as const;
  const { pairs, total } = await app.call('resembling.pairs', { planId, view, offset: 0, limit: 100 });
  expect([total, new Set(pairs.map(({ row }) => row)).size]).toEqual([10, 10]);
  const counts = await app.call('resembling.counts', { planId, thresholds: [report.threshold, 60] });
  expect(counts).toEqual([
    { threshold: report.threshold, pairs: 10, rows: 10 },
    { threshold: 60, pairs: 0, rows: 0 },
  ]);

  const all = { threshold: report.threshold, rule: null };
  const decided = await app.call('resembling.decide', { planId, of: all, decision: 'update' });
  expect(decided).toMatchObject({ rows: 10, several: 0, taken: 0, gone: 0 });
  expect(decided.plan.planDigest).not.toBe(plan.planDigest);
  // Those that change nothing are told as that, as the chips do.
  const { update: updates, unchanged: same } = decided.plan.counts;
  expect(decided.plan.decided).toEqual({ update: updates, unchanged: same, merge: 0, skip: 0, create: 0 });
  expect(updates + same).toBe(10);
  await expect(load(plan)).rejects.toMatchObject({ failure: { code: 'PLAN_STALE' } });

  // Each other thing of one row: taken back it is as if nothing had been decided of it.
  const [first, second, third] = pairs.map(({ row, record }) => ({ row, record }));
  const skipped = await app.call('resembling.decide', { planId, of: second!, decision: 'skip' });
  const created = await app.call('resembling.decide', { planId, of: third!, decision: 'create' });
  expect(created.plan.decided).toMatchObject({ skip: 1, create: 1 });
  expect(created.plan.decided.update + created.plan.decided.unchanged).toBe(8);
  expect(skipped.plan.counts).toMatchObject({ leftOut: 1 });
  await app.call('resembling.decide', { planId, of: first!, decision: null });
  const { plan: final } = await app.call('resembling.decide', { planId, of: first!, decision: 'update' });
  expect(Object.values(plannedGroups(final.counts)).reduce((sum, n) => sum + n, 0)).toBe(200);

  const rows = await rowsOf(final);
  const changing = rows.filter((row) => row.kind === 'update');
  expect(changing.every(({ resembles, changes }) => resembles && changes.length > 0)).toBe(true);
  const csv = await exported({ form: 'csv', planId, kind: null, search: '' });
  for (const text of [
    'Treated as the record it resembles, by your choice',
    'Resembles a record, created by your choice',
    `it resembles the record ${second!.record}`,
  ])
    expect(csv).toContain(text);
  const page = await exported({ form: 'page', planId });
  expect(page).toContain('1 row skipped, because a record like it exists.');
  expect(page).toContain(`${final.decided.update} rows update the records they resemble.`);
  const forecast = await app.call('load.forecast', { planId, planDigest: final.planDigest });
  const before = await requestsSoFar();
  const loaded = await load(final);
  // One job of new records, and one of updates.
  expect([final.jobs, loaded.jobs.length]).toEqual([2, 2]);
  // The look at what moved is for records that were decided on too.
  await expect.poll(async () => (await requestsSoFar()) - before).toBeGreaterThanOrEqual(forecast.apiCalls.least);
  const { insert, update, unchanged, leftOut } = final.counts;
  expect(loaded.counts).toMatchObject({ created: insert, updated: update, unchanged, leftOut, failed: 0 });
  expect(await countLeads()).toBe(known + insert);
  const outcomes = (
    await app.call('report.page', { loadId: loaded.loadId, kinds: OutcomeKind.options, offset: 0, limit: 500 })
  ).rows;
  const becomes = { insert: 'created', update: 'updated', unchanged: 'unchanged', leftOut: 'leftOut' } as const;
  for (const row of rows) {
    const outcome = outcomes.find((one: OutcomeRow) => one.row === row.row);
    expect([row.row, outcome?.kind]).toEqual([row.row, becomes[row.kind as keyof typeof becomes]]);
    if (row.kind === 'update') expect(outcome?.id).toBe(row.id);
    if (row.kind === 'leftOut') expect(outcome?.error).toContain(second!.record);
  }
  for (const { id, changes } of changing) {
    const [record] = await query(`SELECT ${changes.map(({ field }) => field).join(', ')} FROM Lead WHERE Id = '${id}'`);
    for (const { field, new: now } of changes) expect(record?.[field] ?? '').toBe(now);
  }
});

test('everything taken back, a plan has its first digest again', async () => {
  const made = madeFile('Contact', { seed: 3, records: 400, rows: 40, share: 0.5 });
  const plan = await planOf(
    'back',
    'Lead',
    [...made.rows].map(([, row]) => leadOf(row)),
  );
  const { planId } = plan;
  const { threshold } = await app.call('resembling.find', { planId });
  const of = { threshold, rule: null };
  for (const decision of ['update', 'merge', 'skip', 'create'] as const) {
    const decided = await app.call('resembling.decide', { planId, of, decision });
    expect(decided.rows).toBeGreaterThan(10);
    expect(decided.plan.planDigest).not.toBe(plan.planDigest);
    // Also after another look since.
    expect((await app.call('resembling.find', { planId })).rows).toBe(40);
    const back = await app.call('resembling.decide', { planId, of, decision: null });
    expect(back.plan).toEqual(plan);
  }
});

const ADA = {
  FirstName: 'Adelheid',
  LastName: 'Quistgaard',
  Email: 'adelheid@quistgaard.example',
  Phone: '+45 33 12 34 56',
  MailingStreet: 'Havnegade 4',
  MailingCity: 'Odense',
  MailingPostalCode: '5000',
};
const OTHERS = Array.from({ length: 40 }, (_none, n) => ({
  ...ADA,
  FirstName: `${String.fromCodePoint(65 + (n % 26))}nne${n}`,
  LastName: `Berg${n * 7}`,
  Email: `p${n}@other${n}.example`,
  Phone: `+45 70 ${1000 + n * 37}`,
  MailingStreet: `Vej ${n}`,
  MailingPostalCode: String(1000 + n * 13),
}));

test('a row that resembles several records asks, as do rows that want one record; only one row gets a record', async () => {
  await load(await planOf('twins', 'Contact', [ADA, { ...ADA, Phone: '+45 33 12 34 57' }, ...OTHERS.slice(0, 20)]));
  const plan = await planOf('asks', 'Contact', [ADA, OTHERS[0]!, { ...OTHERS[0]!, Phone: '' }, OTHERS[1]!]);
  const { planId } = plan;
  const { threshold } = await app.call('resembling.find', { planId });
  const of = { threshold, rule: null };
  const decided = await app.call('resembling.decide', { planId, of, decision: 'update' });
  expect(decided).toMatchObject({ rows: 1, several: 1, taken: 2 });
  const page = (which: 'open' | 'decided') =>
    app.call('resembling.pairs', { planId, view: { ...of, which }, offset: 0, limit: 50 });
  const { pairs } = await page('open');
  const wanted = pairs.filter(({ row }) => row > 1 && row < 4);
  expect(pairs.filter(({ row }) => row === 1).map(({ records }) => records)).toEqual([2, 2]);
  expect(wanted.map(({ rows }) => rows)).toEqual([2, 2]);
  const [mine, theirs] = wanted.map(({ row, record }) => ({ row, record }));
  expect(await app.call('resembling.decide', { planId, of: mine!, decision: 'update' })).toMatchObject({
    rows: 1,
    taken: 0,
  });
  const refused = await app.call('resembling.decide', { planId, of: theirs!, decision: 'update' });
  expect(refused).toMatchObject({ rows: 0, taken: 1 });
  expect((await page('open')).pairs.find(({ row }) => row === theirs!.row)).toMatchObject({ takenBy: mine!.row });
  // Choosing another record of several lets the first go.
  const [one, other] = pairs.filter(({ row }) => row === 1);
  for (const { row, record } of [one!, other!]) {
    const { plan: now } = await app.call('resembling.decide', { planId, of: { row, record }, decision: 'update' });
    expect(now.decided.update + now.decided.unchanged).toBe(3);
    const mineNow = (await page('decided')).pairs.filter((pair) => pair.row === 1);
    expect(mineNow.map((pair) => [pair.record, pair.decision])).toEqual([[record, 'update']]);
  }
  // The records that one row resembles can be merged with each other first.
  const source = { kind: 'plan', planId, threshold } as const;
  const rules = { master: 'oldest', values: 'fill', fields: {} } as const;
  const merge = await app.call('merge.plan', { orgId, objectName: 'Contact', source, rules });
  expect(merge.counts).toMatchObject({ groups: 1, records: 2, losers: 1 });
  const page2 = await app.call('merge.page', { mergeId: merge.mergeId, state: null, offset: 0, limit: 5 });
  expect(page2.groups[0]?.members.map(({ id }) => id).sort()).toEqual([one!.record, other!.record].sort());
});

test('rows of an upsert whose key no record has update what they resemble, by its Id; planned again all is unchanged', async () => {
  const keyed = OTHERS.slice(20, 24).map((row, n) => ({ External_Id__c: `RES-${n}`, ...row, Title: 'Cook' }));
  await load(await planOf('keyless', 'Contact', OTHERS.slice(20, 23)));
  const policies = { fillBlanksOnly: true };
  const changed = keyed.map((row) => ({ ...row, Phone: `${row.Phone}0` }));
  const plan = await planOf('keyed', 'Contact', changed, 'upsert', policies);
  expect(plan.mapping.matchField).toBe('External_Id__c');
  const { planId } = plan;
  const { threshold } = await app.call('resembling.find', { planId });
  const { plan: decided } = await app.call('resembling.decide', {
    planId,
    of: { threshold, rule: null },
    decision: 'update',
  });
  expect(decided.counts).toMatchObject({ insert: 1, update: 3 });
  const [row] = await rowsOf(decided);
  // The phone stays, as the policy says of every value that a record has.
  expect(row).toMatchObject({
    kind: 'update',
    changes: [
      { field: 'External_Id__c', old: '', new: 'RES-0' },
      { field: 'Title', old: '', new: 'Cook' },
    ],
  });
  // One change of it left out, and all taken back, the row is whole again.
  const out = { planId, of: { rows: [row!.row] }, field: 'Title', takeBack: false };
  await app.call('plan.leaveOut', out);
  const pair = { row: row!.row, record: row!.kind === 'update' ? row!.id : never() };
  await app.call('resembling.decide', { planId, of: pair, decision: null });
  expect((await rowsOf(plan))[0]).toMatchObject({
    kind: 'insert',
    values: expect.arrayContaining([{ field: 'Title', value: 'Cook' }]) as unknown,
  });
  const { plan: final } = await app.call('resembling.decide', { planId, of: pair, decision: 'update' });
  expect(final.planDigest).toBe(decided.planDigest);
  expect((await load(final)).counts).toMatchObject({ created: 1, updated: 3, failed: 0 });
  const again = await planOf('again', 'Contact', changed, 'upsert', policies);
  expect(again.counts).toMatchObject({ insert: 0, update: 0, unchanged: 4 });
});

test('a record that was changed since it was decided on stops the load', async () => {
  await load(await planOf('moving', 'Contact', [OTHERS[30]!]));
  const plan = await planOf('moved', 'Contact', [{ ...OTHERS[30]!, Title: 'Chief' }]);
  const { planId } = plan;
  const { threshold } = await app.call('resembling.find', { planId });
  const of = { threshold, rule: null };
  const { plan: decided } = await app.call('resembling.decide', { planId, of, decision: 'update' });
  const [row] = await rowsOf(decided);
  const id = row?.kind === 'update' ? row.id : never();
  await fetch(`${org.url}/services/data/v66.0/sobjects/Contact/${id}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${org.accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ Title: 'Clerk' }),
  });
  await expect(load(decided)).rejects.toMatchObject({ failure: { code: 'PLAN_STALE', why: 'drift', rows: 1 } });
  const moved = await app.call('plan.moved', { planId, offset: 0, limit: 10 });
  expect(moved.rows).toMatchObject([{ what: 'changed', id, changes: [{ field: 'Title', before: '', now: 'Clerk' }] }]);
});

test('what a person says of pairs moves the threshold; what was decided stays', async () => {
  const made = madeFile('Contact', { seed: 3, records: 400, rows: 60, share: 0.5 });
  const { planId } = await planOf(
    'labels',
    'Lead',
    [...made.rows].map(([, row]) => leadOf(row)),
  );
  const { threshold } = await app.call('resembling.find', { planId });
  const asked = await app.call('resembling.borderline', { planId });
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.length).toBeLessThanOrEqual(20);
  const words = asked.map(({ row, record }) => ({ row, record, same: false }));
  const { plan } = await app.call('resembling.decide', {
    planId,
    of: { threshold: threshold + 15, rule: null },
    decision: 'update',
  });
  const learnt = await app.call('resembling.learn', { planId, words });
  expect(learnt.threshold).toBeGreaterThan(threshold);
  expect(learnt.labelled).toBe(words.length);
  expect((await rowsOf(plan)).filter((row) => row.kind === 'update')).toHaveLength(plan.counts.update);
  expect(await app.call('resembling.report', { planId })).toEqual(learnt);
});

test('a load that pauses between its new records and its updates goes on with updates', async () => {
  const lines = OTHERS.slice(31, 34);
  await load(await planOf('pausing', 'Contact', lines));
  const plan = await planOf(
    'paused',
    'Contact',
    [...lines, OTHERS[34]!].map((row) => ({ ...row, Title: 'Pilot' })),
  );
  const { planId } = plan;
  const { threshold } = await app.call('resembling.find', { planId });
  const of = { threshold, rule: null };
  const { plan: decided } = await app.call('resembling.decide', { planId, of, decision: 'update' });
  expect(decided.counts).toMatchObject({ insert: 1, update: 3 });
  const action = { kind: 'status', status: 400, errorCode: 'API_DISABLED_FOR_ORG', message: 'not now' };
  await org.faults([{ method: 'POST', path: '/ingest$/', nth: 2, action }]);
  const paused = await load(decided);
  expect(paused.state.kind).toBe('paused');
  await org.faults([]);
  // It says that it has paused before it has let go of its files.
  await expect
    .poll(() =>
      app.call('load.resume', { loadId: paused.loadId }).then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
  expect((await app.finished(paused.loadId)).counts).toMatchObject({ created: 1, updated: 3, failed: 0 });
  expect(await query("SELECT Id FROM Contact WHERE Title = 'Pilot'")).toHaveLength(4);
});

test('looking can be called off, and is as new after it; each stage is told', async () => {
  const { planId } = await planOf('off', 'Contact', OTHERS.slice(0, 30));
  const stop = new AbortController();
  const ended = app.backend.call('resembling.find', { planId }, stop.signal);
  await app.waitFor((event) => (event.topic === 'work' && event.work.stage === 'learning' ? event : null));
  stop.abort();
  expect(await ended).toMatchObject({ ok: false, failure: { code: 'CANCELLED' } });
  expect(await app.call('resembling.report', { planId })).toBeNull();
  app.events.length = 0;
  expect((await app.call('resembling.find', { planId })).rows).toBe(30);
  const stages = app.events.flatMap((event) => (event.topic === 'work' ? [event.work.stage] : []));
  expect([...new Set(stages)]).toEqual(['fetching', 'preparing', 'learning', 'pairing', 'comparing']);
});

test('pairs that one rule found are decided by themselves', async () => {
  const made = madeFile('Contact', { seed: 3, records: 400, rows: 60, share: 0.5 });
  const { planId } = await planOf(
    'rules',
    'Lead',
    [...made.rows].map(([, row]) => leadOf(row)),
  );
  const { threshold, rules } = await app.call('resembling.find', { planId });
  const rule = rules.find((one) => one.rule === 'same email')!;
  const view = { threshold, rule: rule.rule, which: 'all' } as const;
  const { pairs, total } = await app.call('resembling.pairs', { planId, view, offset: 0, limit: 100 });
  expect([total, pairs.every((pair) => pair.rules.includes(rule.rule))]).toEqual([rule.pairs, true]);
  const of = { threshold, rule: rule.rule };
  const { rows } = await app.call('resembling.decide', { planId, of, decision: 'skip' });
  expect(rows).toBe(new Set(pairs.map(({ row }) => row)).size);
});

test('objects without a model, and rows that fill nothing to compare by, have no offer', async () => {
  const product = await planOf('products', 'Product2', [{ Name: 'Bolt' }]);
  const poor = await planOf('poor', 'Lead', [{ LastName: 'Only', Company: 'Name' }]);
  expect(await app.call('resembling.offer', { planId: product.planId })).toBeNull();
  expect(await app.call('resembling.offer', { planId: poor.planId })).not.toBeNull();
  await expect(app.call('resembling.find', { planId: product.planId })).rejects.toMatchObject({
    failure: { code: 'BAD_REQUEST' },
  });
});

function never(): never {
  throw new Error('the row is no update');
}
