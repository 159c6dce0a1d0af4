import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import Papa from 'papaparse';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bulkHeader, FieldMapping, mappedColumns, type Operation } from '../../../shared/domain/field-mapping.ts';
import { Digest, PlanId, SourceId } from '../../../shared/domain/ids.ts';
import { FieldDescribe, SObjectDescribe, type FieldTypeName } from '../../../shared/domain/sobject.ts';
import { EDGE_SPACES } from '../../../shared/match/white-space.ts';
import { DuckDbEngine } from '../staging/duckdb-engine.ts';
import { createTable, OUTCOME, PLANNED, tablesOf } from '../tables/tables.ts';
import { stagingOver, type InProcessStaging } from '../test-support/engine-staging.ts';
import { ValueChecker } from '../validation/check-values.ts';
import { fillMapped } from '../validation/mapped-rows.ts';
import { RESULT_FILES, type ResultFile } from './ingest-job-client.ts';
import { reconcileResults, type Reconciled } from './reconcile-results.ts';
import { partFile, writeParts } from './write-parts.ts';

/** All of these rows fit one part. */
const MOST_BYTES = 90_000_000;

const planId = PlanId.parse('plan_reconcile0000000');
const NEVER = new AbortController().signal;
const NO_ROWS = { successfulResults: 0, failedResults: 0, unprocessedrecords: 0 };
let app: { engine: DuckDbEngine; staging: InProcessStaging; folder: string };
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-load-'));
  const engine = await DuckDbEngine.create(join(folder, 'spill'));
  await engine.createDatabase(planId, join(folder, 'plan.duckdb'), { columns: 20, joinedRows: 1000 });
  app = { engine, staging: stagingOver(engine), folder };
});
afterAll(async () => {
  await app.engine.databases.forget(planId);
  await rm(app.folder, { recursive: true, force: true });
});

// ---- What is loaded: rows of a file, through the checks and into an upload, as the product does it.

interface Loaded {
  readonly mapping: FieldMapping;
  readonly describe: SObjectDescribe;
  /** The records of the upload, header first, and the source rows they come from. */
  readonly header: string[];
  readonly uploaded: string[][];
  readonly rowNumbers: number[];
}

const PICKLIST = ['Hot', 'Warm & dry', 'Cold'].map((value) => ({ value, label: value, active: true }));

function fieldOf(type: FieldTypeName, place: number): FieldDescribe {
  return FieldDescribe.parse({
    name: `F${place}__c`,
    label: `Field ${place}`,
    type,
    length: ['string', 'textarea', 'email', 'phone', 'url', 'picklist', 'multipicklist'].includes(type) ? 4000 : 0,
    precision: 18,
    scale: type === 'currency' ? 2 : 0,
    digits: type === 'int' ? 9 : 0,
    nillable: true,
    createable: true,
    updateable: true,
    externalId: place === 0,
    idLookup: place === 0,
    picklistValues: PICKLIST,
    ...(type === 'double' ? { scale: 6 } : {}),
  });
}

