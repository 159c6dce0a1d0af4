import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import Papa from 'papaparse';
import { expect, test } from 'vitest';
import type { LoadId } from '../../../shared/domain/ids.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { PlannedKind, type LoadPlan } from '../../../shared/domain/load-plan.ts';
import { OutcomeKind, ReportFile, totalOf, type LoadSnapshot } from '../../../shared/domain/load-results.ts';
import {
  checkedGroups,
  loadedGroups,
  OUTCOME_GROUP,
  PLANNED_GROUP,
  plannedGroups,
  rowsInFile,
  type LoadedGroups,
} from '../../../shared/domain/row-groups.ts';
import { startBench } from '../test-support/start-bench.ts';

const { app, orgId } = await startBench(['--records', '4']);

const HEADER = ['Tracking_Code__c', 'Account', 'Weight__c', 'Notes__c'];

/** One row, by what is about it: its key among a few, a parent that may not be there, and a weight that may be refused. */
interface Row {
  readonly key: number | null;
  readonly parent: 'ERP-100001' | 'nowhere';
  /** `heavy` is no number, `none` is left out, and the org's validation rule refuses what is below 0. */
  readonly weight: '1' | '2' | '-1' | 'heavy' | 'none';
  readonly ragged: boolean;
}

const row: fc.Arbitrary<Row> = fc.record({
  key: fc.option(fc.nat(6), { freq: 12 }),
  parent: fc.constantFrom('ERP-100001', 'ERP-100001', 'ERP-100001', 'nowhere'),
  weight: fc.constantFrom('1', '1', '2', '-1', 'heavy', 'none'),
  ragged: fc.nat(12).map((n) => n === 0),
});

const world = fc.record({
  rows: fc.array(row, { minLength: 1, maxLength: 25 }),
  operation: fc.constantFrom('upsert' as const, 'upsert' as const, 'insert' as const),
  duplicateKeys: fc.constantFrom('ask' as const, 'first' as const, 'last' as const),
});
type World = typeof world extends fc.Arbitrary<infer W> ? W : never;

function mappingOf({ operation, duplicateKeys }: World): FieldMapping {
  return {
    objectName: 'Shipment__c',
    operation,
    matchField: operation === 'upsert' ? 'Tracking_Code__c' : null,
    columns: [
      newColumn(0, { kind: 'field', field: 'Tracking_Code__c' }),
      newColumn(1, {
        kind: 'lookup',
        field: 'Account__c',
        relationshipName: 'Account__r',
        parentObject: 'Account',
        parentField: 'ERP_Id__c',
        polymorphic: false,
      }),
      {
        ...newColumn(2, { kind: 'field', field: 'Weight__c' }),
        fixes: [{ kind: 'exclude' as const, value: 'none' }],
      },
      newColumn(3, { kind: 'field', field: 'Notes__c' }),
    ],
    blankValues: 'leave',
    duplicateKeys,
  };
}

let files = 0;

function textOf({ rows }: World, run: string): string {
  const lines = rows.map(({ key, parent, weight, ragged }) =>
    [key === null ? '' : `${run}-${key}`, parent, weight, 'n', ...(ragged ? ['too much'] : [])].join(','),
  );
  return `${[HEADER.join(','), ...lines].join('\n')}\n`;
}

async function rowsOf(path: string): Promise<number> {
  return Papa.parse(await readFile(path, 'utf8'), { skipEmptyLines: true }).data.length - 1;
}

/** The numbers of one step: of every group, and of the rows there are. */
async function checksAgree(asked: Parameters<typeof app.call<'checks.run'>>[1], rows: number) {
  const checks = await app.call('checks.run', asked);
  const groups = checkedGroups(checks, null);
  expect(totalOf(groups), 'checks').toBe(rows);
  const page = await app.call('checks.problemRows', { ...asked, problem: null, offset: 0, limit: 1 });
  expect(page.total, 'rows with a problem').toBe(groups.notSent);
  await app.call('checks.saveProblemRows', asked);
  expect(await rowsOf(app.saved.at(-1)?.path ?? ''), 'rows in the file of problems').toBe(groups.notSent);
  return checks;
}

async function planAgrees(plan: LoadPlan, rows: number) {
  const groups = plannedGroups(plan.counts);
  expect(totalOf(groups), 'plan').toBe(rows);
  for (const kind of PlannedKind.options) {
    const page = await app.call('plan.page', { planId: plan.planId, kind, search: '', offset: 0, limit: 1 });
    expect(page.total, `rows that a plan shows as ${kind}`).toBe(groups[PLANNED_GROUP[kind]]);
  }
  return groups;
}

