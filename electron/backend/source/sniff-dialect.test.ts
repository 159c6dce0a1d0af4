import iconv from 'iconv-lite';
import { describe, expect, test } from 'vitest';
import { FailureError } from '../../../shared/contract/failure.ts';
import { failureText } from '../../../shared/text/failure-text.ts';
import { noticeText } from '../../../shared/text/notice-text.ts';
import type { SourceChoice } from '../../../shared/domain/source-file.ts';
import { readHeader, sniffDialect } from './sniff-dialect.ts';
import { sniffEncoding } from './sniff-encoding.ts';

const sniff = (content: string | Buffer, encoding = 'utf-8', choice: SourceChoice = {}) => {
  const bytes = typeof content === 'string' ? iconv.encode(content, encoding) : content;
  const sniffed = sniffEncoding(bytes, 'x.csv', choice.encoding);
  const { dialect, notices } = sniffDialect(sniffed, choice.delimiter, 'none');
  return { dialect, notices: [...sniffed.notices, ...notices], text: sniffed.text };
};
const notices = (content: string | Buffer, encoding?: string) =>
  sniff(content, encoding).notices.map((notice) => noticeText(notice).text);

function refusal(content: string | Buffer): string {
  try {
    sniff(content);
  } catch (error) {
    if (error instanceof FailureError) return failureText(error.failure).title;
  }
  return 'accepted';
}

describe('files that are refused', () => {
  test.each([
    ['F01', Buffer.alloc(0), '“x.csv” is empty.'],
    ['F03', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), '“x.csv” is not a text file (it looks like a PNG image).'],
    ['F03', Buffer.from('%PDF-1.7\n'), '“x.csv” is not a text file (it looks like a PDF document).'],
    [
      'F03',
      Buffer.from('PK\x03\x04xxxx', 'latin1'),
      '“x.csv” is not a text file (it looks like a ZIP archive or an XLSX workbook inside another archive).',
    ],
    [
      'F28',
      Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 1, 2]),
      '“x.csv” is not a text file (it looks like an .xls workbook or an encrypted workbook).',
    ],
    [
      'F03',
      Buffer.from(Array.from({ length: 500 }, (_, n) => (n * 7) % 3)),
      '“x.csv” is not a text file (it looks like binary data).',
    ],
  ])('%s', (_case, bytes, title) => {
    expect(refusal(bytes)).toBe(title);
  });
});

