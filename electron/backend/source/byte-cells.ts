import { isUtf8 } from 'node:buffer';
import type { RowProblemCode } from '../../../shared/domain/source-file.ts';

/** U+FFFD in UTF-8: what decoding left where there was no character, or in a file of UTF-8 what someone else's left there. */
export const REPLACEMENT = Buffer.from('\ufffd');

/** The text of a cell that is shown as one character a byte. */
export function fromBytes(byteCell: string): string {
  return Buffer.from(byteCell, 'latin1').toString('utf8');
}

/** The first cell that can't be read as promised. In a file of UTF-8 a U+FFFD is a character of its own, and bytes that are none are what is bad. */
export function problemOf(
  byteCells: readonly string[],
  isFileUtf8: boolean,
): { problem: RowProblemCode; problemColumn: number } | null {
  const nul = byteCells.findIndex((cell) => cell.includes('\0'));
  if (nul >= 0) return { problem: 'NUL_CHARACTER', problemColumn: nul };
  const unreadable = byteCells.findIndex((cell) => {
    const bytes = Buffer.from(cell, 'latin1');
    return isFileUtf8 ? !isUtf8(bytes) : bytes.includes(REPLACEMENT);
  });
  return unreadable >= 0 ? { problem: 'UNREADABLE_CHARACTER', problemColumn: unreadable } : null;
}
