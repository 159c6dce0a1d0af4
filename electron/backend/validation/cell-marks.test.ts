import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import type { CleaningStep } from '../../../shared/domain/cleaning.ts';
import type { FieldMapping, FoundTarget } from '../../../shared/domain/field-mapping.ts';
import type { PlanId, SourceId } from '../../../shared/domain/ids.ts';
import { totalOf } from '../../../shared/domain/load-results.ts';
import { noticeText } from '../../../shared/text/notice-text.ts';
import { workbookOf, type WorkbookCell } from '../test-support/make-workbook.ts';
import { to } from '../test-support/small-plan.ts';
import { startBench } from '../test-support/start-bench.ts';

let files = 0;
const { app, orgId } = await startBench();

async function stage(content: Buffer | string, extension: 'xlsx' | 'json' | 'csv'): Promise<SourceId> {
  const path = join(app.data, `marks-${++files}.${extension}`);
  await writeFile(path, content);
  return (await app.stage(path)).sourceId;
}

/** Fields by column; a column without one is not mapped. */
function mappingOf(fields: readonly (string | null)[]): FieldMapping {
  return {
    objectName: 'Account',
    operation: 'upsert',
    matchField: 'ERP_Id__c',
    columns: fields.map((field, column) => ({
      column,
      target: field === null ? { kind: 'ignored' } : to(field),
      reason: 'chosen',
      format: {},
      replacements: {},
      fixes: [],
    })),
    blankValues: 'leave',
    duplicateKeys: 'ask',
  };
}

const key = (row: number): string => `MARK-${files}-${row}`;

/** What of each row would be sent to a field, by row number; why a row is not sent in its place. */
async function planned(planId: PlanId, field: string): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  for (const kind of ['insert', 'blocked'] as const) {
    const { rows } = await app.call('plan.page', { planId, kind, search: '', offset: 0, limit: 200 });
    for (const row of rows) {
      if (row.kind === 'insert') found.set(row.row, row.values.find((one) => one.field === field)?.value ?? '');
      if (row.kind === 'blocked') found.set(row.row, row.issues.map(({ code }) => code).join(' '));
    }
  }
  return found;
}

async function revenues(content: Buffer | string, extension: 'xlsx' | 'json'): Promise<string[]> {
  const sourceId = await stage(content, extension);
  const mapping = mappingOf(['ERP_Id__c', 'Name', 'AnnualRevenue']);
  const { planId } = await app.call('plan.build', { orgId, sourceId, mapping });
  return [...(await planned(planId, 'AnnualRevenue'))].sort(([a], [b]) => a - b).map(([, value]) => value);
}

describe('numbers that a file holds as numbers', () => {
  const workbook = (...cells: WorkbookCell[]) => {
    files++;
    const rows = cells.map((cell, index): WorkbookCell[] => [key(index), `Name ${index}`, cell]);
    files--;
    return workbookOf([['Key', 'Name', 'Revenue'], ...rows]);
  };

  test('are never asked about', async () => {
    expect(await revenues(workbook(1.234, 12.345, 999.999, -1.25), 'xlsx')).toEqual([
      '1.234',
      '12.345',
      '999.999',
      '-1.25',
    ]);
  });

  test('are read as they stand though texts beside them are written with commas', async () => {
    expect(await revenues(workbook(1.234, '1.234,56', 1234.5, '2.500', 12.345, '7,5'), 'xlsx')).toEqual([
      '1.234',
      '1234.56',
      '1234.5',
      '2500',
      '12.345',
      '7.5',
    ]);
  });

  test('and say nothing of how the texts are written', async () => {
    expect(await revenues(workbook(1234.5, '1.250', 0.5), 'xlsx')).toEqual(['1234.5', 'DECIMAL_AMBIGUOUS', '0.5']);
  });

  test('of which a text beside them says the same and means another are asked about, and only those', async () => {
    expect(await revenues(workbook(1.234, '1.234', '7,5', 1234.5, '1234.5'), 'xlsx')).toEqual([
      'DECIMAL_AMBIGUOUS',
      'DECIMAL_AMBIGUOUS',
      '7.5',
      '1234.5',
      '1234.5',
    ]);
  });

  test('and so is a column that was made their copy', async () => {
    const sourceId = await stage(workbook(1.234, '1.234,56', 12.345), 'xlsx');
    await app.call('source.clean', { sourceId, steps: [{ kind: 'copy', column: 2, name: 'Again' }] });
    const mapping = mappingOf(['ERP_Id__c', 'Name', null, 'AnnualRevenue']);
    const { planId } = await app.call('plan.build', { orgId, sourceId, mapping });
    expect([...(await planned(planId, 'AnnualRevenue'))].sort(([one], [other]) => one - other)).toEqual([
      [1, '1.234'],
      [2, '1234.56'],
      [3, '12.345'],
    ]);
  });

  test('in JSON too', async () => {
    files++;
    const records = ['1.234', '"1.234,5"', '"2.500"', '12.345'].map(
      (value, index) => `{"Key":"${key(index)}","Name":"N${index}","Revenue":${value}}`,
    );
    files--;
    expect(await revenues(`[${records.join(',')}]`, 'json')).toEqual(['1.234', '1234.5', '2500', '12.345']);
  });

  test('become texts like any other where they are typed over', async () => {
    const sourceId = await stage(workbook(1.234, '7,5'), 'xlsx');
    await app.call('source.edit', { sourceId, cells: [{ row: 1, column: 2, value: '5.678' }] });
    const mapping = mappingOf(['ERP_Id__c', 'Name', 'AnnualRevenue']);
    const { planId } = await app.call('plan.build', { orgId, sourceId, mapping });
    expect([...(await planned(planId, 'AnnualRevenue')).values()]).toEqual(['5678', '7.5']);
  });
});

