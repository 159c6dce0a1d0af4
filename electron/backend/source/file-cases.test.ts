import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FailureError } from '../../../shared/contract/failure.ts';
import { ALL_ROWS, type SourceSummary } from '../../../shared/domain/source-file.ts';
import { failureText } from '../../../shared/text/failure-text.ts';
import { issueSentence } from '../../../shared/text/issue-text.ts';
import { noticeText } from '../../../shared/text/notice-text.ts';
import { workbookOf } from '../test-support/make-workbook.ts';
import { startBackend, type TestBackend } from '../test-support/start-backend.ts';

/** Every case of bad input in files, by its id, and what the person reads: over the contract, from bytes to sentence. */
let app: TestBackend;
let folder: string;

beforeAll(async () => {
  app = await startBackend({ url: 'http://127.0.0.1:1' });
  folder = await mkdtemp(join(tmpdir(), 'longshore-cases-'));
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

/** What is said: the refusal, or else every notice and a sentence for every row that is not sent. */
async function reads(...files: [name: string, content: string | Buffer][]): Promise<string[]> {
  const paths: string[] = [];
  for (const [name, content] of files) {
    paths.push(join(folder, name));
    await writeFile(join(folder, name), content);
  }
  return readsPaths(paths);
}

async function readsPaths(paths: string[]): Promise<string[]> {
  try {
    const sourceId = await app.backend.handOver(paths);
    const done = app.waitFor((event) =>
      event.topic === 'source' && event.source.sourceId === sourceId && event.source.state.kind !== 'staging'
        ? event.source
        : null,
    );
    await app.call('source.open', { sourceId, choice: null });
    const source = await done;
    if (source.state.kind === 'refused') throw new FailureError(source.state.failure as FailureError['failure']);
    return [...source.notices.map((notice) => noticeText(notice).text), ...(await problemsOf(source))];
  } catch (error) {
    if (error instanceof FailureError) return [failureText(error.failure).title];
    throw error;
  }
}

async function problemsOf({ sourceId, columns }: SourceSummary): Promise<string[]> {
  const view = { ...ALL_ROWS, problemsOnly: true };
  const { page } = await app.call('source.page', { sourceId, view, offset: 0, limit: 100 });
  return page.map(({ row, line, problem, cells }) => {
    const column = cells.findIndex((cell) => /\ufffd|\u2400|^#[A-Z]/.test(cell));
    const at = column < 0 ? null : column;
    const rawValue = at === null ? '' : (cells[at] ?? '');
    const code = problem ?? 'TOO_FEW_CELLS';
    return issueSentence(
      { code, level: 'row', row, line, column: at, field: null, rawValue, facts: {} },
      at === null ? '' : (columns[at]?.name ?? ''),
    );
  });
}

const accents = 'Ä,Ö,Ü,ß\n1,2,3,4\n';
const long = Array.from({ length: 5412 }, (_all, n) => `c${n}`).join(',');

test.each<[string, string | Buffer, string[]]>([
  ['F01', '', ['“x.csv” is empty.']],
  ['F02', 'a,b,c,d,e\n', ['“x.csv” has 5 columns but no rows.']],
  ['F03', Buffer.from('89504e470d0a1a0a', 'hex'), ['“x.csv” is not a text file (it looks like a PNG image).']],
  ['F04', '\ufeffa,b\n1,2\n', ['Read as UTF-8 (byte-order mark removed).']],
  ['F05', iconv.encode('a,b\n1,2\n', 'utf-16be', { addBOM: true }), ['Read as UTF-16, uploaded as UTF-8.']],
  [
    'F06',
    iconv.encode('Name,City\nx,y\nMüller,Köln\n', 'windows-1252'),
    ['Not valid UTF-8: read as windows-1252. Check that “Müller” (row 2) looks right, or choose another encoding.'],
  ],
  [
    'F07',
    Buffer.concat([Buffer.from(accents), Buffer.from([0x78, 0x2c, 0xfc, 0x2c, 0x2c, 0x0a])]),
    [
      'Row 2 (line 3), Ö: The value has an unreadable character. Type the value here, fix it in the file, or choose another encoding.',
    ],
  ],
  ['F08', 'a,b\nx,y\0z\n', ['Row 1 (line 2), b: The value contains a NUL character. Remove it.']],
  ['F09', 'a;b\n1;2\n', ['Delimiter detected: semicolon.']],
  ['F10', 'a^b\n1^2\n', ['Delimiter detected: caret.']],
  ['F11', 'a;b;c\n1\n2\n3\n4\n5\n', ['Only one column found. Is the delimiter a semicolon?']],
  ['F12', 'a,b\r\n1,2\n3,4\r\n', ['Mixed line endings, changed to LF.']],
  ['F12', 'a,b\r1,2\r3,4\r', ['Old Mac line endings, changed to LF.']],
  ['F13', 'a,b\n1,2\n"3,4\n5,6\n', ['The quote opened on line 3 of “x.csv” is never closed.']],
  ['F14', '"a"x,b,c\n1,2,3\n4,5,6\n', ['The header on line 1 of “x.csv” has text after a closing quote.']],
  ['F14', 'a,b,"c\n1,2,3\n4,"5",6\n', ['The header on line 1 of “x.csv” has text after a closing quote.']],
  [
    'F14',
    'a,b\n"a"b,1\n',
    ['Row 1 (line 2): There is text after a closing quote. Double any quote inside the value ("").'],
  ],
  [
    'F15',
    'a,b,c\n1,2\n',
    [
      'Row 1 (line 2): The row has fewer values than the header has columns. Longshore doesn’t treat the missing values as blank.',
    ],
  ],
  [
    'F16',
    'a,b\n1,2,3\n',
    [
      'Row 1 (line 2): The row has more values than the header has columns. The usual cause is a delimiter without quotes around the value.',
    ],
  ],
  [
    'F17',
    'a,b\n"1\n1",2\n3\n',
    [
      'Row 2 (line 4): The row has fewer values than the header has columns. Longshore doesn’t treat the missing values as blank.',
    ],
  ],
  ['F18', 'a,b\n\n1,2\n,\n', ['Skipped 2 blank lines.']],
  [
    'F19',
    'Email,x,Email\n1,2,3\n',
    ['Column “Email” appears more than once (columns 1 and 3). In the mapping, choose what each one fills.'],
  ],
  ['F20', 'a,,c\n1,2,3\n', ['Column 2 has no name. It is not loaded unless you map it.']],
  ['F21', '\u00a0Name,b\n1,2\n', ['Header “\u00a0Name” is read as “Name”.']],
  ['F22', `${long}\n1\n`, ['The file has 5,412 columns. Salesforce accepts at most 5,000 fields per record.']],
  [
    'F33',
    'sep=;\na;b\n1;2\n',
    ['The “sep=” line is read as a setting, not as the header.', 'Delimiter detected: semicolon.'],
  ],
])('%s', async (_case, content, said) => {
  expect(await reads(['x.csv', content])).toEqual(said);
});

test('F23: more than one job takes is said with how many', async () => {
  const path = join(folder, 'large.csv');
  await writeFile(path, 'a,b\n1,2\n');
  // Of a file that is still on its way the size is known.
  const arriving = { byteLength: 250 * 1024 * 1024, complete: new Promise<void>(() => undefined) };
  const sourceId = await app.backend.handOver([path], { fileName: 'large.csv', arriving });
  const { notices } = await app.call('source.open', { sourceId, choice: null });
  expect(notices.map((notice) => noticeText(notice).text)).toEqual(['Rows are sent in about 3 jobs.']);
});

test('F24, F25: what is no longer there, and a folder', async () => {
  expect(await readsPaths([join(folder, 'gone.csv')])).toEqual([
    '“gone.csv” can no longer be read (it was moved or deleted).',
  ]);
  await mkdir(join(folder, 'folder'));
  expect(await readsPaths([join(folder, 'folder')])).toEqual(['This is a folder.']);
});

test('F26: files of two shapes', async () => {
  expect(await reads(['a.csv', 'x,y\n1,2\n'], ['b.csv', 'x,z\n1,2\n'])).toEqual([
    'Drop one file at a time. You dropped 2 files: a.csv, b.csv.',
  ]);
});

test('F27, F28: a workbook that is a bomb, an old or an encrypted one', async () => {
  const bomb = workbookOf([], { 'xl/worksheets/sheet1.xml': ' '.repeat(40_000_000) });
  expect(await reads(['x.xlsx', bomb])).toEqual([
    '“x.xlsx” unpacks to more than 512 MB, or far more than a workbook should. It was not opened.',
  ]);
  expect(await reads(['x.xls', Buffer.from('d0cf11e0a1b11ae1', 'hex')])).toEqual([
    '“x.xls” is not a text file (it looks like an .xls workbook or an encrypted workbook).',
  ]);
});

test('F29 to F31: sheets, Excel’s errors, lost digits', async () => {
  const fixture = new URL('./fixtures/workbooks/accounts-openpyxl.xlsx', import.meta.url).pathname;
  const said = await readsPaths([fixture]);
  expect(said[0]).toBe('Using sheet “Accounts” (2 of 3).');
  expect(said.at(-2)).toBe(
    'Row 2, column Owner: the cell has an Excel error (1 cell in all). If you map the column, its rows with errors are not sent.',
  );
  expect(said.at(-1)).toContain(
    'Row 2, column ERP Id: Excel stored a rounded number, and the original digits are lost',
  );
});

const page = '<!DOCTYPE html><html><body>Sign in</body></html>';
const twoColumns = [
  ['Account Name', 'City'],
  ['Ada', 'Bern'],
];

test.each<[string, string, string | Buffer, string[]]>([
  [
    'text after a JSON array',
    'x.json',
    '[{"a":1}] and more',
    ['“x.json” can’t be read as JSON: more text after the array of records (line 1).'],
  ],
  [
    'a second JSON array',
    'x.json',
    '{"records":[{"a":1}],\n"more":[{"a":2}]}',
    ['“x.json” can’t be read as JSON: a second array of records after the first (line 1).'],
  ],
  ['what a query’s answer ends with', 'x.json', '{"totalSize":1,"records":[{"a":1}],"done":true}', []],
  [
    'a key that comes twice',
    'x.json',
    '[{"a":1,"b":{"c":1,"c":2}},{"a":2,"b":{"c":3}}]',
    [
      'Nested values became 1 column with dotted names (b.c). Lists are joined with semicolons.',
      'Row 1 (line 1): This record has the same name twice, so its value is unclear. Remove one of them.',
    ],
  ],
  ['a web page', 'x.csv', page, ['“x.csv” is not a text file (it looks like a web page).']],
  ['Parquet', 'x.csv', Buffer.from('PAR1\x15\x04\x15'), ['“x.csv” is not a text file (it looks like a Parquet file).']],
  [
    'UTF-32 with its mark',
    'x.csv',
    iconv.encode('a,b\n1,2\n', 'utf-32le', { addBOM: true }),
    ['“x.csv” is not a text file (it looks like text in UTF-32).'],
  ],
  [
    'UTF-32 without one',
    'x.csv',
    iconv.encode('a,b\n1,2\n', 'utf-32be', { addBOM: false }),
    ['“x.csv” is not a text file (it looks like text in UTF-32).'],
  ],
  [
    'random bytes',
    'x.csv',
    Buffer.from(Array.from({ length: 4000 }, (_all, n) => (n * 7919 + ((n * n) % 251)) % 255 || 1)),
    ['“x.csv” is not a text file (it looks like binary data).'],
  ],
  ['a list of other things before the records', 'x.json', '{"errors":[],"records":[{"a":1}]}', []],
  [
    'a list of lists after the records',
    'x.json',
    '{"columns":[{"a":1}],"data":[[1,2],[3,4]]}',
    ['“x.json” can’t be read as JSON: a second array of records after the first (line 1).'],
  ],
  [
    'one record, with the same name twice',
    'x.json',
    '[{"a":1,"a":2}]',
    ['“x.json” can’t be read as JSON: every record has the same name twice (line 1).'],
  ],
  [
    'records on lines of their own, each with the same name twice',
    'x.jsonl',
    '{"a":1,"a":2}\n{"a":3,"a":4}\n',
    ['“x.jsonl” can’t be read as JSON: every record has the same name twice (line 1).'],
  ],
  [
    'lists where records should be',
    'x.json',
    '[["a","b"],["1","2"]]',
    ['“x.json” can’t be read as JSON: it contains no records in braces (line 1).'],
  ],
  ...[
    '<!-- saved --><HTML><body>x',
    '<?xml version="1.0"?>\n<html><body>x',
    '<meta charset="x"><table><tr><td>Name',
  ].map((text): [string, string, string, string[]] => [
    'a web page that begins otherwise',
    'x.xls',
    text,
    ['“x.xls” is not a text file (it looks like a web page).'],
  ]),
  [
    'a spreadsheet of 2003',
    'x.xls',
    '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook/>',
    ['“x.xls” is not a text file (it looks like an Excel 2003 XML spreadsheet).'],
  ],
  ['XML', 'x.xml', '<?xml version="1.0"?>\n<rows/>', ['“x.xml” is not a text file (it looks like an XML document).']],
  [
    'a few random bytes',
    'x.csv',
    Buffer.from('5d17f201c08e0b4ce61493da7f0e3a05be166d1f88029c', 'hex'),
    ['“x.csv” is not a text file (it looks like binary data).'],
  ],
  [
    'a database, which is mostly zeros',
    'x.csv',
    Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(400)]),
    ['“x.csv” is not a text file (it looks like a database).'],
  ],
  [
    'a title with a comma in it',
    'x.csv',
    'Report, created 2024-03-05\nName,City,Phone,Zip\nAda,Bern,1,3000\nBo,Rome,2,4000\n',
    ['Header read from row 2; 1 row above it is not read.'],
  ],
  [
    'titles of two cells above two columns',
    'x.csv',
    'Report\nBy: Ana\nDate: 2024-01-05, 10:00\n\nName,Phone\nAda,1\nBo,2\n',
    ['Header read from row 5; 4 rows above it are not read.'],
  ],
  [
    'a header that names few of its columns',
    'x.csv',
    'Name,City,,,\nAda,Bern,1,3000,x\nBo,Rome,2,4000,y\n',
    [3, 4, 5].map((column) => `Column ${column} has no name. It is not loaded unless you map it.`),
  ],
  [
    'a title above the header',
    'x.csv',
    'Accounts of May 2024\n\nName,City,Phone\nAda,Bern,1\n',
    ['Header read from row 3; 2 rows above it are not read.'],
  ],
  [
    'a title above two columns whose names have no digits, as all values below one of them do',
    'x.csv',
    'Export of 5 May\n# made by X\nName,Phone\nAda,1\nBo,2\n',
    ['Header read from row 3; 2 rows above it are not read.'],
  ],
  [
    'a title, or the name of one column whose values have commas',
    'x.csv',
    'Name\nLovelace, Ada\nBern, Bo\n',
    [
      'The header has one column, and every row below it has more. If it is a title, set the header row to 2.',
      ...[2, 3].map(
        (line) =>
          `Row ${line - 1} (line ${line}): The row has more values than the header has columns. The usual cause is a delimiter without quotes around the value.`,
      ),
    ],
  ],
  [
    'a title with a quote that is never closed',
    'x.csv',
    'Report "Q3\nName,City,Phone\nAda,Bern,1\n"Bo, B",Ulm,2\n',
    ['Header read from row 2; 1 row above it is not read.'],
  ],
  [
    'a title that begins with one, above a table with other delimiters',
    'x.csv',
    '"Report Q3\nName;City;Phone\nAda;Bern;1\n"Bo; B";Ulm;2\n',
    ['Delimiter detected: semicolon.', 'Header read from row 2; 1 row above it is not read.'],
  ],
  [
    'a title that begins with one, above two columns',
    'x.csv',
    '"Report Q3\nName,City\nAda,Bern\n',
    ['Header read from row 2; 1 row above it is not read.'],
  ],
  ['a header cell of two lines is no title', 'x.csv', '"First\nName",City,Phone\nAda,Bern,1\nBo,Ulm,2\n', []],
  [
    'a character that another program lost, in UTF-8',
    'x.csv',
    'Name,City\nM\ufffdller,Bern\nBo,K\ufffdln\n',
    [
      'Line 2: “\ufffd” shows that another program lost a character (2 cells in all). It is loaded as it is. To get the character back, export the data again.',
    ],
  ],
  [
    'a comment above two columns',
    'x.csv',
    '# exported\nName,City\nAda,Bern\n',
    ['Header read from row 2; 1 row above it is not read.'],
  ],
  [
    'a line of delimiters only',
    'x.csv',
    ',,\nName,City,Phone\nAda,Bern,1\n',
    ['Header read from row 2; 1 row above it is not read.'],
  ],
  [
    'no header',
    'x.csv',
    'Ada,ada@shore.example\nBo,bo@shore.example\n',
    [
      '“ada@shore.example” is in the header but looks like a value. If the file has no header, set the header row to 0.',
    ],
  ],
  [
    'one short name above two columns is a header',
    'x.csv',
    'Name,\nAda,Bern\nBo,Ulm\n',
    ['Column 2 has no name. It is not loaded unless you map it.'],
  ],
  ['old Mac lines with line feeds in quotes', 'x.csv', 'a,b\r"x\ny",2\r', ['Old Mac line endings, changed to LF.']],
  [
    'text of DOS',
    'x.csv',
    iconv.encode('Name,City\nMüller,Köln\nGrößer,Fünfhaus\n', 'cp850'),
    ['Not valid UTF-8: read as cp850. Check that “Müller” (row 1) looks right, or choose another encoding.'],
  ],
  [
    'a sheet that is cut off',
    'x.xlsx',
    workbookOf([], {
      'xl/worksheets/sheet1.xml':
        '<worksheet><sheetData><row r="1"><c t="inlineStr"><is><t>a</t></is></c><c t="inlineStr"><is><t>b</t></is></c></row><row r="2"><c><v>1</v></c><c><v>2</v></c></row>',
    }),
    ['“x.xlsx” is damaged: part of the workbook is missing or invalid.'],
  ],
  [
    'formulas that nobody calculated',
    'x.xlsx',
    workbookOf([], {
      'xl/worksheets/sheet1.xml':
        '<worksheet><sheetData><row r="1"><c t="inlineStr"><is><t>a</t></is></c><c t="inlineStr"><is><t>b</t></is></c></row><row r="2"><c><v>1</v></c><c r="B2"><f>A2*2</f></c></row></sheetData></worksheet>',
    }),
    [
      'Row 1, column b: a formula without its value, read as blank (1 cell in all). Open the workbook in Excel, save it, and open it here again.',
    ],
  ],
])('nothing vanishes unsaid: %s', async (_name, fileName, content, said) => {
  expect(await reads([fileName, content])).toEqual(said);
});

const columnsOf = (rows: number, width: number) =>
  Array.from({ length: rows }, (_, row) => Array.from({ length: width }, (__, column) => `${row}/${column}`));

test.each([
  ['one column of notes', [['How to use this file'], ['Ask Ada'], ['Or Bo']], twoColumns, 'Data” (2'],
  [
    'two columns of notes',
    [
      ['Contact', 'Ada'],
      ['Date', 'May'],
    ],
    columnsOf(20, 4),
    'Data” (2',
  ],
  ['two columns before as many rows of a wider table', columnsOf(20, 2), columnsOf(20, 4), 'Read me” (1'],
  ['two columns of many rows', columnsOf(60, 2), columnsOf(100, 4), 'Read me” (1'],
  ['a table before a larger one', columnsOf(3, 3), columnsOf(100, 4), 'Read me” (1'],
])('the sheet of a workbook that is used: %s', async (_name, first, second, used) => {
  const sheet = (rows: readonly (readonly string[])[]) =>
    `<worksheet><sheetData>${rows.map((cells) => `<row>${cells.map((text) => `<c t="inlineStr"><is><t>${text}</t></is></c>`).join('')}</row>`).join('')}</sheetData></worksheet>`;
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const book = workbookOf([], {
    'xl/workbook.xml': `<workbook xmlns:r="${office}"><sheets><sheet name="Read me" sheetId="1" r:id="r1"/><sheet name="Data" sheetId="2" r:id="r2"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="${office}/worksheet" Target="worksheets/sheet2.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': sheet(first),
    'xl/worksheets/sheet2.xml': sheet(second),
  });
  expect(await reads(['x.xlsx', book])).toEqual([`Using sheet “${used} of 2).`]);
});

test('a chosen header: another line, and none', async () => {
  const path = join(folder, 'chosen.csv');
  await writeFile(path, 'Total,2\nName,City\nAda,Bern\n');
  const sourceId = await app.backend.handOver([path]);
  const second = await app.call('source.open', { sourceId, choice: { headerRow: 2 } });
  expect(second.columns.map(({ name }) => name)).toEqual(['Name', 'City']);
  const none = await app.call('source.open', { sourceId, choice: { headerRow: 0 } });
  expect(none.columns.map(({ name }) => name)).toEqual(['Column 1', 'Column 2']);
  expect(none.preview.map(({ cells }) => cells[0])).toEqual(['Total', 'Name', 'Ada']);
});
