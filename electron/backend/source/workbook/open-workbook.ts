import type { SourceFormat, SourceNotice } from '../../../../shared/domain/source-file.ts';
import Papa from 'papaparse';
import { goodRecord, type RecordSink, type SourceRecord } from '../source-record.ts';
import { findTable, rankOf } from './find-table.ts';
import { readSheet, type SheetCell, type SheetRow } from './read-sheet.ts';
import type { SharedStrings } from './shared-strings.ts';
import { readStrings, readWorkbook, type Workbook } from './workbook.ts';
import { marksText } from '../../tables/cell-marks.ts';
import { utf8Of } from '../../staging/text-decoder.ts';
import { unreadableCells } from '../byte-cells.ts';
import { refuseWorkbook, WorkbookZip } from './workbook-zip.ts';

export type WorkbookFormat = Extract<SourceFormat, { kind: 'workbook' }>;

/** Rows looked at to find the header and to show at once. */
const SAMPLE_ROWS = 120;

export interface OpenedWorkbook {
  readonly format: WorkbookFormat;
  readonly header: readonly string[];
  readonly records: readonly SourceRecord[];
  readonly notices: SourceNotice[];
}

interface Choice {
  readonly sheet?: string | undefined;
  readonly headerRow?: number | undefined;
}

/** Finds the table in a workbook and gives its first rows. Throws `FILE_WORKBOOK`. */
export async function openWorkbook(
  path: string,
  fileName: string,
  choice: Choice,
  signal: AbortSignal,
): Promise<OpenedWorkbook> {
  if (choice.sheet !== undefined || choice.headerRow === undefined) return openSheet(path, fileName, choice, signal);
  // A row is one of the sheet that has the table.
  const { format } = await openSheet(path, fileName, {}, signal);
  return openSheet(path, fileName, { ...choice, sheet: format.sheet }, signal);
}

async function openSheet(path: string, fileName: string, choice: Choice, signal: AbortSignal): Promise<OpenedWorkbook> {
  const zip = await WorkbookZip.open(path, fileName);
  try {
    const workbook = await readWorkbook(zip, signal);
    const strings = await readStrings(zip, workbook, signal);
    const { sheets } = workbook;
    const chosen = sheets.find(({ name }) => name === choice.sheet);
    const candidates = chosen ? [chosen] : [...sheets].sort((a, b) => Number(a.hidden) - Number(b.hidden));
    let fallback: (OpenedWorkbook & { rank: number }) | null = null;
    for (const sheet of candidates) {
      const rows = await firstRows(zip, workbook, strings, sheet.part, chosen ? choice.headerRow : undefined, signal);
      const table = findTable(rows, chosen ? choice.headerRow : undefined);
      if (!table) continue;
      const { headerRow, firstColumn, width } = table;
      const format: WorkbookFormat = {
        kind: 'workbook',
        sheets: sheets.map(({ name, hidden }) => ({ name, hidden })),
        sheet: sheet.name,
        headerRow,
        firstColumn,
      };
      const headerCells = rows.find(({ row }) => row === headerRow)?.cells ?? [];
      const header = Array.from({ length: width }, (_, index) =>
        headerRow === 0
          ? `Column ${index + 1}`
          : (headerCells.find(({ column }) => column === firstColumn + index)?.text ?? ''),
      );
      const below = rows.filter(({ row, cells }) => row > headerRow && cells.length > 0);
      const opened = {
        format,
        header,
        records: below.map((row) => toRecord(row, firstColumn, width)),
        notices: noticesOf(format, rows, chosen !== undefined && choice.headerRow !== undefined),
      };
      const rank: number = chosen
        ? 2
        : rankOf(width, below.length, fallback?.rank === 1 ? fallback.records.length : 0, sheet.hidden);
      if (rank === 2) return opened;
      if (!fallback || rank > fallback.rank) fallback = { ...opened, rank };
    }
    if (fallback) {
      const { format, header, records, notices } = fallback;
      return { format, header, records, notices };
    }
    return refuseWorkbook(fileName, 'no-header', chosen?.name ?? '');
  } finally {
    zip.close();
  }
}

function noticesOf(format: WorkbookFormat, rows: readonly SheetRow[], headerChosen: boolean): SourceNotice[] {
  const notices: SourceNotice[] = [];
  const { sheets, sheet, headerRow } = format;
  const position = sheets.findIndex(({ name }) => name === sheet);
  if (sheets.length > 1) notices.push({ code: 'SHEET_USED', sheet, position: position + 1, sheets: sheets.length });
  if (sheets[position]?.hidden) notices.push({ code: 'SHEET_HIDDEN', sheet });
  const above = rows.filter(({ row, cells }) => row < headerRow && cells.length > 0).length;
  if (headerRow === 0) notices.push({ code: 'NO_HEADER' });
  else if (above > 0 || headerChosen) notices.push({ code: 'HEADER_ROW', row: headerRow, above });
  return notices;
}

