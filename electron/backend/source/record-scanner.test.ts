import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { Dialect } from '../../../shared/domain/source-file.ts';
import { CollectingSink } from './open-part.ts';
import { RecordScanner } from './record-scanner.ts';

type Reading = Pick<Dialect, 'delimiter' | 'lineEnding' | 'sepLine'> & Partial<Dialect>;
const COMMA: Reading = { delimiter: ',', lineEnding: 'LF', sepLine: false };

interface Read {
  readonly line: number;
  readonly cells: readonly string[];
  readonly problem: string | null;
  readonly original: string | null;
}

/** Header and records as the scanner tells them, the text cut into so many pieces. */
function read(text: string | Buffer, dialect: Reading = COMMA, pieces = 1): { records: Read[]; blankLines: number } {
  const sink = new CollectingSink(dialect.delimiter);
  const scanner = new RecordScanner({ linesAbove: 0, headerless: false, ...dialect }, 'x.csv', sink);
  const bytes = Buffer.from(text);
  const size = Math.max(1, Math.ceil(bytes.length / pieces));
  for (let at = 0; at < bytes.length; at += size) scanner.push(bytes.subarray(at, at + size), false);
  scanner.push(Buffer.alloc(0), true);
  const above = Number(dialect.sepLine) + (dialect.linesAbove ?? 0);
  const header = { line: above + 1, cells: sink.columns ?? [], problem: null, original: null };
  const records = sink.records.map(({ line, cells, problem, original }) => ({
    line,
    cells,
    problem,
    original: original?.toString('latin1') ?? null,
  }));
  return { records: sink.columns ? [header, ...records] : [], blankLines: sink.blankLines };
}

const problems = (records: readonly Read[]) =>
  records.flatMap(({ line, problem }) => (problem ? [`${line} ${problem}`] : []));

describe('rows that can not be read as promised stay, marked, with their text', () => {
  test('F14: text after a closing quote spoils its own line only', () => {
    const { records } = read('a,b\n1,2\n"x"y,3\n4,5\n');
    expect(problems(records)).toEqual(['3 TEXT_AFTER_QUOTE']);
    expect(records.map(({ original }) => original)).toEqual([null, null, '"x"y,3', null]);
    expect(records.at(-1)?.cells).toEqual(['4', '5']);
  });
  test('F14: it stays one row with all its lines and bytes, and the next record is read right', () => {
    for (const pieces of [1, 2, 3, 7, 40]) {
      const { records } = read('a,b\n"line one\nline two"x,C1\n"said ""so""\n"y "z",C2\nnext,C3\n', COMMA, pieces);
      expect(problems(records)).toEqual(['2 TEXT_AFTER_QUOTE', '4 TEXT_AFTER_QUOTE']);
      expect(records.map(({ line, original }) => [line, original])).toEqual([
        [1, null],
        [2, '"line one\nline two"x,C1'],
        [4, '"said ""so""\n"y "z",C2'],
        [6, null],
      ]);
      expect(records[1]?.cells).toEqual(['"line one\nline two"x', 'C1']);
      expect(records.at(-1)?.cells).toEqual(['next', 'C3']);
    }
  });
  test('F14 then F13: a quote that is not closed before the end still ends the reading', () => {
    expect(() => read('a,b\n"x"y,"z\n1,2\n', COMMA, 3)).toThrow('FILE_QUOTE_NEVER_CLOSED');
  });
  test('F15, F16: too few and too many cells; the missing ones are not blank', () => {
    const { records } = read('a,b,c\n1,2\n1,2,3,4\n1,2,3,\n');
    expect(problems(records)).toEqual(['2 TOO_FEW_CELLS', '3 TOO_MANY_CELLS']);
    expect(records[1]?.cells).toEqual(['1', '2']);
    expect(records[2]?.original).toBe('1,2,3,4');
  });
  test('F07, F08: an undecodable byte and a NUL, with the bytes they came in', () => {
    const { records } = read(Buffer.from('a,b\nx\xfc,1\ny\0,2\nz,3\n', 'latin1'));
    expect(problems(records)).toEqual(['2 UNREADABLE_CHARACTER', '3 NUL_CHARACTER']);
    expect(problems(read('a,b\nx\ufffd,1\n').records)).toEqual([]);
    expect(records.map(({ original }) => original)).toEqual([null, 'x\xfc,1', 'y\0,2', null]);
  });
  test('F13: a quote that is never closed ends the reading and says where it began', () => {
    expect(() => read('a,b\n1,2\n"x,3\n4,5\n')).toThrow(FailureError);
    try {
      read('a,b\n1,2\n"x,3\n4,5\n', COMMA, 5);
    } catch (error) {
      expect(error instanceof FailureError && error.failure).toEqual({
        code: 'FILE_QUOTE_NEVER_CLOSED',
        fileName: 'x.csv',
        line: 3,
      });
    }
  });
});

