import { mkdtemp, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import Papa from 'papaparse';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CleaningStep } from '../../../shared/domain/cleaning.ts';
import type { SourceId } from '../../../shared/domain/ids.ts';
import { ALL_ROWS, type RowView, type SourceSummary } from '../../../shared/domain/source-file.ts';
import { noticeText } from '../../../shared/text/notice-text.ts';
import { startBackend, type TestBackend } from '../test-support/start-backend.ts';

/** Sources as the window has them: over the contract, with the staging engine in its own process. */
let app: TestBackend;
let folder: string;
let made = 0;

beforeAll(async () => {
  app = await startBackend({ url: 'http://127.0.0.1:1' });
  folder = await mkdtemp(join(tmpdir(), 'longshore-source-'));
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

async function write(content: string | Buffer, name = `source-${++made}.csv`): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function staged(content: string | Buffer, name?: string): Promise<SourceSummary> {
  return app.stage(await write(content, name));
}

async function page(sourceId: SourceId, view: Partial<RowView> = {}, offset = 0, limit = 100) {
  return app.call('source.page', { sourceId, view: { ...ALL_ROWS, ...view }, offset, limit });
}

async function cells(sourceId: SourceId, view: Partial<RowView> = {}): Promise<string[][]> {
  return (await page(sourceId, view)).page.map((row) => row.cells);
}

const said = (source: SourceSummary) => source.notices.map((notice) => noticeText(notice).text);
const facts = (source: SourceSummary) => (source.state.kind === 'staged' ? source.state : null);

async function stagedAgain(sourceId: SourceId, choice: Parameters<typeof app.call<'source.open'>>[1]['choice']) {
  const done = app.waitFor((event) =>
    event.topic === 'source' && event.source.sourceId === sourceId && event.source.state.kind === 'staged'
      ? event.source
      : null,
  );
  await app.call('source.open', { sourceId, choice });
  return done;
}

describe('reading is faithful', () => {
  test('reading gives the cells that papaparse gives, and writing them back is the identity, over generated dialects', async () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', 'é', '😀', ' ', ',', ';', '"', '\n', '\r', '\t', '|', '\\', '\u0001', 'N', "'"),
      maxLength: 8,
    });
    const table = fc
      .integer({ min: 1, max: 4 })
      .chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 30 }),
      );
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom(',', ';', '\t', '|', '^', '`'),
        fc.constantFrom('\n', '\r\n'),
        fc.constantFrom('utf-8', 'utf-16le', 'utf-16be'),
        fc.boolean(),
        async (rows, delimiter, newline, encoding, quotes) => {
          const filled = rows.filter((row) => row.some((text) => text !== ''));
          fc.pre(filled.length > 0);
          const header = filled[0]?.map((_text, index) => `h${index}`) ?? [];
          // papaparse writes a lone carriage return bare; as one it would end the line.
          const config = { delimiter, newline, quotes: quotes || filled.flat().some((text) => text.includes('\r')) };
          const text = `${Papa.unparse([header], config)}${newline}${Papa.unparse(filled, config)}${newline}`;
          const path = await write(iconv.encode(text, encoding, { addBOM: true }), 'generated.csv');
          const sourceId = await app.backend.handOver([path]);
          const { state } = await stagedAgain(sourceId, { delimiter: delimiter as ',' });
          expect(state).toMatchObject({ rows: filled.length, problemRows: 0 });
          expect(await cells(sourceId)).toEqual(filled);
          // Written back, it reads the same, to us and to papaparse.
          await app.call('source.save', { sourceId });
          const saved = app.saved.at(-1)?.path ?? '';
          const written = iconv.decode(await readFile(saved), encoding);
          const parsed = Papa.parse<string[]>(written, { delimiter, newline: '\n' });
          expect(parsed.data.slice(1, -1)).toEqual(filled);
          const again = await app.backend.handOver([saved]);
          await stagedAgain(again, { delimiter: delimiter as ',' });
          expect(await cells(again)).toEqual(filled);
          await app.call('source.forget', { sourceId: again });
          await app.call('source.forget', { sourceId });
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);

  test('odd records among plain ones: each in its place, with its line, its problem and its bytes', async () => {
    const plain = (n: number) => `n${n},"x, y",z\n`;
    const odd = 'n3,"a"b,c\nn4,1\nn5,1,2,3\n\nn6,\xff,x\nn7,\0,x\nn8,"two\nlines",x\nn9,5" pipe,x\n,,\nn10,1,2,,\n';
    const text = `a,b,\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\n${plain(1)}${plain(2)}${odd}${plain(11)}`;
    const source = await staged(Buffer.from(text, 'latin1'));
    const { page: rows } = await page(source.sourceId);
    expect(rows.map(({ row, line, problem, cells: [first] }) => [row, line, problem, first])).toEqual([
      [1, 2, null, 'n1'],
      [2, 3, null, 'n2'],
      [3, 4, 'TEXT_AFTER_QUOTE', 'n3'],
      [4, 5, 'TOO_FEW_CELLS', 'n4'],
      [5, 6, 'TOO_MANY_CELLS', 'n5'],
      [6, 8, 'UNREADABLE_CHARACTER', 'n6'],
      [7, 9, 'NUL_CHARACTER', 'n7'],
      [8, 10, null, 'n8'],
      [9, 12, null, 'n9'],
      [10, 14, null, 'n10'],
      [11, 15, null, 'n11'],
    ]);
    expect(rows[8]?.cells).toEqual(['n9', '5" pipe', 'x']);
    expect(said(source)).toContain('Skipped 2 blank lines.');
    expect(source.preview).toEqual(rows);
    // Written out again, what could not be read is there byte for byte.
    await app.call('source.save', { sourceId: source.sourceId });
    const saved = await readFile(app.saved.at(-1)?.path ?? '', 'latin1');
    for (const line of ['n3,"a"b,c', 'n4,1', 'n5,1,2,3', 'n6,\xff,x', 'n7,\0,x'])
      expect(saved.split('\n')).toContain(line);
  });

  test('a record longer than any buffer, and rows enough for several slices', async () => {
    const long = 'x'.repeat(3_000_000);
    const source = await staged(`a,b\n1,${long}\n2,"${long}"\n`);
    const [first, second] = await cells(source.sourceId);
    expect([first?.[1]?.length, second?.[1]?.length]).toEqual([3_000_000, 3_000_000]);
    const many = Array.from({ length: 300_000 }, (_all, n) => (n % 1000 === 7 ? `${n},"a\nb"` : `${n},v${n % 13}`));
    const large = await staged(`n,v\n${many.join('\n')}\n`);
    expect(facts(large)).toMatchObject({ rows: 300_000, problemRows: 0 });
    const { page: last } = await page(large.sourceId, {}, 299_999, 1);
    expect(last).toMatchObject([{ row: 300_000, line: 300_301, cells: ['299999', 'v11'] }]);
    const { page: sorted, rows } = await page(large.sourceId, { sort: { column: 0, descending: true } }, 5, 2);
    expect([rows, sorted.map((row) => row.cells[0])]).toEqual([300_000, ['299994', '299993']]);
    const files = await import('node:fs/promises').then(({ readdir }) => readdir(join(app.data, 'sources')));
    expect(files.filter((name) => name.includes('.slice'))).toEqual([]);
  });

  test('as many columns as Salesforce takes', async () => {
    const row = (text: string) => Array.from({ length: 5000 }, (_all, n) => `${text}${n}`).join(',');
    const { sourceId, state } = await staged(`${row('c')}\n${row('a')}\n${row('b')}\n`);
    expect(state).toMatchObject({ rows: 2, problemRows: 0 });
    const steps: CleaningStep[] = [
      { kind: 'change-case', columns: [0, 4999], to: 'upper' },
      { kind: 'remove-duplicates' },
    ];
    await app.call('source.clean', { sourceId, steps });
    const { page: found } = await page(sourceId, { search: 'b4999', sort: { column: 4999, descending: true } });
    expect(found.map((one) => [one.row, one.cells.length, one.cells[4999]])).toEqual([[2, 5000, 'B4999']]);
    await app.call('source.forget', { sourceId });
  });

  test('F24: a file that goes while it is read is told of, and nothing is left behind', async () => {
    const path = await write('a,b\n1,2\n');
    const sourceId = await app.backend.handOver([path]);
    await unlink(path);
    await expect(app.call('source.open', { sourceId, choice: null })).rejects.toMatchObject({
      failure: { code: 'FILE_UNREADABLE', reason: 'ENOENT' },
    });
  });

  test('choices made while it is read: the last one counts, whatever the ones before were doing', async () => {
    const rows = Array.from({ length: 150_000 }, (_all, n) => `${n};a,${n};b`);
    const sourceId = await app.backend.handOver([await write(`x;y,z;w\n${rows.join('\n')}\n`)]);
    for (const delimiter of [',', ';', ',', ';', ','] as const)
      await app.call('source.open', { sourceId, choice: { delimiter } });
    const source = await stagedAgain(sourceId, { delimiter: ';' });
    expect(facts(source)).toMatchObject({ rows: 150_000, problemRows: 0 });
    expect((await page(sourceId, {}, 149_999, 1)).page[0]?.cells).toEqual(['149999', 'a,149999', 'b']);
    // Read once more the same rows lie elsewhere in storage; a view of them is not the one from before.
    const sort = { column: 0, descending: true };
    const first = await page(sourceId, { sort }, 70_000, 3);
    await stagedAgain(sourceId, { delimiter: ';' });
    expect(await page(sourceId, { sort }, 70_000, 3)).toEqual(first);
    expect(first.page.map((row) => row.cells[0])).toEqual(['79999', '79998', '79997']);
  });

  test('read anew while its rows are being looked at: it is read all the same, and who looked hears that they are gone', async () => {
    const sourceId = (await staged('A,B\n1,2\n')).sourceId;
    const looks: Promise<PromiseSettledResult<unknown>[]>[] = [];
    for (let time = 0; time < 25; time++) {
      const again = stagedAgain(sourceId, { delimiter: time % 2 === 0 ? ';' : ',' });
      const look = () =>
        Promise.allSettled([
          page(sourceId),
          app.call('source.glance', { sourceId }),
          app.call('source.sketch', { sourceId, columns: [0] }),
        ]);
      looks.push(look());
      const { columns } = await again;
      expect(columns.map(({ name }) => name)).toEqual(time % 2 === 0 ? ['A,B'] : ['A', 'B']);
      looks.push(look());
    }
    for (const look of (await Promise.all(looks)).flat())
      if (look.status === 'rejected') expect(look.reason).toMatchObject({ failure: { code: 'SOURCE_NOT_STAGED' } });
  });

  test('reading is stopped at once, and can be begun again', async () => {
    const rows = Array.from({ length: 400_000 }, (_all, n) => `${n},${n}`);
    const sourceId = await app.backend.handOver([await write(`a,b\n${rows.join('\n')}\n`)]);
    await app.call('source.open', { sourceId, choice: null });
    await app.call('source.stop', { sourceId });
    expect((await app.call('source.get', { sourceId })).state).toEqual({
      kind: 'refused',
      failure: { code: 'CANCELLED' },
    });
    expect(facts(await stagedAgain(sourceId, null))).toMatchObject({ rows: 400_000 });
  });
});

