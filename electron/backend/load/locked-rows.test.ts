import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { totalOf } from '../../../shared/domain/load-results.ts';
import { mostTold } from '../test-support/most-told.ts';
import { startBench } from '../test-support/start-bench.ts';

/** Rows whose records somebody else holds, sent as sObject Collections, to the practice org. */

const { org, app, orgId } = await startBench(['--records', '3']);
afterEach(() => org.admin('PATCH', '/knobs', { lockRowEvery: 0, lockRowInTrigger: false }));

async function begin(name: string, rows: number, knobs: object) {
  const path = join(app.data, `${name}.csv`);
  const lines = Array.from({ length: rows }, (_none, n) => `${name} ${n},${n}`);
  await writeFile(path, `Name,Depth__c\n${lines.join('\n')}\n`);
  const { sourceId } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName: 'Berth__c', operation: 'insert', useSaved: false } as const;
  const mapping = { ...(await app.call('mapping.suggest', wanted)), policies: { way: 'collections' as const } };
  const { planId, planDigest } = await app.call('plan.build', { orgId, sourceId, mapping });
  await org.admin('PATCH', '/knobs', knobs);
  return (await app.call('load.start', { planId, planDigest })).loadId;
}

async function berths(name: string): Promise<number> {
  const soql = `SELECT COUNT() FROM Berth__c WHERE Name LIKE '${name} %'`;
  const answer = await fetch(`${org.url}/services/data/v66.0/query?q=${encodeURIComponent(soql)}`, {
    headers: { authorization: `Bearer ${org.accessToken}` },
  });
  return ((await answer.json()) as { totalSize: number }).totalSize;
}

test.each([
  ['told as such', { lockRowEvery: 7 }],
  ['told by a trigger', { lockRowEvery: 6, lockRowInTrigger: true }],
])('rows that were locked, %s, are sent again until they are saved, each once', async (_told, knobs) => {
  const name = `Held ${knobs.lockRowEvery}`;
  const loadId = await begin(name, 230, knobs);
  const { counts, jobs } = await app.finished(loadId);
  // However often a row is sent, it is one row.
  expect(mostTold(app.events, loadId)).toMatchObject({ processed: 230 });
  expect(counts).toMatchObject({ created: 230, failed: 0, unknown: 0 });
  expect(jobs).toMatchObject([{ processed: 230, failed: 0 }]);
  expect(await berths(name)).toBe(230);
});

test('rows that stay locked have failed after a few tries, and nobody is asked about each of them', async () => {
  const before = (await org.requests()).length;
  const { counts } = await app.finished(await begin('Kept', 200, { lockRowEvery: 1 }));
  expect(counts).toMatchObject({ created: 0, failed: 200 });
  const saves = (await org.requests()).slice(before).filter(({ path }) => path.endsWith('/composite/sobjects'));
  // All at once three times, and five of them alone.
  expect(saves).toHaveLength(8);
});

test('a cancel while locked rows are waited for ends the load; each row has one outcome', async () => {
  const loadId = await begin('Called off', 450, { lockRowEvery: 2 });
  await app.waitFor((event) =>
    event.topic === 'load' && event.load.loadId === loadId && event.load.jobs[0]?.failed ? event.load : null,
  );
  await app.call('load.cancel', { loadId });
  const { counts, state } = await app.finished(loadId);
  expect(state).toMatchObject({ kind: 'finished', cancelled: true });
  expect(totalOf(counts)).toBe(450);
  expect(await berths('Called off')).toBe(counts.created);
});

test('the answer to rows that are sent again may be lost: none is made twice', async () => {
  await org.faults([{ method: 'POST', path: '/composite/sobjects', nth: 2, action: { kind: 'reset', when: 'after' } }]);
  const { counts } = await app.finished(await begin('Lost', 60, { lockRowEvery: 4 }));
  await org.faults([]);
  expect(counts).toMatchObject({ failed: 0, unknown: 15, created: 45 });
  const made = await berths('Lost');
  expect(made).toBeGreaterThan(45);
  expect(made).toBeLessThanOrEqual(60);
});
