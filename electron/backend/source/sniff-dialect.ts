import Papa from 'papaparse';
import {
  type Delimiter,
  type Dialect,
  type LineEnding,
  type Packing,
  type SourceNotice,
} from '../../../shared/domain/source-file.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import { hasStrayQuote, isNarrowHeader, linesAboveHeader, LINES_LOOKED_AT, linesOf } from './header-row.ts';
import type { SniffedText } from './sniff-encoding.ts';

const DELIMITERS: Delimiter[] = [',', ';', '\t', '|', '^', '`'];

/** Salesforce takes at most this many fields a record (Bulk API limits). */
const MAX_COLUMNS = 5000;

function lineEndingOf(text: string): LineEnding {
  // Lines within quotes are a value's own: they say nothing about the file's. Where quotes don't pair, all count.
  const outside = text.replace(/"[^"]*"/g, '');
  return outside.includes('\r') || outside.includes('\n') ? endingsOf(outside) : endingsOf(text);
}

function endingsOf(text: string): LineEnding {
  const crlf = text.match(/\r\n/g)?.length ?? 0;
  const lf = (text.match(/\n/g)?.length ?? 0) - crlf;
  const cr = (text.match(/\r/g)?.length ?? 0) - crlf;
  if (cr > 0 && lf === 0 && crlf === 0) return 'CR';
  if (crlf > 0 && lf > 0 && !text.includes('"')) return 'mixed';
  return crlf > lf ? 'CRLF' : 'LF';
}

/** papaparse's guess. Blank lines must not count: the one after the last line break would outvote a file of two rows. */
function guessDelimiter(text: string): Delimiter {
  const guessed = Papa.parse<string[]>(text, { preview: 60, delimitersToGuess: DELIMITERS, skipEmptyLines: true }).meta
    .delimiter;
  const delimiter = DELIMITERS.find((one) => one === guessed) ?? ',';
  // A title's open quote takes in everything after it: the lines below it can tell.
  const [, below] = /^[^\r\n]*(?:\r\n|\r|\n)([^]+)$/.exec(text) ?? [];
  return below !== undefined && hasStrayQuote(text.split(/\r\n|\r|\n/, LINES_LOOKED_AT), 0, delimiter)
    ? guessDelimiter(below)
    : delimiter;
}

/** Judges delimited text by its beginning. `headerRow` is the line of the header, if it was chosen; 0 for none. */
export function sniffDialect(
  sniffed: SniffedText,
  chosen: Delimiter | undefined,
  packing: Packing,
  headerRow?: number,
): { dialect: Dialect; notices: SourceNotice[] } {
  const { text, encoding, bomLength } = sniffed;
  const notices: SourceNotice[] = [];
  const sepMatch = /^sep=([,;\t|^`])\r?\n/i.exec(text);
  const body = sepMatch ? text.slice(sepMatch[0].length) : text;
  if (sepMatch) notices.push({ code: 'SEP_LINE' });
  const delimiter = chosen ?? DELIMITERS.find((one) => one === sepMatch?.[1]) ?? guessDelimiter(body);
  if (delimiter !== ',' && chosen === undefined) notices.push({ code: 'DELIMITER_DETECTED', delimiter });
  const lineEnding = lineEndingOf(text);
  if (lineEnding === 'CR' || lineEnding === 'mixed') notices.push({ code: 'LINE_ENDINGS', lineEnding });
  const sepLine = sepMatch !== null;
  const lines = linesOf(body, lineEnding);
  const linesAbove =
    headerRow === undefined ? linesAboveHeader(lines, delimiter) : Math.max(0, headerRow - 1 - Number(sepLine));
  const headerless = headerRow === 0;
  if (headerless) notices.push({ code: 'NO_HEADER' });
  else if (linesAbove > 0)
    notices.push({ code: 'HEADER_ROW', row: linesAbove + Number(sepLine) + 1, above: linesAbove });
  else if (headerRow === undefined && isNarrowHeader(lines, delimiter)) notices.push({ code: 'HEADER_NARROW' });
  const dialect = { encoding, delimiter, lineEnding, bomLength, packing, sepLine, linesAbove, headerless };
  return { dialect, notices };
}

/** Values that are no names of columns. */
const DATA = [/^[^@\s]+@[^@\s]+\.[a-z]{2,}$/i, /^[+-]?\d[\d., ]*$/, /^\d{4}-\d\d-\d\d(?:[T ].*)?$/, /^https?:\/\//i];

/** A header cell of a shape that the values below it have too: then there may be no header at all (asked, not assumed). */
export function doubtHeader(names: readonly string[], rows: readonly (readonly string[])[]): SourceNotice[] {
  for (const [place, name] of names.entries()) {
    const shape = DATA.find((pattern) => pattern.test(name));
    const values = rows.map((cells) => cells[place] ?? '').filter((value) => value !== '');
    if (shape && values.length > 0 && values.every((value) => shape.test(value)))
      return [{ code: 'HEADER_DOUBTED', example: name }];
  }
  return [];
}

// Spaces of every kind, zero-width characters and stray byte-order marks around a header (F21).
const PADDING = /^[\s\u00a0\u200b-\u200d\u2060\ufeff]+|[\s\u00a0\u200b-\u200d\u2060\ufeff]+$/g;

/** Column names as read, with what was done to them. Throws `FILE_TOO_MANY_COLUMNS`. */
export function readHeader(
  cells: readonly string[],
  delimiter: Delimiter | null,
): { names: string[]; notices: SourceNotice[] } {
  if (cells.length > MAX_COLUMNS) {
    throw new FailureError({ code: 'FILE_TOO_MANY_COLUMNS', columns: cells.length });
  }
  const notices: SourceNotice[] = [];
  const names = cells.map((cell, index) => {
    const name = cell.replace(PADDING, '');
    if (name !== cell && name !== '') notices.push({ code: 'HEADER_TRIMMED', header: cell, readAs: name });
    if (name === '') notices.push({ code: 'UNNAMED_COLUMN', column: index + 1 });
    return name;
  });
  const byName = new Map<string, number[]>();
  names.forEach((name, index) => {
    if (name !== '') byName.set(name.toLowerCase(), [...(byName.get(name.toLowerCase()) ?? []), index]);
  });
  for (const columns of byName.values()) {
    if (columns.length > 1)
      notices.push({
        code: 'DUPLICATE_HEADER',
        header: names[columns[0] ?? 0] ?? '',
        columns: columns.map((c) => c + 1),
      });
  }
  if (names.length === 1 && delimiter !== null) {
    const suspect = DELIMITERS.find((one) => one !== delimiter && (names[0] ?? '').includes(one));
    if (suspect) notices.push({ code: 'ONE_COLUMN', suspect });
  }
  return { names, notices };
}