describe('looking at all of it', () => {
  const text = 'name,amount\nB,10\na,9\nc,\n"ä, x",text\nB,10\nd,-3.5\n';
  test('sorted: numbers by size before texts, blanks last either way, equal ones in file order', async () => {
    const { sourceId } = await staged(text);
    const amounts = async (descending: boolean) =>
      (await page(sourceId, { sort: { column: 1, descending } })).page.map(
        ({ row, cells: [, amount] }) => `${row}:${amount}`,
      );
    expect(await amounts(false)).toEqual(['6:-3.5', '2:9', '1:10', '5:10', '4:text', '3:']);
    expect(await amounts(true)).toEqual(['4:text', '1:10', '5:10', '2:9', '6:-3.5', '3:']);
    expect((await cells(sourceId, { sort: { column: 0, descending: false } })).map(([name]) => name)).toEqual([
      'a',
      'B',
      'B',
      'c',
      'd',
      'ä, x',
    ]);
  });
  test('searched and filtered, with their number', async () => {
    const { sourceId } = await staged(text);
    expect((await page(sourceId, { search: 'b' })).rows).toBe(2);
    expect((await page(sourceId, { search: "'; drop" })).rows).toBe(0);
    const filtered = async (kind: RowView['filters'][number]['kind'], value = '') =>
      (await cells(sourceId, { filters: [{ column: 1, kind, text: value }] })).map(([name]) => name);
    expect(await filtered('blank')).toEqual(['c']);
    expect(await filtered('equals', '10')).toEqual(['B', 'B']);
    expect(await filtered('contains', 'EX')).toEqual(['ä, x']);
    expect(await filtered('filled')).toHaveLength(5);
  });
  test('a column’s profile: counts, ends, longest, frequent, and a counter-example for each kind', async () => {
    const { sourceId } = await staged(text);
    const profile = await app.call('source.profile', { sourceId, column: 1 });
    expect(profile).toMatchObject({
      rows: 6,
      blank: 1,
      distinct: 4,
      distinctIsEstimate: false,
      min: '-3.5',
      max: 'text',
      longest: { row: 4 },
      frequent: [{ value: '10', rows: 2 }, { rows: 1 }, { rows: 1 }, { rows: 1 }],
    });
    expect(profile.kinds.find(({ kind }) => kind === 'number')).toEqual({
      kind: 'number',
      fits: 4,
      counterExample: { value: 'text', row: 4, line: 5 },
    });
    const { sourceId: numbers } = await staged('n\n9\n10\n-1\n');
    expect(await app.call('source.profile', { sourceId: numbers, column: 0 })).toMatchObject({ min: '-1', max: '10' });
    const { sourceId: empty } = await staged('a,b\n1,\n2,\n');
    expect(await app.call('source.profile', { sourceId: empty, column: 1 })).toMatchObject({
      blank: 2,
      min: null,
      longest: null,
    });
  });

  describe('what column headers show', () => {
    const sketch = async (content: string, columns: number[]) =>
      app.call('source.sketch', { sourceId: (await staged(content)).sourceId, columns });

    test('blanks, different values, what nearly all are and how many are not; in the order asked for', async () => {
      const rows = Array.from({ length: 40 }, (_, n) => [
        n === 7 ? 'soon' : ` 2024-01-${String((n % 28) + 1).padStart(2, '0')}`,
        n % 4 === 0 ? ' \u00a0' : n % 2 === 0 ? 'x' : 'y',
        String(n),
      ]);
      const content = ['When,Which,Number', ...rows.map((cells) => cells.join(','))].join('\n');
      const facts = { rows: 40, distinctIsEstimate: false };
      expect(await sketch(content, [2, 0, 1])).toEqual([
        { ...facts, column: 2, blank: 0, distinct: 40, kind: 'whole-number', misfits: 0 },
        { ...facts, column: 0, blank: 0, distinct: 29, kind: 'date', misfits: 1 },
        { ...facts, column: 1, blank: 10, distinct: 2, kind: null, misfits: 0 },
      ]);
    });

    test('what the first rows promise and the others do not keep is no kind', async () => {
      const values = Array.from({ length: 3000 }, (_, n) => (n < 1500 ? String(n) : `A-${n}`));
      const [column] = await sketch(`id\n${values.join('\n')}\n`, [0]);
      expect(column).toMatchObject({ kind: null, misfits: 0, distinctIsEstimate: true });
      // The estimate is within a tenth.
      expect(Math.abs((column?.distinct ?? 0) - 3000)).toBeLessThan(300);
    });

    test('a column without values, rows that could not be read, and zeros that are yes and no as well', async () => {
      expect(await sketch('a,b\n1,\n0,\n1,2,3\n', [0, 1])).toMatchObject([
        { rows: 2, distinct: 2, kind: 'whole-number' },
        { rows: 2, blank: 2, distinct: 0, kind: null },
      ]);
    });

    test('counted anew once a cell is typed over; a column that there isn’t is refused', async () => {
      const { sourceId } = await staged('a\n1\n2\n');
      const blank = async () => (await app.call('source.sketch', { sourceId, columns: [0] }))[0]?.blank;
      expect(await blank()).toBe(0);
      await app.call('source.edit', { sourceId, cells: [{ row: 1, column: 0, value: '' }] });
      expect(await blank()).toBe(1);
      await expect(app.call('source.sketch', { sourceId, columns: [1] })).rejects.toThrow('BAD_REQUEST');
    });
  });
});

