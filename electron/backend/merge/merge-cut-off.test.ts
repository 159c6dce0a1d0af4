import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MasterRule, ValueRule, type MergeSnapshot } from '../../../shared/domain/merge.ts';
import { recordsOf, type OrgRecords } from '../test-support/org-records.ts';
import { startPracticeOrg } from '../test-support/start-backend.ts';
import { keptOrg, notingClock, openOrgs, ORG_ID, type TestOrgs } from '../test-support/test-orgs.ts';
import { MergeRegistry } from './merge-registry.ts';

let org: Awaited<ReturnType<typeof startPracticeOrg>>;
let records: OrgRecords;
let folder: string;
let orgs: TestOrgs;
let tokens = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-merge-'));
  org = await startPracticeOrg(['--records', '60']);
  records = recordsOf(org);
  orgs = openOrgs(folder, keptOrg(org.url, { accessToken: org.accessToken, refreshToken: null }));
});
afterAll(async () => {
  await orgs.orgs.close();
  org.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** The merges as a process finds them that has just started: it knows only what is on disk. */
function newProcess(): MergeRegistry {
  const ports = {
    paths: { data: folder },
    clock: notingClock(),
    random: { token: (length: number) => String(++tokens).padStart(length, '0') },
    log: {
      place: '',
      info: () => undefined,
      error: (message: string, error: unknown) => {
        throw new Error(message, { cause: error });
      },
    },
  };
  return new MergeRegistry({ ports, orgs: orgs.orgs, work: () => undefined, changed: () => undefined });
}

const MAY = () => Promise.resolve();
const NEVER = new AbortController().signal;

async function settled(merges: MergeRegistry, { mergeId }: MergeSnapshot): Promise<MergeSnapshot> {
  for (;;) {
    const merge = await merges.get(mergeId);
    if (merge.state !== 'merging' && merge.state !== 'undoing') return merge;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const reset = (path: string, nth: number, when: 'before' | 'after') => ({ path, nth, action: { kind: 'reset', when } });
/** The org answers nothing that is asked, from the nth time on. */
const outage = (path: string, nth: number) => ({
  path,
  nth,
  times: 200,
  action: { kind: 'status', status: 503, errorCode: 'SERVER_UNAVAILABLE', message: 'down' },
});

const stops = new Set<string>();

/** Begins something while the org is troubled, and goes on after each stop in another process. */
async function throughTrouble(
  begin: (merges: MergeRegistry) => Promise<MergeSnapshot>,
  faults: readonly unknown[],
): Promise<MergeSnapshot> {
  await org.faults([...faults]);
  const first = newProcess();
  // The org may be away before anything was begun.
  const begun = await begin(first).catch(() => org.faults([]).then(() => begin(first)));
  let merge = await settled(first, begun);
  await org.faults([]);
  for (let tries = 0; merge.state === 'paused' || merge.state === 'undoPaused'; tries++) {
    if (tries > 3) throw new Error(JSON.stringify(merge));
    stops.add(merge.state);
    const next = newProcess();
    merge = await settled(next, await next.resume(merge.mergeId, MAY));
  }
  return merge;
}

const text = fc.constantFrom(null, 'a', 'b & c', ' d\r\ne ', '<é>');
const account = fc.record({
  Phone: fc.constantFrom(null, '1', '2'),
  Description: text,
  BillingCity: text,
  AnnualRevenue: fc.constantFrom(null, 0, 12),
  Active__c: fc.boolean(),
  Customer_Since__c: fc.constantFrom(null, '2020-02-29'),
  Last_Review__c: fc.constantFrom(null, '2021-03-04T05:06:07.000Z'),
  children: fc.nat(2),
  below: fc.option(fc.nat(20), { nil: null, freq: 3 }),
});
const when = fc.constantFrom('before' as const, 'after' as const);
const world = fc.record({
  groups: fc.array(fc.array(account, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 3 }),
  master: fc.constantFrom(...MasterRule.options),
  values: fc.constantFrom(...ValueRule.options),
  cut: fc.record({ nth: fc.integer({ min: 1, max: 2 }), when }),
  undoCut: fc.record({
    path: fc.constantFrom('/services/Soap/', '/composite/sobjects'),
    when,
    reads: fc.integer({ min: 8, max: 60 }),
  }),
});

async function makeGroups(
  groups: (typeof world extends fc.Arbitrary<infer W> ? W : never)['groups'],
): Promise<string[][]> {
  const made: string[][] = [];
  for (const group of groups) {
    const ids: string[] = [];
    const known = made.flat();
    for (const { children, below, ...own } of group) {
      const ParentId = below === null ? null : (known[below] ?? null);
      const id = await records.create('Account', { Name: 'P', ...own, ParentId });
      ids.push(id);
      for (let at = 0; at < children; at++) await records.create('Contact', { LastName: `C${at}`, AccountId: id });
      if (children === 2) await records.create('Task', { Subject: 's', WhatId: id });
    }
    made.push(ids);
  }
  return made;
}

test('whatever the groups are and wherever it is cut off, merged and taken back leaves every cell as it was', async () => {
  const property = fc.asyncProperty(world, async ({ groups, master, values, cut, undoCut }) => {
    const made = await makeGroups(groups);
    const before = await records.cells();
    const planned = await newProcess().plan(
      { orgId: ORG_ID, objectName: 'Account', source: { kind: 'resembling' }, rules: { master, values, fields: {} } },
      () => Promise.resolve({ groups: made, badIds: 0, repeated: 0 }),
      NEVER,
    );
    const merging = made.length - planned.counts.leftOut;
    const { mergeId, planDigest } = planned;
    const merged = await throughTrouble(
      (merges) => merges.start(mergeId, planDigest, MAY),
      // Whether records are deleted is looked up only when an answer was lost.
      [reset('/services/Soap/', cut.nth, cut.when), outage('/queryAll', 1)],
    );
    const { groups: shown } = await newProcess().page(mergeId, null, 0, 10);
    expect(shown.filter(({ message }) => message !== '').map(({ message }) => message)).toEqual([]);
    expect(merged).toMatchObject({ state: 'merged', counts: { merged: merging } });
    const { undoDigest } = await newProcess().planUndo(mergeId, NEVER);
    const back = await throughTrouble(
      (merges) => merges.undo(mergeId, undoDigest, MAY, NEVER),
      [reset(undoCut.path, 1, undoCut.when), outage('/query', undoCut.reads)],
    );
    expect(back).toMatchObject({ state: 'undone', undo: { reversed: merging, partly: 0, kept: 0 } });
    expect(await records.cells()).toEqual(before);
  });
  await fc.assert(property, { numRuns: Number(process.env['MERGE_RUNS'] ?? 15), endOnFailure: true });
  expect([...stops].sort(), 'it was cut off in both').toEqual(['paused', 'undoPaused']);
}, 120_000);
