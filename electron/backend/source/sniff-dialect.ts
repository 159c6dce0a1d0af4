import Papa from 'papaparse';
import {
  type Delimiter,
  type Dialect,
  type LineEnding,
  type Packing,
  type SourceNotice,
} from '../../../shared/domain/source-file.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { SniffedText } from './sniff-encoding.ts';

const DELIMITERS: Delimiter[] = [',', ';', '\t', '|', '^', '`'];

/** Salesforce takes at most this many fields a record (Bulk API limits). */
const MAX_COLUMNS = 5000;

/** A title stands within these. */
const LINES_LOOKED_AT = 30;

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

/** Whether a line has a quote without its partner that begins no cell of several lines: a cell begins with one and ends with the other. */
function hasStrayQuote(lines: readonly string[], at: number, delimiter: Delimiter): boolean {
  const line = lines[at] ?? '';
  if ((line.match(/"/g)?.length ?? 0) % 2 === 0) return false;
  const isOpen = Papa.parse<string[]>(line, { delimiter }).errors.some(({ code }) => code === 'MissingQuotes');
  return !isOpen || Papa.parse<string[]>(lines.slice(at).join('\n'), { delimiter, preview: 1 }).errors.length > 0;
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
  const linesAbove =
    headerRow === undefined
      ? linesAboveHeader(body, delimiter, lineEnding)
      : Math.max(0, headerRow - 1 - Number(sepLine));
  const headerless = headerRow === 0;
  if (headerless) notices.push({ code: 'NO_HEADER' });
  else if (linesAbove > 0)
    notices.push({ code: 'HEADER_ROW', row: linesAbove + Number(sepLine) + 1, above: linesAbove });
  const dialect = { encoding, delimiter, lineEnding, bomLength, packing, sepLine, linesAbove, headerless };
  return { dialect, notices };
}

/**
 * Lines before the one that is as wide as the table: a title, a comment, the date of an export, a line of delimiters only. One
 * short line above two columns may well be their header, so it takes more to skip that: three columns, a blank line
 * after it, the mark of a comment, or a quote that would swallow what follows.
 */
function linesAboveHeader(body: string, delimiter: Delimiter, lineEnding: LineEnding): number {
  const lines = body.split(lineEnding === 'CR' ? '\r' : /\r?\n/).slice(0, LINES_LOOKED_AT);
  const cells = lines.map((line) => Papa.parse<string[]>(line, { delimiter }).data[0] ?? []);
  const filled = cells.map((line) => line.filter((cell) => cell.trim() !== '').length);
  const width = commonest(filled.filter((count) => count > 1));
  if (width === 0) return 0;
  const belowBlank = belowBlankLine(lines, filled, width);
  if (belowBlank > 0) return belowBlank;
  const header = filled.findIndex((count) => count >= width * 0.6 && count > 1);
  const above = lines.slice(0, header);
  const isTitle = (line: string, at: number) => {
    const isStray = hasStrayQuote(lines, at, delimiter);
    // Otherwise a quote that is open at its end is a header cell of several lines.
    const isWhole = isStray || (line.match(/"/g)?.length ?? 0) % 2 === 0;
    const isShort = isStray || width > 2 || lines[at + 1]?.trim() === '' || /^(?:#|\/\/|--)/.test(line);
    // A title with a comma in it has few cells; a header that names few of its columns has all of them.
    const isNarrow = width > 3 && (cells[at]?.length ?? 0) < width * 0.6;
    return (
      !isBrokenHeader(line, delimiter, width) &&
      isWhole &&
      (filled[at] === 0 || (filled[at] === 1 && isShort) || isNarrow)
    );
  };
  // Blank lines alone are skipped, and counted, as everywhere.
  return above.every(isTitle) && above.some((line) => line.trim() !== '') ? header : 0;
}

/** Whether a line has the columns, and text after a closing quote: a title has no columns. */
function isBrokenHeader(line: string, delimiter: Delimiter, width: number): boolean {
  const { errors } = Papa.parse<string[]>(line, { delimiter });
  return errors.some(({ code }) => code === 'InvalidQuotes') && line.split(delimiter).length >= width;
}

/**
 * The line below the last blank one, if all from there on are as wide as the table and most above are too narrow to be of it; else 0. What
 * stands above a table of two columns may well have two cells itself: `Date: 2024-01-05, 10:00`.
 */
function belowBlankLine(lines: readonly string[], filled: readonly number[], width: number): number {
  const blank = lines.findLastIndex((line, at) => line.trim() === '' && at < lines.length - 1);
  const below = filled.slice(blank + 1).filter((count) => count > 0);
  const isTable = below.length > 1 && below.every((count) => count >= width * 0.6 && count > 1);
  const above = filled.slice(0, Math.max(0, blank)).filter((count) => count > 0);
  const titles = above.filter((count) => count === 1).length;
  const isTitled = above[0] === 1 && titles > above.length / 2;
  // Lines with a quote may be one cell of several lines.
  const isPlain = lines.slice(0, Math.max(0, blank)).every((line) => !line.includes('"'));
  return isTable && isTitled && isPlain ? blank + 1 : 0;
}

/** The count that most have; 0 of none. */
function commonest(counts: readonly number[]): number {
  const times = new Map<number, number>();
  for (const count of counts) times.set(count, (times.get(count) ?? 0) + 1);
  return [...times].reduce((best, one) => (one[1] > best[1] ? one : best), [0, 0])[0];
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
