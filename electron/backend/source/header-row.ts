import Papa from 'papaparse';
import type { Delimiter, LineEnding } from '../../../shared/domain/source-file.ts';

/** A title stands within these. */
export const LINES_LOOKED_AT = 30;

/** The first lines of a text, as they are. */
export function linesOf(body: string, lineEnding: LineEnding): string[] {
  return body.split(lineEnding === 'CR' ? '\r' : /\r?\n/).slice(0, LINES_LOOKED_AT);
}

function cellsOf(lines: readonly string[], delimiter: Delimiter): string[][] {
  return lines.map((line) => Papa.parse<string[]>(line, { delimiter }).data[0] ?? []);
}

/** How many cells of each line hold something. */
function filledOf(cells: readonly (readonly string[])[]): number[] {
  return cells.map((line) => line.filter((cell) => cell.trim() !== '').length);
}

/** Whether a line has a quote without its partner that begins no cell of several lines: a cell begins with one and ends with the other. */
export function hasStrayQuote(lines: readonly string[], at: number, delimiter: Delimiter): boolean {
  const line = lines[at] ?? '';
  if ((line.match(/"/g)?.length ?? 0) % 2 === 0) return false;
  const isOpen = Papa.parse<string[]>(line, { delimiter }).errors.some(({ code }) => code === 'MissingQuotes');
  return !isOpen || Papa.parse<string[]>(lines.slice(at).join('\n'), { delimiter, preview: 1 }).errors.length > 0;
}

/**
 * Lines before the one that is as wide as the table: a title, a comment, the date of an export, a line of delimiters only. One
 * short line above two columns may well be their header, so it takes more to skip that: three columns, a line below it that
 * names columns, a blank line after it, the mark of a comment, or a quote that would swallow what follows.
 */
export function linesAboveHeader(lines: readonly string[], delimiter: Delimiter): number {
  const cells = cellsOf(lines, delimiter);
  const filled = filledOf(cells);
  const width = commonest(filled.filter((count) => count > 1));
  if (width === 0) return 0;
  const belowBlank = belowBlankLine(lines, filled, width);
  if (belowBlank > 0) return belowBlank;
  const header = filled.findIndex((count) => count >= width * 0.6 && count > 1);
  const above = lines.slice(0, header);
  const isNamed = namesColumns(cells[header] ?? [], cells.slice(header + 1));
  const isTitle = (line: string, at: number) => {
    const isStray = hasStrayQuote(lines, at, delimiter);
    // Otherwise a quote that is open at its end is a header cell of several lines.
    const isWhole = isStray || (line.match(/"/g)?.length ?? 0) % 2 === 0;
    const isShort = isStray || width > 2 || isNamed || lines[at + 1]?.trim() === '' || /^(?:#|\/\/|--)/.test(line);
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

/** Whether cells name the columns below them: somewhere no digit stands above values that all have some. */
function namesColumns(cells: readonly string[], below: readonly (readonly string[])[]): boolean {
  const rows = below.filter((row) => row.length > 1);
  return cells.some(
    (name, column) =>
      rows.length > 0 && /^\D*\p{L}\D*$/u.test(name) && rows.every((row) => /\d/.test(row[column] ?? '')),
  );
}

/** Whether the first line has one cell and every other one more: it is a title, or else the rows below it have too many. */
export function isNarrowHeader(lines: readonly string[], delimiter: Delimiter): boolean {
  if (lines.some((line) => line.includes('"'))) return false;
  const [first = [], ...others] = cellsOf(lines, delimiter);
  const below = filledOf(others).filter((count) => count > 0);
  return first.length === 1 && first[0]?.trim() !== '' && below.length > 1 && below.every((count) => count > 1);
}

/** The count that most have; 0 of none. */
function commonest(counts: readonly number[]): number {
  const times = new Map<number, number>();
  for (const count of counts) times.set(count, (times.get(count) ?? 0) + 1);
  return [...times].reduce((best, one) => (one[1] > best[1] ? one : best), [0, 0])[0];
}
