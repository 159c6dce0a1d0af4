import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FieldMapping, WritePolicies } from '../../../shared/domain/field-mapping.ts';
import { SourceRowNumber } from '../../../shared/domain/ids.ts';
import type { LoadPlan, PlannedRow } from '../../../shared/domain/load-plan.ts';
import { OutcomeKind } from '../../../shared/domain/load-results.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { to } from '../test-support/small-plan.ts';
import { startBench } from '../test-support/start-bench.ts';

/** What a plan says of each row is what the practice org has afterwards, and planned again there is nothing left to do. */

const { org, app, orgId } = await startBench(['--records', '3', '--rows-per-second', '0', '--queue-delay', '0']);

const FIELDS = ['Berth_Code__c', 'Name', 'Depth__c'];
type Line = readonly [code: string, name: string, depth: string];

function mappingOf(policies: WritePolicies, blankValues: FieldMapping['blankValues']): FieldMapping {
  const columns = FIELDS.map((field, column) => newColumn(column, to(field)));
  const key = { operation: 'upsert', matchField: 'Berth_Code__c' } as const;
  return { objectName: 'Berth__c', ...key, columns, blankValues, duplicateKeys: 'first', policies };
}

let files = 0;
async function stage(lines: readonly Line[]) {
  const path = join(app.data, `true-${++files}.csv`);
  await writeFile(path, `Code,Name,Depth\n${lines.map((line) => line.join(',')).join('\n')}\n`);
  return (await app.stage(path)).sourceId;
}

async function rowsOf({ planId }: LoadPlan): Promise<PlannedRow[]> {
  return (await app.call('plan.page', { planId, kind: null, search: '', offset: 0, limit: 500 })).rows;
}

async function load({ planId, planDigest }: LoadPlan): Promise<ReadonlyMap<number, string>> {
  const { loadId } = await app.call('load.start', { planId, planDigest });
  await app.finished(loadId);
  const wanted = { loadId, kinds: [...OutcomeKind.options], offset: 0, limit: 500 };
  const { rows } = await app.call('report.page', wanted);
  return new Map(rows.map(({ row, kind }) => [row, kind]));
}

async function berths(prefix: string): Promise<Map<string, { Name: string; Depth__c: number | null }>> {
  const soql = `SELECT Berth_Code__c, Name, Depth__c FROM Berth__c WHERE Berth_Code__c LIKE '${prefix}-%'`;
  const answer = await fetch(`${org.url}/services/data/v66.0/query?q=${encodeURIComponent(soql)}`, {
    headers: { authorization: `Bearer ${org.accessToken}` },
  });
  type Found = { Berth_Code__c: string; Name: string; Depth__c: number | null };
  const { records } = (await answer.json()) as { records: Found[] };
  return new Map(records.map(({ Berth_Code__c: code, ...rest }) => [code, rest]));
}

const BECOMES = {
  insert: 'created',
  update: 'updated',
  unchanged: 'unchanged',
  duplicate: 'repeated',
  leftOut: 'leftOut',
  blocked: 'skipped',
  delete: 'deleted',
  undelete: 'undeleted',
} as const;

/** A value as a plan and the org would write it alike. */
const plain = (value: string | number | null | undefined): string =>
  value === null || value === undefined || value === ''
    ? ''
    : String(Number.isNaN(Number(value)) ? value : Number(value));

const codes = fc.integer({ min: 0, max: 12 });
const name = fc.constantFrom('North', 'South', 'East');
const depth = fc.constantFrom('', '1', '2.5', '#N/A');
const arbitrary = fc.record({
  known: fc.uniqueArray(fc.tuple(codes, name, fc.constantFrom('', '1', '2.5')), {
    selector: ([code]) => code,
    minLength: 3,
  }),
  rows: fc.array(fc.tuple(codes, name, depth), { minLength: 4, maxLength: 14 }),
  policies: fc.constantFrom<WritePolicies>(
    {},
    { fillBlanksOnly: true },
    { upsert: 'update-only' },
    { upsert: 'create-only' },
    { way: 'collections' },
  ),
  blankValues: fc.constantFrom<FieldMapping['blankValues']>('leave', 'clear'),
  out: fc.array(fc.nat({ max: 13 }), { maxLength: 4 }),
  withoutDepth: fc.boolean(),
});

