import { assertNever } from '../domain/assert-never.ts';
import type { IssueCode } from '../domain/field-issue.ts';

/** The problem's name, as a heading for its group. */
export function issueTitle(code: IssueCode): string {
  switch (code) {
    case 'NOT_A_NUMBER':
      return 'Not a number';
    case 'NUMBER_PUNCTUATION':
      return 'Number with punctuation';
    case 'DECIMAL_AMBIGUOUS':
      return 'Decimal point or thousands separator?';
    case 'NUMBER_TOO_PRECISE':
      return 'Number does not fit the field';
    case 'NUMBER_MORE_DECIMALS':
      return 'More decimals than the field shows';
    case 'NUMBER_NOT_FINITE':
      return 'Number that Salesforce can’t store';
    case 'PERCENT_SIGN':
      return 'Percent sign in a number field';
    case 'NOT_A_DATE':
      return 'Not a date';
    case 'DATE_IMPOSSIBLE':
      return 'Date does not exist';
    case 'DATE_WEEKDAY':
      return 'Day of the week doesn’t match the date';
    case 'DATE_ORDER_AMBIGUOUS':
      return 'Day/month or month/day?';
    case 'DATE_ORDER_MIXED':
      return 'Date in a different order';
    case 'DATE_OUT_OF_RANGE':
      return 'Year out of range';
    case 'TIME_WITHOUT_ZONE':
      return 'Time without a time zone';
    case 'TIME_NONEXISTENT':
      return 'Time does not exist (clock change)';
    case 'EXCEL_SERIAL_DATE':
      return 'Excel date number';
    case 'YEAR_OF_TWO_DIGITS':
      return 'Two-digit year';
    case 'NOT_A_BOOLEAN':
      return 'Not a yes/no value';
    case 'PICKLIST_UNKNOWN':
      return 'Not a value of this picklist';
    case 'PICKLIST_NEW':
      return 'New picklist value';
    case 'PICKLIST_NOT_ALLOWED_HERE':
      return 'Not allowed for the controlling value';
    case 'PICKLIST_NOT_OFFERED_HERE':
      return 'Not offered for the controlling value';
    case 'MULTIPICKLIST_UNKNOWN':
      return 'Part is not a value of this picklist';
    case 'PICKLIST_RESPELT':
      return 'Picklist value respelled';
    case 'TEXT_TOO_LONG':
      return 'Text too long';
    case 'NOT_AN_EMAIL':
      return 'Not an email address';
    case 'ID_SHAPE':
      return 'Not a Salesforce ID';
    case 'ID_CHECKSUM':
      return 'ID mistyped';
    case 'ID_OF_OTHER_OBJECT':
      return 'ID of another object';
    case 'MATCH_VALUE_BLANK':
      return 'Match value is blank';
    case 'MATCH_VALUE_REPEATED':
      return 'Same match value, different rows';
    case 'UNIQUE_REPEATED':
      return 'Unique value repeated in another row';
    case 'ROW_REPEATED':
      return 'Identical rows';
    case 'ROW_MERGED':
      return 'Merged into another row';
    case 'ROW_SUPERSEDED':
      return 'Same match value: another row was chosen';
    case 'MATCH_AMBIGUOUS':
      return 'Matches several records';
    case 'LOOKUP_NOT_FOUND':
      return 'Lookup not found';
    case 'LOOKUP_AMBIGUOUS':
      return 'Lookup matches several records';
    case 'LOOKUP_INACTIVE':
      return 'Lookup matches an inactive user';
    case 'LOOKUP_PARENT_HOME':
      return 'Parent in this file is not sent';
    case 'LOOKUP_PARENT_KEY':
      return 'Parent in this file is known by another key';
    case 'LOOKUP_CIRCLE':
    case 'LOOKUP_CIRCLE_IN_ORG':
      return 'Its own parent';
    case 'LOOKUP_SEVERAL_ROWS':
      return 'Lookup matches several rows of this file';
    case 'LOOKUP_ROW_REQUIRED':
      return 'Required parent is a row of this file';
    case 'ROW_ALREADY_LOADED':
      return 'Already loaded';
    case 'RECORD_DELETED':
      return 'Record was deleted';
    case 'RECORD_NOT_VISIBLE':
      return 'Record you can’t see';
    case 'RECORD_NOT_IN_BIN':
      return 'Record is not in the Recycle Bin';
    case 'RECORD_NOT_FOUND':
      return 'Record not found';
    case 'NO_RECORD_TO_UPDATE':
      return 'No record to update';
    case 'RECORD_EXISTS':
      return 'Record already exists';
    case 'RECORD_CHANGED_SINCE':
      return 'Record changed recently';
    case 'CHANGED_SINCE_LOAD':
      return 'Changed since the load';
    case 'REQUIRED_BLANK':
      return 'Required value is blank';
    case 'REQUIRED_CLEARED':
      return 'Required value would be cleared';
    case 'FORMULA_TEXT':
      return 'Text that looks like a formula';
    case 'LEADING_ZEROS':
      return 'Leading zeros in a number';
    case 'SPACES_TRIMMED':
      return 'Spaces trimmed';
    case 'NULL_MARKER':
      return '#N/A clears the field';
    case 'SCIENTIFIC_TEXT':
      return 'Number changed by a spreadsheet';
    case 'LOCATION_OUT_OF_RANGE':
      return 'Coordinate out of range';
    case 'NOT_A_TIME':
      return 'Not a time of day';
    case 'TYPE_NOT_SUPPORTED':
      return 'Field can’t be loaded from text';
    case 'NUMBER_ROUNDED':
      return 'Rounded by you';
    case 'TEXT_CUT':
      return 'Cut by you';
    case 'BLANK_FILLED':
      return 'Blanks filled by you';
    case 'VALUE_REPLACED':
      return 'Replaced by you';
    case 'LEFT_OUT':
      return 'Left out by you';
    case 'LEFT_OUT_RESEMBLES':
      return 'Skipped by you: resembles a record';
    case 'UNREADABLE_CHARACTER':
      return 'Unreadable character';
    case 'NUL_CHARACTER':
      return 'NUL character';
    case 'TEXT_AFTER_QUOTE':
      return 'Text after a closing quote';
    case 'TOO_FEW_CELLS':
      return 'Too few values in the row';
    case 'TOO_MANY_CELLS':
      return 'Too many values in the row';
    case 'EXCEL_ERROR':
      return 'Excel error in a cell';
    case 'NOT_AN_OBJECT':
      return 'Not a record';
    case 'BROKEN_JSON':
      return 'Invalid JSON';
    case 'REPEATED_KEY':
      return 'Repeated name in a record';
    default:
      return assertNever(code);
  }
}