describe('cleaning', () => {
  const one = async (step: CleaningStep, content: string): Promise<string[][]> => {
    const { sourceId } = await staged(content);
    const preview = await app.call('source.previewCleaning', { sourceId, step });
    const before = await cells(sourceId);
    await app.call('source.clean', { sourceId, steps: [step] });
    const after = await cells(sourceId);
    if (step.kind !== 'remove-duplicates' && after[0]?.length === before[0]?.length) {
      const changed = before.flatMap((row, at) => row.filter((text, column) => text !== after[at]?.[column]));
      expect(preview.cells, 'the preview counts what the step then changes').toBe(changed.length);
    }
    return after;
  };
  test.each<[string, CleaningStep, string, string[]]>([
    ['trim', { kind: 'trim', columns: [0] }, '" \u00a0x y\u200b\t"', ['x y']],
    ['collapse', { kind: 'collapse-spaces', columns: [0] }, '" a \u00a0\u3000 b\n\nc"', [' a b c']],
    ['upper', { kind: 'change-case', columns: [0], to: 'upper' }, 'straße é', ['STRAẞE É']],
    [
      'title',
      { kind: 'change-case', columns: [0], to: 'title' },
      "o'NEILL-müller ÉCOLE 2nd",
      ["O'neill-Müller École 2nd"],
    ],
    ['find', { kind: 'find-replace', columns: [0], find: '.', replacement: "'" }, 'a.b.c', ["a'b'c"]],
    [
      'strip',
      { kind: 'replace-pattern', columns: [0], pattern: '[^0-9+]', replacement: '', ignoreCase: false },
      '+49 (40) 12',
      ['+494012'],
    ],
    [
      'groups',
      { kind: 'replace-pattern', columns: [0], pattern: '^(\\w+), (\\w+)$', replacement: '\\2 \\1', ignoreCase: false },
      '"Lovelace, Ada"',
      ['Ada Lovelace'],
    ],
    [
      'case of a pattern',
      { kind: 'replace-pattern', columns: [0], pattern: 'gmbh', replacement: 'Ltd', ignoreCase: true },
      'X GmbH',
      ['X Ltd'],
    ],
    [
      'map',
      {
        kind: 'map-values',
        columns: [0],
        values: [
          { from: 'y', to: 'true' },
          { from: '', to: 'false' },
        ],
      },
      'y',
      ['true'],
    ],
    ['fill', { kind: 'fill-blanks', columns: [0], value: 'n/a' }, '" "', ['n/a']],
    [
      'split',
      { kind: 'split', column: 0, separator: ' ', names: ['First', 'Last'] },
      'Ada King Lovelace',
      ['Ada King Lovelace', 'Ada', 'King Lovelace'],
    ],
    [
      'split of too little',
      { kind: 'split', column: 0, separator: '-', names: ['First', 'Last'] },
      'Ada',
      ['Ada', 'Ada', ''],
    ],
  ])('%s', async (_name, step, value, expected) => {
    const [row] = await one(step, `a,other\n${value},o\n`);
    expect(row).toEqual([expected[0], 'o', ...expected.slice(1)]);
  });
  test('a copy is of the column as it stands by then, and later steps change one of the two; a constant is in every row', async () => {
    const { sourceId } = await staged('a,b\n x,1\n,2\n');
    const steps: CleaningStep[] = [
      { kind: 'trim', columns: [0] },
      { kind: 'copy', column: 0, name: 'again' },
      { kind: 'change-case', columns: [2], to: 'upper' },
      { kind: 'constant', value: "it's 5", name: 'Source' },
    ];
    const cleaned = await app.call('source.clean', { sourceId, steps });
    expect(cleaned.columns.map(({ name }) => name)).toEqual(['a', 'b', 'again', 'Source']);
    expect(await cells(sourceId)).toEqual([
      ['x', '1', 'X', "it's 5"],
      ['', '2', '', "it's 5"],
    ]);
    const step: CleaningStep = { kind: 'copy', column: 1, name: 'more' };
    expect((await app.call('source.previewCleaning', { sourceId, step })).rows).toBe(2);
    await expect(app.call('source.clean', { sourceId, steps: [{ ...step, column: 9 }] })).rejects.toMatchObject({
      failure: { code: 'CLEANING_REFUSED', what: 'column 10' },
    });
  });
  test('join leaves no separator for blanks; duplicates are told by every column', async () => {
    expect(await one({ kind: 'join', columns: [1, 0], separator: ', ', name: 'both' }, 'a,b\n1,2\n3,\n')).toEqual([
      ['1', '2', '2, 1'],
      ['3', '', '3'],
    ]);
    const { sourceId } = await staged('a,b\n1,2\n1,3\n1,2\nbad\n1,2\nbad\n');
    const step: CleaningStep = { kind: 'remove-duplicates' };
    expect((await app.call('source.previewCleaning', { sourceId, step })).rows).toBe(2);
    const cleaned = await app.call('source.clean', { sourceId, steps: [step] });
    expect(facts(cleaned)).toMatchObject({ rows: 4, removedRows: 2, problemRows: 2 });
    const { page: rows } = await page(sourceId);
    expect(rows.map(({ row }) => row)).toEqual([1, 2, 4, 6]);
  });
  test('a change of steps that is called off leaves the rows, the steps and what was typed as they were', async () => {
    const rows = Array.from({ length: 120_000 }, (_all, n) => `${n % 2 === 0 ? 'a' : ' a'},${n % 50_000}`);
    const { sourceId } = await staged(`x,n\n${rows.join('\n')}\n`);
    const steps: CleaningStep[] = [{ kind: 'trim', columns: [1] }, { kind: 'remove-duplicates' }];
    const before = await app.call('source.clean', { sourceId, steps });
    await app.call('source.edit', { sourceId, cells: [{ row: 1, column: 0, value: 'typed' }] });
    const others: CleaningStep[] = [{ kind: 'trim', columns: [0] }, { kind: 'remove-duplicates' }];
    const controller = new AbortController();
    const called = app.backend.call('source.clean', { sourceId, steps: others }, controller.signal);
    setImmediate(() => controller.abort());
    const answer = await called;
    const now = await app.call('source.get', { sourceId });
    // Whether it was in time or not, everything agrees.
    expect(now.cleaning).toEqual(answer.ok ? others : steps);
    const { page: first, rows: count } = await page(sourceId, { filters: [{ column: 0, kind: 'filled', text: '' }] });
    expect(count).toBe(facts(now)?.rows);
    expect(first[0]?.cells[0]).toBe('typed');
    if (!answer.ok) expect(facts(now)?.rows).toBe(facts(before)?.rows);
  });
  test('steps build on one another, are taken back, and what cannot be is refused', async () => {
    const { sourceId } = await staged('name,x\n  ada lovelace ,1\nADA LOVELACE,1\nx,\n');
    const steps: CleaningStep[] = [
      { kind: 'trim', columns: [0, 1] },
      { kind: 'change-case', columns: [0], to: 'title' },
      { kind: 'split', column: 0, separator: ' ', names: ['First', 'Last'] },
      { kind: 'change-case', columns: [3], to: 'upper' },
      { kind: 'remove-duplicates' },
    ];
    const cleaned = await app.call('source.clean', { sourceId, steps });
    expect(cleaned.columns.map(({ name }) => name)).toEqual(['name', 'x', 'First', 'Last']);
    expect(await cells(sourceId)).toEqual([
      ['Ada Lovelace', '1', 'Ada', 'LOVELACE'],
      ['X', '', 'X', ''],
    ]);
    expect(await cells(sourceId, { sort: { column: 2, descending: true } })).toEqual([
      ['X', '', 'X', ''],
      ['Ada Lovelace', '1', 'Ada', 'LOVELACE'],
    ]);
    await app.call('source.clean', { sourceId, steps: [] });
    expect((await cells(sourceId)).map(([name]) => name)).toEqual(['  ada lovelace ', 'ADA LOVELACE', 'x']);
    const refused = (step: CleaningStep) =>
      expect(app.call('source.clean', { sourceId, steps: [step] })).rejects.toMatchObject({
        failure: { code: 'CLEANING_REFUSED' },
      });
    await refused({ kind: 'trim', columns: [7] });
    await refused({ kind: 'replace-pattern', columns: [0], pattern: '(a', replacement: '', ignoreCase: false });
    await refused({ kind: 'replace-pattern', columns: [0], pattern: '(?=a)', replacement: '', ignoreCase: false });
    await refused({ kind: 'replace-pattern', columns: [0], pattern: 'a', replacement: '\\1', ignoreCase: false });
    await refused({ kind: 'replace-pattern', columns: [0], pattern: 'a', replacement: 'b\\', ignoreCase: false });
    await refused({ kind: 'replace-pattern', columns: [0], pattern: '(a)', replacement: '\\1\\2', ignoreCase: false });
    expect((await app.call('source.get', { sourceId })).cleaning).toEqual([]);
  });
});

