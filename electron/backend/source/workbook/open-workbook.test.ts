import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailureError, type Failure } from '../../../../shared/contract/failure.ts';
import type { SourceChoice } from '../../../../shared/domain/source-file.ts';
import { failureText } from '../../../../shared/text/failure-text.ts';
import { noticeText } from '../../../../shared/text/notice-text.ts';
import { workbookOf, type WorkbookCell } from '../../test-support/make-workbook.ts';
import { zipOf } from '../../test-support/make-zip.ts';
import { CollectingSink, openPart } from '../open-part.ts';
import { readPart } from '../read-part.ts';
import { numberText, plainDigits, styleOf } from './number-text.ts';
import { columnOf } from './read-sheet.ts';

const fixture = (name: string) => new URL(`../fixtures/workbooks/${name}`, import.meta.url).pathname;
const never = new AbortController().signal;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-workbook-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The whole file as a person meets it: what is said of it, its header and every record. */
async function read(path: string, choice: SourceChoice = {}) {
  const part = { path, fileName: 'book.xlsx', arriving: null };
  const opened = await openPart(part, choice, never);
  const sink = new CollectingSink(',');
  const atEnd = await readPart(
    { ...part, format: opened.format, stamp: null },
    opened.columns,
    sink,
    () => Promise.resolve(),
    createHash('sha256'),
    never,
  );
  return {
    columns: opened.columns,
    format: opened.format,
    said: [...opened.notices, ...atEnd].map((notice) => noticeText(notice).text),
    records: sink.records,
    preview: opened.records,
  };
}

async function readBytes(bytes: Buffer, choice?: SourceChoice) {
  const path = join(folder, 'book.xlsx');
  await writeFile(path, bytes);
  return read(path, choice);
}

async function refusal(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => new Error('it was read'),
    (reason: unknown) => reason,
  );
  if (error instanceof FailureError) return error.failure;
  throw error;
}

describe('workbooks by other writers', () => {
  test('F29–F31: sheets, a table that begins in B4, formats, errors, lost digits, hidden and merged cells', async () => {
    const { columns, records, said, format, preview } = await read(fixture('accounts-openpyxl.xlsx'));
    expect(format).toMatchObject({ sheet: 'Accounts', headerRow: 4, firstColumn: 1 });
    expect(columns.slice(0, 3)).toEqual(['Name', 'Zip', 'Customer Since']);
    expect(records.map(({ line, cells, problem }) => [line, problem, ...cells])).toEqual([
      [
        5,
        null,
        'Müller & Söhne',
        '01067',
        '2024-02-29',
        '2024-03-01T13:45:07',
        '08:30:00',
        '7%',
        '1200',
        '100200300400500',
        'Jane',
        'true',
        'first line\nsecond line',
      ],
      [
        6,
        null,
        '東京支社',
        '20095',
        '1999-12-31',
        '2000-01-01T00:00:00',
        '23:59:59',
        '12.5%',
        '0.1',
        '1234567890123457000',
        '#REF!',
        'false',
        '',
      ],
      [7, null, '  padded  ', '', '', '', '', '', '', '', '', '', ''],
      [9, null, 'merged', '12345', '', '', '', '', '', '', '', '', ''],
    ]);
    expect(records[1]).toMatchObject({ marks: ',n5,n6,e8,' });
    expect(preview).toEqual(records);
    expect(said).toEqual([
      'Using sheet “Accounts” (2 of 3).',
      'Header read from row 4; 2 rows above it are not read.',
      'Hidden in the workbook but read too: 1 hidden row and 1 hidden column (Notes).',
      '1 merged area (B9:B10). Only the first cell of each has a value; the others are blank.',
      'Row 2, column Owner: the cell has an Excel error (1 cell in all). If you map the column, its rows with errors are not sent.',
      'Row 2, column ERP Id: Excel stored a rounded number, and the original digits are lost (1 cell in all). Format such columns as text before you enter numbers.',
    ]);
  });
  test('another sheet, though it is hidden, and another header row', async () => {
    const codes = await read(fixture('accounts-openpyxl.xlsx'), { sheet: 'Codes' });
    expect(codes.records.map(({ cells }) => cells)).toEqual([['H', 'Hot']]);
    expect(codes.said).toContain('Sheet “Codes” is hidden in the workbook.');
    const lower = await read(fixture('accounts-openpyxl.xlsx'), { sheet: 'Accounts', headerRow: 7 });
    expect(lower.columns[0]).toBe('padded');
    expect(lower.records.map(({ line }) => line)).toEqual([9]);
  });
  test('a workbook without a header is asked about, and read without one, on the sheet that has the table', async () => {
    const rows = [1, 2, 3].map((n) => [`Firm ${n}`, `a${n}@b.de`, n * 100]);
    const asked = await readBytes(workbookOf(rows));
    expect(asked.said).toEqual([
      '“a1@b.de” is in the header but looks like a value. If the file has no header, set the header row to 0.',
    ]);
    const none = await readBytes(workbookOf(rows), { headerRow: 0 });
    expect(none.columns).toEqual(['Column 1', 'Column 2', 'Column 3']);
    expect(none.records.map(({ cells }) => cells[0])).toEqual(['Firm 1', 'Firm 2', 'Firm 3']);
    expect(none.preview).toHaveLength(3);
    expect(none.said).toEqual(['No header. The first line is read as data, and columns are named by position.']);
    const second = await readBytes(workbookOf([['Title', 'of', 'all'], ...rows]), { headerRow: 2 });
    expect(second.columns).toEqual(['Firm 1', 'a1@b.de', '100']);
  });
  test('dates of old Macs are counted from 1904', async () => {
    expect((await read(fixture('dates-1904.xlsx'))).records.map(({ cells }) => cells)).toEqual([
      ['Old Mac', '2010-05-17'],
    ]);
  });
  test('written row by row by a third hand: every row, formulas by their last value, one division by zero', async () => {
    const { records } = await read(fixture('contacts-xlsxwriter.xlsx'));
    expect(records).toHaveLength(500);
    expect(records[1]?.cells).toEqual(['Person 2 <&> "quoted"', '1970-01-03', '0.6666666666666666', 'text 2', '']);
    expect(records.filter(({ problem }) => problem !== null)).toEqual([]);
    expect(records.filter(({ marks }) => marks?.includes('e'))).toMatchObject([
      { line: 251, marks: ',n2,e4,', cells: { 4: '#DIV/0!' } },
    ]);
  });
});

