import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CsvScan, type CsvFacts } from './csv-scan.ts';

/** Reads a text in pieces of so many bytes. */
function scan(text: string | Buffer, size = Infinity): CsvFacts | null {
  const bytes = Buffer.from(text);
  const found = new CsvScan();
  for (let at = 0; at < bytes.length; at += size) found.push(bytes.subarray(at, Math.min(bytes.length, at + size)));
  return found.end();
}

describe('what is no CSV of one shape is refused', () => {
  test.each([
    ['a quote that is not closed', '"A","B"\n"1","2"\n"3","4'],
    ['too few cells', '"A","B"\n"1"\n'],
    ['too many cells', '"A","B"\n"1","2","3"\n'],
    ['text after a quote', '"A","B"\n"1"x,"2"\n'],
    ['a quote within text', '"A","B"\nx"1","2"\n'],
    ['another line end', '"A"\n"1"\r\n"2"\n'],
    ['a carriage return by itself', '"A"\n"1"\r"2"\n'],
    ['a page of HTML', '<!DOCTYPE html>\n<html lang="en">\n</html>\n'],
    ['bytes that are no UTF-8', Buffer.from([0x41, 0x0a, 0xff, 0x0a])],
    ['half a letter at the end', Buffer.from([0x41, 0x0a, 0xe2, 0x82])],
    ['a header without an end', `"${'x'.repeat(300_000)}"`],
  ])('%s', (_name, text) => {
    expect(scan(text)).toBeNull();
    expect(scan(text, 1)).toBeNull();
  });
});

test.each([
  ['', { header: [], lineEnd: '\n', records: 0 }],
  ['\n\n', { header: [], lineEnd: '\n', records: 0 }],
  ['"A"\n""\n\n""', { header: ['A'], lineEnd: '\n', records: 2 }],
  ['\ufeff"A","b ""c"""\r\n1,\r\n', { header: ['A', 'b "c"'], lineEnd: '\r\n', records: 1 }],
  ['sf__Id,,Name\n,,\n', { header: ['sf__Id', '', 'Name'], lineEnd: '\n', records: 1 }],
  ['"line\r\none","x,y"\n"a\rb","\n\n"\n', { header: ['line\r\none', 'x,y'], lineEnd: '\n', records: 1 }],
])('%j', (text, facts) => {
  expect(scan(text)).toEqual(facts);
  expect(scan(text, 1)).toEqual(facts);
});

const cell = fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', '€', '💥', 'a', ' '), maxLength: 6 });

test('every record is counted, whatever is in its cells and wherever the pieces are cut', () => {
  fc.assert(
    fc.property(
      fc
        .integer({ min: 1, max: 4 })
        .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1 })),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.integer({ min: 1, max: 40 }),
      (rows, lineEnd, ended, size) => {
        const text = rows.map((cells) => cells.map((c) => `"${c.replaceAll('"', '""')}"`).join(',')).join(lineEnd);
        const facts = scan(ended ? text + lineEnd : text, size);
        expect(facts).toEqual({
          header: rows[0],
          lineEnd: rows.length > 1 || ended ? lineEnd : '\n',
          records: rows.length - 1,
        });
      },
    ),
  );
});