describe('typing over cells', () => {
  test('an overlay: last of all, undone with null, told by the digest, and what is saved', async () => {
    const { sourceId, state } = await staged('a,b\n x,1\ny,2\n');
    const digest = state.kind === 'staged' ? state.digest : '';
    await app.call('source.clean', { sourceId, steps: [{ kind: 'trim', columns: [0] }] });
    const edited = await app.call('source.edit', {
      sourceId,
      cells: [
        { row: 1, column: 0, value: " it's " },
        { row: 2, column: 1, value: '' },
      ],
    });
    expect(edited.editedCells).toBe(2);
    const { page: rows } = await page(sourceId);
    expect(rows).toMatchObject([
      { cells: [" it's ", '1'], edited: [0] },
      { cells: ['y', ''], edited: [1] },
    ]);
    await app.call('source.save', { sourceId });
    expect(await readFile(app.saved.at(-1)?.path ?? '', 'utf8')).toBe(`a,b\n" it's ",1\ny,\n`);
    await app.call('source.clean', { sourceId, steps: [] });
    const back = await app.call('source.edit', {
      sourceId,
      cells: [
        { row: 1, column: 0, value: null },
        { row: 2, column: 1, value: null },
      ],
    });
    expect(await cells(sourceId)).toEqual([
      [' x', '1'],
      ['y', '2'],
    ]);
    expect(facts(back)?.digest).toBe(digest);
  });
  test('rows keep their places in an order that is being looked at; asked for anew, it is of the cells as they are', async () => {
    const { sourceId } = await staged('n\n1\n2\n3\n');
    const sort = { column: 0, descending: false };
    const shown = async (asOf: string) => (await cells(sourceId, { sort, asOf })).map(([n]) => n);
    expect(await shown('first')).toEqual(['1', '2', '3']);
    await app.call('source.edit', { sourceId, cells: [{ row: 1, column: 0, value: '9' }] });
    expect(await shown('first')).toEqual(['9', '2', '3']);
    expect(await shown('second')).toEqual(['2', '3', '9']);
    expect(await shown('')).toEqual(['2', '3', '9']);
  });
  test('a row is mended once its missing or unreadable cells are typed; one without a shape is not', async () => {
    const { sourceId } = await staged(
      Buffer.from('a,b,\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xc3\xa4\xc3\xb6\xc3\xbc\n1\n\xff,2,\xff\n1,2,3,4\n', 'latin1'),
    );
    const type = (row: number, column: number, value: string) =>
      app.call('source.edit', { sourceId, cells: [{ row, column, value }] });
    await type(1, 1, 'x');
    await type(2, 0, 'x');
    expect(facts(await type(3, 0, 'x'))?.problemRows).toBe(3);
    await type(1, 2, '');
    expect(facts(await type(2, 2, 'y'))?.problemRows).toBe(1);
    const { page: rows } = await page(sourceId);
    expect(rows.map(({ problem, cells: row }) => [problem, ...row])).toEqual([
      [null, '1', 'x', ''],
      [null, 'x', '2', 'y'],
      ['TOO_MANY_CELLS', 'x', '2', '3'],
    ]);
  });
});

