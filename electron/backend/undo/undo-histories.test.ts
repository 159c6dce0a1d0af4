import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import Papa from 'papaparse';
import { expect, test } from 'vitest';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { recordsOf } from '../test-support/org-records.ts';
import { to } from '../test-support/small-plan.ts';
import { startBench } from '../test-support/start-bench.ts';

/** `LONGSHORE_UNDO_ROUNDS=50` tries five thousand histories. */
const ROUNDS = Number(process.env['LONGSHORE_UNDO_ROUNDS'] ?? 2);
const RECORDS = 100;
const FIELDS = ['Phone', 'Fax', 'Website'] as const;
type Cells = readonly (string | null)[];

const { org, app, orgId } = await startBench(['--records', '0']);
const records = recordsOf(org);

/** What happens to one record: null is blank, and undefined leaves a cell alone. */
interface History {
  /** null: the load creates it. */
  readonly before: Cells | null;
  readonly row: readonly (string | null | undefined)[];
  readonly edits: readonly (string | null | undefined)[];
}

const value = fc.constantFrom('a', 'b', 'c', null);
const left = fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 3, arbitrary: value });
const history: fc.Arbitrary<History> = fc.record({
  before: fc.option(fc.tuple(value, value, value), { freq: 4 }),
  row: fc.tuple(left, left, left),
  edits: fc.oneof({ weight: 1, arbitrary: fc.constant([undefined, undefined, undefined]) }, fc.tuple(left, left, left)),
});

const MAPPING: FieldMapping = {
  objectName: 'Account',
  operation: 'upsert',
  matchField: 'ERP_Id__c',
  columns: ['ERP_Id__c', 'Name', ...FIELDS].map((name, column) => newColumn(column, to(name))),
  blankValues: 'leave',
  duplicateKeys: 'ask',
};

let files = 0;
async function planOf(rows: string[][]): Promise<LoadPlan> {
  const path = join(app.data, `history-${++files}.csv`);
  await writeFile(path, `${Papa.unparse([['Key', 'Name', ...FIELDS], ...rows], { newline: '\n' })}\n`);
  const { sourceId } = await app.stage(path);
  return app.call('plan.build', { orgId, sourceId, mapping: MAPPING });
}

async function load({ planId, planDigest }: LoadPlan) {
  return app.finished((await app.call('load.start', { planId, planDigest })).loadId);
}

/** Saves cells of many records as somebody else would. */
async function save(method: 'POST' | 'PATCH', of: readonly Record<string, string | null>[]): Promise<void> {
  if (of.length === 0) return;
  const body = of.map((one) => ({ attributes: { type: 'Account' }, ...one }));
  const answers = (await records.rest(method, 'composite/sobjects', { allOrNone: false, records: body })) as {
    success: boolean;
  }[];
  expect(answers.every(({ success }) => success)).toBe(true);
}

async function inOrg(prefix: string): Promise<Map<string, { id: string; cells: Cells }>> {
  const soql = `SELECT Id, ERP_Id__c, ${FIELDS.join(', ')} FROM Account WHERE ERP_Id__c LIKE '${prefix}%'`;
  const found = (await records.query(soql)) as Record<string, string | null>[];
  return new Map(
    found.map((one) => [
      String(one['ERP_Id__c']),
      { id: String(one['Id']), cells: FIELDS.map((field) => one[field] ?? null) },
    ]),
  );
}

test(
  'whatever others change after a load, its undo takes back all that the load did and nothing of theirs',
  async () => {
    let round = 0;
    const many = fc.array(history, { minLength: RECORDS, maxLength: RECORDS });
    await fc.assert(
      fc.asyncProperty(many, async (histories) => {
        const prefix = `H${++round}-`;
        const named = histories.map((one, n) => ({ ...one, key: `${prefix}${n}`, name: `Account ${n}` }));
        const old = named.flatMap(({ before, key, name }) =>
          before ? [{ ERP_Id__c: key, Name: name, ...cellsOf(before) }] : [],
        );
        await save('POST', old);
        const rows = named.map(({ key, name, row }) => [
          key,
          name,
          ...row.map((cell) => (cell === undefined ? '' : (cell ?? '#N/A'))),
        ]);
        const loaded = await load(await planOf(rows));
        const after = await inOrg(prefix);
        // Stamps are to the second: what somebody changes within those in which a load ends can't be told from it.
        const ended = Date.now();
        await expect.poll(() => Date.now() - ended, { timeout: 10_000, interval: 100 }).toBeGreaterThan(3000);
        const edited = named.filter(({ edits }) => edits.some((cell) => cell !== undefined));
        await save(
          'PATCH',
          edited.map(({ key, edits }) => ({ Id: after.get(key)?.id ?? '', ...cellsOf(edits) })),
        );
        for (const { what } of (await app.call('undo.offer', { loadId: loaded.loadId })).steps) {
          const { sourceId, choice, mapping } = await app.call('undo.prepare', { loadId: loaded.loadId, what });
          await app.opened(sourceId, choice);
          const plan = await app.call('plan.build', { orgId, sourceId, mapping });
          if (plan.counts.update + plan.counts.delete > 0) await load(plan);
        }
        const now = await inOrg(prefix);
        for (const { key, before, row, edits } of named) {
          const isEdited = edits.some((cell) => cell !== undefined);
          if (before === null && !isEdited) {
            expect(now.has(key), `${key} was created by the load`).toBe(false);
            continue;
          }
          const expected = FIELDS.map((_field, at) => {
            const was = before?.[at] ?? null;
            const given = row[at] === undefined ? was : row[at];
            const theirs = edits[at] === undefined ? given : edits[at];
            // Of a record that stays because somebody changed it, nothing is taken back.
            return before !== null && given !== was && theirs === given ? was : theirs;
          });
          expect(now.get(key)?.cells, key).toEqual(expected);
        }
      }),
      { numRuns: ROUNDS, endOnFailure: true },
    );
  },
  ROUNDS * 60_000,
);

function cellsOf(cells: readonly (string | null | undefined)[]): Record<string, string | null> {
  return Object.fromEntries(
    FIELDS.flatMap((field, at) => {
      const cell = cells[at];
      return cell === undefined ? [] : [[field, cell]];
    }),
  );
}
