import { describe, expect, test } from 'vitest';
import { LoadPlan, PlannedRow } from '../../../shared/domain/load-plan.ts';
import { LoadSnapshot, NO_OUTCOMES, OutcomeRow } from '../../../shared/domain/load-results.ts';
import { allowancesOf } from '../test-support/load-model/allowances.ts';
import { checkNothingDoubled, checkOrg } from '../test-support/load-model/check-org.ts';
import { checkOutcomes } from '../test-support/load-model/check-outcomes.ts';
import { checkPlan } from '../test-support/load-model/check-plan.ts';
import type { OrgRecord } from '../test-support/load-model/observed-org.ts';
import { makeFile } from '../test-support/load-model/rows.ts';
import type { Sequence } from '../test-support/load-model/sequence.ts';
import { TABLES } from '../test-support/load-model/tables.ts';

/** A model that can't fail proves nothing: each of its checks is shown the lie that it is there for. */

const OLD = '003PR0000000001AAA';
const NEW = '003PR0000000002AAA';
const OTHER = '003PR0000000003AAA';

const sequence: Sequence = {
  table: 'contacts',
  operation: 'upsert',
  existing: 1,
  rows: [
    {
      subject: { kind: 'existing', at: 0, otherSpelling: false, asItIs: false },
      cells: ['text', '', 'true', ''],
      ragged: false,
    },
    { subject: { kind: 'new' }, cells: ['#N/A', 'A@B.example', '', 'par-one'], ragged: false },
  ],
  lineEnding: '\n',
  numbered: false,
  keyed: false,
  blankValues: 'leave',
  duplicateKeys: 'ask',
  jobMegabytes: 90,
  jobsAtOnce: 1,
  faults: [],
  faultsFrom: 'load',
  triesUnderFaults: 0,
  disturbances: [],
  knobs: {},
};
const file = makeFile(sequence, TABLES.contacts, 'run', [OLD]);
const none = allowancesOf(sequence, false);

const old = {
  Id: OLD,
  SystemModstamp: 'then',
  External_Id__c: 'run-Key0',
  LastName: 'run before 0',
  Description: 'before',
  Email: 'before@b.example',
  HasOptedOutOfEmail: false,
  Account: null,
};
const other = { ...old, Id: OTHER, External_Id__c: 'other' };
const updated = {
  ...old,
  SystemModstamp: 'now',
  LastName: 'run "row" 0, ü',
  Description: 'text',
  HasOptedOutOfEmail: true,
};
const created = {
  Id: NEW,
  SystemModstamp: 'now',
  External_Id__c: 'run-new1',
  LastName: 'run "row" 1, ü',
  Description: null,
  Email: 'a@b.example',
  HasOptedOutOfEmail: false,
  Account: { ERP_Id__c: 'PAR-One' },
};

const outcome = (row: number, kind: string, id: string): OutcomeRow =>
  OutcomeRow.parse({ row, line: row + 1, kind, id, error: '', cells: file.rows[row - 1]?.cells });
const good = [outcome(1, 'updated', OLD), outcome(2, 'created', NEW)];
const byId = (...records: OrgRecord[]) => new Map(records.map((record) => [String(record['Id']), record]));
const before = byId(old, other);

describe('org = outcomes', () => {
  const check = (outcomes: OutcomeRow[], ...after: OrgRecord[]) =>
    checkOrg(sequence, file, outcomes, before, byId(...after), none);

  test('what the rows say is what is there', () => {
    expect(() => check(good, updated, created, other)).not.toThrow();
  });

  test.each<[string, OutcomeRow[], OrgRecord[]]>([
    [
      'no record is made that no row answers for',
      good,
      [updated, created, other, { ...created, Id: '003PR0000000009AAA' }],
    ],
    ['a created record is new and there', good, [updated, other]],
    ['a record has the values of its row', good, [{ ...updated, Description: 'before' }, created, other]],
    ['a record has the values of its row', good, [{ ...updated, Email: null }, created, other]],
    ['records of no row are untouched', good, [updated, created, { ...other, SystemModstamp: 'now' }]],
    ['records of no row are untouched', good, [updated, created]],
    [
      'records of no row are untouched',
      [outcome(1, 'failed', ''), outcome(2, 'created', NEW)],
      [updated, created, other],
    ],
    [
      'an outcome has the id of its record',
      [outcome(1, 'updated', OTHER), outcome(2, 'created', NEW)],
      [updated, created, other],
    ],
  ])('%s', (promise, outcomes, after) => {
    expect(() => check(outcomes, ...after)).toThrow(promise);
  });

  test('no record comes of two rows', () => {
    const twins: Sequence = { ...sequence, rows: sequence.rows.slice(1).flatMap((row) => [row, row]) };
    const made = { ...created, External_Id__c: 'run-new0', LastName: 'run "row" 0, ü' };
    const outcomes = [outcome(1, 'created', NEW), outcome(2, 'created', NEW)];
    const check = () =>
      checkOrg(twins, makeFile(twins, TABLES.contacts, 'run', [OLD]), outcomes, before, byId(old, made, other), none);
    expect(check).toThrow('no record comes of two rows');
  });

  test('a deleted record is gone', () => {
    const deleting: Sequence = { ...sequence, operation: 'delete' };
    const ids = makeFile(deleting, TABLES.contacts, 'run', [OLD]);
    expect(() => checkOrg(deleting, ids, [outcome(1, 'deleted', OLD)], before, byId(old, other), none)).toThrow(
      'a deleted record is gone',
    );
  });

  test('of a row that nobody knows the end of, there is one record at most', () => {
    const outcomes = [outcome(1, 'updated', OLD), outcome(2, 'unknown', '')];
    const allowed = { ...none, unknown: true };
    const run = (...after: OrgRecord[]) =>
      checkOrg(sequence, file, outcomes, before, byId(updated, other, ...after), allowed);
    expect(() => run(created)).not.toThrow();
    expect(() => run(created, { ...created, Id: OTHER.replace('3A', '4A') })).toThrow('no record is made');
    expect(() => run({ ...created, Email: 'else@b.example' })).toThrow('an unknown row is in the org at most once');
  });

  test('whatever became of the folder, no row is in the org twice and nothing else is touched', () => {
    const twice = byId(updated, created, { ...created, Id: '003PR0000000009AAA' }, other);
    const check = (after: ReadonlyMap<string, OrgRecord>, allowed = none) =>
      checkNothingDoubled(sequence, file, before, after, allowed);
    expect(() => check(byId(updated, created, other))).not.toThrow();
    expect(() => check(twice)).toThrow('no row is in the org twice');
    expect(() => check(byId(updated, created))).toThrow('records of no row are untouched');
    // Of an upload that lost bytes the org makes half a row, but no whole one twice.
    const half = byId(updated, { ...created, Email: 'n@' }, other);
    expect(() => check(half)).toThrow('no row is in the org twice');
    expect(() => check(half, { ...none, stray: true })).not.toThrow();
    expect(() => check(twice, { ...none, stray: true })).toThrow('no row is in the org twice');
  });
});

