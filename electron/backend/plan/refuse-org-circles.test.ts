import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Operation } from '../../../shared/domain/field-mapping.ts';
import type { PlannedRow } from '../../../shared/domain/load-plan.ts';
import { startBench } from '../test-support/start-bench.ts';

/** Accounts of the org: b below a, c below b, d by itself. */

const { org, app, orgId } = await startBench(['--records', '5']);
const ids: Record<string, string> = {};
let files = 0;

async function send(method: string, path: string, body: object): Promise<unknown> {
  const answer = await fetch(`${org.url}/services/data/v66.0/sobjects/Account${path}`, {
    method,
    headers: { authorization: `Bearer ${org.accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return answer.status === 204 ? null : answer.json();
}

beforeAll(async () => {
  for (const [name, above] of [['a'], ['b', 'a'], ['c', 'b'], ['d']] as [string, string?][]) {
    const parent = above === undefined ? {} : { ParentId: ids[above] };
    const made = (await send('POST', '', { Name: name, ERP_Id__c: `LOOP-${name}`, ...parent })) as { id: string };
    ids[name] = made.id;
  }
});

async function planned(text: string, operation: Operation): Promise<{ rows: PlannedRow[]; queries: number }> {
  const path = join(app.data, `circles-${++files}.csv`);
  await writeFile(path, text);
  const { sourceId } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName: 'Account', operation, useSaved: false } as const;
  const mapping = await app.call('mapping.suggest', wanted);
  const before = (await org.requests()).length;
  const { planId } = await app.call('plan.build', { orgId, sourceId, mapping });
  const queries = (await org.requests()).slice(before).filter(({ path }) => path.endsWith('/query')).length;
  const { rows } = await app.call('plan.page', { planId, kind: null, search: '', offset: 0, limit: 10 });
  return { rows, queries };
}

const whatOf = (rows: readonly PlannedRow[]) =>
  rows.map((row) => (row.kind === 'blocked' ? (row.issues[0]?.code ?? '') : row.kind));

test('an update that would put a record below one that is below it is not sent: the org would refuse it', async () => {
  const { rows } = await planned(`Id,ParentId\n${ids['a']},${ids['c']}\n${ids['d']},${ids['c']}\n`, 'update');
  expect(whatOf(rows)).toEqual(['LOOKUP_CIRCLE_IN_ORG', 'update']);
  expect(rows[0]).toMatchObject({ issues: [{ facts: { record: ids['c'] } }] });
  expect(await send('PATCH', `/${ids['a']}`, { ParentId: ids['c'] })).toMatchObject([
    { errorCode: 'CIRCULAR_DEPENDENCY' },
  ]);
});

test('rows of the file say who is above whom; one that changes nothing closes no circle', async () => {
  const rows = [`${ids['a']},${ids['d']}`, `${ids['d']},${ids['c']}`, `${ids['b']},${ids['a']}`];
  const told = await planned(`Id,ParentId\n${rows.join('\n')}\n`, 'update');
  expect(whatOf(told.rows)).toEqual(['LOOKUP_CIRCLE_IN_ORG', 'LOOKUP_CIRCLE_IN_ORG', 'unchanged']);
  // b no longer hangs from a: what was a circle is none.
  const free = [`${ids['a']},${ids['c']}`, `${ids['b']},${ids['d']}`];
  expect(whatOf((await planned(`Id,ParentId\n${free.join('\n')}\n`, 'update')).rows)).toEqual(['update', 'update']);
});

test('parents named by an external ID are the same records', async () => {
  const { rows } = await planned('ERP Id,Parent.ERP_Id__c\nLOOP-a,LOOP-c\nLOOP-d,LOOP-c\n', 'upsert');
  expect(whatOf(rows)).toEqual(['LOOKUP_CIRCLE_IN_ORG', 'update']);
});

test('where no parent changes nothing more is asked', async () => {
  const same = await planned(`Id,ParentId\n${ids['b']},${ids['a']}\n`, 'update');
  expect(whatOf(same.rows)).toEqual(['unchanged']);
  const changed = await planned(`Id,ParentId\n${ids['d']},${ids['c']}\n`, 'update');
  expect(whatOf(changed.rows)).toEqual(['update']);
  // For c, b and a, one after another; and the Id of c is looked up.
  expect(changed.queries - same.queries).toBe(4);
});