async function firstRows(
  zip: WorkbookZip,
  workbook: Workbook,
  strings: SharedStrings,
  part: string,
  headerRow: number | undefined,
  signal: AbortSignal,
): Promise<SheetRow[]> {
  const rows: SheetRow[] = [];
  const facts = { hiddenColumns: new Set<number>(), merged: [] };
  const wanted = (headerRow ?? 0) + SAMPLE_ROWS;
  for await (const batch of readSheet(zip, workbook, strings, part, facts, signal)) {
    for (const row of batch.rows) if (row.cells.length > 0 && row.row >= (headerRow ?? 0)) rows.push(row);
    if (rows.length >= SAMPLE_ROWS || (batch.rows.at(-1)?.row ?? 0) > wanted + 10_000) break;
  }
  return rows.slice(0, SAMPLE_ROWS);
}

/** Blank cells are not stored: what is not there is blank. Cells beyond the table's last column are too many. */
function toRecord({ row, cells }: SheetRow, firstColumn: number, width: number): SourceRecord {
  const outside = cells.filter(({ column }) => column < firstColumn || column >= firstColumn + width);
  const last = Math.max(width, ...outside.map(({ column }) => column - firstColumn + 1));
  const texts = Array.from({ length: last }, () => '');
  for (const { column, text } of cells) if (column >= firstColumn) texts[column - firstColumn] = text;
  const { unreadable, problem, problemColumn } = unreadableCells(texts, (text) => !text.isWellFormed());
  const marks = marksOf(cells, firstColumn, unreadable);
  if (outside.length === 0 && problem === null) return goodRecord(row, texts, marks);
  const home = { line: row, cells: texts.map((text) => text.toWellFormed()), original: utf8Of(Papa.unparse([texts])) };
  if (outside.length > 0) return { ...home, problem: 'TOO_MANY_CELLS', problemColumn: null };
  return { ...home, problem, problemColumn, marks };
}

/** What can't be read, errors, and numbers of which a mark could be read as another: the others are the same under any. */
function marksOf(cells: readonly SheetCell[], firstColumn: number, unreadable: readonly number[]): string | null {
  const known = cells.flatMap(({ column, text, error, number }) => {
    const mark = error ? 'error' : number && text.includes('.') ? 'number' : null;
    return mark === null ? [] : [[mark, column - firstColumn] as const];
  });
  return marksText([...known, ...unreadable.map((column) => ['unreadable', column] as const)]);
}

/** Every record of the sheet, in order; gives back what could only be said at its end. */
export async function readWorkbookRecords(
  path: string,
  fileName: string,
  format: WorkbookFormat,
  columns: readonly string[],
  sink: RecordSink,
  settle: (packedBytes: number) => Promise<void>,
  signal: AbortSignal,
): Promise<SourceNotice[]> {
  const zip = await WorkbookZip.open(path, fileName);
  try {
    const workbook = await readWorkbook(zip, signal);
    const strings = await readStrings(zip, workbook, signal);
    const sheet = workbook.sheets.find(({ name }) => name === format.sheet);
    if (!sheet) return refuseWorkbook(fileName, 'no-sheet', format.sheet);
    const facts = { hiddenColumns: new Set<number>(), merged: [] as string[] };
    const errors = new CellCount();
    const rounded = new CellCount();
    const uncalculated = new CellCount();
    let hiddenRows = 0;
    let rows = 0;
    for await (const batch of readSheet(zip, workbook, strings, sheet.part, facts, signal)) {
      for (const row of batch.rows) {
        if (row.row <= format.headerRow) continue;
        if (row.cells.length === 0) continue;
        rows++;
        if (row.hidden) hiddenRows++;
        const nameOf = ({ column }: SheetCell) => columns[column - format.firstColumn] ?? '';
        errors.add(
          row.cells.filter((cell) => cell.error),
          rows,
          nameOf,
        );
        rounded.add(
          row.cells.filter((cell) => cell.rounded),
          rows,
          nameOf,
        );
        uncalculated.add(
          row.cells.filter((cell) => cell.uncalculated),
          rows,
          nameOf,
        );
        sink.record(toRecord(row, format.firstColumn, columns.length));
      }
      await settle(batch.packedBytes);
    }
    const notices: SourceNotice[] = [];
    const hiddenColumns = columns.filter((_name, index) => facts.hiddenColumns.has(index + format.firstColumn));
    if (hiddenRows > 0 || hiddenColumns.length > 0)
      notices.push({ code: 'HIDDEN_CELLS', rows: hiddenRows, columns: hiddenColumns });
    const [example] = facts.merged;
    if (example !== undefined) notices.push({ code: 'MERGED_CELLS', areas: facts.merged.length, example });
    if (errors.first) notices.push({ code: 'EXCEL_ERRORS', cells: errors.cells, ...errors.first });
    if (rounded.first) notices.push({ code: 'ROUNDED_NUMBERS', cells: rounded.cells, ...rounded.first });
    if (uncalculated.first)
      notices.push({ code: 'FORMULAS_NOT_CALCULATED', cells: uncalculated.cells, ...uncalculated.first });
    return notices;
  } finally {
    zip.close();
  }
}

/** How many cells something is so of, and the first. */
class CellCount {
  cells = 0;
  first: { row: number; column: string } | null = null;

  add(found: readonly SheetCell[], row: number, nameOf: (cell: SheetCell) => string): void {
    const [one] = found;
    if (one === undefined) return;
    this.cells += found.length;
    this.first ??= { row, column: nameOf(one) };
  }
}
