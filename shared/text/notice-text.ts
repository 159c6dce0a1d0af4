import { assertNever } from '../domain/assert-never.ts';
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
      return { level: 'fix', text: 'Read as UTF-16; uploaded as UTF-8.' };
    case 'NOT_UTF8': {
      const check = notice.example
        ? ` Check “${notice.example.value}” (${notice.example.row === 0 ? 'in the header' : `row ${notice.example.row}`}) looks right, or pick another encoding.`
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
          notice.lineEnding === 'CR'
            ? 'Old Mac line endings: normalised to LF.'
            : 'Mixed line endings: normalised to LF.',
      };
    case 'BLANK_LINES_SKIPPED':
      return { level: 'fix', text: `Skipped ${notice.count} blank ${notice.count === 1 ? 'line' : 'lines'}.` };
    case 'UNNAMED_COLUMN':
      return { level: 'warn', text: `Column ${notice.column} has no name; it is ignored unless you map it.` };
    case 'HEADER_TRIMMED':
      return { level: 'fix', text: `Header “${notice.header}” read as “${notice.readAs}”.` };
    case 'DUPLICATE_HEADER':
      return {
        level: 'block',
        text: `Column “${notice.header}” appears more than once (columns ${notice.columns.join(' and ')}). Choose what each is for in the mapping.`,
      };
    case 'SEP_LINE':
      return { level: 'fix', text: '“sep=” line read as a setting, not a header.' };
    case 'SEVERAL_JOBS':
      return { level: 'fix', text: `Will be sent as about ${notice.jobs} jobs.` };
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
};

export function rowProblemText(problem: RowProblemCode): string {
  return ROW_PROBLEMS[problem];
}