describe('what is repaired', () => {
  test('F17: line numbers count the lines inside quotes', () => {
    expect(read('a,b\n"1\n1",2\n3,4\n').records.map(({ line }) => line)).toEqual([1, 2, 4]);
  });
  test('F18: blank and delimiter-only lines are skipped and counted', () => {
    const { records, blankLines } = read('a,b\n\n1,2\n,\n\n3,4\n\n');
    expect(records).toHaveLength(3);
    expect(blankLines).toBe(4);
  });
  test('F12: CRLF, CR and mixed line endings give the same cells', () => {
    const cells = [
      ['a', 'b'],
      ['1', 'x y'],
      ['2', 'z'],
    ];
    for (const [text, lineEnding] of [
      ['a,b\r\n1,x y\r\n2,z\r\n', 'CRLF'],
      ['a,b\r1,x y\r2,z\r', 'CR'],
      ['a,b\r\n1,x y\n2,z', 'mixed'],
      ['a,b\n1,"x y"\r\n2,"z"\r\n', 'LF'],
    ] as const) {
      expect(
        read(text, { ...COMMA, lineEnding }).records.map((record) => record.cells),
        JSON.stringify(text),
      ).toEqual(cells);
    }
  });
  test('a carriage return inside quotes is data, after them it is the line’s', () => {
    expect(read('a,b\r\n1,"x\r"\r\n', { ...COMMA, lineEnding: 'CRLF' }).records[1]?.cells).toEqual(['1', 'x\r']);
  });
  test('F33: a sep= line is a setting', () => {
    expect(
      read('sep=;\na;b\n1;2\n', { delimiter: ';', lineEnding: 'LF', sepLine: true }).records.map(({ cells, line }) => [
        line,
        ...cells,
      ]),
    ).toEqual([
      [2, 'a', 'b'],
      [3, '1', '2'],
    ]);
  });
});

test('writing cells and reading them back is the identity, however the bytes arrive', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'é', '😀', ' ', ',', ';', '"', '\n', '\t', '|'), maxLength: 6 });
  const table = fc
    .integer({ min: 1, max: 5 })
    .chain((width) =>
      fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 }),
    );
  fc.assert(
    fc.property(
      table,
      fc.constantFrom(',', ';', '\t', '|'),
      fc.constantFrom('\n', '\r\n'),
      fc.integer({ min: 1, max: 9 }),
      (rows, delimiter, newline, pieces) => {
        const filled = rows.filter((row) => row.some((text) => text !== ''));
        const text = Papa.unparse(filled, { delimiter, newline, quotes: true }) + newline;
        const lineEnding = newline === '\n' ? 'LF' : 'CRLF';
        const { records } = read(
          filled.length === 0 ? '' : text,
          { delimiter: delimiter as Dialect['delimiter'], lineEnding, sepLine: false },
          pieces,
        );
        expect(records.map(({ cells }) => cells)).toEqual(filled);
        expect(problems(records)).toEqual([]);
      },
    ),
  );
});

test('records with text after a closing quote among others: as many rows as were written, all bytes, the others intact', () => {
  const unit = fc.constantFrom('a', 'é', '😀', ' ', ',', ';', '"', '\n', '\r\n', '\t', '|');
  const cell = fc.string({ unit, maxLength: 6 });
  // What follows a closing quote begins with no quote, which would double it, nor with a space, which is forgiven at a cell's end.
  const stray = fc.tuple(
    fc.constantFrom('x', 'é', '.'),
    fc.string({ unit: fc.constantFrom('y', '"', ' '), maxLength: 3 }),
  );
  const row = (width: number) =>
    fc.record({
      cells: fc.array(cell, { minLength: width, maxLength: width }),
      broken: fc.option(fc.tuple(fc.nat({ max: width - 1 }), stray), { freq: 2 }),
    });
  const tables = fc.integer({ min: 1, max: 4 }).chain((width) => fc.array(row(width), { minLength: 1, maxLength: 12 }));
  fc.assert(
    fc.property(
      tables,
      fc.constantFrom(',', ';', '\t', '|', '^', '`'),
      fc.constantFrom(['LF', '\n'], ['CRLF', '\r\n'], ['CR', '\r']),
      fc.boolean(),
      fc.integer({ min: 1, max: 40 }),
      (rows, delimiter, [lineEnding = '', newline = ''], ends, pieces) => {
        const own = (text: string) => (newline === '\r' ? text.replaceAll('\n', '') : text);
        const written = rows.map(({ cells, broken }) => {
          const quoted = cells.map((text) => `"${own(text).replaceAll('"', '""')}"`);
          if (broken) quoted[broken[0]] += broken[1].join('');
          return { text: quoted.join(delimiter), cells: cells.map(own), broken: broken !== null };
        });
        const kept = written.filter(({ cells, broken }) => broken || cells.some((text) => text !== ''));
        fc.pre(kept.length > 0);
        const header = kept[0]?.cells.map((_text, index) => `h${index}`).join(delimiter) ?? '';
        const text = [header, ...kept.map((one) => one.text)].join(newline) + (ends ? newline : '');
        const dialect = { delimiter, lineEnding, sepLine: false } as Reading;
        const { records } = read(text, dialect, pieces);
        expect(records).toHaveLength(kept.length + 1);
        for (const [index, { text: whole, cells, broken }] of kept.entries()) {
          const record = records[index + 1];
          const original = record?.original ?? '';
          if (broken) expect(Buffer.from(original, 'latin1').toString()).toBe(whole);
          else expect(record).toMatchObject({ problem: null, original: null, cells });
        }
      },
    ),
    { numRuns: 1000 },
  );
});

describe('where the header is', () => {
  test.each([1, 3, 7])('lines above it are not read, whatever quotes are in them (%i pieces)', (pieces) => {
    const { records } = read('Report "Q1\n\na,b\n1,2\n', { ...COMMA, linesAbove: 2 }, pieces);
    expect(records.map(({ line, cells }) => [line, cells])).toEqual([
      [3, ['a', 'b']],
      [4, ['1', '2']],
    ]);
  });

  test('without one the first record is data, and places name the columns', () => {
    const { records } = read('1,2\n3,4\n', { ...COMMA, headerless: true });
    expect(records.map(({ line, cells }) => [line, cells])).toEqual([
      [1, ['Column 1', 'Column 2']],
      [1, ['1', '2']],
      [2, ['3', '4']],
    ]);
  });
});