describe('numbers under their formats', () => {
  test.each([
    ['General', 1e21, '1000000000000000000000'],
    ['General', 1.5e-7, '0.00000015'],
    ['General', -0.1, '-0.1'],
    ['00000', 1067, '01067'],
    ['0.00%', 0.07, '7%'],
    ['[h]:mm:ss', 1.5, '36:00:00'],
    ['h:mm AM/PM', 0.75, '18:00:00'],
    ['mm:ss.0', 0.5 + 0.25 / 86400, '12:00:00.250'],
    ['dd.mm.yyyy;@', 45292, '2024-01-01'],
    ['m/d/yy h:mm', 45292.999999999, '2024-01-02T00:00:00'],
    // Excel counts a day that never was.
    ['yyyy-mm-dd', 60, '1900-02-29'],
    ['yyyy-mm-dd', 61, '1900-03-01'],
    ['mmm yyyy', 45292, '2024-01-01'],
    ['yyyy-mm-dd', -1, null],
  ])('%s of %d', (pattern, value, text) => {
    expect(numberText(value, styleOf(pattern), false)).toBe(text);
  });
  test('plain digits stand for the same number, without an exponent', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const digits = plainDigits(value);
        expect(Number(digits)).toBe(value === 0 ? 0 : value);
        expect(digits).toMatch(/^-?\d+(?:\.\d+)?$/);
      }),
    );
  });
  test('columns of addresses', () => {
    expect(['A1', 'Z9', 'AA10', 'XFD1', 'XFE1', '7'].map(columnOf)).toEqual([0, 25, 26, 16383, -1, -1]);
  });
});

describe('cells and rows', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'é', '😀', ' ', '"', '\n', '<', '&', '_', '0'),
    minLength: 1,
    maxLength: 8,
  });
  test('writing texts and reading them back is the identity', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 6 }), async (rows) => {
        const { records } = await readBytes(workbookOf([['one', 'two'], ...rows]));
        expect(records.map(({ cells }) => cells)).toEqual(rows);
      }),
      { numRuns: 50 },
    );
  });
  test('what Excel escapes is told by its meaning; namespaces may have prefixes', async () => {
    const sheet =
      '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData><x:row r="2"><x:c r="C2" t="str"><x:v>head</x:v></x:c></x:row><x:row r="3"><x:c r="C3" t="str"><x:v>a_x000D_b</x:v></x:c></x:row></x:sheetData></x:worksheet>';
    const { records, columns } = await readBytes(workbookOf([], { 'xl/worksheets/sheet1.xml': sheet }));
    expect(columns).toEqual(['head']);
    expect(records.map(({ line, cells }) => [line, ...cells])).toEqual([[3, 'a\rb']]);
  });
  test('a formula whose value was never worked out is said, also where its writer left an empty one', async () => {
    const cells = [
      '<c t="inlineStr"><is><t>A</t></is></c><c><f>1+1</f></c>',
      '<c><v>1</v></c><c><f>1+1</f><v></v></c>',
    ];
    const empty = '<c><v>2</v></c><c t="str"><f>""</f><v></v></c>';
    const head = '<c t="inlineStr"><is><t>Name</t></is></c><c t="inlineStr"><is><t>Sum</t></is></c>';
    const rows = [head, ...cells, empty].map((row) => `<row>${row}</row>`).join('');
    const sheet = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${rows}</sheetData></worksheet>`;
    const { said } = await readBytes(workbookOf([], { 'xl/worksheets/sheet1.xml': sheet }));
    expect(said.join()).toContain('Row 1, column Sum: a formula without its value, read as blank (2 cells in all).');
  });
  test('texts of a workbook that are cut off are not taken for whole ones', async () => {
    const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
    const relation = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
    const rels = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${relation}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="${relation}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`;
    const strings = (end: string) => `<sst ${main}><si><t>Name</t></si><si><t>Acme Lim${end}`;
    const rows: WorkbookCell[][] = [
      ['Key', { type: 's', value: '0' }],
      ['1', { type: 's', value: '1' }],
    ];
    const book = (end: string) =>
      workbookOf(rows, { 'xl/_rels/workbook.xml.rels': rels, 'xl/sharedStrings.xml': strings(end) });
    expect((await readBytes(book('ited</t></si></sst>'))).records[0]?.cells).toEqual(['1', 'Acme Limited']);
    expect(await refusal(readBytes(book('')))).toMatchObject({ code: 'FILE_WORKBOOK', problem: 'damaged' });
  });
  test('cells beyond the table keep their row home', async () => {
    const rows: WorkbookCell[][] = [['a', 'b'], ...Array.from({ length: 200 }, () => ['1', '2']), ['1', '2', '3']];
    const { records } = await readBytes(workbookOf(rows));
    expect(records.filter(({ problem }) => problem === 'TOO_MANY_CELLS').map(({ line }) => line)).toEqual([202]);
  });
});