describe('what is found', () => {
  test('F04: a byte-order mark is no part of the header', () => {
    const sniffed = sniff('\ufeffName,Phone\nA,1\n');
    expect(sniffed.dialect).toMatchObject({ encoding: 'utf-8', bomLength: 3 });
    expect(sniffed.text.startsWith('Name')).toBe(true);
    expect(notices('\ufeffName,Phone\nA,1\n')).toEqual(['Read as UTF-8 (byte-order mark removed).']);
  });
  test.each(['utf-16le', 'utf-16be'])('F05: %s with and without a mark', (encoding) => {
    const marked = iconv.encode('Name,Phone\nMüller,1\n', encoding, { addBOM: true });
    const bare = iconv.encode('Name,Phone\nMüller,1\n', encoding, { addBOM: false });
    for (const bytes of [marked, bare]) {
      expect(sniff(bytes).dialect.encoding).toBe(encoding);
      expect(sniff(bytes).text).toContain('Müller');
    }
    expect(notices(marked)).toEqual(['Read as UTF-16, uploaded as UTF-8.']);
  });
  test('F06: Windows-1252 is said, with a word to judge it by', () => {
    const text = `Name,City\n${'Müller,Köln\n'.repeat(20)}`;
    expect(sniff(text, 'windows-1252').dialect.encoding).toBe('windows-1252');
    expect(notices(text, 'windows-1252')).toEqual([
      'Not valid UTF-8: read as windows-1252. Check that “Müller” (row 1) looks right, or choose another encoding.',
    ]);
  });
  test('F06: the word is from the records where it can be', () => {
    const [records] = notices(`Straße,Ort\nHauptstrasse,Bonn\nKönigsallee,Düsseldorf\n`, 'windows-1252');
    expect(records).toContain('Check that “Königsallee” (row 2) looks right');
    const [header] = notices('Straße,Ort\nHauptstrasse,Bonn\n', 'windows-1252');
    expect(header).toContain('Check that “Straße” (in the header) looks right');
  });
  test('F06: Japanese in Shift-JIS is found where there is enough of it', () => {
    expect(sniff('名前,都市\n山田太郎,東京都千代田区\n鈴木花子,大阪市北区梅田\n', 'shift_jis').dialect.encoding).toBe(
      'shift_jis',
    );
  });
  test('F06: an old Mac’s letters are not taken for Windows’ quotes, nor the other way round', () => {
    const german = `Name;Ort\n${'Jürgen Weißmüller;Köln Höhenhaus\nRené Groß;Düsseldorf\n'.repeat(4)}`;
    expect(sniff(german, 'macintosh').dialect.encoding).toBe('macintosh');
    expect(sniff(german, 'windows-1252').dialect.encoding).toBe('windows-1252');
    const quotes = `Name,Note\n${'Don’t, it’s “fine” – really\n'.repeat(8)}`;
    expect(sniff(quotes, 'windows-1252').dialect.encoding).toBe('windows-1252');
  });
  test('F06: a few letters of DOS are told from those that Windows has in their places', () => {
    const german = 'Name;Ort;Straße\nMüller;Köln;Große Straße 1\nJörg;Gießen;Ährenweg 2\n';
    expect(sniff(german, 'cp850').dialect.encoding).toBe('cp850');
    expect(sniff(german, 'windows-1252').dialect.encoding).toBe('windows-1252');
    const french = 'Nom;Ville\nHélène Lefèvre;Orléans\nFrançois Bézu;Forêt-la-Folie\n';
    expect(sniff(french, 'macintosh').dialect.encoding).toBe('macintosh');
    expect(sniff(french, 'cp850').dialect.encoding).toBe('cp850');
  });
  test.each([
    ['gb18030', '名称,城市\n北京市朝阳区建国路,上海市浦东新区\n广州市天河区,深圳市南山区科技园\n'],
    ['windows-1251', 'Имя,Город\nМихаил Иванович Петров,Москва\nЕкатерина Сергеевна,Санкт-Петербург\n'.repeat(3)],
    [
      'windows-1250',
      'Jméno,Poznámka\nŽofie Dvořáková,"Zákazník si přeje, aby mu bylo zboží doručeno ještě před koncem týdne"\nJan Šťastný,"Reklamace byla uznána, peníze vrátíme do čtrnácti dnů"\n',
    ],
    [
      'windows-1254',
      'Ad,Şehir\nİbrahim Yıldız,"Müşteri siparişin hafta sonundan önce teslim edilmesini istiyor"\n'.repeat(2),
    ],
  ])('F06: %s is found', (encoding, text) => {
    expect(sniff(text, encoding).text).toContain(text.slice(0, 40));
  });
  test('F07: one bad byte among good UTF-8 does not change the encoding', () => {
    const good = Buffer.from('Name,City\n' + 'Müller,Köln\n'.repeat(10));
    expect(sniff(Buffer.concat([good, Buffer.from([0x4d, 0xfc, 0x0a])])).dialect.encoding).toBe('utf-8');
  });
  test.each([
    [';', 'semicolon'],
    ['\t', 'tab'],
    ['|', 'pipe'],
    ['^', 'caret'],
    ['`', 'backquote'],
  ])('F09, F10: delimiter %j', (delimiter, name) => {
    const text = ['a', 'b', 'c'].join(delimiter) + `\n${['1', '2', '3'].join(delimiter)}\n`;
    expect(sniff(text).dialect.delimiter).toBe(delimiter);
    expect(notices(text)).toEqual([`Delimiter detected: ${name}.`]);
  });
  test('two rows are enough to tell the delimiter', () => {
    expect(sniff('Name\tBerth Code\nX\tP-1\n').dialect.delimiter).toBe('\t');
  });
  test('F12: old Mac and mixed line endings', () => {
    expect(notices('a,b\r1,2\r3,4\r')).toEqual(['Old Mac line endings, changed to LF.']);
    expect(notices('a,b\r\n1,2\n3,4\r\n')).toEqual(['Mixed line endings, changed to LF.']);
  });
  test('F33: sep= is a setting', () => {
    expect(sniff('sep=;\na;b\n1;2\n').dialect).toMatchObject({ delimiter: ';', sepLine: true });
  });
  test('a choice overrules what was found', () => {
    expect(sniff('a;b\n1;2\n', 'utf-8', { delimiter: ',', encoding: 'iso-8859-2' }).dialect).toMatchObject({
      delimiter: ',',
      encoding: 'iso-8859-2',
    });
  });
});

describe('headers', () => {
  test('F11: one column that hides another delimiter', () => {
    expect(readHeader(['a;b;c'], ',').notices).toEqual([{ code: 'ONE_COLUMN', suspect: ';' }]);
  });
  test('F19, F20, F21: twice, unnamed, padded', () => {
    const { names, notices: found } = readHeader([' Name', 'Email', '', 'email', '\ufeffPhone\u00a0'], ',');
    expect(names).toEqual(['Name', 'Email', '', 'email', 'Phone']);
    expect(found.map(({ code }) => code)).toEqual([
      'HEADER_TRIMMED',
      'UNNAMED_COLUMN',
      'HEADER_TRIMMED',
      'DUPLICATE_HEADER',
    ]);
  });
  test('F22: more than 5,000 columns', () => {
    expect(() =>
      readHeader(
        Array.from({ length: 5001 }, (_, n) => `c${n}`),
        ',',
      ),
    ).toThrow('FILE_TOO_MANY_COLUMNS');
  });
});
