import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { issueSentence } from '../../../shared/text/issue-text.ts';
import { to } from '../test-support/small-plan.ts';
import { startBench } from '../test-support/start-bench.ts';

const { org, app, orgId } = await startBench(['--records', '30']);
afterEach(async () => {
  await org.faults([]);
  await org.admin('PATCH', '/knobs', { hiddenRecords: [] });
});

let made = 0;
/** Accounts that nothing hangs from. */
async function accounts(count: number): Promise<{ Id: string; ERP_Id__c: string }[]> {
  const records = Array.from({ length: count }, () => ({ ERP_Id__c: `MISSING-${++made}` }));
  const answer = await fetch(`${org.url}/services/data/v66.0/composite/sobjects`, {
    method: 'POST',
    headers: { authorization: `Bearer ${org.accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      records: records.map((one) => ({ attributes: { type: 'Account' }, Name: one.ERP_Id__c, ...one })),
    }),
  });
  const saved = (await answer.json()) as { id: string }[];
  return records.map((one, at) => ({ ...one, Id: saved[at]?.id ?? '' }));
}

async function remove(id: string): Promise<void> {
  const answer = await fetch(`${org.url}/services/data/v66.0/sobjects/Account/${id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${org.accessToken}` },
  });
  expect(answer.status).toBe(204);
}

let files = 0;
async function reasons(keys: readonly string[], operation: 'update' | 'delete' = 'update') {
  const path = join(app.data, `missing-${++files}.csv`);
  await writeFile(path, `Key,Phone\n${keys.map((key) => `${key},+49 40 ${key.length}`).join('\n')}\n`);
  const { sourceId } = await app.stage(path);
  const columns = ['Id', 'Phone'].map((field, column) => newColumn(column, to(field)));
  const blankValues = 'leave' as const;
  const mapping: FieldMapping = {
    ...{ objectName: 'Account', operation, matchField: 'Id', columns },
    ...{ blankValues, duplicateKeys: 'ask' },
  };
  const { planId } = await app.call('plan.build', { orgId, sourceId, mapping });
  const { rows } = await app.call('plan.page', { planId, kind: null, search: '', offset: 0, limit: 10 });
  return rows.map((row) => (row.kind === 'blocked' ? row.issues.map((issue) => issue) : row.kind));
}

const codes = (found: Awaited<ReturnType<typeof reasons>>) =>
  found.map((one) => (typeof one === 'string' ? one : one.map(({ code }) => code).join()));

const NOBODY = '001000000000000AAA';

test('a record that was deleted, one that is hidden, and one that never was are told apart', async () => {
  const [shown, hidden, deleted] = await accounts(3);
  await remove(deleted!.Id);
  await org.admin('PATCH', '/knobs', { hiddenRecords: [hidden!.Id] });
  const ids = [shown, hidden, deleted].map((one) => one!.Id);
  for (const operation of ['update', 'delete'] as const) {
    const found = await reasons([...ids, NOBODY], operation);
    expect(codes(found)).toEqual([operation, 'RECORD_NOT_VISIBLE', 'RECORD_DELETED', 'RECORD_NOT_FOUND']);
    const [, , gone] = found;
    const sentence = typeof gone === 'string' ? gone : issueSentence(gone![0]!, 'Key');
    expect(sentence).toContain(`${deleted!.Id} is in the Recycle Bin`);
  }
});

test('an org that does not answer such questions leaves it open; nobody asks where every record is there', async () => {
  const [shown, hidden] = await accounts(2);
  await org.admin('PATCH', '/knobs', { hiddenRecords: [hidden!.Id] });
  const refused = { kind: 'status', status: 403, errorCode: 'INSUFFICIENT_ACCESS', message: 'no' };
  await org.faults([{ path: '/ui-api/records', every: 1, action: refused }]);
  expect(codes(await reasons([shown!.Id, hidden!.Id]))).toEqual(['update', 'RECORD_NOT_FOUND']);
  const before = (await org.requests()).length;
  expect(codes(await reasons([shown!.Id]))).toEqual(['update']);
  const asked = (await org.requests()).slice(before).filter(({ path }) => /queryAll|ui-api\/records/.test(path));
  expect(asked).toEqual([]);
});

test('of very many missing keys the deleted ones are read by one query job', async () => {
  const [deleted] = await accounts(1);
  await remove(deleted!.Id);
  const nobody = Array.from({ length: 2100 }, (_none, n) => `001${(10_000_000 + n).toString().padStart(12, '0')}`);
  const before = (await org.requests()).length;
  expect(codes(await reasons([deleted!.Id, ...nobody])).slice(0, 2)).toEqual(['RECORD_DELETED', 'RECORD_NOT_FOUND']);
  const asked = (await org.requests()).slice(before);
  expect(asked.filter(({ path }) => path.includes('/queryAll'))).toEqual([]);
  expect(asked.filter(({ method, path }) => method === 'POST' && path.endsWith('/jobs/query')).length).toBeGreaterThan(
    0,
  );
});
