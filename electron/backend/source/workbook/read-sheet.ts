import { isRounded, numberText, PLAIN } from './number-text.ts';
import type { SharedStrings } from './shared-strings.ts';
import type { Workbook } from './workbook.ts';
import { refuseWorkbook, type WorkbookZip } from './workbook-zip.ts';
import { unescapeCharacters, xmlReader } from './xml-elements.ts';

export interface SheetCell {
  /** From 0. */
  readonly column: number;
  readonly text: string;
  /** The cell holds one of Excel's errors (F30). */
  readonly error: boolean;
  /** A number, not a text that looks like one. */
  readonly number: boolean;
  /** The number has lost digits (F31). */
  readonly rounded: boolean;
  /** A formula whose value is not in the file. */
  readonly uncalculated: boolean;
}

export interface SheetRow {
  /** As Excel numbers it, from 1. */
  readonly row: number;
  readonly hidden: boolean;
  readonly cells: readonly SheetCell[];
}

/** What is known once the sheet is read to its end. */
export interface SheetFacts {
  readonly hiddenColumns: ReadonlySet<number>;
  /** Areas as Excel writes them: `A2:A5`. */
  readonly merged: readonly string[];
}

/** Excel's last column is XFD; one beyond is no cell. */
const MAX_COLUMN = 16_384;

/** Column of a cell's address, from 0; -1 if it has none. */
export function columnOf(address: string): number {
  let column = 0;
  for (let index = 0; index < address.length; index++) {
    const letter = address.charCodeAt(index) - 64;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
  }
  return column > MAX_COLUMN ? -1 : column - 1;
}

/** Rows of a sheet as they are met, with the packed bytes read so far; `facts` is whole when the last one has come. */
export async function* readSheet(
  zip: WorkbookZip,
  workbook: Workbook,
  strings: SharedStrings,
  part: string,
  facts: { hiddenColumns: Set<number>; merged: string[] },
  signal: AbortSignal,
): AsyncGenerator<{ rows: SheetRow[]; packedBytes: number }> {
  let rows: SheetRow[] = [];
  let row = 0;
  let hidden = false;
  let cells: SheetCell[] = [];
  let column = -1;
  let type = '';
  let style = 0;
  let value: string[] = [];
  let inValue = false;
  let inPhonetic = false;
  let isFormula = false;
  const finishCell = () => {
    const text = value.join('');
    // Some writers give a formula that was never worked out an empty value. An empty text is a value like any other.
    if (column >= 0 && isFormula && text === '' && type !== 'str')
      cells.push({ column, text: '', error: false, number: false, rounded: false, uncalculated: true });
    if (text === '' || column < 0) return;
    cells.push(readCell(type, text, style, column));
  };
  const readCell = (kind: string, text: string, styleIndex: number, at: number): SheetCell => {
    const plain = { column: at, error: false, number: false, rounded: false, uncalculated: false };
    switch (kind) {
      case 's': {
        const shared = strings.at(Number(text));
        if (shared === null) refuseWorkbook(zip.fileName, 'damaged');
        return { ...plain, text: shared };
      }
      case 'str':
      case 'inlineStr':
        return { ...plain, text: unescapeCharacters(text) };
      case 'b':
        return { ...plain, text: text === '1' || text === 'true' ? 'true' : 'false' };
      case 'e':
        return { ...plain, text, error: true };
      case 'd':
        return { ...plain, text };
      default: {
        const number = Number(text);
        if (!Number.isFinite(number)) return { ...plain, text };
        const styled = workbook.styles[styleIndex] ?? PLAIN;
        return {
          ...plain,
          text: numberText(number, styled, workbook.dates1904) ?? numberText(number, PLAIN, false) ?? text,
          number: true,
          rounded: isRounded(number),
        };
      }
    }
  };
  const reader = xmlReader({
    open: (name, attributes) => {
      switch (name) {
        case 'col':
          if (/^(?:1|true)$/.test(attributes['hidden'] ?? '')) {
            const last = Math.min(Number(attributes['max']), MAX_COLUMN);
            for (let at = Number(attributes['min']); at <= last; at++) facts.hiddenColumns.add(at - 1);
          }
          break;
        case 'row':
          row = Number(attributes['r'] ?? row + 1);
          hidden = /^(?:1|true)$/.test(attributes['hidden'] ?? '');
          cells = [];
          column = -1;
          break;
        case 'c':
          column = attributes['r'] === undefined ? column + 1 : columnOf(attributes['r']);
          type = attributes['t'] ?? 'n';
          style = Number(attributes['s'] ?? 0);
          value = [];
          isFormula = false;
          break;
        case 'f':
          isFormula = true;
          break;
        case 'v':
          inValue = true;
          break;
        case 't':
          inValue = !inPhonetic;
          break;
        case 'rPh':
          inPhonetic = true;
          break;
        case 'mergeCell':
          if (attributes['ref'] !== undefined) facts.merged.push(attributes['ref']);
          break;
      }
    },
    text: (piece) => {
      if (inValue) value.push(piece);
    },
    close: (name, implied) => {
      // Rows after it may be missing, and nobody could tell.
      if (implied && name === 'worksheet') refuseWorkbook(zip.fileName, 'damaged');
      if (name === 'v' || name === 't') inValue = false;
      else if (name === 'rPh') inPhonetic = false;
      else if (name === 'c') finishCell();
      else if (name === 'row') rows.push({ row, hidden, cells });
    },
  });
  for await (const { text, packedBytes } of zip.stream(part, signal)) {
    reader.write(text);
    if (rows.length > 0) yield { rows, packedBytes };
    rows = [];
  }
  reader.end();
  if (rows.length > 0) yield { rows, packedBytes: zip.packedSize(part) };
}