describe('several files', () => {
  test('one shape is one source, whatever each is written in; a row knows its file and its line there', async () => {
    const paths = [
      await write('Name,Phone\nÄ,1\nB,2\n', 'may.csv'),
      await write(gzipSync(iconv.encode('name;phone\r\n"C\r\nc";3\r\n', 'utf-16le', { addBOM: true })), 'june.csv.gz'),
      await write('Name,Phone\nbad\nD,4\n', 'july.csv'),
    ];
    const sourceId = await app.backend.handOver(paths);
    const source = await stagedAgain(sourceId, null);
    expect(source.fileName).toBe('may.csv and 2 more');
    expect(said(source)[0]).toBe('3 files with the same columns are read as one.');
    const { page: rows } = await page(sourceId);
    expect(rows.map(({ row, line, part, cells: [name] }) => [row, line, part, name])).toEqual([
      [1, 2, 0, 'Ä'],
      [2, 3, 0, 'B'],
      [3, 2, 1, 'C\r\nc'],
      [4, 2, 2, 'bad'],
      [5, 3, 2, 'D'],
    ]);
  });
  test('F26: other shapes are refused with the difference; JSON files name every value themselves', async () => {
    const differing = await app.backend.handOver([
      await write('a,b\n1,2\n', 'x.csv'),
      await write('a,c\n1,2\n', 'y.csv'),
    ]);
    await expect(app.call('source.open', { sourceId: differing, choice: null })).rejects.toMatchObject({
      failure: { code: 'FILE_SEVERAL', difference: { fileName: 'y.csv', missing: ['b'], extra: ['c'] } },
    });
    const json = await app.backend.handOver([
      await write('[{"a":1}]', 'x.json'),
      await write('{"b":2}\n{"a":3}', 'y.jsonl'),
    ]);
    const source = await stagedAgain(json, null);
    expect(source.columns.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(await cells(json)).toEqual([
      ['1', ''],
      ['', '2'],
      ['3', ''],
    ]);
  });
});

describe('reopening', () => {
  test('with the last settings, without reading again; F34: a change is told, and read when asked', async () => {
    const path = await write('a;b,c\n1;2,3\n');
    const sourceId = await app.backend.handOver([path]);
    await stagedAgain(sourceId, { delimiter: ';' });
    await app.call('source.clean', { sourceId, steps: [{ kind: 'change-case', columns: [1], to: 'upper' }] });
    const again = await app.call('source.open', { sourceId, choice: null });
    expect(again.state.kind, 'it is still there').toBe('staged');
    expect(again.columns.map(({ name }) => name)).toEqual(['a', 'b,c']);
    expect(again.cleaning).toHaveLength(1);

    await app.call('source.edit', { sourceId, cells: [{ row: 1, column: 0, value: 'x' }] });
    await writeFile(path, 'a;b,c\n9;x,y\n8;z\n');
    await utimes(path, new Date(), new Date(Date.now() + 60_000));
    const told = await app.waitFor((event) =>
      event.topic === 'source' && event.source.sourceId === sourceId && event.source.changedOnDisk
        ? event.source
        : null,
    );
    expect(told.state.kind).toBe('staged');
    expect(await cells(sourceId), 'rows are as they were read').toEqual([['x', '2,3']]);
    const read = await stagedAgain(sourceId, null);
    expect(said(read).slice(0, 2)).toEqual([
      '1 cell that you typed over has its original value again, because the file was read again.',
      'The file has changed since you last opened it. It was read again.',
    ]);
    expect(read).toMatchObject({ changedOnDisk: false, editedCells: 0, cleaning: [{ kind: 'change-case' }] });
    expect(await cells(sourceId)).toEqual([
      ['9', 'X,Y'],
      ['8', 'Z'],
    ]);
  });
  test('a file that was dropped twice is one of the recent ones, as it was read last; with other rows it is another', async () => {
    const drop = async (content: string) => {
      const copy = { fileName: 'dropped.csv', arriving: null };
      const sourceId = await app.backend.handOver([await write(content)], copy);
      const done = app.waitFor((event) =>
        event.topic === 'source' && event.source.sourceId === sourceId && event.source.state.kind === 'staged'
          ? sourceId
          : null,
      );
      await app.call('source.open', { sourceId, choice: null });
      return done;
    };
    const dropped = [await drop('A,B\n1,2\n'), await drop('A,B\n1,2\n'), await drop('A,B\n1,3\n')];
    const recent = await app.call('source.recent', {});
    const ids = recent.filter(({ fileName }) => fileName === 'dropped.csv').map(({ sourceId }) => sourceId);
    expect(ids).toEqual([dropped[2], dropped[1]]);
  });

  test('a restart forgets nothing of it', async () => {
    const { sourceId } = await staged('a,b\n x,1\n');
    await app.call('source.clean', { sourceId, steps: [{ kind: 'trim', columns: [0] }] });
    await app.call('source.edit', { sourceId, cells: [{ row: 1, column: 1, value: '7' }] });
    await app.killStaging();
    expect(await cells(sourceId)).toEqual([['x', '7']]);
    expect((await app.call('source.recent', {})).find((source) => source.sourceId === sourceId)).toMatchObject({
      editedCells: 1,
      cleaning: [{ kind: 'trim' }],
    });
    expect((await stat(join(app.data, 'sources', `${sourceId}.duckdb`))).isFile()).toBe(true);
  });
});
