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

function lineEndingOf(text: string): LineEnding {
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
  return DELIMITERS.find((one) => one === guessed) ?? ',';
}

/** Judges delimited text by its beginning. */
export function sniffDialect(
  sniffed: SniffedText,
  chosen: Delimiter | undefined,
  packing: Packing,
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
  return { dialect: { encoding, delimiter, lineEnding, bomLength, packing, sepLine: sepMatch !== null }, notices };
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
