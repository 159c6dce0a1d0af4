import { assertNever } from '../domain/assert-never.ts';
import type { MappingIssue } from '../domain/field-issue.ts';
import { shown } from './shown.ts';
import { OPERATION_WORD } from './load-title.ts';

const WHY_READ_ONLY: Record<Extract<MappingIssue, { code: 'FIELD_READ_ONLY' }>['why'], (field: string) => string> = {
  formula: (field) => `${field} is a formula. Salesforce calculates it, so it can’t be loaded. Unmap the column.`,
  'auto-number': (field) => `${field} is numbered by Salesforce, so it can’t be loaded. Unmap the column.`,
  system: (field) => `${field} is set by Salesforce, so it can’t be loaded. Unmap the column.`,
  compound: (field) => `${field} is made up of other fields. Map those instead.`,
  'no-access': (field) =>
    `You can’t edit ${field} in this org (field-level security). Unmap the column, or ask your admin for access.`,
};

const FORMAT_WORDS: Record<string, string> = {
  dmy: 'day/month/year',
  mdy: 'month/day/year',
  ymd: 'year/month/day',
  point: 'a decimal point',
  comma: 'a decimal comma',
};

type FormatQuestion = Extract<MappingIssue, { code: 'FORMAT_UNDECIDED' }>;

/** A way of writing numbers or dates, in words. */
export function formatWord(format: string): string {
  return FORMAT_WORDS[format] ?? format;
}

function proofOf({ proof }: FormatQuestion): string {
  const proofs = Object.entries(proof).map(([name, text]) => `“${shown(text)}” fits only ${formatWord(name)}`);
  return proofs.length === 0
    ? 'no other value shows which is right'
    : `other values point both ways: ${proofs.join(', ')}`;
}

/** Why a column is asked about, where each reading stands beside it. */
export function formatEvidence(question: FormatQuestion): string {
  return `“${shown(question.open.text)}” can be read in several ways, and ${proofOf(question)}. Until you choose, rows with such values are not sent.`;
}

function formatQuestion(question: FormatQuestion): string {
  const { columnName, open, format } = question;
  const readings = Object.entries(open.readings).map(([name, text]) => `${text} (${formatWord(name)})`);
  const kind = format === 'decimal' ? 'number format' : 'order of day, month, and year';
  return `“${shown(open.text)}” in ${columnName} could be ${readings.join(' or ')}, and ${proofOf(question)}. Choose the ${kind} of this column. Until then, rows with such values are not sent.`;
}

export function mappingIssueText(issue: MappingIssue): string {
  switch (issue.code) {
    case 'NOTHING_MAPPED':
      return 'Map at least one column.';
    case 'FIELD_MAPPED_TWICE':
      return `${issue.columns.map((name) => `“${name}”`).join(' and ')} both map to ${issue.field}. Keep one.`;
    case 'UNDO_NOT_COMPARED':
      return `This is an undo, and it can’t tell whether ${issue.fields.join(', ')} changed since the load. Leave these columns out, or undo the load again from its report.`;
    case 'MATCH_FIELD_UNMAPPED':
      return issue.operation === 'upsert'
        ? `Upsert by ${issue.field} needs a column mapped to ${issue.field}.`
        : `${OPERATION_WORD[issue.operation]} needs a column mapped to Id${issue.operation === 'update' ? ' (or use Upsert with an external ID)' : ''}.`;
    case 'DELETE_SENDS_ONLY_ID':
      return `${OPERATION_WORD[issue.operation]} sends only the Id. Other columns are ignored: ${issue.columns.join(', ')}.`;
    case 'SENDING_DOES_NOT_FIT':
      return issue.chosen === 'allOrNone'
        ? `${OPERATION_WORD[issue.operation]} saves each record by itself. Remove the choice to save all rows of a request or none.`
        : `${OPERATION_WORD[issue.operation]} can’t be sent ${issue.operation === 'undelete' ? 'by Bulk API jobs' : '200 at a time: only Bulk API jobs can do it'}. Choose another way to send rows.`;
    case 'CHANGE_NOT_DATED':
      return `${issue.object} don’t record when they were last changed. Remove the choice to skip records changed since a day.`;
    case 'NO_MATCH_FIELD':
      return `${issue.object} has no external ID field. Choose Update, or ask an admin to add one.`;
    case 'NOT_A_MATCH_FIELD':
      return `Records can’t be matched by ${issue.field}. Choose Id or an external ID.`;
    case 'REQUIRED_UNMAPPED':
      return issue.level === 'block'
        ? `${issue.label} is required to create ${issue.object} but is not mapped.`
        : `${issue.label} is required to create ${issue.object} but is not mapped. Rows that match no record are not sent.`;
    case 'FIELD_READ_ONLY':
      return WHY_READ_ONLY[issue.why](issue.field);
    case 'FIELD_UNKNOWN':
      return `${issue.fields.join(', ')} no longer exist${issue.fields.length === 1 ? 's' : ''} in this org. Choose another field.`;
    case 'COLUMNS_DO_NOT_FIT':
      return `The mapping does not fit this file: it names a column that is missing or mapped more than once (${issue.columns.join(', ')}). Map the columns again.`;
    case 'PARENT_FIELD_CANNOT_MATCH':
      return `${issue.parent} can be matched by Id or an external ID, not by ${issue.field}.`;
    case 'PARENT_FIELD_CANNOT_FIND':
      return `No ${issue.parent} can be found by ${issue.field}. Choose one or two fields that Salesforce can filter by.`;
    case 'COLUMNS_UNMAPPED':
      return `${issue.columns.length} ${issue.columns.length === 1 ? 'column is' : 'columns are'} not loaded: ${issue.columns.join(', ')}.`;
    case 'COLUMN_BLANK':
      return `Every value of ${issue.column} is blank.`;
    case 'FORMAT_UNDECIDED':
      return formatQuestion(issue);
    case 'DUPLICATE_HEADER':
      return `Column “${issue.header}” appears more than once (columns ${issue.columns.join(' and ')}). Choose what each one fills.`;
    case 'OPERATION_NOT_ALLOWED':
      return `You can’t ${issue.operation} ${issue.object} records in this org.`;
    default:
      return assertNever(issue);
  }
}
