import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FieldMapping, MappingTarget } from '../../../shared/domain/field-mapping.ts';
import type { LoadId } from '../../../shared/domain/ids.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { startBench } from '../test-support/start-bench.ts';
import { to } from '../test-support/small-plan.ts';

const { org, app, orgId } = await startBench(['--records', '20']);

const lookup = (name: string, parentObject = 'Berth__c', parentField = 'Berth_Code__c'): MappingTarget => ({
  kind: 'lookup',
  field: name === 'Parent' ? 'ParentId' : `${name}__c`,
  relationshipName: name === 'Parent' ? 'Parent' : `${name}__r`,
  parentObject,
  parentField,
  polymorphic: false,
});
const BERTH = [to('Berth_Code__c'), to('Name'), lookup('Neighbour'), lookup('Fallback')];

function mappingOf(operation: 'insert' | 'upsert', targets: readonly MappingTarget[] = BERTH, objectName = 'Berth__c') {
  const key = targets[0]?.kind === 'field' ? targets[0].field : null;
  const columns = targets.map((target, column) => newColumn(column, target));
  const matchField = operation === 'insert' ? null : key;
  return { objectName, operation, matchField, columns, blankValues: 'leave', duplicateKeys: 'ask' } as FieldMapping;
}

let files = 0;
/** Rows of code, neighbour and fallback. */
async function build(rows: readonly (readonly string[])[], mapping: FieldMapping): Promise<LoadPlan> {
  const path = join(app.data, `berths-${++files}.csv`);
  const lines = rows.map(([code = '', ...parents]) => [code, `Berth ${code}`, ...parents].join(','));
  const header = ['Code', 'Name', 'Next', 'Other'].slice(0, mapping.columns.length);
  await writeFile(path, `${header.join(',')}\n${lines.join('\n')}\n`);
  return app.call('plan.build', { orgId, sourceId: (await app.stage(path)).sourceId, mapping });
}

async function start({ planId, planDigest }: LoadPlan): Promise<LoadId> {
  return (await app.call('load.start', { planId, planDigest })).loadId;
}

async function outcomes(loadId: LoadId) {
  const kinds = [
    'created',
    'updated',
    'incomplete',
    'failed',
    'repeated',
    'leftOut',
    'skipped',
    'unprocessed',
    'unknown',
    'unchanged',
  ] as const;
  const { rows } = await app.call('report.page', { loadId, kinds: [...kinds], offset: 0, limit: 500 });
  return rows.map(({ kind, error }) => (error === '' ? kind : `${kind} ${error}`));
}

