import type { SheetRow } from './read-sheet.ts';

/** Two columns of as many rows are no notes. */
const MANY_NOTES = 50;

interface Table {
  readonly headerRow: number;
  readonly firstColumn: number;
  readonly width: number;
}

/**
 * The header is the first row that is nearly as wide as the widest: what people put above a table (a title, a date, a
 * filter) is narrow. The table is as wide as its header and the rows seen below it.
 */
export function findTable(rows: readonly SheetRow[], chosen: number | undefined): Table | null {
  if (chosen === 0) return rows.length === 0 ? null : tableOf(rows, 0);
  const widest = Math.max(0, ...rows.map(({ cells }) => cells.length));
  const header =
    chosen === undefined
      ? rows.find(({ cells }) => cells.length >= widest * 0.6)
      : rows.find(({ row }) => row === chosen);
  if (!header || header.cells.length === 0) return null;
  return tableOf(rows, header.row);
}

function tableOf(rows: readonly SheetRow[], headerRow: number): Table {
  const table = rows.filter(({ row }) => row >= headerRow).flatMap(({ cells }) => cells.map(({ column }) => column));
  const firstColumn = table.reduce((least, column) => Math.min(least, column), Infinity);
  const lastColumn = table.reduce((most, column) => Math.max(most, column), 0);
  return { headerRow, firstColumn, width: lastColumn - firstColumn + 1 };
}

/**
 * How much a sheet looks like what a person means: 2, it is taken without looking at those behind it; 1 or 0, it is taken if
 * none is better. A column of texts is a sheet of notes if another sheet has a table, and so are two columns of few rows (`Contact: Ann`) if
 * a sheet behind them, which is not hidden, has a wider table of more rows.
 */
export function rankOf(width: number, rows: number, rowsBefore: number, hidden: boolean): 0 | 1 | 2 {
  if (width < 2 || rows === 0) return 0;
  if (width === 2) return rows < MANY_NOTES ? 1 : 2;
  return rows > rowsBefore && !hidden ? 2 : 1;
}
