import { assertNever } from '../domain/assert-never.ts';
import { number, plural } from './counts.ts';
import type { Delimiter, RowProblemCode, SourceNotice } from '../domain/source-file.ts';

const DELIMITER_NAMES: Record<Delimiter, string> = {
  ',': 'comma',
  ';': 'semicolon',
  '\t': 'tab',
  '|': 'pipe',
  '^': 'caret',
  '`': 'backquote',
};

export function delimiterName(delimiter: Delimiter): string {
  return DELIMITER_NAMES[delimiter];
}

/** What was found in a file and dealt with. `fix` was repaired, `warn` wants a look. */
export function noticeText(notice: SourceNotice): { level: 'fix' | 'warn' | 'block'; text: string } {
  switch (notice.code) {
    case 'BOM_REMOVED':
      return { level: 'fix', text: 'Read as UTF-8 (byte-order mark removed).' };
    case 'UNPACKED':
      return {
        level: 'fix',
        text:
          notice.inside === null
            ? `Unpacked (${notice.packing}).`
            : `Unpacked (${notice.packing}): “${notice.inside}”.`,
      };
    case 'READ_AS_UTF16':
      return { level: 'fix', text: 'Read as UTF-16, uploaded as UTF-8.' };
    case 'NOT_UTF8': {
      const check = notice.example
        ? ` Check that “${notice.example.value}” (${notice.example.row === 0 ? 'in the header' : `row ${number(notice.example.row)}`}) looks right, or choose another encoding.`
        : '';
      return { level: 'warn', text: `Not valid UTF-8: read as ${notice.readAs}.${check}` };
    }
    case 'DELIMITER_DETECTED':
      return { level: 'fix', text: `Delimiter detected: ${delimiterName(notice.delimiter)}.` };
    case 'ONE_COLUMN':
      return { level: 'warn', text: `Only one column found. Is the delimiter a ${delimiterName(notice.suspect)}?` };
    case 'LINE_ENDINGS':
      return {
        level: 'fix',
        text:
          notice.lineEnding === 'CR' ? 'Old Mac line endings, changed to LF.' : 'Mixed line endings, changed to LF.',
      };
    case 'BLANK_LINES_SKIPPED':
      return { level: 'fix', text: `Skipped ${plural(notice.count, 'blank line')}.` };
    case 'UNNAMED_COLUMN':
      return { level: 'warn', text: `Column ${notice.column} has no name. It is not loaded unless you map it.` };
    case 'HEADER_TRIMMED':
      return { level: 'fix', text: `Header “${notice.header}” is read as “${notice.readAs}”.` };
    case 'DUPLICATE_HEADER':
      return {
        level: 'block',
        text: `Column “${notice.header}” appears more than once (columns ${notice.columns.join(' and ')}). In the mapping, choose what each one fills.`,
      };
    case 'SEP_LINE':
      return { level: 'fix', text: 'The “sep=” line is read as a setting, not as the header.' };
    case 'SEVERAL_JOBS':
      return { level: 'fix', text: `Rows are sent in about ${notice.jobs} jobs.` };
    case 'SHEET_USED':
      return { level: 'warn', text: `Using sheet “${notice.sheet}” (${notice.position} of ${notice.sheets}).` };
    case 'SHEET_HIDDEN':
      return { level: 'warn', text: `Sheet “${notice.sheet}” is hidden in the workbook.` };
    case 'HEADER_ROW':
      return {
        level: 'fix',
        text:
          notice.above > 0
            ? `Header read from row ${number(notice.row)}; ${plural(notice.above, 'row')} above it ${notice.above === 1 ? 'is' : 'are'} not read.`
            : `Header read from row ${number(notice.row)}.`,
      };
    case 'NO_HEADER':
      return {
        level: 'fix',
        text: 'No header. The first line is read as data, and columns are named by position.',
      };
    case 'HEADER_DOUBTED':
      return {
        level: 'warn',
        text: `“${notice.example}” is in the header but looks like a value. If the file has no header, set the header row to 0.`,
      };
    case 'HEADER_NARROW':
      return {
        level: 'warn',
        text: 'The header has one column, and every row below it has more. If it is a title, set the header row to 2.',
      };
    case 'HIDDEN_CELLS': {
      const parts = [
        ...(notice.rows > 0 ? [plural(notice.rows, 'hidden row')] : []),
        ...(notice.columns.length > 0
          ? [`${plural(notice.columns.length, 'hidden column')} (${notice.columns.slice(0, 5).join(', ')})`]
          : []),
      ];
      return { level: 'warn', text: `Hidden in the workbook but read too: ${parts.join(' and ')}.` };
    }
    case 'MERGED_CELLS':
      return {
        level: 'warn',
        text: `${plural(notice.areas, 'merged area')} (${notice.example}${notice.areas > 1 ? ', …' : ''}). Only the first cell of each has a value; the others are blank.`,
      };
    case 'ROUNDED_NUMBERS':
      return {
        level: 'warn',
        text: `Row ${number(notice.row)}, column ${notice.column}: Excel stored a rounded number, and the original digits are lost (${plural(notice.cells, 'cell')} in all). Format such columns as text before you enter numbers.`,
      };
    case 'REPLACEMENT_CHARACTERS':
      return {
        level: 'warn',
        text: `Line ${number(notice.line)}: “\ufffd” shows that another program lost a character (${plural(notice.cells, 'cell')} in all). It is loaded as it is. To get the character back, export the data again.`,
      };
    case 'EXCEL_ERRORS':
      return {
        level: 'warn',
        text: `Row ${number(notice.row)}, column ${notice.column}: the cell has an Excel error (${plural(notice.cells, 'cell')} in all). If you map the column, its rows with errors are not sent.`,
      };
    case 'FORMULAS_NOT_CALCULATED':
      return {
        level: 'warn',
        text: `Row ${number(notice.row)}, column ${notice.column}: a formula without its value, read as blank (${plural(notice.cells, 'cell')} in all). Open the workbook in Excel, save it, and open it here again.`,
      };
    case 'NESTED_FLATTENED':
      return {
        level: 'fix',
        text: `Nested values became ${plural(notice.count, 'column')} with dotted names (${notice.columns.join(', ')}${notice.count > notice.columns.length ? ', …' : ''}). Lists are joined with semicolons.`,
      };
    case 'DOTTED_AND_NESTED':
      return {
        level: 'warn',
        text: `${plural(notice.count, 'column')} (${notice.columns.join(', ')}${notice.count > notice.columns.length ? ', …' : ''}): some records have the name as one key, others as a value within another. Both are read into the same column.`,
      };
    case 'FILES_AS_ONE':
      return { level: 'fix', text: `${notice.files} files with the same columns are read as one.` };
    case 'FILE_CHANGED':
      return { level: 'warn', text: 'The file has changed since you last opened it. It was read again.' };
    case 'FILE_GREW':
      return {
        level: 'warn',
        text: `“${notice.fileName}” grew while Longshore was reading it. These are the ${plural(notice.rows, 'row')} in the ${number(notice.bytes)} bytes it had when you opened it. The last row may be incomplete.`,
      };
    case 'CLEANING_KEPT':
      return {
        level: 'fix',
        text: `${plural(notice.steps, 'cleaning step')} from your last load with these columns ${notice.steps === 1 ? 'was' : 'were'} applied again.`,
      };
    case 'EDITS_DROPPED':
      return {
        level: 'warn',
        text: `${plural(notice.cells, 'cell')} that you typed over ${notice.cells === 1 ? 'has its' : 'have their'} original value again, because the file was read again.`,
      };
    default:
      return assertNever(notice);
  }
}

const ROW_PROBLEMS: Record<RowProblemCode, string> = {
  UNREADABLE_CHARACTER: 'unreadable character',
  NUL_CHARACTER: 'NUL character',
  TEXT_AFTER_QUOTE: 'text after a closing quote',
  TOO_FEW_CELLS: 'too few values',
  TOO_MANY_CELLS: 'too many values',
  NOT_AN_OBJECT: 'a single value instead of a record',
  BROKEN_JSON: 'invalid JSON',
  REPEATED_KEY: 'a repeated name',
};

export function rowProblemText(problem: RowProblemCode): string {
  return ROW_PROBLEMS[problem];
}
