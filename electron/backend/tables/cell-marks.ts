/**
 * What is known of single cells that their texts do not say: an error of Excel's that a cell shows, a number that the file
 * holds as a number, whose point is one whatever marks the texts around it are written with, or that a character of it could not
 * be read, which then shows as one that another cell may have for its own. A row has them as one text, `,e3,n7,`, in its column
 * `marks`; a row without any has NULL.
 */
export type CellMark = 'error' | 'number' | 'unreadable';

const LETTER: Record<CellMark, string> = { error: 'e', number: 'n', unreadable: 'u' };

/** The marks of a row; columns count from 0. */
export function marksText(marks: readonly (readonly [CellMark, number])[]): string | null {
  return marks.length === 0 ? null : `,${marks.map(([mark, column]) => `${LETTER[mark]}${column}`).join(',')},`;
}

/** SQL that is true of a row whose cell has the mark. */
export function isMarkedSql(mark: CellMark, column: number): string {
  return `coalesce(contains(marks, ',${LETTER[mark]}${column},'), false)`;
}

/** SQL that is true of a row with a cell that could not be read. */
export const HAS_UNREADABLE_SQL = `coalesce(contains(marks, ',${LETTER.unreadable}'), false)`;

/** `marks` without those of a cell, where the condition holds: what was typed over a cell is a text like any other. */
export function unmarkedSql(marks: string, column: number, condition: string): string {
  return `CASE WHEN ${condition} THEN regexp_replace(${marks}, ',[enu]${column}(,)', '\\1', 'g') ELSE ${marks} END`;
}

/** `marks` with that of an error for a cell that was made of others, if one of them has it. */
export function inheritedSql(marks: string, made: number, origins: readonly number[]): string {
  if (origins.length === 0) return marks;
  const any = origins.map((column) => isMarkedSql('error', column)).join(' OR ');
  return `CASE WHEN ${any} THEN ${marks} || '${LETTER.error}${made},' ELSE ${marks} END`;
}

/** `marks` with those of one cell for another that was made its like. */
export function copiedSql(marks: string, made: number, origin: number): string {
  return (['error', 'number'] as const).reduce(
    (marked, mark) =>
      `CASE WHEN ${isMarkedSql(mark, origin)} THEN ${marked} || '${LETTER[mark]}${made},' ELSE ${marked} END`,
    marks,
  );
}

/** SQL that is true of a text with one of Excel's errors in it, in whatever case cleaning has left it (ECMA-376, 18.17.3 "Error values", and later ones of the same shape). */
export function hasErrorTextSql(cell: string): string {
  return `regexp_matches(${cell}, '(?i)#(?:[A-Z0-9_/]+[!?]|N/A|GETTING_DATA)')`;
}