async function rest<T>(method: string, path: string, body?: object): Promise<T> {
  const headers = { authorization: `Bearer ${org.accessToken}`, 'content-type': 'application/json' };
  const answer = await fetch(`${org.url}/services/data/v66.0/${path}`, {
    method,
    headers,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  // An update is answered with nothing.
  const text = await answer.text();
  return (text === '' ? null : JSON.parse(text)) as T;
}

interface Berth {
  readonly Berth_Code__c: string;
  readonly Neighbour__r: { readonly Berth_Code__c: string } | null;
  readonly Fallback__r: { readonly Berth_Code__c: string } | null;
}

/** What the org has of berths whose codes begin so: code, neighbour, fallback. */
async function inOrg(prefix: string): Promise<string[][]> {
  const soql = `SELECT Berth_Code__c, Neighbour__r.Berth_Code__c, Fallback__r.Berth_Code__c FROM Berth__c WHERE Berth_Code__c LIKE '${prefix}%' ORDER BY Berth_Code__c`;
  const { records } = await rest<{ records: Berth[] }>('GET', `query?q=${encodeURIComponent(soql)}`);
  return records.map((one) => [
    one.Berth_Code__c,
    one.Neighbour__r?.Berth_Code__c ?? '',
    one.Fallback__r?.Berth_Code__c ?? '',
  ]);
}

const ring = (prefix: string): string[][] => [
  [`${prefix}1`, `${prefix}2`, ''],
  [`${prefix}2`, `${prefix}3`, `${prefix}4`],
  [`${prefix}3`, `${prefix}1`, ''],
  [`${prefix}4`, `${prefix}4`, ''],
  [`${prefix}5`, `${prefix}1`, `${prefix}4`],
];

test.each(['insert', 'upsert'] as const)('circles are loaded whole by %s, then unchanged', async (operation) => {
  const prefix = `R${operation}-`;
  const plan = await build(ring(prefix), mappingOf(operation));
  expect(plan).toMatchObject({ jobs: 4, counts: { insert: 5 }, secondStep: { rows: 2 } });
  const loadId = await start(plan);
  const done = await app.finished(loadId);
  expect(done).toMatchObject({ counts: { created: 5, incomplete: 0 }, rowsToSend: 5, secondStepRows: 2, notices: [] });
  expect(done.jobs.map(({ rows }) => rows)).toEqual([2, 2, 1, 2]);
  expect(await inOrg(prefix)).toEqual(ring(prefix));
  const again = await build(ring(prefix), mappingOf('upsert'));
  expect(again).toMatchObject({ counts: { unchanged: 5 }, secondStep: null });
});

test('a parent that failed: the second step is not sent, and the row says what it is without', async () => {
  const plan = await build(
    [
      ['F1', 'F2', ''],
      ['F2', 'F1', ''],
      ['F3', 'F3', 'F1'],
    ],
    mappingOf('insert'),
  );
  // Made since the plan: the row that names it by this code can't be inserted any more.
  await rest('POST', 'sobjects/Berth__c', { Name: 'Taken', Berth_Code__c: 'F2' });
  const loadId = await start(plan);
  expect((await app.finished(loadId)).counts).toMatchObject({ created: 1, incomplete: 1, failed: 1 });
  const [first, second, third] = await outcomes(loadId);
  expect(first).toBe(
    'incomplete LOOKUP_NOT_SET: Created; Neighbouring Berth was not set, because row 2, which it names, failed',
  );
  expect(second).toMatch(/^failed DUPLICATE_VALUE/);
  expect(third).toBe('created');
  expect(await inOrg('F')).toEqual([
    ['F1', '', ''],
    ['F2', '', ''],
    ['F3', 'F3', 'F1'],
  ]);
  const { errorGroups } = await app.call('report.get', { loadId });
  expect(errorGroups.map(({ statusCode, rows }) => [statusCode, rows])).toContainEqual(['LOOKUP_NOT_SET', 1]);
});

test('a second step that Salesforce refuses: said in the error file, which mends it and doubles nothing', async () => {
  const rows = [
    ['S1', 'S2', ''],
    ['S2', 'S1', ''],
  ];
  for (const operation of ['insert', 'upsert'] as const) {
    const named = rows.map((cells) => cells.map((cell) => cell && `${operation}-${cell}`));
    const mapping = mappingOf(operation);
    const plan = await build(named, mapping);
    await noJobsFrom(3);
    const loadId = await start(plan);
    expect((await app.finished(loadId)).state.kind).toBe('paused');
    await org.faults([]);
    // The row of the second step stays locked, however often it is sent.
    await org.admin('PATCH', '/knobs', { lockRowEvery: 1 });
    const ended = endOf(loadId, 'finished', 1);
    await app.call('load.resume', { loadId });
    const done = await ended;
    await org.admin('PATCH', '/knobs', { lockRowEvery: 0 });
    expect(done.counts).toMatchObject({ created: 1, incomplete: 1, failed: 0 });
    expect((await outcomes(loadId))[0]).toMatch(
      /^incomplete LOOKUP_NOT_SET: Created; Neighbouring Berth was not set, because Salesforce refused it: UNABLE_TO_LOCK_ROW/,
    );
    await app.call('report.save', { loadId, file: 'error', spreadsheetSafe: false });
    const path = app.saved.at(-1)?.path ?? '';
    expect(await readFile(path, 'utf8')).toMatch(/\na02\w{15},.*LOOKUP_NOT_SET.*-S1,/);
    const { sourceId } = await app.stage(path);
    const columns = mapping.columns.map((column) => ({ ...column, column: column.column + 2 }));
    const back = await app.call('plan.build', { orgId, sourceId, mapping: { ...mapping, columns } });
    if (operation === 'upsert') {
      expect(back.counts).toMatchObject({ update: 1 });
      await app.finished(await start(back));
    } else {
      // Inserted again it would be there twice; as an update by its Id it is mended.
      expect(back.counts).toMatchObject({ insert: 0, blocked: 1 });
      const targets = [to('Id'), { kind: 'ignored' as const }, ...BERTH.slice(0, 3)];
      const update: FieldMapping = {
        ...mapping,
        operation: 'update',
        matchField: 'Id',
        columns: targets.map((target, column) => newColumn(column, target)),
      };
      const mended = await app.call('plan.build', { orgId, sourceId, mapping: update });
      expect(mended.counts).toMatchObject({ update: 1 });
      await app.finished(await start(mended));
    }
    expect(await inOrg(`${operation}-S`)).toEqual(named);
  }
});

const jobsMade = async () =>
  (await org.requests()).filter(({ method, path }) => method === 'POST' && path.endsWith('/jobs/ingest')).length;

/** No job can be made any more from the `nth` on. */
const noJobsFrom = (nth: number) => {
  const action = { kind: 'answer', status: 403, body: '[]' };
  return org.faults([{ method: 'POST', path: '/jobs\\/ingest$/', nth, times: 50, action }]);
};

const endOf = (loadId: LoadId, kind: 'paused' | 'finished', incomplete: number) =>
  app.waitFor((event) =>
    event.topic === 'load' &&
    event.load.loadId === loadId &&
    event.load.state.kind === kind &&
    event.load.counts.incomplete === incomplete
      ? event.load
      : null,
  );

test('incomplete rows alone get their lookups by another try, which goes on after a pause', async () => {
  const plan = await build(ring('A'), mappingOf('insert'));
  await noJobsFrom(4);
  const loadId = await start(plan);
  expect((await app.finished(loadId)).state.kind).toBe('paused');
  await org.faults([]);
  // Every row of the second step meets a lock.
  await org.admin('PATCH', '/knobs', { lockRowEvery: 1 });
  const refused = endOf(loadId, 'finished', 2);
  await app.call('load.resume', { loadId });
  expect(await refused).toMatchObject({ counts: { created: 3, failed: 0 } });
  await org.admin('PATCH', '/knobs', { lockRowEvery: 0 });
  expect(await app.call('report.get', { loadId })).toMatchObject({ retriable: 2 });
  await noJobsFrom(1);
  // What is known stays as it was until the other try has an end.
  const paused = endOf(loadId, 'paused', 2);
  await app.call('load.complete', { loadId });
  expect(await paused).toMatchObject({ finishedAt: null, rowsToSend: 5, secondStepRows: 4 });
  await org.faults([]);
  const before = await jobsMade();
  const finished = endOf(loadId, 'finished', 0);
  await app.call('load.resume', { loadId });
  expect(await finished).toMatchObject({ counts: { created: 5, updated: 0, incomplete: 0, failed: 0 } });
  expect((await jobsMade()) - before).toBe(1);
  expect(await outcomes(loadId)).toEqual(Array.from({ length: 5 }, () => 'created'));
  expect(await inOrg('A')).toEqual(ring('A'));
  expect(await app.call('report.get', { loadId })).toMatchObject({ retriable: 0, errorGroups: [] });
  await expect(app.call('load.complete', { loadId })).rejects.toMatchObject({ failure: { code: 'LOAD_COMPLETE' } });
});

test.each(['insert', 'upsert'] as const)(
  'another try leaves alone what somebody has set since, and says so: %s',
  async (operation) => {
    const code = (n: number) => `${operation === 'insert' ? 'MI' : 'MU'}${n}`;
    const circles = [
      [code(1), code(2), ''],
      [code(2), code(1), ''],
      [code(3), code(4), ''],
      [code(4), code(3), ''],
    ];
    const others = { Name: 'Another', Berth_Code__c: code(9) };
    const { id: other } = await rest<{ id: string }>('POST', 'sobjects/Berth__c', others);
    if (operation === 'upsert') {
      // One of these rows is there already, with a neighbour that the load is to change.
      await rest('POST', 'sobjects/Berth__c', { Name: 'There', Berth_Code__c: code(3), Neighbour__c: other });
      await rest('POST', 'sobjects/Berth__c', { Name: 'There', Berth_Code__c: code(4), Neighbour__c: other });
    }
    const plan = await build(circles, mappingOf(operation));
    expect(plan.secondStep?.rows ?? 0).toBeGreaterThan(0);
    await org.admin('PATCH', '/knobs', { lockRowEvery: 0 });
    const waiting = plan.secondStep?.rows ?? 0;
    const first = plan.jobs - 1;
    await noJobsFrom(first + 1);
    const loadId = await start(plan);
    expect((await app.finished(loadId)).state.kind).toBe('paused');
    const cancelled = endOf(loadId, 'finished', waiting);
    await app.call('load.cancel', { loadId });
    await cancelled;
    await org.faults([]);
    const before = await inOrg(code(1).slice(0, 2));
    const lacking = before.filter(([own, next]) => own !== code(9) && (next === '' || next === code(9)));
    expect(lacking).toHaveLength(waiting);
    const moved = lacking[0]?.[0] ?? '';
    const soql = encodeURIComponent(`SELECT Id FROM Berth__c WHERE Berth_Code__c = '${moved}'`);
    const { records } = await rest<{ records: { Id: string }[] }>('GET', `query?q=${soql}`);
    const [mine] = records;
    await rest('PATCH', `sobjects/Berth__c/${mine?.Id ?? ''}`, { Neighbour__c: mine?.Id });
    const finished = endOf(loadId, 'finished', 1);
    await app.call('load.complete', { loadId });
    await finished;
    const wanted = new Map(circles.map(([own = '', next = '']) => [own, next]));
    const after = (await inOrg(code(1).slice(0, 2))).filter(([own]) => own !== code(9));
    expect(after.map(([own, next]) => [own, next])).toEqual(
      [...wanted].map(([own, next]) => [own, own === moved ? moved : next]),
    );
    expect((await outcomes(loadId)).filter((outcome) => outcome.startsWith('incomplete'))).toEqual([
      expect.stringMatching(/Neighbouring Berth was not set, because somebody changed the record after the load$/),
    ]);
    expect(await app.call('report.get', { loadId })).toMatchObject({ retriable: 0 });
  },
);

test('of a load that was cancelled before its second step that step can be carried out', async () => {
  const plan = await build(ring('X'), mappingOf('insert'));
  await noJobsFrom(4);
  const loadId = await start(plan);
  expect((await app.finished(loadId)).state.kind).toBe('paused');
  const cancelled = endOf(loadId, 'finished', 2);
  await app.call('load.cancel', { loadId });
  await cancelled;
  await org.faults([]);
  const before = await jobsMade();
  const finished = endOf(loadId, 'finished', 0);
  await app.call('load.complete', { loadId });
  expect(await finished).toMatchObject({ counts: { created: 5, incomplete: 0, unprocessed: 0 } });
  expect((await jobsMade()) - before).toBe(1);
  expect(await inOrg('X')).toEqual(ring('X'));
});

test('a row whose parent was refused is not tried once more', async () => {
  const plan = await build(
    [
      ['Y1', 'Y2', ''],
      ['Y2', 'Y1', ''],
    ],
    mappingOf('insert'),
  );
  await rest('POST', 'sobjects/Berth__c', { Name: 'Taken', Berth_Code__c: 'Y2' });
  const loadId = await start(plan);
  expect((await app.finished(loadId)).counts).toMatchObject({ created: 0 });
  expect(await app.call('report.get', { loadId })).toMatchObject({ retriable: 0 });
  await expect(app.call('load.complete', { loadId })).rejects.toMatchObject({ failure: { code: 'LOAD_COMPLETE' } });
});

test('cancelled between the steps: what was made is told, and that it lacks its lookup', async () => {
  const plan = await build(ring('C'), mappingOf('insert'));
  // The second step's job can't be made: the load pauses, and is cancelled there.
  await org.faults([
    {
      method: 'POST',
      path: '/jobs\\/ingest$/',
      nth: 4,
      times: 50,
      action: { kind: 'answer', status: 403, body: '[]' },
    },
  ]);
  const loadId = await start(plan);
  expect((await app.finished(loadId)).state.kind).toBe('paused');
  await app.call('load.cancel', { loadId });
  const done = await app.waitFor((event) =>
    event.topic === 'load' && event.load.loadId === loadId && event.load.state.kind === 'finished' ? event.load : null,
  );
  await org.faults([]);
  expect(done).toMatchObject({ state: { cancelled: true }, counts: { created: 3, incomplete: 2, unprocessed: 0 } });
  expect((await outcomes(loadId)).filter((outcome) => outcome !== 'created')).toEqual([
    'incomplete LOOKUP_NOT_SET: Created; Neighbouring Berth was not set, because the load was cancelled before its second step',
    'incomplete LOOKUP_NOT_SET: Created; Neighbouring Berth was not set, because the load was cancelled before its second step',
  ]);
  expect((await inOrg('C')).map(([, next]) => next)).toEqual(['', 'C3', 'C1', '', 'C1']);
});

test('a parent of the file named by its name and code: made first, given then, and found in the org afterwards', async () => {
  const found = (field: string, parentField: string): MappingTarget => ({
    kind: 'found',
    field,
    parentObject: 'Berth__c',
    parentField,
    and: null,
    whenNone: 'home',
    whenSeveral: 'home',
    whenInactive: 'home',
  });
  const targets = [to('Berth_Code__c'), to('Name'), found('Neighbour__c', 'Name'), lookup('Fallback')];
  const rows = [
    ['N1', 'berth N3', 'N2'],
    ['N2', 'Berth N1', ''],
    ['N3', '', 'N1'],
  ];
  const plan = await build(rows, mappingOf('insert', targets));
  expect(plan).toMatchObject({ counts: { insert: 3 }, secondStep: { rows: 2 }, lookups: [{ found: 0, inFile: 2 }] });
  const done = await app.finished(await start(plan));
  expect(done.counts).toMatchObject({ created: 3, incomplete: 0 });
  expect(done.jobs.length).toBe(plan.jobs);
  expect(await inOrg('N')).toEqual([
    ['N1', 'N3', 'N2'],
    ['N2', 'N1', ''],
    ['N3', '', 'N1'],
  ]);
  const again = await build(rows, mappingOf('upsert', targets));
  expect(again).toMatchObject({ counts: { unchanged: 3 }, secondStep: null, lookups: [{ found: 2 }] });
});

test('of a hierarchy that Salesforce refuses nothing is sent, and the org refuses it as well', async () => {
  const targets = [to('ERP_Id__c'), to('Name'), lookup('Parent', 'Account', 'ERP_Id__c')];
  const rows = [
    ['H1', 'H2'],
    ['H2', 'H1'],
    ['H3', ''],
  ];
  const plan = await build(rows, mappingOf('upsert', targets, 'Account'));
  expect(plan).toMatchObject({ counts: { insert: 1, blocked: 2 }, secondStep: null });
  const make = (values: object) => rest<{ id: string }>('POST', 'sobjects/Account', values);
  const { id: above } = await make({ Name: 'Above' });
  const { id: below } = await make({ Name: 'Below', ParentId: above });
  const answer = await rest<object>('PATCH', `sobjects/Account/${above}`, { ParentId: below });
  expect(answer).toMatchObject([{ errorCode: 'CIRCULAR_DEPENDENCY', fields: ['ParentId'] }]);
});

test('whoever names whom, by insert and upsert: afterwards the org’s lookups are the file’s', async () => {
  const cell = fc.option(fc.nat(7), { nil: null, freq: 3 });
  const graph = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 });
  // Many graphs that have nothing to do with one another make one file.
  const graphs = fc.array(graph, { minLength: 30, maxLength: 30 });
  let round = 0;
  await fc.assert(
    fc.asyncProperty(graphs, fc.constantFrom('insert' as const, 'upsert' as const), async (many, operation) => {
      const prefix = `P${++round}-`;
      const name = (of: number, nth: number) => `${prefix}${String(of).padStart(2, '0')}-${nth}`;
      const named = many.flatMap((cells, of) =>
        cells.map((parents, nth) => [
          name(of, nth),
          ...parents.map((parent) => (parent === null ? '' : name(of, parent % cells.length))),
        ]),
      );
      const plan = await build(named, mappingOf(operation));
      const { jobs, counts } = await app.finished(await start(plan));
      expect(counts).toMatchObject({ created: named.length, incomplete: 0 });
      expect(jobs.length).toBe(plan.jobs);
      expect(await inOrg(prefix)).toEqual(named);
    }),
    { numRuns: 3, endOnFailure: true },
  );
}, 60_000);