async function loadAgrees(loadId: LoadId, rows: number): Promise<LoadedGroups> {
  const { load, errorGroups } = await app.call('report.get', { loadId });
  const groups = loadedGroups(load);
  expect({ sum: totalOf(groups), toCome: groups.toCome }, 'report').toEqual({ sum: rows, toCome: 0 });
  const listed = (await app.call('load.list', {})).find((one) => one.loadId === loadId);
  expect(listed && loadedGroups(listed), 'home').toEqual(groups);
  for (const kind of OutcomeKind.options) {
    const page = await app.call('report.page', { loadId, kinds: [kind], offset: 0, limit: 1 });
    expect(page.total, `rows that a report shows as ${kind}`).toBe(groups[OUTCOME_GROUP[kind]]);
  }
  const inFiles = ReportFile.options.reduce((sum, file) => sum + rowsInFile(load.counts, file), 0);
  expect(inFiles, 'every row is in one file').toBe(rows);
  for (const file of ReportFile.options) {
    await app.call('report.save', { loadId, file, spreadsheetSafe: false });
    expect(await rowsOf(app.saved.at(-1)?.path ?? ''), `rows in the ${file} file`).toBe(rowsInFile(load.counts, file));
  }
  const explained = errorGroups.reduce((sum, group) => sum + group.rows, 0);
  expect(explained, 'rows by reason are those of the error file').toBe(rowsInFile(load.counts, 'error'));
  return groups;
}

/** Every state of a load that was told, while it ran: its groups are always all rows. */
function snapshotsOf(loadId: LoadId): LoadSnapshot[] {
  return app.events.flatMap((event) => (event.topic === 'load' && event.load.loadId === loadId ? [event.load] : []));
}

async function agrees(one: World): Promise<void> {
  const run = `A${files++}`;
  const path = join(app.data, `${run}.csv`);
  await writeFile(path, textOf(one, run));
  const rows = one.rows.length;
  const { sourceId } = await app.stage(path);
  const asked = { orgId, sourceId, mapping: mappingOf(one) };
  // Loaded twice: of the second time most rows are unchanged.
  for (const _time of [1, 2]) {
    const checks = await checksAgree(asked, rows);
    const plan = await app.call('plan.build', asked);
    const planned = await planAgrees(plan, rows);
    const { create, update, delete: removed, undelete, unchanged, ...home } = planned;
    const standing = checkedGroups(checks, plan.counts);
    expect(standing, 'the rail says what the plan says').toEqual({
      ready: create + update + removed + undelete + unchanged,
      ...home,
    });
    expect(standing.leftOut, 'left out by the checks').toBe(checkedGroups(checks, null).leftOut);
    expect(standing.notSent, 'the org only adds to what is not sent').toBeGreaterThanOrEqual(
      checkedGroups(checks, null).notSent,
    );
    if (create + update === 0) return;
    const { loadId, counts } = await app.call('load.start', { planId: plan.planId, planDigest: plan.planDigest });
    expect(loadedGroups({ counts, rows }), 'known from the start').toMatchObject({ unchanged, ...home });
    await app.finished(loadId);
    const loaded = await loadAgrees(loadId, rows);
    expect(loaded, 'a name means the same rows in plan and report').toMatchObject({ unchanged, ...home });
    for (const load of snapshotsOf(loadId)) {
      const told = loadedGroups(load);
      expect(totalOf(told), 'at every moment').toBe(rows);
      expect(told, 'and the same rows').toMatchObject({ unchanged, ...home });
    }
  }
}

test('every row of a file is in one group at each step, and a name means the same number everywhere', async () => {
  await fc.assert(fc.asyncProperty(world, agrees), { numRuns: 12, seed: 7, interruptAfterTimeLimit: 60_000 });
}, 120_000);

test('a file with rows of every kind has each of them told apart', async () => {
  const good = { key: 0, parent: 'ERP-100001', weight: '1', ragged: false } as const;
  await agrees({
    operation: 'upsert',
    duplicateKeys: 'first',
    rows: [
      good,
      good,
      { ...good, weight: '2' },
      { ...good, key: 1, weight: '-1' },
      { ...good, key: 2, weight: 'heavy' },
      { ...good, key: 3, weight: 'none' },
      { ...good, key: 4, parent: 'nowhere' },
      { ...good, key: 5, ragged: true },
      { ...good, key: null },
    ],
  });
  const [latest] = await app.call('load.list', {});
  expect(latest && loadedGroups(latest)).toMatchObject({
    unchanged: 1,
    failed: 1,
    repeated: 2,
    leftOut: 1,
    notSent: 4,
    toCome: 0,
  });
});

test('a load of before repeated rows were told apart has them told apart by its plan', async () => {
  const [latest] = await app.call('load.list', {});
  if (!latest) throw new Error('no load');
  const { repeated, leftOut, skipped, ...others } = latest.counts;
  const path = join(app.data, 'loads', latest.planId, 'load.json');
  const before = { ...latest, counts: { ...others, skipped: repeated + leftOut + skipped } };
  await writeFile(path, JSON.stringify({ version: 1, snapshot: before }));
  const known = await app.call('load.get', { loadId: latest.loadId });
  expect(loadedGroups(known)).toMatchObject({ repeated, leftOut: 0, notSent: leftOut + skipped });
  expect(totalOf(known.counts)).toBe(latest.rows);
});
