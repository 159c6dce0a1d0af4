import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Papa from 'papaparse';
import { beforeAll, expect, test } from 'vitest';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { SourceRowNumber } from '../../../shared/domain/ids.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { carriedTexts } from '../../../shared/text/fetched-text.ts';
import { to } from '../test-support/small-plan.ts';
import { startBench } from '../test-support/start-bench.ts';

const { org, app, orgId } = await startBench(['--records', '3']);
beforeAll(() => org.admin('PUT', '/duplicate-rules', { matchingRules: [], duplicateRules: [] }));

const FIELDS = ['External_Id__c', 'FirstName', 'LastName', 'Email', 'Phone', 'MailingCity', 'Title'];
const mapping: FieldMapping = {
  objectName: 'Contact',
  operation: 'upsert',
  matchField: 'External_Id__c',
  columns: FIELDS.map((field, column) => newColumn(column, to(field))),
  blankValues: 'leave',
  duplicateKeys: 'ask',
  similar: { columns: [1, 2, 3], equal: [], keep: 'all' },
};

type Line = Readonly<Record<string, string>>;
const person = (n: number, title: string): Line => ({
  External_Id__c: `CARRY-${n}`,
  FirstName: ['Adelheid', 'Boniface', 'Cosima', 'Dagfinn', 'Eulalia', 'Fridtjof', 'Gwendolyn', 'Hyacinth'][n] ?? '',
  LastName: ['Quistgaard', 'Ouedraogo', 'Zwingli', 'Xenakis', 'Ypsilanti', 'Vasquez', 'Ulvaeus', 'Tremblay'][n] ?? '',
  Email: `p${n}@place${n}.example`,
  Phone: `+45 33 12 ${1000 + n * 371}`,
  MailingCity: ['Odense', 'Lagos', 'Uster', 'Piraeus', 'Corfu', 'Lima', 'Lund', 'Gaspe'][n] ?? '',
  Title: title,
});

async function rest<T>(method: string, path: string, body?: object): Promise<T | null> {
  const answer = await fetch(`${org.url}/services/data/v66.0/${path}`, {
    method,
    headers: { authorization: `Bearer ${org.accessToken}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return answer.status === 204 ? null : ((await answer.json()) as T);
}

const create = async (line: Line) => (await rest<{ id: string }>('POST', 'sobjects/Contact', line))?.id ?? '';

test('what was chosen in a plan holds in the one that is made of records fetched again, and what no longer fits is told', async () => {
  // Rows 1 to 3 are records without a key; rows 4 to 6 have theirs; rows 7 and 8 resemble one another.
  const keyless = (n: number) => {
    const { External_Id__c: _key, ...line } = person(n, 'Clerk');
    return line;
  };
  const [, second, third] = [await create(keyless(0)), await create(keyless(1)), await create(keyless(2))];
  const known = [await create(person(3, 'Clerk')), await create(person(4, 'Clerk')), await create(person(5, 'Clerk'))];
  const rows = [0, 1, 2, 3, 4, 5].map((n) => person(n, 'Chief'));
  const twins = [person(6, 'Cook'), { ...person(6, 'Cook'), External_Id__c: 'CARRY-7', LastName: 'Ulveus' }];
  const path = join(app.data, 'carried.csv');
  await writeFile(path, Papa.unparse([...rows, ...twins] as Line[]));
  const { sourceId } = await app.stage(path);
  const input = { orgId, sourceId, mapping, recordsFrom: 'planned' } as const;
  const first = await app.call('plan.build', input);
  const { planId } = first;
  expect(first.counts).toMatchObject({ insert: 5, update: 3 });
  const { threshold } = await app.call('resembling.find', { planId });
  const of = { threshold, rule: null };
  expect(await app.call('resembling.decide', { planId, of, decision: 'update' })).toMatchObject({ rows: 3 });
  const group = { rows: [7, 8].map((row) => SourceRowNumber.parse(row)), choice: 'first' as const };
  await app.call('plan.decideSimilar', { planId, change: { group } });
  const leave = (row: number, field: string | null) =>
    app.call('plan.leaveOut', { planId, of: { rows: [SourceRowNumber.parse(row)] }, field, takeBack: false });
  await leave(4, null);
  await leave(5, null);
  await leave(6, 'Title');
  const chosen = await leave(1, 'Title');
  expect(chosen.counts).toMatchObject({ insert: 1, update: 3, unchanged: 1, leftOut: 2, duplicate: 1 });

  // As nothing has happened, all of it holds.
  const again = await app.call('plan.build', { ...input, recordsFrom: 'anew', keepChoicesOf: planId });
  expect(again.planId).not.toBe(planId);
  expect(again.carried).toEqual({
    rows: { kept: 2, lost: 0 },
    changes: { kept: 2, lost: 0 },
    groups: { kept: 1, lost: 0 },
    decisions: { kept: 3, lost: 0 },
    lookedAgain: true,
  });
  expect(await app.call('resembling.report', { planId: again.planId })).toMatchObject({ threshold });
  const sameIn = (plan: typeof again) => [plan.counts, plan.changedFields, plan.leftOut, plan.decided, plan.similar];
  expect(sameIn(again)).toEqual(sameIn(chosen));
  expect(carriedTexts(again.carried!)).toEqual(['Your choices in this plan are kept.']);
  await expect(app.call('plan.reopen', { planId })).rejects.toMatchObject({ failure: { code: 'PLAN_UNKNOWN' } });

  // One record of a decision is gone, another says something else, one row left out would change nothing, and one change that was left out is made.
  await rest('DELETE', `sobjects/Contact/${second}`);
  await rest('PATCH', `sobjects/Contact/${third}`, { MailingCity: 'Bern' });
  await rest('PATCH', `sobjects/Contact/${known[0]}`, { Title: 'Chief' });
  await rest('PATCH', `sobjects/Contact/${known[2]}`, { Title: 'Chief' });
  const broken = { method: 'GET', path: '/query', nth: 2, times: 100, action: { kind: 'reset', when: 'before' } };
  await org.faults([broken]);
  const input2 = { ...input, recordsFrom: 'anew', keepChoicesOf: again.planId } as const;
  await expect(app.call('plan.build', input2)).rejects.toMatchObject({ failure: { code: 'ORG_UNREACHABLE' } });
  await org.faults([]);
  // The plan that was there is still there.
  expect(await app.call('plan.reopen', { planId: again.planId })).toMatchObject({ plan: again });
  const moved = await app.call('plan.build', input2);
  expect(moved.carried).toEqual({
    rows: { kept: 1, lost: 1 },
    changes: { kept: 1, lost: 1 },
    groups: { kept: 1, lost: 0 },
    decisions: { kept: 1, lost: 2 },
    lookedAgain: true,
  });
  expect(moved.counts).toMatchObject({ insert: 3, leftOut: 1, duplicate: 1 });
  expect(carriedTexts(moved.carried!)).toEqual([
    'Your other choices in this plan are kept.',
    '1 row that you left out would not be sent now anyway.',
    '1 change that you left out is not there any more.',
    '2 decisions on rows that resemble records no longer fit: the records have changed or can’t be matched now. Decide again.',
  ]);

  // Of other columns nothing of it is known.
  const fewer = { ...mapping, columns: mapping.columns.slice(0, 6) };
  const other = await app.call('plan.build', { ...input, mapping: fewer, keepChoicesOf: moved.planId });
  expect(other.carried).toMatchObject({ decisions: { kept: 0, lost: 1 }, lookedAgain: false });
  expect(other.decided.update).toBe(0);
}, 60_000);
