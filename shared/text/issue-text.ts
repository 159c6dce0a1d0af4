import { assertNever } from '../domain/assert-never.ts';
import type { FieldIssue, IssueFacts, IssueGroup } from '../domain/field-issue.ts';
import { number } from './counts.ts';
import { shown } from './shown.ts';

type Described = Pick<FieldIssue, 'code' | 'rawValue' | 'facts'> & { field: string | null };

/** Who changed a record, where that is known. */
function byWhom(facts: IssueFacts): string {
  const by = fact(facts, 'by');
  return by === '' ? '' : ` by ${by}`;
}

function fact(facts: IssueFacts, name: string): string {
  const value = facts[name];
  return value === undefined
    ? ''
    : Array.isArray(value)
      ? value.join(', ')
      : typeof value === 'number'
        ? number(value)
        : value;
}

/** Years have no thousands separator. */
function yearOf(facts: IssueFacts, name: string): string {
  return String(facts[name] ?? '');
}

/** What an ambiguous date could be, day first, month first and year first. */
function readings(facts: IssueFacts): string {
  return [...new Set(['dmy', 'mdy', 'ymd'].map((order) => fact(facts, order)).filter((text) => text !== ''))].join(
    ' or ',
  );
}

/** By what a parent was looked for: a field and its value, or two of them. */
function lookedFor(facts: IssueFacts, value: string): string {
  const first = `${fact(facts, 'parentField')} ${value}`;
  if (facts['secondField'] === undefined) return first;
  const second = fact(facts, 'secondValue');
  return `${first} and ${fact(facts, 'secondField')} ${second === '' ? 'blank' : `“${shown(second)}”`}`;
}

