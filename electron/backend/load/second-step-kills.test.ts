import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FieldMapping, MappingTarget } from '../../../shared/domain/field-mapping.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { Lane } from '../test-support/load-model/lane.ts';
import { to } from '../test-support/small-plan.ts';

/** R28 for loads of two steps: killed when the journal has come to each step of the second, no row is doubled and none is forgotten. */

let lane: Lane;
beforeAll(async () => {
  lane = await Lane.start();
});
afterAll(() => lane.stop());

const NEIGHBOUR: MappingTarget = {
  kind: 'lookup',
  field: 'Neighbour__c',
  relationshipName: 'Neighbour__r',
  parentObject: 'Berth__c',
  parentField: 'Berth_Code__c',
  polymorphic: false,
};
const MAPPING: FieldMapping = {
  objectName: 'Berth__c',
  operation: 'insert',
  matchField: null,
  columns: [to('Berth_Code__c'), to('Name'), NEIGHBOUR].map((target, column) => newColumn(column, target)),
  blankValues: 'leave',
  duplicateKeys: 'ask',
};
/** The first step takes two jobs, so that the second one's is the third. */
const SECOND_JOB = 3;

async function planned() {
  const run = await lane.next();
  const wanted = ['1,2', '2,1', '3,3'].map((pair) => pair.split(',').map((one) => `${run}-${one}`));
  const path = lane.file(`${run}.csv`);
  await writeFile(path, `Code,Name,Next\n${wanted.map(([code, next]) => `${code},Berth,${next}`).join('\n')}\n`);
  const { sourceId } = await lane.app.stage(path);
  const { planId, planDigest, secondStep } = await lane.app.must('plan.build', {
    orgId: lane.orgId,
    sourceId,
    mapping: MAPPING,
  });
  expect(secondStep?.rows).toBe(2);
  return { planId, planDigest, wanted, run };
}

async function expectLinks(run: string, wanted: readonly (readonly string[])[]): Promise<void> {
  const made = await lane.org.snapshot('Berth__c', ['Berth_Code__c', 'Neighbour__r.Berth_Code__c']);
  const links = [...made.values()].flatMap(({ Berth_Code__c: code, Neighbour__r: next }) =>
    String(code).startsWith(`${run}-`) ? [[code, (next as Record<string, unknown> | null)?.['Berth_Code__c']]] : [],
  );
  expect(links.toSorted()).toEqual(wanted);
}

const found = async (planId: string) => {
  const load = (await lane.app.must('load.list', {})).find((one) => one.planId === planId);
  if (!load) throw new Error('the load is not known any more');
  return load;
};

test.each<[step: string, nth: number]>([
  ['RECONCILED', 2],
  ['SECOND', 1],
  ['CREATING', SECOND_JOB],
  ['UPLOADING', SECOND_JOB],
  ['CLOSING', SECOND_JOB],
  ['TERMINAL', SECOND_JOB],
  ['RECONCILED', SECOND_JOB],
])('killed at %s, for the %i. time', async (step, nth) => {
  const { planId, planDigest, wanted, run } = await planned();
  await lane.app.killAt(`loads/${planId}`, step, nth, 0);
  const started = await lane.app.call('load.start', { planId, planDigest }).catch(() => null);
  if (started?.ok) await lane.app.settled(started.value.loadId, 10_000);
  await lane.restart();
  const load = await found(planId);
  if (load.state.kind !== 'finished') await lane.app.must('load.resume', { loadId: load.loadId });
  const end = load.state.kind === 'finished' ? load : await lane.app.settled(load.loadId, 10_000);
  expect(end).toMatchObject({ state: { kind: 'finished' }, counts: { created: 3, incomplete: 0, unknown: 0 } });
  await expectLinks(run, wanted);
});

test.each<[step: string, nth: number]>([
  ['REOPENED', 1],
  ['SECOND', 1],
  ['CLOSING', SECOND_JOB],
])('killed at %s, for the %i. time, while the second step is tried once more', async (step, nth) => {
  const { planId, planDigest, wanted, run } = await planned();
  await lane.app.killAt(`loads/${planId}`, 'RECONCILED', 2, 0);
  const started = await lane.app.call('load.start', { planId, planDigest }).catch(() => null);
  if (started?.ok) await lane.app.settled(started.value.loadId, 10_000);
  await lane.restart();
  const { loadId } = await found(planId);
  await lane.app.must('load.cancel', { loadId });
  expect(await lane.app.settled(loadId, 10_000)).toMatchObject({ counts: { created: 1, incomplete: 2 } });
  await lane.app.killAt(`loads/${planId}`, step, nth, 0);
  const completing = await lane.app.call('load.complete', { loadId }).catch(() => null);
  if (completing?.ok) await lane.app.settled(loadId, 10_000);
  await lane.restart();
  const { state } = await found(planId);
  const again = state.kind === 'finished' ? 'load.complete' : 'load.resume';
  await lane.app.must(again, { loadId });
  const end = await lane.app.settled(loadId, 10_000);
  expect(end).toMatchObject({ state: { kind: 'finished' }, counts: { created: 3, incomplete: 0, unknown: 0 } });
  await expectLinks(run, wanted);
});