async function load(
  types: readonly FieldTypeName[],
  rows: readonly (readonly string[])[],
  operation: Operation = 'insert',
): Promise<Loaded> {
  const { engine, staging, folder } = app;
  const { staged, planned, outcome, mapped, rowIssue } = tablesOf(planId);
  const cells = types.map((_type, place) => `c${place}`);
  await engine.run(
    `CREATE OR REPLACE TABLE ${staged} (row_number INTEGER, line INTEGER, part INTEGER, problem VARCHAR, problem_column INTEGER, original BLOB, marks VARCHAR,
       ${cells.map((cell) => `${cell} VARCHAR`).join(', ')})`,
  );
  await engine.withConnection(null, async (connection) => {
    const appender = await connection.createAppender('staged', 'main', planId);
    for (const [index, row] of rows.entries()) {
      for (const number of [index + 1, index + 2, 0]) appender.appendInteger(number);
      for (let nulls = 0; nulls < 4; nulls++) appender.appendNull();
      for (const cell of row) appender.appendVarchar(cell);
      appender.endRow();
    }
    appender.closeSync();
  });
  const describe = SObjectDescribe.parse({
    name: 'Thing__c',
    label: 'Thing',
    labelPlural: 'Things',
    custom: true,
    createable: true,
    updateable: true,
    deletable: true,
    queryable: true,
    fields: types.map(fieldOf),
  });
  const mapping = FieldMapping.parse({
    objectName: 'Thing__c',
    operation,
    matchField: operation === 'insert' ? null : 'F0__c',
    columns: types.map((type, column) => ({
      column,
      target: { kind: 'field', field: `F${column}__c` },
      reason: 'name',
      format: { ...(type === 'date' || type === 'datetime' ? { dateOrder: 'dmy' } : {}), decimal: 'point' },
      replacements: {},
      fixes: [],
    })),
    blankValues: 'leave',
    duplicateKeys: 'first',
  });
  const source = {
    sourceId: SourceId.parse('src_0000000000000000'),
    alias: planId,
    fileName: 'things.csv',
    digest: Digest.parse('0'.repeat(64)),
    rows: rows.length,
    columns: types.map((_type, index) => ({ index, name: `Column ${index}` })),
    delimiter: ',',
  };
  const input = {
    source: source as never,
    mapping,
    describe,
    parents: new Map(),
    keyPrefixes: new Map(),
    timeZone: 'Europe/Berlin',
  };
  // A checker of its own each time: another file has the same columns.
  await new ValueChecker(staging).check(input, NEVER, () => undefined);
  await fillMapped(staging, input, mapped);
  // Identical rows are sent each, as they are where their files differ in columns that are not mapped.
  await engine.run(
    `${createTable(planned, PLANNED)}; ${createTable(outcome, OUTCOME)};
     INSERT INTO ${planned} SELECT row_number, 'insert', NULL, NULL, NULL, [], [], [] FROM ${mapped} ANTI JOIN ${rowIssue} USING (row_number)`,
  );
  const parts = await writeParts(staging, planId, mapping, folder, MOST_BYTES);
  if (parts.length === 0) return { mapping, describe, header: [], uploaded: [], rowNumbers: [] };
  // Salesforce reads records, and a line of one quoted, empty cell is one.
  const text = (await readFile(partFile(folder, 1), 'utf8')).replace(/\n$/, '');
  const [header = [], ...uploaded] = Papa.parse<string[]>(text, { newline: '\n', delimiter: ',' }).data;
  const submitted = await engine.query(`SELECT row_number FROM ${planned} ORDER BY 1`, []);
  return { mapping, describe, header, uploaded, rowNumbers: submitted.map((row) => Number(row['row_number'])) };
}

// ---- What Salesforce gives back, written from its documentation and not from our code.

