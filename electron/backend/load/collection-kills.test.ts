import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { totalOf } from '../../../shared/domain/load-results.ts';
import { Lane } from '../test-support/load-model/lane.ts';
import { to } from '../test-support/small-plan.ts';

/** R28 for rows sent as collections: killed when the journal has come to each of their steps, no row is doubled and none is forgotten. */

let lane: Lane;
beforeAll(async () => {
  lane = await Lane.start();
});
afterAll(() => lane.stop());

const ROWS = 450;
const MAPPING: FieldMapping = {
  objectName: 'Berth__c',
  operation: 'upsert',
  matchField: 'Berth_Code__c',
  columns: [to('Berth_Code__c'), to('Name')].map((target, column) => newColumn(column, target)),
  blankValues: 'leave',
  duplicateKeys: 'ask',
  policies: { way: 'collections' },
};

test.each<[step: string, nth: number, lost: number]>([
  // What was under way is not known: its rows are looked up, and those that aren't there may still come. The kill comes when the step
  // is seen in the journal, when the next collection may be on its way.
  ['PLANNED', 1, 200],
  ['SENDING', 1, 200],
  ['SENDING', 2, 200],
  ['ANSWERED', 1, 200],
  ['ANSWERED', 3, 0],
  ['SETTLED', 1, 0],
])('killed at %s, for the %i. time', async (step, nth, lost) => {
  const run = await lane.next();
  const path = lane.file(`${run}.csv`);
  const codes = Array.from({ length: ROWS }, (_, n) => `${run}-${n},Berth`);
  await writeFile(path, `Code,Name\n${codes.join('\n')}\n`);
  const { sourceId } = await lane.app.stage(path);
  const plan = { orgId: lane.orgId, sourceId, mapping: MAPPING };
  const { planId, planDigest } = await lane.app.must('plan.build', plan);
  await lane.app.killAt(`loads/${planId}`, step, nth, 0);
  const started = await lane.app.call('load.start', { planId, planDigest }).catch(() => null);
  if (started?.ok) await lane.app.settled(started.value.loadId, 10_000);
  await lane.restart();
  const load = (await lane.app.must('load.list', {})).find((one) => one.planId === planId);
  if (!load) throw new Error('the load is not known any more');
  if (load.state.kind !== 'finished') await lane.app.must('load.resume', { loadId: load.loadId });
  const end = await lane.app.settled(load.loadId, 10_000);
  const counts = end?.counts ?? load.counts;
  expect(end?.state.kind).toBe('finished');
  expect(totalOf(counts)).toBe(ROWS);
  expect(counts.unknown).toBeLessThanOrEqual(lost);
  const made = [...(await lane.org.snapshot('Berth__c', ['Berth_Code__c'])).values()];
  const own = made.map(({ Berth_Code__c: code }) => String(code)).filter((code) => code.startsWith(`${run}-`));
  expect(own).toHaveLength(counts.created);
  expect(counts.created + counts.unknown).toBe(ROWS);
});

test.each<[step: string, nth: number]>([
  ['SENDING', 2],
  ['ANSWERED', 1],
])('an undelete killed at %s, for the %i. time: what is back is told, and nothing is forgotten', async (step, nth) => {
  const run = await lane.next();
  const values = Array.from({ length: ROWS }, (_, n) => ({ Name: 'Berth', Berth_Code__c: `${run}-${n}` }));
  const ids = await lane.org.create('Berth__c', values);
  const planOf = async (operation: 'delete' | 'undelete') => {
    const path = lane.file(`${run}-${operation}.csv`);
    await writeFile(path, `Id\n${ids.join('\n')}\n`);
    const { sourceId } = await lane.app.stage(path);
    const columns = [newColumn(0, to('Id'))];
    const mapping: FieldMapping = { ...MAPPING, operation, matchField: 'Id', columns };
    return lane.app.must('plan.build', { orgId: lane.orgId, sourceId, mapping });
  };
  const gone = await planOf('delete');
  const { loadId } = await lane.app.must('load.start', { planId: gone.planId, planDigest: gone.planDigest });
  await lane.app.settled(loadId, 10_000);
  const { planId, planDigest, counts: planned } = await planOf('undelete');
  expect(planned).toMatchObject({ undelete: ROWS });
  await lane.app.killAt(`loads/${planId}`, step, nth, 0);
  const started = await lane.app.call('load.start', { planId, planDigest }).catch(() => null);
  if (started?.ok) await lane.app.settled(started.value.loadId, 10_000);
  await lane.restart();
  const load = (await lane.app.must('load.list', {})).find((one) => one.planId === planId);
  if (!load) throw new Error('the load is not known any more');
  if (load.state.kind !== 'finished') await lane.app.must('load.resume', { loadId: load.loadId });
  const end = await lane.app.settled(load.loadId, 10_000);
  const counts = end?.counts ?? load.counts;
  expect(totalOf(counts)).toBe(ROWS);
  expect(counts.unknown).toBeLessThanOrEqual(200);
  const back = new Set((await lane.org.snapshot('Berth__c', ['Berth_Code__c'])).keys());
  expect(ids.filter((id) => back.has(id))).toHaveLength(counts.undeleted);
  expect(counts.undeleted + counts.unknown).toBe(ROWS);
});