describe('workbooks that are refused', () => {
  test('F27: more than 512 MB, said before anything is unpacked', async () => {
    const bomb = workbookOf([['a'], ['1']], { 'xl/worksheets/sheet1.xml': ' '.repeat(40_000_000) });
    const failure = await refusal(readBytes(bomb));
    expect(failure).toMatchObject({ code: 'FILE_WORKBOOK', problem: 'bomb' });
    expect(failureText(failure).title).toBe(
      '“book.xlsx” unpacks to more than 512 MB, or far more than a workbook should. It was not opened.',
    );
  });
  test('F27: a directory that lies about its sizes is found out while unpacking', async () => {
    const bomb = workbookOf([['a'], ['1']], { 'xl/worksheets/sheet1.xml': ' '.repeat(40_000_000) });
    // Central directory entries begin with PK\1\2; 24 bytes in stands the size that is claimed.
    for (let at = bomb.indexOf('PK\u0001\u0002'); at >= 0; at = bomb.indexOf('PK\u0001\u0002', at + 4))
      if (bomb.readUInt32LE(at + 24) > 1e6) bomb.writeUInt32LE(1000, at + 24);
    expect(await refusal(readBytes(bomb))).toMatchObject({ code: 'FILE_WORKBOOK', problem: 'bomb' });
  });
  test('F27: more than 2,000 entries', async () => {
    const parts = Object.fromEntries(Array.from({ length: 2001 }, (_all, n) => [`xl/media/${n}.png`, '']));
    expect(await refusal(readBytes(workbookOf([['a'], ['1']], parts)))).toMatchObject({ problem: 'bomb' });
  });
  test('F28: old or encrypted workbooks are compound files', async () => {
    const failure = await refusal(readBytes(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])));
    expect(failureText(failure)).toMatchObject({ next: 'Save it as .xlsx without a password, or as CSV (UTF-8).' });
  });
  test('ODS and XLSB are named with the way out', async () => {
    const ods = zipOf([{ name: 'mimetype' }, { name: 'content.xml' }]);
    expect(failureText(await refusal(readBytes(ods))).title).toContain('an OpenDocument file');
    const xlsb = zipOf([{ name: '[Content_Types].xml' }, { name: 'xl/workbook.bin' }]);
    expect(failureText(await refusal(readBytes(xlsb))).title).toContain('a binary Excel workbook (.xlsb)');
  });
  test('no header anywhere, and F02', async () => {
    expect(await refusal(readBytes(workbookOf([])))).toMatchObject({ code: 'FILE_WORKBOOK', problem: 'no-header' });
    expect(await refusal(readBytes(workbookOf([['a', 'b']])))).toMatchObject({ code: 'FILE_HEADER_ONLY', columns: 2 });
  });
  test('cut off or changed anywhere, a workbook is refused or read; nothing else happens', async () => {
    const whole = await readFile(fixture('accounts-openpyxl.xlsx'));
    const expected = ['FILE_WORKBOOK', 'FILE_ARCHIVE', 'FILE_NOT_TEXT', 'FILE_HEADER_ONLY', 'FILE_EMPTY'];
    const outcome = async (bytes: Buffer) => {
      try {
        await readBytes(bytes);
        return 'read';
      } catch (error) {
        if (error instanceof FailureError) return error.failure.code;
        throw error;
      }
    };
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 5, max: whole.length - 1 }), async (length) => {
        expect(expected).toContain(await outcome(whole.subarray(0, length)));
      }),
      { numRuns: 60 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 4, max: whole.length - 1 }), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 4,
        }),
        async (changes) => {
          const bytes = Buffer.from(whole);
          for (const [at, byte] of changes) bytes[at] = byte;
          expect(['read', ...expected]).toContain(await outcome(bytes));
        },
      ),
      { numRuns: 150 },
    );
  });
});
