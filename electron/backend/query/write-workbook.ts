import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { FailureError } from '../../../shared/contract/failure.ts';
import { diskFailure } from '../documents/durable-file.ts';
import { quoteText } from '../tables/quote.ts';
import type { ColumnKind } from './column-types.ts';

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006/relationships';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** Dates are shown as 2026-11-27, in whatever language the program is (ECMA-376 part 1, 18.8.30: custom formats begin at 164). */
const DATE_STYLE = 1;
const STYLES = `${HEAD}<styleSheet ${MAIN}><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts><fonts count="1"><font/></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>`;

/** A workbook of one sheet (ECMA-376 part 1, 12 and 18), but for the sheet. */
const PARTS: Readonly<Record<string, string>> = {
  '[Content_Types].xml': `${HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${TYPE}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${TYPE}.styles+xml"/></Types>`,
  '_rels/.rels': `${HEAD}<Relationships xmlns="${PACKAGE}"><Relationship Id="r1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  'xl/workbook.xml': `${HEAD}<workbook ${MAIN} xmlns:r="${OFFICE}"><sheets><sheet name="Export" sheetId="1" r:id="r1"/></sheets></workbook>`,
  'xl/_rels/workbook.xml.rels': `${HEAD}<Relationships xmlns="${PACKAGE}"><Relationship Id="r1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`,
  'xl/styles.xml': STYLES,
};

const ESCAPED: readonly (readonly [string, string])[] = [
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['\n', '&#10;'],
  ['\t', '&#9;'],
];
/** What XML 1.0 has no room for, and a carriage return, which readers of XML make a line feed of. */
const UNWRITABLE = [...Array(32).keys()].filter((code) => code !== 9 && code !== 10).concat(0xfffe, 0xffff);

function hex(code: number): string {
  return `_x${code.toString(16).toUpperCase().padStart(4, '0')}_`;
}

/** SQL of a text as XML, on one line; characters that XML can't hold as `_x000D_` (ECMA-376 part 1, 22.9.2.19). */
function textXml(column: string): string {
  // What only looks like such a character is no character.
  let sql = `regexp_replace(${column}, '_(x[0-9A-Fa-f]{4}_)', '_x005F_\\1', 'g')`;
  for (const [from, to] of ESCAPED) sql = `replace(${sql}, chr(${from.charCodeAt(0)}), ${quoteText(to)})`;
  // DuckDB's texts have no zero characters.
  const rare = UNWRITABLE.filter((code) => code > 0).reduce(
    (inner, code) => `replace(${inner}, chr(${code}), ${quoteText(hex(code))})`,
    sql,
  );
  return `CASE WHEN regexp_matches(${column}, '[\\x01-\\x08\\x0b-\\x1f\\x{fffe}\\x{ffff}]') THEN ${rare} ELSE ${sql} END`;
}

/** SQL of a cell. Numbers that Excel would cut the digits of (it keeps 15) and moments, whose time zone a sheet can't tell, stay text. */
export function cellXml(column: string, kind: ColumnKind): string {
  const text = `'<c t="inlineStr"><is><t xml:space="preserve">' || ${textXml(column)} || '</t></is></c>'`;
  return `CASE WHEN ${column} = '' THEN '<c/>' ${typedCell(column, kind)} ELSE ${text} END`;
}

function typedCell(column: string, kind: ColumnKind): string {
  switch (kind) {
    case 'number':
    case 'whole':
      return `WHEN regexp_full_match(${column}, '-?[0-9]+(\\.[0-9]+)?(E-?[0-9]+)?') AND length(regexp_replace(regexp_replace(${column}, 'E.*$', ''), '[^0-9]', '', 'g')) <= 15 THEN '<c><v>' || ${column} || '</v></c>'`;
    case 'boolean':
      return `WHEN ${column} = 'true' THEN '<c t="b"><v>1</v></c>' WHEN ${column} = 'false' THEN '<c t="b"><v>0</v></c>'`;
    case 'date':
      // Excel takes 1900 for a leap year: its days are those since the end of 1899 only from March 1900 on.
      return `WHEN TRY_CAST(${column} AS DATE) >= DATE '1900-03-01' THEN '<c s="${DATE_STYLE}"><v>' || (CAST(${column} AS DATE) - DATE '1899-12-30') || '</v></c>'`;
    case 'moment':
    case 'text':
      return '';
  }
}

/** Puts rows, a line of XML each, into a workbook under a header. */
export async function writeWorkbook(
  rowsFile: string,
  columns: readonly string[],
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(PARTS)) zip.addBuffer(Buffer.from(content), name);
  zip.addReadStream(Readable.from(sheetXml(rowsFile, columns)), 'xl/worksheets/sheet1.xml');
  const failed = new Promise<never>((_resolve, reject) => zip.once('error', reject));
  const written = pipeline(zip.outputStream, createWriteStream(path, { mode: 0o600 }), { signal });
  zip.end();
  await Promise.race([written, failed]).catch((error: unknown) => {
    if (signal.aborted) throw new FailureError({ code: 'CANCELLED' });
    throw diskFailure(error, 'the exported file');
  });
}

async function* sheetXml(rowsFile: string, columns: readonly string[]): AsyncGenerator<Buffer> {
  const header = columns.map((name) => `<c t="inlineStr"><is><t>${name}</t></is></c>`).join('');
  const frozen =
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>';
  yield Buffer.from(`${HEAD}<worksheet ${MAIN}>${frozen}<sheetData><row>${header}</row>`);
  yield* createReadStream(rowsFile, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>;
  yield Buffer.from('</sheetData></worksheet>');
}