/** One sentence or two: the value, the rule, the fix. Where it is (row, column) is said by the caller. */
export function issueText({ code, rawValue, facts, field }: Described): string {
  const value = `“${shown(rawValue)}”`;
  const suggestion = facts['suggestion'] === undefined ? '' : ` Did you mean “${fact(facts, 'suggestion')}”?`;
  switch (code) {
    case 'NOT_A_NUMBER':
      return `${value} is not a number. Use digits, such as 1250.50.`;
    case 'NUMBER_PUNCTUATION':
      return `${value} is read as ${fact(facts, 'readAs')}.`;
    case 'DECIMAL_AMBIGUOUS':
      return `${value} could be ${fact(facts, 'point')} or ${fact(facts, 'comma')}. Choose the number format for this column.`;
    case 'NUMBER_TOO_PRECISE':
      return `${value} needs at most ${fact(facts, 'before')} digits before and ${fact(facts, 'after')} after the point.`;
    case 'NUMBER_MORE_DECIMALS':
      return `${value} has more than ${fact(facts, 'after')} ${facts['after'] === 1 ? 'decimal' : 'decimals'}. Salesforce keeps them all and shows the number rounded.`;
    case 'NUMBER_NOT_FINITE':
      return `${value} is not a number that Salesforce can store. Enter a number, or leave the cell blank.`;
    case 'PERCENT_SIGN':
      return `${value} has a percent sign, and this field isn’t a percent field. Enter the number without the sign.`;
    case 'NOT_A_DATE':
      return `${value} is not a date. Use yyyy-MM-dd, such as 2026-03-31.`;
    case 'DATE_IMPOSSIBLE':
      return `${value} does not exist in the calendar. Correct the day or month.`;
    case 'DATE_WEEKDAY':
      return `${value} doesn’t fall on the day of the week that it names. Correct the date or the day.`;
    case 'DATE_ORDER_AMBIGUOUS':
      return `${value} could be ${readings(facts)}. Choose which comes first in this column: day, month, or year.`;
    case 'DATE_ORDER_MIXED':
      return `${value} does not fit ${fact(facts, 'order')}, which the other rows use.`;
    case 'DATE_OUT_OF_RANGE':
      return `The year of ${value} is outside ${yearOf(facts, 'first')}–${yearOf(facts, 'last')}. Correct the date.`;
    case 'TIME_WITHOUT_ZONE':
      return `Times such as ${value} have no time zone. They are read in ${fact(facts, 'timeZone')}, your time zone.`;
    case 'TIME_NONEXISTENT':
      return `${fact(facts, 'time')} does not exist in ${fact(facts, 'timeZone')}: the clocks skip it. Correct the time.`;
    case 'EXCEL_SERIAL_DATE':
      return `${value} is read as ${fact(facts, 'readAs')} (Excel date).`;
    case 'YEAR_OF_TWO_DIGITS':
      return `${value} is read as ${fact(facts, 'readAs')}. Years with two digits are 1950 to 2049.`;
    case 'NOT_A_BOOLEAN':
      return `${value} is neither yes nor no. Use true/false, yes/no, on/off, or 1/0.`;
    case 'PICKLIST_UNKNOWN':
      return `${value} is not a value of this picklist.${suggestion || ` Use one of: ${fact(facts, 'offered')}.`}`;
    case 'PICKLIST_NEW':
      return `${value} is a new value. Salesforce stores it as written.${suggestion}`;
    case 'PICKLIST_NOT_ALLOWED_HERE':
      return `${value} is not allowed when ${fact(facts, 'controller')} is “${fact(facts, 'controlling')}”. Change one of the two.`;
    case 'PICKLIST_NOT_OFFERED_HERE':
      return `${value} is not offered when ${fact(facts, 'controller')} is “${fact(facts, 'controlling')}”. Salesforce stores it anyway.`;
    case 'MULTIPICKLIST_UNKNOWN':
      return `“${fact(facts, 'part')}” in ${value} is not a value of this picklist.${suggestion}`;
    case 'PICKLIST_RESPELT':
      return `${value} is read as “${fact(facts, 'readAs')}”.`;
    case 'TEXT_TOO_LONG':
      return `${fact(facts, 'length')} characters, but at most ${fact(facts, 'max')} are allowed. Shorten the value.`;
    case 'NOT_AN_EMAIL':
      return `${value} is not an email address. Correct it, or leave the cell blank.`;
    case 'ID_SHAPE':
      return `${value} is not a Salesforce ID. IDs have 15 or 18 letters and digits.`;
    case 'ID_CHECKSUM':
      return `The last 3 characters of ${value} don’t match the rest, perhaps because of changed letter case. Copy the ID again.`;
    case 'ID_OF_OTHER_OBJECT':
      return `${value} is the ID of another object: it starts with ${fact(facts, 'prefix')}, not ${fact(facts, 'expected')}.`;
    case 'MATCH_VALUE_BLANK':
      return `${field ?? 'The match field'} is blank, so the row can’t be matched. Enter a value.`;
    case 'MATCH_VALUE_REPEATED':
      return `${value} appears in several rows with different values (first in row ${fact(facts, 'first')}, last in row ${fact(facts, 'last')}). Choose the first or the last row, or fix the file.`;
    case 'UNIQUE_REPEATED':
      return `Row ${fact(facts, 'of')} has ${value} as well, and no two records can have the same value in this field. Change one of the two.`;
    case 'ROW_REPEATED':
      return facts['of'] === undefined
        ? 'Identical to another row, so it is sent once.'
        : `Identical to row ${fact(facts, 'of')}, so it is sent once.`;
    case 'ROW_MERGED':
      return facts['of'] === undefined
        ? 'Merged into another row, so it is sent once.'
        : `Merged into row ${fact(facts, 'of')}, so it is sent once.`;
    case 'ROW_SUPERSEDED':
      return facts['of'] === undefined
        ? 'Another row with the same match value was chosen.'
        : `Row ${fact(facts, 'of')} with the same match value was chosen, so this one is not sent.`;
    case 'MATCH_AMBIGUOUS':
      return `${value} matches ${fact(facts, 'count')} records (${fact(facts, 'records')}). Use the Id instead.`;
    case 'LOOKUP_NOT_FOUND':
      if (facts['parentField'] === 'Id')
        return `No ${fact(facts, 'parent')} has the ID ${value}. It was deleted, or you can’t see it.`;
      return `No ${fact(facts, 'parent')} with ${lookedFor(facts, value)}. Load the parent first, or correct the value.`;
    case 'LOOKUP_AMBIGUOUS':
      return `More than one ${fact(facts, 'parent')} has ${lookedFor(facts, value)}. Use the parent’s Id.`;
    case 'LOOKUP_INACTIVE':
      return `The ${fact(facts, 'parent')} with ${lookedFor(facts, value)} is inactive. Use an active one, or allow inactive ones in the mapping.`;
    case 'LOOKUP_PARENT_HOME':
      return `${value} is row ${fact(facts, 'of')} of this file, which is not sent. Fix that row, or load it first.`;
    case 'LOOKUP_PARENT_KEY':
      return `${value} is row ${fact(facts, 'of')} of this file, but that row’s record does not get this key: the plan leaves it out. Identify the parent by its ID, or load that row first.`;
    case 'LOOKUP_CIRCLE':
      return `${value} is row ${fact(facts, 'of')} of this file, and that row is below this one. ${
        facts['reason'] === 'required'
          ? 'Neither can be created without the other, because Salesforce requires this lookup.'
          : 'In this hierarchy, Salesforce does not allow a record below itself.'
      } Correct one of them.`;
    case 'LOOKUP_CIRCLE_IN_ORG':
      return `The parent, record ${fact(facts, 'record')}, is below this record or would be. In this hierarchy, Salesforce does not allow a record below itself. Choose another parent.`;
    case 'LOOKUP_SEVERAL_ROWS':
      return `${fact(facts, 'count')} rows of this file have ${fact(facts, 'parentField')} ${value} (first in row ${fact(facts, 'of')}). Identify the parent by a key, or choose to use the first row.`;
    case 'LOOKUP_ROW_REQUIRED':
      return `${value} is row ${fact(facts, 'of')} of this file and has no ID yet, but ${fact(facts, 'field')} is required to create the record. Identify the parent by an external ID, or load it first.`;
    case 'ROW_ALREADY_LOADED':
      return `An earlier load created ${value} from this row. Another insert would create it twice. Update instead, with sf__Id as the record ID.`;
    case 'RECORD_DELETED':
      return `The record with ${value} was deleted: ${fact(facts, 'record')} is in the Recycle Bin. Restore it there, or leave the row out.`;
    case 'RECORD_NOT_VISIBLE':
      return `There is a record with the ID ${value}, but you can’t see it. Ask its owner or an admin to share it with you.`;
    case 'RECORD_NOT_IN_BIN':
      return `No record ${value} is in the Recycle Bin, so it can’t come back. It was deleted for good, or you can’t see it.`;
    case 'RECORD_NOT_FOUND':
      return `No record ${value}. It was deleted, or you can’t see it.`;
    case 'NO_RECORD_TO_UPDATE':
      return `No record has ${value}, and this load only updates records.`;
    case 'RECORD_EXISTS':
      return `${value} already exists as ${fact(facts, 'id')}, and this load only creates records.`;
    case 'RECORD_CHANGED_SINCE':
      return `${value}: the record was changed on ${fact(facts, 'changedAt')}${byWhom(facts)}, and this load skips records changed since the day you chose.`;
    case 'CHANGED_SINCE_LOAD':
      return `${value}: ${fact(facts, 'fields')} changed since the load. The record was last changed on ${fact(facts, 'changedAt')}${byWhom(facts)}, and keeps what it has.`;
    case 'REQUIRED_BLANK':
      return `${fact(facts, 'field') || field || 'A required field'} is blank, and Salesforce requires it to create a record. Enter a value.`;
    case 'REQUIRED_CLEARED':
      return `${value} clears ${field ?? 'a field'}, which Salesforce requires. Enter a value, or leave the field unchanged.`;
    case 'FORMULA_TEXT':
      return `${value} looks like a formula. It is loaded as text, and escaped in spreadsheet-safe files.`;
    case 'LEADING_ZEROS':
      return `${value} is stored as ${fact(facts, 'readAs')}.`;
    case 'SPACES_TRIMMED':
      return `Spaces around ${value} are removed.`;
    case 'NULL_MARKER':
      return '#N/A clears the field in Salesforce.';
    case 'SCIENTIFIC_TEXT':
      return `${value} looks like a number that a spreadsheet changed. Check the original.`;
    case 'LOCATION_OUT_OF_RANGE':
      return `${value} is outside -${fact(facts, 'limit')} to ${fact(facts, 'limit')}.`;
    case 'NOT_A_TIME':
      return `${value} is not a time of day. Use HH:mm, such as 14:30.`;
    case 'TYPE_NOT_SUPPORTED':
      return `A field of type ${fact(facts, 'type')} can’t be filled from one cell. Map its parts instead.`;
    case 'NUMBER_ROUNDED':
      return `${value} is rounded to ${fact(facts, 'readAs')}.`;
    case 'TEXT_CUT':
      return `${fact(facts, 'length')} characters are cut to ${fact(facts, 'max')}.`;
    case 'BLANK_FILLED':
      return `Blank is filled with “${shown(fact(facts, 'readAs'))}”.`;
    case 'VALUE_REPLACED':
      return facts['readAs'] === ''
        ? `${value} is removed.`
        : `${value} is replaced with “${shown(fact(facts, 'readAs'))}”.`;
    case 'LEFT_OUT':
      return 'Left out by you.';
    case 'LEFT_OUT_RESEMBLES':
      return `Skipped by you: it resembles the record ${fact(facts, 'record')}.`;
    case 'UNREADABLE_CHARACTER':
      return 'The value has an unreadable character. Type the value here, fix it in the file, or choose another encoding.';
    case 'NUL_CHARACTER':
      return 'The value contains a NUL character. Remove it.';
    case 'TEXT_AFTER_QUOTE':
      return 'There is text after a closing quote. Double any quote inside the value ("").';
    case 'TOO_FEW_CELLS':
      return 'The row has fewer values than the header has columns. Longshore doesn’t treat the missing values as blank.';
    case 'TOO_MANY_CELLS':
      return 'The row has more values than the header has columns. The usual cause is a delimiter without quotes around the value.';
    case 'EXCEL_ERROR':
      return `The cell has an Excel error (${rawValue}). Fix the formula, or type the value here.`;
    case 'NOT_AN_OBJECT':
      return 'This is a single value, not a record. Records are objects in braces.';
    case 'BROKEN_JSON':
      return 'This record is not valid JSON. The other records were read.';
    case 'REPEATED_KEY':
      return 'This record has the same name twice, so its value is unclear. Remove one of them.';
    default:
      return assertNever(code);
  }
}

/** Row, line and column in front of the sentence: how a problem reads on its own, as in the error file. */
export function issueSentence(issue: FieldIssue, columnName: string): string {
  const where =
    columnName === ''
      ? `Row ${issue.row} (line ${issue.line})`
      : `Row ${issue.row} (line ${issue.line}), ${columnName}`;
  return `${where}: ${issueText(issue)}`;
}

export function groupText(group: IssueGroup): string {
  return issueText({
    code: group.code,
    rawValue: group.rawValue,
    facts: group.facts,
    field: group.fieldLabel ?? group.field,
  });
}