/** Java's Double.toString, which the guide's example shows: 912260031 comes back as 9.12260031E8. */
function javaDouble(text: string): string {
  const number = Number(text);
  if (number === 0) return '0.0';
  const size = Math.abs(number);
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(number) ? `${number}.0` : `${number}`;
  const [digits = '', exponent = ''] = number.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${exponent.replace('+', '')}`;
}

/** Which of several forms that a cell may come back in: what is documented is that numbers are re-serialised. */
interface Habits {
  readonly cleared: '#N/A' | '';
  readonly moment: 'as sent' | 'offset';
  readonly lineEnd: '\n' | '\r\n';
  readonly shuffledColumns: boolean;
  readonly upperCaseHeader: boolean;
}

const FAITHFUL: Habits = {
  cleared: '#N/A',
  moment: 'as sent',
  lineEnd: '\n',
  shuffledColumns: false,
  upperCaseHeader: false,
};

function echo(cell: string, field: FieldDescribe, habits: Habits): string {
  if (cell === '') return '';
  if (cell === '#N/A') return habits.cleared;
  if (['double', 'currency', 'percent'].includes(field.type)) return javaDouble(cell);
  if (field.type === 'datetime' && habits.moment === 'offset') return cell.replace('Z', '+0000');
  return cell;
}

interface Told {
  readonly file: ResultFile;
  readonly id: string;
  readonly detail: string;
  readonly cells: readonly string[];
}

const LEAD = {
  successfulResults: ['sf__Id', 'sf__Created'],
  failedResults: ['sf__Id', 'sf__Error'],
  unprocessedrecords: [],
};

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

async function writeResults(header: readonly string[], told: readonly Told[], habits: Habits): Promise<void> {
  const order = header.map((_name, place) => place);
  if (habits.shuffledColumns) order.reverse();
  for (const file of RESULT_FILES) {
    const names = order
      .map((place) => header[place] ?? '')
      .map((name) => (habits.upperCaseHeader ? name.toUpperCase() : name));
    // The columns Salesforce adds are quoted, the upload's own are as they were uploaded.
    const lines = [[...LEAD[file].map(quoted), ...names].join(',')];
    for (const { file: of, id, detail, cells } of told) {
      if (of !== file) continue;
      const lead = file === 'unprocessedrecords' ? [] : [id, detail];
      lines.push([...lead, ...order.map((place) => cells[place] ?? '')].map(quoted).join(','));
    }
    await writeFile(join(app.folder, `part-1-${file}.csv`), lines.map((line) => line + habits.lineEnd).join(''));
  }
}

function idOf(n: number): string {
  return `a00PR${String(n).padStart(10, '0')}AAA`;
}

/** One result for each uploaded record, of the kind that `kinds` says. */
function results({ uploaded, describe: { fields } }: Loaded, kinds: (n: number) => ResultFile, habits: Habits): Told[] {
  return uploaded.map((cells, n) => ({
    file: kinds(n),
    id: kinds(n) === 'successfulResults' ? idOf(n) : '',
    detail: kinds(n) === 'successfulResults' ? 'true' : `INVALID_FIELD:row ${n}:F0__c --`,
    cells: cells.map((cell, place) => echo(cell, fields[place] ?? fieldOf('string', place), habits)),
  }));
}

function reconcile(loaded: Loaded, files: readonly ResultFile[] = RESULT_FILES): Promise<Reconciled> {
  const { mapping, describe } = loaded;
  return reconcileResults(
    app.staging,
    { planId, mapping, describe, parents: new Map(), folder: app.folder, part: 1, jobId: '750PR0000000001AAA', files },
    NEVER,
  );
}

interface Outcome {
  readonly row: number;
  readonly kind: string;
  readonly id: string;
  readonly error: string;
}

async function outcomes(): Promise<Outcome[]> {
  const rows = await app.engine.query(`SELECT * FROM ${tablesOf(planId).outcome} ORDER BY row_number`, []);
  return rows.map((row) => ({
    row: Number(row['row_number']),
    kind: String(row['kind']),
    id: String(row['id']),
    error: String(row['error']),
  }));
}

/** Loads rows of which all are created, and says what became of them. */
async function allCreated(types: readonly FieldTypeName[], rows: readonly (readonly string[])[], habits = FAITHFUL) {
  const loaded = await load(types, rows);
  await writeResults(loaded.header, results(loaded, () => 'successfulResults', habits).reverse(), habits);
  const found = await reconcile(loaded);
  return { loaded, found, outcomes: await outcomes() };
}

// ---- Named cases, each of which has left created rows unknown.

describe('created rows are known', () => {
  const cases: [string, FieldTypeName[], string[][]][] = [
    [
      '#N/A in e-mail and checkbox',
      ['email', 'boolean'],
      [
        ['#N/A', 'true'],
        ['a@b.cd', '#N/A'],
        ['#N/A', '#N/A'],
      ],
    ],
    ['#N/A in every other type', ['double', 'date', 'datetime', 'picklist'], [['#N/A', '#N/A', '#N/A', '#N/A']]],
    [
      'a blank cell beside one that is cleared',
      ['string', 'string'],
      [
        ['x', ''],
        ['x', '#N/A'],
        ['x', ''],
      ],
    ],
    [
      'Unicode spaces at the edges',
      ['string', 'textarea'],
      EDGE_SPACES.map((code, n) => [
        `${String.fromCodePoint(code)}x${n}${String.fromCodePoint(code)}`,
        `y${String.fromCodePoint(code)}`,
      ]),
    ],
    [
      'a cell that is white space only',
      ['string', 'string'],
      [
        ['\u2003', 'x'],
        ['\u0085', 'y'],
      ],
    ],
    ['one mapped column with blanks', ['string'], [['a'], [''], ['b'], ['']]],
    [
      'line ends of every kind inside cells',
      ['textarea', 'string'],
      [
        ['a\r\nb', 'x'],
        ['a\rb', 'y'],
        ['a\nb', 'z'],
        ['\ra', 'q'],
      ],
    ],
    [
      'numbers of 16 and more digits',
      ['double', 'currency'],
      [
        ['123456789012', '1234567890123456'],
        ['1', '9007199254740993'],
        ['2', '9007199254740992'],
      ],
    ],
    [
      'numbers that come back re-serialised',
      ['currency', 'double'],
      [
        ['912260031', '0.0005'],
        ['912,260,031.50', '-0'],
        ['10000000', '1e7'],
        ['0012', '.5'],
      ],
    ],
    [
      'a cell that begins with U+FEFF',
      ['string', 'picklist'],
      [
        ['\ufeffx', '\ufeffHot'],
        ['y', 'Hot\ufeff'],
      ],
    ],
    [
      'quotes, commas and our own separators',
      ['string', 'string'],
      [
        ['a"', '",\n"'],
        ['1:a', '1:1:'],
        ['', '1:a1:1:'],
        ['\u001f', 'x\u001f'],
      ],
    ],
    [
      'ids of 15 characters',
      ['reference', 'string'],
      [
        ['001A0000006Vm9r', 'x'],
        ['001A0000006Vm9R', 'x'],
      ],
    ],
    [
      'moments in other zones',
      ['datetime', 'date'],
      [
        ['2026-03-01T10:00:00+02:00', '1/2/2026'],
        ['2026-03-01 10:00', '01.02.2026'],
      ],
    ],
    [
      'multi-selects',
      ['multipicklist', 'string'],
      [
        ['Hot; Cold', 'x'],
        ['Cold;Hot', 'x'],
        [' Hot ', 'y'],
      ],
    ],
    [
      'the longest cell that a field can have',
      ['textarea', 'string'],
      [
        ['"'.repeat(4000), 'x'],
        ['€'.repeat(4000), 'y'],
      ],
    ],
    [
      'letters whose case is their own',
      ['email', 'string'],
      [
        ['İ@example.com', 'ΑΣ'],
        ['STRASSE@EXAMPLE.COM', 'ſ'],
      ],
    ],
  ];
  for (const cleared of ['#N/A', ''] as const) {
    test.each(cases)(
      `%s (${cleared === '' ? 'cleared cells come back blank' : 'cleared cells come back as sent'})`,
      async (_name, types, rows) => {
        const {
          loaded,
          found,
          outcomes: all,
        } = await allCreated(types, rows, { ...FAITHFUL, cleared, moment: 'offset' });
        expect(loaded.uploaded, 'every row is sent').toHaveLength(rows.length);
        expect(found).toMatchObject({ matched: rows.length, foreign: NO_ROWS, missing: 0, unreadable: [] });
        expect(all.map(({ kind }) => kind)).toEqual(rows.map(() => 'created'));
        expect(new Set(all.map(({ id }) => id)).size).toBe(rows.length);
      },
    );
  }
});

// ---- Any rows at all.

const space = fc.constantFrom(...EDGE_SPACES).map((code) => String.fromCodePoint(code));
const nasty = fc.constantFrom(
  '"',
  ',',
  '\n',
  '\r',
  '\r\n',
  '#N/A',
  '=1+1',
  "'",
  ';',
  '\\',
  'İ',
  'ß',
  'Σ',
  '1E5',
  'null',
  '€',
  '💥',
  '\u001f',
  ':',
  '0',
);
const text = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom('', '#N/A', ' ', '""', '\u2003#N/A') },
  {
    weight: 3,
    arbitrary: fc
      .array(fc.oneof(nasty, space, fc.string({ maxLength: 3 })), { maxLength: 6 })
      .map((parts) => parts.join('').replaceAll('\0', '')),
  },
);
const numerals = (least: number, most: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: least, maxLength: most });
const digits = (most: number) =>
  fc.tuple(fc.constantFrom('', '-'), numerals(1, most)).map(([sign, figures]) => sign + figures);
const number = (before: number, after: number) =>
  fc
    .tuple(digits(before), numerals(0, after), fc.constantFrom('', ' ', '\u00a0'))
    .map(([whole, part, gap]) => `${gap}${whole}${part === '' ? '' : `.${part}`}${gap}`);
const moment = fc.date({
  min: new Date('1700-01-02T00:00:00Z'),
  max: new Date('3999-12-30T00:00:00Z'),
  noInvalidDate: true,
});
const blank = fc.constantFrom('', '#N/A');

const VALUES: Partial<Record<FieldTypeName, fc.Arbitrary<string>>> = {
  string: text,
  textarea: text,
  phone: text,
  url: text,
  email: fc.oneof(blank, fc.constantFrom('a@b.cd', 'A@B.CD', ' a@b.cd\u00a0', 'İx@example.com', 'no address')),
  boolean: fc.oneof(blank, fc.constantFrom('true', 'FALSE', '1', '0', 'yes', 'No', 'maybe')),
  int: fc.oneof(blank, digits(9)),
  double: fc.oneof(blank, number(12, 6), fc.constantFrom('9.12260031E8', '1e-5', '-0', '1.0E11')),
  currency: fc.oneof(blank, number(16, 2), fc.constantFrom('$1,000.50', '9007199254740993', '(5)')),
  percent: fc.oneof(blank, digits(18)),
  date: fc.oneof(
    blank,
    moment.map((at) => at.toISOString().slice(0, 10)),
    fc.constantFrom('31.12.2025', '1/2/2026', '45000'),
  ),
  datetime: fc.oneof(
    blank,
    moment.map((at) => at.toISOString()),
    fc.constantFrom('2026-03-01 10:00', '1.2.2026 5:06 pm', '2026-01-01T00:00:00-05:00'),
  ),
  picklist: fc.oneof(blank, fc.constantFrom('Hot', 'hot', 'Warm & dry', ' cold ', 'New one', 'two\r\nlines')),
  multipicklist: fc.oneof(
    blank,
    fc.array(fc.constantFrom('Hot', 'COLD', ' Warm & dry', 'New'), { maxLength: 3 }).map((parts) => parts.join(';')),
  ),
  reference: fc.oneof(blank, fc.constantFrom('001A0000006Vm9r', '001A0000006Vm9rIAC', '001a0000006vm9r')),
};
const TYPES = Object.keys(VALUES) as FieldTypeName[];

const file = fc.array(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 5 }).chain((types) =>
  fc.record({
    types: fc.constant(types),
    // Few different rows, many times over: identical ones are the rule.
    rows: fc
      .array(fc.tuple(...types.map((type) => VALUES[type] ?? text)), { minLength: 1, maxLength: 12 })
      .chain((rows) => fc.array(fc.constantFrom(...rows), { minLength: 1, maxLength: 40 })),
    kinds: fc.array(fc.constantFrom(...RESULT_FILES), { minLength: 1, maxLength: 7 }),
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    habits: fc.record<Habits>({
      cleared: fc.constantFrom('#N/A' as const, '' as const),
      moment: fc.constantFrom('as sent' as const, 'offset' as const),
      lineEnd: fc.constantFrom('\n' as const, '\r\n' as const),
      shuffledColumns: fc.boolean(),
      upperCaseHeader: fc.boolean(),
    }),
  }),
);

function shuffled<T>(list: readonly T[], seed: number): T[] {
  let state = seed;
  return list
    .map((item) => ({ item, at: (state = (state * 48_271) % 2_147_483_647) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

test('whatever the fields and cells, every row sent finds a result of its own content, and no other', async () => {
  await fc.assert(
    fc.asyncProperty(file, async ({ types, rows, kinds, seed, habits }) => {
      const loaded = await load(types, rows);
      fc.pre(loaded.uploaded.length > 0);
      expect(loaded.uploaded, 'every planned row is a record').toHaveLength(loaded.rowNumbers.length);
      const told = results(loaded, (n) => kinds[n % kinds.length] ?? 'successfulResults', habits);
      await writeResults(loaded.header, shuffled(told, seed), habits);
      const found = await reconcile(loaded);
      expect(found).toMatchObject({ matched: told.length, foreign: NO_ROWS, missing: 0, unreadable: [] });
      const all = await outcomes();
      expect(all.map(({ row }) => row)).toEqual(loaded.rowNumbers);
      const used = new Set<string>();
      for (const [index, { kind, id, error }] of all.entries()) {
        // A created row names its record, a failed one its reason; both say which uploaded record they tell of.
        if (kind === 'unprocessed') continue;
        const of = kind === 'created' ? Number(id.slice(5, 15)) : Number(/row (\d+)/.exec(error)?.[1]);
        expect(used.has(`${of}`), 'no result is used twice').toBe(false);
        used.add(`${of}`);
        const asTold = (cells: readonly string[] = []) =>
          cells.map((cell, place) =>
            echo(cell, loaded.describe.fields[place] ?? fieldOf('string', place), { ...habits, cleared: '' }),
          );
        expect(sameContent(asTold(loaded.uploaded[index]), asTold(loaded.uploaded[of]), types)).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
}, 300_000);

/** Whether two records hold the same values, judged coarsely: text without what may differ in how it is written. */
function sameContent(a: readonly string[], b: readonly string[], types: readonly FieldTypeName[]): boolean {
  return a.every((cell, place) => {
    const other = b[place] ?? '';
    if (types[place] === 'multipicklist') return cell.split(';').sort().join() === other.split(';').sort().join();
    if (types[place] === 'email') return cell.toLowerCase() === other.toLowerCase();
    if (types[place] === 'datetime') return cell.slice(0, 19) === other.slice(0, 19);
    return cell === other;
  });
}

// ---- What can't be believed is counted and not guessed at.

const THREE = [
  ['a', '1'],
  ['b', '2'],
  ['c', '3'],
];
const TWO_COLUMNS: FieldTypeName[] = ['string', 'double'];

async function threeRows(
  change: (told: Told[]) => Told[],
): Promise<{ found: Reconciled; kinds: string[]; loaded: Loaded }> {
  const loaded = await load(TWO_COLUMNS, THREE);
  await writeResults(loaded.header, change(results(loaded, () => 'successfulResults', FAITHFUL)), FAITHFUL);
  const found = await reconcile(loaded);
  return { found, kinds: (await outcomes()).map(({ kind }) => kind), loaded };
}

test('results of another job’s rows are foreign, and leave the rows of this one unknown', async () => {
  const { found, kinds } = await threeRows((told) =>
    told.map((one, n) => (n === 1 ? { ...one, cells: ['z', '9.0'] } : one)),
  );
  expect(found).toMatchObject({ matched: 2, foreign: { ...NO_ROWS, successfulResults: 1 }, missing: 1 });
  expect(kinds).toEqual(['created', 'unknown', 'created']);
});

test('of more results than rows none is used: which is true can’t be told', async () => {
  const { found, kinds } = await threeRows((told) => [
    ...told,
    { ...(told[0] as Told), file: 'failedResults', detail: 'X:no:--' },
  ]);
  expect(found).toMatchObject({
    rows: { successfulResults: 3, failedResults: 1 },
    matched: 2,
    foreign: { ...NO_ROWS, successfulResults: 1, failedResults: 1 },
    missing: 1,
  });
  expect(kinds).toEqual(['unknown', 'created', 'created']);
});

test('rows that no file tells of are missing, and say which job they were sent with', async () => {
  const { found } = await threeRows((told) => told.slice(1));
  expect(found).toMatchObject({ matched: 2, foreign: NO_ROWS, missing: 1 });
  expect((await outcomes())[0]).toMatchObject({
    kind: 'unknown',
    error: 'Longshore: no result for this row in job 750PR0000000001AAA',
  });
});

test.each([
  ['HTML', '<html><body>Down for maintenance</body></html>'],
  ['the files of another upload', '"sf__Id","sf__Created",Name,Other__c\n"a00","true","a","1.0"\n'],
  ['a file of another kind', '"sf__Id","sf__Error",F0__c,F1__c\n"","X:no:--","a","1.0"\n'],
  ['one column less', '"sf__Id","sf__Created",F0__c\n"a00","true","a"\n'],
  ['one column twice', '"sf__Id","sf__Created",F0__c,F0__c,F1__c\n"a00","true","a","a","1.0"\n'],
  ['a file that is cut off', '"sf__Id","sf__Created",F0__c,F1__c\n"a00","true","a","1.0"\n"a00","true","b","2'],
  ['a record that is too short', '"sf__Id","sf__Created",F0__c,F1__c\n"a00","true","a"\n'],
])('nothing is taken from %s', async (_name, body) => {
  const loaded = await load(TWO_COLUMNS, THREE);
  await writeResults(loaded.header, [], FAITHFUL);
  await writeFile(join(app.folder, 'part-1-successfulResults.csv'), body);
  expect(await reconcile(loaded)).toEqual({
    rows: NO_ROWS,
    unreadable: ['successfulResults'],
    matched: 0,
    foreign: NO_ROWS,
    missing: 3,
  });
});

test('the files of a job that was aborted before its upload was read name no columns of it', async () => {
  const loaded = await load(TWO_COLUMNS, THREE);
  for (const kind of RESULT_FILES)
    await writeFile(join(app.folder, `part-1-${kind}.csv`), `${LEAD[kind].map(quoted).join(',')}\n`);
  expect(await reconcile(loaded)).toMatchObject({ unreadable: [], matched: 0, missing: 3 });
  await writeFile(join(app.folder, 'part-1-successfulResults.csv'), '"sf__Id","sf__Created"\n"a00","true"\n');
  expect(await reconcile(loaded)).toMatchObject({ unreadable: ['successfulResults'], missing: 3 });
});

test('a body without anything in it is a file without rows', async () => {
  const loaded = await load(TWO_COLUMNS, THREE);
  for (const kind of RESULT_FILES)
    await writeFile(join(app.folder, `part-1-${kind}.csv`), kind === 'failedResults' ? '\n' : '');
  expect(await reconcile(loaded)).toMatchObject({ unreadable: [], matched: 0, missing: 3 });
});

test('reconciled again with fewer files, a part has the outcomes of those alone', async () => {
  const { loaded } = await threeRows((told) =>
    told.map((one, n) => (n === 0 ? { ...one, file: 'failedResults', detail: 'X:no:--' } : one)),
  );
  expect((await outcomes()).map(({ kind }) => kind)).toEqual(['failed', 'created', 'created']);
  expect(await reconcile(loaded, ['successfulResults'])).toMatchObject({
    rows: { failedResults: 0 },
    matched: 2,
    missing: 1,
  });
  expect((await outcomes()).map(({ kind }) => kind)).toEqual(['unknown', 'created', 'created']);
  expect(await reconcile(loaded, [])).toMatchObject({ matched: 0, missing: 3 });
  expect((await outcomes()).map(({ kind }) => kind)).toEqual(['unknown', 'unknown', 'unknown']);
});

test('an upsert finds its rows by their key, in whatever spelling and number form it comes back', async () => {
  for (const [type, keys, told] of [
    ['string', ['ERP-1', 'erp-2', 'İd'], ['erp-1', 'ERP-2', 'İD']],
    ['currency', ['912260031', '1', '9007199254740993'], ['9.12260031E8', '1.0', '9.007199254740992E15']],
  ] as const) {
    const loaded = await load(
      [type, 'string'],
      keys.map((key) => [key, 'same']),
      'upsert',
    );
    const rows = told.map((key, n): Told => ({
      file: 'successfulResults',
      id: idOf(n),
      detail: n === 0 ? 'true' : 'false',
      cells: [key, 'changed'],
    }));
    await writeResults(loaded.header, rows.reverse(), FAITHFUL);
    expect(await reconcile(loaded)).toMatchObject({ matched: 3, foreign: NO_ROWS, missing: 0 });
    expect((await outcomes()).map(({ kind, id }) => [kind, id])).toEqual([
      ['created', idOf(0)],
      ['updated', idOf(1)],
      ['updated', idOf(2)],
    ]);
  }
});

test('the largest cell and the largest record that Salesforce takes come back whole', async () => {
  const loaded = await load(['string', 'string'], [['key', 'x']]);
  const cells = ['€'.repeat(131_072), '"'.repeat(131_072)];
  await app.engine.run(`UPDATE ${tablesOf(planId).mapped} SET a0 = repeat('€', 131072), a1 = repeat('"', 131072)`);
  const [part] = await writeParts(app.staging, planId, loaded.mapping, app.folder, MOST_BYTES);
  expect(part?.rows).toBe(1);
  await writeResults(loaded.header, [{ file: 'successfulResults', id: idOf(1), detail: 'true', cells }], FAITHFUL);
  expect(await reconcile(loaded)).toMatchObject({ matched: 1, foreign: NO_ROWS, missing: 0 });
});

test('results larger than the reader’s buffer are read whole, line ends in cells and all', async () => {
  const rows = Array.from({ length: 30_000 }, (_all, n) => [
    `row ${n % 9000}`,
    `"line one\n${'x,"'.repeat(100)}\r\nline ${n % 9000}\n`,
  ]);
  const { found } = await allCreated(['string', 'textarea'], rows);
  expect(found).toMatchObject({ matched: rows.length, foreign: NO_ROWS, missing: 0 });
});

test('the columns of the upload are the headers of the mapping', async () => {
  const loaded = await load(['string', 'double'], [['a', '1']]);
  expect(loaded.header).toEqual(mappedColumns(loaded.mapping).map(({ target }) => bulkHeader(target)));
});
