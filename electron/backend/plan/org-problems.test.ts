import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { FieldMapping, MappingTarget } from '../../../shared/domain/field-mapping.ts';
import type { SourceId } from '../../../shared/domain/ids.ts';
import { checkedGroups, foundInOrg } from '../../../shared/domain/row-groups.ts';
import { to } from '../test-support/small-plan.ts';
import { startBench } from '../test-support/start-bench.ts';

const { app, orgId } = await startBench(['--records', '4']);
let sourceId: SourceId;

beforeAll(async () => {
  const path = join(app.data, 'org-problems.csv');
  const misses = Array.from({ length: 60 }, (_, n) => `Miss ${n},OP-M${n},,`);
  const lines = [
    'Nobody,OP-1,a@b.co,',
    'nobody ,OP-2,a@b.co,',
    'Nobody,OP-3,wrong,',
    'Nobody,OP-4,out,',
    'No one,OP-5,a@b.co,003000000000999AAA',
    ',OP-6,a@b.co,',
    ...misses,
  ];
  await writeFile(path, `Account,Key,Email,Reports To\n${lines.join('\n')}\n`);
  ({ sourceId } = await app.stage(path));
});

const byName: MappingTarget = {
  kind: 'found',
  field: 'AccountId',
  parentObject: 'Account',
  parentField: 'Name',
  and: null,
  whenNone: 'home',
  whenSeveral: 'home',
  whenInactive: 'home',
};

function mapping(fixed: Record<string, string> = {}): FieldMapping {
  return {
    objectName: 'Contact',
    operation: 'insert',
    matchField: null,
    columns: [byName, to('LastName'), to('Email'), to('ReportsToId')].map((target, column) => ({
      column,
      target,
      reason: 'chosen',
      format: {},
      replacements: column === 0 ? fixed : {},
      fixes: column === 2 ? [{ kind: 'exclude', value: 'out' }] : [],
    })),
    blankValues: 'leave',
    duplicateKeys: 'ask',
  };
}

test('what only the org can tell is told as problems by value, with exact counts, pages and rows; a fix mends its rows', async () => {
  const asked = { orgId, sourceId, mapping: mapping() };
  const checks = await app.call('checks.run', asked);
  const plan = await app.call('plan.build', asked);
  const { planId } = plan;
  const { problems, groups } = await app.call('plan.problems', { planId });
  expect(problems).toEqual([
    expect.objectContaining({ code: 'LOOKUP_NOT_FOUND', column: 0, columnName: 'Account', groups: 63, rows: 64 }),
    expect.objectContaining({ code: 'LOOKUP_NOT_FOUND', column: 3, groups: 1, rows: 1, fieldLabel: 'Reports To ID' }),
  ]);
  // The row that was left out is told as that alone.
  expect(groups[0]).toMatchObject({ rawValue: 'Nobody', oneValue: true, rows: 2, firstRow: 1, level: 'row' });
  const which = { planId, column: 0, code: 'LOOKUP_NOT_FOUND' as const };
  const page = await app.call('plan.groups', { ...which, offset: 60, limit: 10 });
  expect(page).toMatchObject({ total: 63, groups: [{ rows: 1 }, { rows: 1 }, { rows: 1 }] });
  const rows = await app.call('plan.groupRows', { planId, groupKey: groups[0]?.key ?? '', offset: 0, limit: 10 });
  expect(rows.map(({ row, line, rawValue }) => [row, line, rawValue])).toEqual([
    [1, 2, 'Nobody'],
    [3, 4, 'Nobody'],
  ]);
  expect(checkedGroups(checks, plan.counts)).toEqual({ ready: 1, repeated: 0, leftOut: 1, notSent: 64 });
  expect(foundInOrg(checks, plan.counts)).toBe(63);
  const home = await app.call('plan.problemRows', { planId, problem: null, offset: 0, limit: 3 });
  expect(home).toMatchObject({ total: plan.counts.blocked, rows: [{ row: 1 }, { row: 2 }, { row: 3 }] });
  expect(home.rows[2]?.issues.map(({ code }) => code).sort()).toEqual(['LOOKUP_NOT_FOUND', 'NOT_AN_EMAIL']);
  const only = { column: 3, code: 'LOOKUP_NOT_FOUND' as const };
  expect(await app.call('plan.problemRows', { planId, problem: only, offset: 0, limit: 3 })).toMatchObject({
    total: 1,
  });
  await app.call('plan.saveProblemRows', { planId });
  const saved = await readFile(app.saved.at(-1)?.path ?? '', 'utf8');
  expect(saved.trim().split('\n')).toHaveLength(1 + plan.counts.blocked);

  // Left blank, one value is mended in all its rows.
  const mended = await app.call('plan.build', { ...asked, mapping: mapping({ Nobody: '' }) });
  const after = await app.call('plan.problems', { planId: mended.planId });
  expect(after.problems[0]).toMatchObject({ groups: 62, rows: 62 });
  expect(mended.counts.blocked).toBe(plan.counts.blocked - 1);
});