describe('outcomes = file', () => {
  const load = (counts: object) =>
    ({ loadId: 'load_aaaaaaaaaaaaaaaa', counts: { ...NO_OUTCOMES, ...counts } }) as unknown as LoadSnapshot;
  const check = (
    rows: OutcomeRow[],
    counts: object = { updated: 1, created: 1 },
    planned: PlannedRow['kind'][] = ['update', 'insert'],
  ) => {
    const must = () => Promise.resolve({ rows, total: rows.length, columns: [] } as never);
    return checkOutcomes({ must }, sequence, load(counts), file, planned, none);
  };

  test('each row has its own', async () => {
    await expect(check(good)).resolves.toHaveLength(2);
  });

  test.each<[string, OutcomeRow[], object | undefined, PlannedRow['kind'][] | undefined]>([
    ['every source row has exactly one outcome', good.slice(1), undefined, undefined],
    ['every source row has exactly one outcome', [...good, ...good.slice(1)], undefined, undefined],
    ['every source row has exactly one outcome', [...good].reverse(), undefined, undefined],
    ['the load’s counts are those of its rows', good, { created: 2 }, undefined],
    ['an outcome follows from what was planned', good, undefined, ['update', 'blocked']],
    [
      'an outcome has the cells of its row',
      [{ ...outcome(1, 'updated', OLD), cells: ['else'] }, outcome(2, 'created', NEW)],
      undefined,
      undefined,
    ],
    [
      'a row whose truth can be known is not unknown',
      [outcome(1, 'updated', OLD), outcome(2, 'unknown', '')],
      { updated: 1, unknown: 1 },
      undefined,
    ],
    [
      'rows are not left undone without a reason',
      [outcome(1, 'updated', OLD), outcome(2, 'unprocessed', '')],
      { updated: 1, unprocessed: 1 },
      undefined,
    ],
    [
      'a row with nothing wrong does not fail',
      [outcome(1, 'updated', OLD), outcome(2, 'failed', '')],
      { updated: 1, failed: 1 },
      undefined,
    ],
  ])('%s', async (promise, rows, counts, planned) => {
    await expect(check(rows, counts, planned)).rejects.toThrow(promise);
  });
});

describe('plan = file', () => {
  const rows = [
    { kind: 'update', row: 1, key: '', id: OLD, changes: [] },
    { kind: 'insert', row: 2, key: '', values: [] },
  ];
  const counts = { insert: 1, update: 1, delete: 0, undelete: 0, unchanged: 0, duplicate: 0, leftOut: 0, blocked: 0 };
  const check = (planned: object[], plan: object = { rows: 2, counts }) =>
    checkPlan({ must: () => Promise.resolve({ rows: planned, total: 2 } as never) }, sequence, plan as LoadPlan, file);

  test('each row is planned once', async () => {
    await expect(check(rows)).resolves.toEqual(['update', 'insert']);
  });

  test.each<[string, object[], object | undefined]>([
    ['every source row is in the plan exactly once', rows.slice(1), undefined],
    ['the plan counts the rows of the file', rows, { rows: 3, counts }],
    ['the plan’s counts are those of its rows', rows, { rows: 2, counts: { ...counts, insert: 2, update: 0 } }],
    [
      'a row with nothing wrong is sent',
      [rows[0] ?? {}, { kind: 'blocked', row: 2 }],
      { rows: 2, counts: { ...counts, insert: 0, blocked: 1 } },
    ],
    ['a row changes the record that it names', [{ ...rows[0], id: OTHER }, rows[1] ?? {}], undefined],
    [
      'no record is made that is there already',
      [{ kind: 'insert', row: 1 }, rows[1] ?? {}],
      { rows: 2, counts: { ...counts, insert: 2, update: 0 } },
    ],
  ])('%s', async (promise, planned, plan) => {
    await expect(check(planned, plan)).rejects.toThrow(promise);
  });
});