test('each row comes out as planned, what was left out stays as it is, and planned again nothing else is left to do', async () => {
  await fc.assert(
    fc.asyncProperty(arbitrary, async ({ known, rows, policies, blankValues, out, withoutDepth }) => {
      const prefix = `TRUE${files}`;
      const lineOf = ([code, ...rest]: readonly [number, string, string]): Line => [`${prefix}-${code}`, ...rest];
      await load(
        await app.call('plan.build', {
          orgId,
          sourceId: await stage(known.map(lineOf)),
          mapping: mappingOf({}, 'leave'),
        }),
      );
      const before = await berths(prefix);
      const mapping = mappingOf(policies, blankValues);
      const lines = rows.map(lineOf);
      let plan = await app.call('plan.build', { orgId, sourceId: await stage(lines), mapping });
      const { planId } = plan;
      const chosen = out.filter((at) => at < rows.length).map((at) => SourceRowNumber.parse(at + 1));
      if (chosen.length > 0)
        plan = await app.call('plan.leaveOut', { planId, of: { rows: chosen }, field: null, takeBack: false });
      if (withoutDepth) {
        const of = { kind: 'update', search: '' } as const;
        plan = await app.call('plan.leaveOut', { planId, of, field: 'Depth__c', takeBack: false });
      }
      const planned = await rowsOf(plan);
      for (const [kind, count] of Object.entries(plan.counts))
        expect(
          planned.filter((row) => row.kind === kind),
          kind,
        ).toHaveLength(count);
      if (plan.counts.insert + plan.counts.update === 0) return;

      const outcomes = await load(plan);
      const after = await berths(prefix);
      expect(outcomes.size).toBe(rows.length);
      const sent = new Set<string>();
      for (const row of planned) {
        expect([row.row, outcomes.get(row.row)]).toEqual([row.row, BECOMES[row.kind]]);
        const [code = ''] = lines[row.row - 1] ?? [];
        if (row.kind !== 'insert' && row.kind !== 'update') continue;
        sent.add(code);
        const was = before.get(code);
        const values =
          row.kind === 'insert' ? row.values : row.changes.map((one) => ({ field: one.field, value: one.new }));
        const expected: Record<string, string | number | null | undefined> = {
          Name: was?.Name,
          Depth__c: was?.Depth__c,
          ...Object.fromEntries(values.map((one) => [one.field, one.value])),
        };
        const now = after.get(code);
        expect([plain(now?.Name), plain(now?.Depth__c)]).toEqual([
          plain(expected['Name']),
          plain(expected['Depth__c'] === '#N/A' ? '' : expected['Depth__c']),
        ]);
      }
      for (const [code, record] of before) if (!sent.has(code)) expect(after.get(code)).toEqual(record);
      for (const code of after.keys()) if (!before.has(code)) expect(sent.has(code)).toBe(true);

      const again = await app.call('plan.build', { orgId, sourceId: await stage(lines), mapping });
      for (const row of await rowsOf(again)) {
        const first = planned[row.row - 1];
        if (first?.kind === 'blocked') expect(row.kind).toBe('blocked');
        // What it would change was left out, and it still would.
        if (first?.kind === 'unchanged' && !withoutDepth) expect(row.kind).toBe('unchanged');
        if (first?.kind === 'insert')
          expect(row.kind).toBe(policies.upsert === 'create-only' ? 'leftOut' : 'unchanged');
        if (first?.kind === 'update' && row.kind !== 'unchanged')
          expect(row).toMatchObject({ kind: 'update', changes: [{ field: 'Depth__c' }] });
        if (first?.kind === 'update' && !withoutDepth) expect(row.kind).toBe('unchanged');
      }
    }),
    { numRuns: 4 },
  );
}, 120_000);