const error = (value: string): WorkbookCell => ({ type: 'e', value });

describe('errors in cells of a workbook', () => {
  const table = (...rows: WorkbookCell[][]) => workbookOf([['Key', 'Name', 'Revenue', 'Note'], ...rows]);
  const fields = ['ERP_Id__c', 'Name', 'AnnualRevenue', null];

  test('keep a row home where their column is mapped, and are told where it is not', async () => {
    const sourceId = await stage(
      table(['E-1', 'A', 1, error('#DIV/0!')], ['E-2', 'B', error('#REF!'), 'x'], ['E-3', error('#N/A'), 3, 'y']),
      'xlsx',
    );
    const { state, notices } = await app.call('source.get', { sourceId });
    expect(state).toMatchObject({ rows: 3, problemRows: 0 });
    expect(notices.map((notice) => noticeText(notice).text).join()).toContain('3 cells');
    const request = { orgId, sourceId, mapping: mappingOf(fields) };
    const report = await app.call('checks.run', request);
    expect(report).toMatchObject({ rows: 3, rowsReady: 1, rowsBlocked: 2 });
    expect(report.problems.filter(({ level }) => level === 'row')).toMatchObject([
      { code: 'EXCEL_ERROR', rows: 1 },
      { code: 'EXCEL_ERROR', rows: 1 },
    ]);
    const { planId } = await app.call('plan.build', request);
    expect(await planned(planId, 'AnnualRevenue')).toEqual(
      new Map([
        [1, '1'],
        [2, 'EXCEL_ERROR'],
        [3, 'EXCEL_ERROR'],
      ]),
    );
    const unmapped = { ...request, mapping: mappingOf(['ERP_Id__c', 'Name', null, null]) };
    expect((await app.call('plan.build', unmapped)).counts).toMatchObject({ insert: 2, blocked: 1 });
  });

  test('are mended by typing, by a replacement and by cleaning, and follow into what is made of their cell', async () => {
    const sourceId = await stage(
      table(['F-1', 'A', error('#DIV/0!'), error('#NAME?')], ['F-2', 'B', error('#REF!'), 'x'], ['F-3', 'C', 3, 'y']),
      'xlsx',
    );
    await app.call('source.edit', { sourceId, cells: [{ row: 1, column: 2, value: '12' }] });
    const mapping = mappingOf(fields);
    const replaced = mapping.columns.map((one) =>
      one.column === 2 ? { ...one, replacements: { '#REF!': '5' } } : one,
    );
    const { planId } = await app.call('plan.build', { orgId, sourceId, mapping: { ...mapping, columns: replaced } });
    expect([...(await planned(planId, 'AnnualRevenue')).values()]).toEqual(['12', '5', '3']);
    const join: CleaningStep = { kind: 'join', columns: [1, 3], separator: ' ', name: 'Both' };
    const lower: CleaningStep = { kind: 'change-case', columns: [4], to: 'lower' };
    await app.call('source.clean', { sourceId, steps: [join, lower] });
    const joined = mappingOf(['ERP_Id__c', null, null, null, 'Name']);
    const made = await app.call('plan.build', { orgId, sourceId, mapping: joined });
    expect([...(await planned(made.planId, 'Name')).values()].sort()).toEqual(['EXCEL_ERROR', 'b x', 'c y']);
  });

  test('an error in the second cell of a lookup is no value to look for, whether or not that cell fills a field', async () => {
    // A parent that has the error's text for a city, as an export of such a workbook would have made it.
    await app
      .call(
        'load.start',
        await app.call('plan.build', {
          orgId,
          sourceId: await stage('Key,Name,City\nPAIR-1,Paired,#N/A!\nPAIR-2,Paired,Köln\n', 'csv'),
          mapping: mappingOf(['ERP_Id__c', 'Name', 'BillingCity']),
        }),
      )
      .then(({ loadId }) => app.finished(loadId));
    const sourceId = await stage(
      workbookOf([
        ['Key', 'Name', 'Parent', 'City'],
        ['PAIR-3', 'Child', 'Paired', error('#N/A!')],
        ['PAIR-4', 'Child too', 'Paired', 'Köln'],
      ]),
      'xlsx',
    );
    const byTwo = (city: string | null): FieldMapping => {
      const mapping = mappingOf(['ERP_Id__c', 'Name', null, city]);
      const parent: FoundTarget = {
        kind: 'found',
        field: 'ParentId',
        parentObject: 'Account',
        parentField: 'Name',
        and: { parentField: 'BillingCity', column: 3 },
        whenNone: 'without',
        whenSeveral: 'home',
        whenInactive: 'home',
      };
      return {
        ...mapping,
        columns: mapping.columns.map((one) => (one.column === 2 ? { ...one, target: parent } : one)),
      };
    };
    for (const city of [null, 'BillingCity']) {
      const request = { orgId, sourceId, mapping: byTwo(city) };
      const report = await app.call('checks.run', request);
      expect(report).toMatchObject({ rowsReady: 1, rowsBlocked: 1, problems: [{ code: 'EXCEL_ERROR', column: 3 }] });
      const plan = await app.call('plan.build', request);
      expect(plan).toMatchObject({ counts: { insert: 1, blocked: 1 }, lookups: [{ found: 1, without: 0 }] });
      expect(await app.call('lookups.coverage', { ...request, column: 2 })).toMatchObject({ values: 1, found: 1 });
    }
  });

  test('every row is in one place, whatever cells have errors and whatever is mapped', async () => {
    const errors = ['#DIV/0!', '#N/A', '#REF!', '#NAME?', '#VALUE!', '#NUM!', '#NULL!', '#GETTING_DATA'];
    const cells = fc.option(fc.constantFrom(...errors), { nil: null, freq: 4 });
    const rowsOf = fc.array(fc.tuple(cells, cells, cells), { minLength: 2, maxLength: 30 });
    const mapped = fc.tuple(fc.boolean(), fc.boolean(), fc.boolean());
    await fc.assert(
      fc.asyncProperty(rowsOf, mapped, async (rows, chosen) => {
        const texts = rows.map((row, n) => [`P${files}-${n}`, ...row.map((one, column) => one ?? `${column}${n}`)]);
        const sheet = rows.map((row, n): WorkbookCell[] => [
          `P${files}-${n}`,
          ...row.map((one, column) => (one === null ? `${column}${n}` : error(one))),
        ]);
        const sourceId = await stage(workbookOf([['Key', 'Name', 'Fax', 'Site'], ...sheet]), 'xlsx');
        const [, fax, site] = chosen;
        const mapping = mappingOf(['ERP_Id__c', 'Name', fax ? 'Fax' : null, site ? 'Site' : null]);
        const isHome = (row: readonly (string | null)[]) =>
          row[0] !== null || (fax && row[1] !== null) || (site && row[2] !== null);
        const home = texts.filter((_row, n) => isHome(rows[n] ?? []));
        const plan = await app.call('plan.build', { orgId, sourceId, mapping });
        expect(plan.counts).toMatchObject({ insert: rows.length - home.length, blocked: home.length });
        if (home.length === rows.length) return;
        const { loadId } = await app.call('load.start', { planId: plan.planId, planDigest: plan.planDigest });
        const { counts } = await app.finished(loadId);
        expect(counts).toMatchObject({ created: rows.length - home.length, skipped: home.length });
        expect(totalOf(counts)).toBe(rows.length);
        if (home.length === 0) return;
        await app.call('report.save', { loadId, file: 'error', spreadsheetSafe: false });
        const saved = Papa.parse<string[]>((await readFile(app.saved.at(-1)?.path ?? '', 'utf8')).trim()).data;
        expect(saved.slice(1).map((row) => row.slice(2))).toEqual(home);
      }),
      { numRuns: 12 },
    );
  });
});
