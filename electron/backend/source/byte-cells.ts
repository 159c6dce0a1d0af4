import { isUtf8 } from 'node:buffer';
import type { RowProblemCode } from '../../../shared/domain/source-file.ts';
import type { SourceRecord } from './source-record.ts';

/** U+FFFD in UTF-8: where another program lost a character. */
export const REPLACEMENT = Buffer.from('\ufffd');

/** The text of a cell that is shown as one character a byte. */
export function fromBytes(byteCell: string): string {
  return Buffer.from(byteCell, 'latin1').toString('utf8');
}

/** Whether a cell that is shown as one character a byte has bytes that are no UTF-8. */
export function isUndecodable(byteCell: string): boolean {
  return !isUtf8(Buffer.from(byteCell, 'latin1'));
}

/** Which cells of a record can't be read as promised, and what that is called if nothing else is wrong with it. */
export function unreadableCells(
  cells: readonly string[],
  isUnreadable: (cell: string) => boolean,
): { unreadable: number[] } & Pick<SourceRecord, 'problem' | 'problemColumn'> {
  const withNul = cells.findIndex((cell) => cell.includes('\0'));
  const unreadable = cells.flatMap((cell, column) => (cell.includes('\0') || isUnreadable(cell) ? [column] : []));
  const [first] = unreadable;
  if (first === undefined) return { unreadable, problem: null, problemColumn: null };
  const problem: RowProblemCode = withNul >= 0 ? 'NUL_CHARACTER' : 'UNREADABLE_CHARACTER';
  return { unreadable, problem, problemColumn: withNul >= 0 ? withNul : first };
}
