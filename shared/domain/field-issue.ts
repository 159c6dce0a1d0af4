import { z } from 'zod';
import { Operation } from './field-mapping.ts';
import { SourceRowNumber } from './ids.ts';
import { RowProblemCode } from './source-file.ts';

/**
 * BLOCK: the load cannot go on. ROW: that row is not sent. WARN: said, goes on. FIX: repaired and said. ONCE: another row of the file
 * stands for this one, which is not sent itself.
 */
export const IssueLevel = z.enum(['block', 'row', 'warn', 'fix', 'once']);
export type IssueLevel = z.infer<typeof IssueLevel>;

/** Codes of problems found in a value. QUALITY.md's case stands behind each. */
export const ValueIssueCode = z.enum([
  'NOT_A_NUMBER', // V01
  'NUMBER_PUNCTUATION', // V02
  'DECIMAL_AMBIGUOUS', // V03
  'NUMBER_TOO_PRECISE', // V04
  'NUMBER_MORE_DECIMALS', // V04
  'NUMBER_NOT_FINITE', // V05
  'PERCENT_SIGN', // in a field that is no percentage
  'NOT_A_DATE',
  'DATE_IMPOSSIBLE', // V06
  'DATE_WEEKDAY', // it names another day of the week than its own
  'DATE_ORDER_AMBIGUOUS', // V07
  'DATE_ORDER_MIXED', // V08
  'DATE_OUT_OF_RANGE', // V09
  'TIME_WITHOUT_ZONE', // V10
  'TIME_NONEXISTENT', // V11
  'EXCEL_SERIAL_DATE', // V12
  'YEAR_OF_TWO_DIGITS',
  'NOT_A_BOOLEAN', // V13
  'PICKLIST_UNKNOWN', // V14
  'PICKLIST_NEW', // V15
  'PICKLIST_NOT_ALLOWED_HERE', // V16, of states and countries
  'PICKLIST_NOT_OFFERED_HERE', // V16, of every other picklist: saved all the same
  'MULTIPICKLIST_UNKNOWN', // V17
  'PICKLIST_RESPELT', // V18
  'TEXT_TOO_LONG', // V19, V21
  'NOT_AN_EMAIL', // V20
  'ID_SHAPE', // V22
  'ID_CHECKSUM', // V23
  'ID_OF_OTHER_OBJECT', // V24
  'MATCH_VALUE_BLANK', // V25
  'MATCH_VALUE_REPEATED', // V26
  'UNIQUE_REPEATED', // another row has the value, and no two records may
  'ROW_REPEATED', // V27
  'ROW_SUPERSEDED', // V26, once it was chosen which row is used
  'ROW_MERGED', // V26, once they are merged
  'MATCH_AMBIGUOUS', // V28
  'LOOKUP_NOT_FOUND', // V29
  'LOOKUP_AMBIGUOUS',
  'LOOKUP_INACTIVE',
  'LOOKUP_PARENT_HOME',
  'LOOKUP_PARENT_KEY',
  'LOOKUP_CIRCLE',
  'LOOKUP_CIRCLE_IN_ORG',
  'LOOKUP_SEVERAL_ROWS',
  'LOOKUP_ROW_REQUIRED',
  'ROW_ALREADY_LOADED',
  'RECORD_NOT_FOUND', // V30
  'RECORD_DELETED', // V30, in the Recycle Bin
  'RECORD_NOT_IN_BIN', // undelete: neither there nor in the Recycle Bin
  'RECORD_NOT_VISIBLE', // V30, of others
  // What a mapping's policies leave alone.
  'NO_RECORD_TO_UPDATE',
  'RECORD_EXISTS',
  'RECORD_CHANGED_SINCE',
  'CHANGED_SINCE_LOAD',
  'REQUIRED_BLANK', // V31
  'REQUIRED_CLEARED', // V31
  'FORMULA_TEXT', // V32
  'LEADING_ZEROS', // V33
  'SPACES_TRIMMED', // V34
  'NULL_MARKER', // V35
  'SCIENTIFIC_TEXT', // F32
  'LOCATION_OUT_OF_RANGE', // V38
  'NOT_A_TIME',
  'TYPE_NOT_SUPPORTED',
  // What a person had done to a value.
  'NUMBER_ROUNDED',
  'TEXT_CUT',
  'BLANK_FILLED',
  'VALUE_REPLACED',
  'LEFT_OUT',
  'LEFT_OUT_RESEMBLES',
  'EXCEL_ERROR',
]);
export type ValueIssueCode = z.infer<typeof ValueIssueCode>;

/** Rows that are not sent by a person's choice: they are no problem. */
export const LEFT_OUT_CODES = ['LEFT_OUT', 'LEFT_OUT_RESEMBLES'] as const satisfies readonly ValueIssueCode[];

/** Rows whose record a policy of the mapping leaves alone, or does not create: left out as well, unless something is wrong with them. */
export const PolicyCode = z.enum([
  'NO_RECORD_TO_UPDATE',
  'RECORD_EXISTS',
  'RECORD_CHANGED_SINCE',
  'CHANGED_SINCE_LOAD',
]);
export type PolicyCode = z.infer<typeof PolicyCode>;

export const IssueCode = z.union([ValueIssueCode, RowProblemCode]);
export type IssueCode = z.infer<typeof IssueCode>;

/** Plain facts for the sentence: limits, suggestions, names. */
export const IssueFacts = z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())]));
export type IssueFacts = z.infer<typeof IssueFacts>;

export const FieldIssue = z.object({
  code: IssueCode,
  level: IssueLevel,
  row: SourceRowNumber,
  line: z.number(),
  /** Index of the source column; null for problems of the whole row. */
  column: z.number().nullable(),
  field: z.string().nullable(),
  rawValue: z.string(),
  facts: IssueFacts,
});
export type FieldIssue = z.infer<typeof FieldIssue>;

/** All cells with one problem, in one column, with one value: what one fix would mend. */
export const IssueGroup = z.object({
  key: z.string(),
  code: IssueCode,
  level: IssueLevel,
  column: z.number().nullable(),
  columnName: z.string(),
  field: z.string().nullable(),
  fieldLabel: z.string().nullable(),
  /** What all its cells hold, or where they do not all hold `oneValue`, what the first of them does. */
  rawValue: z.string(),
  oneValue: z.boolean(),
  facts: IssueFacts,
  rows: z.number(),
  firstRow: SourceRowNumber,
  firstLine: z.number(),
});
export type IssueGroup = z.infer<typeof IssueGroup>;

/** All cells with one problem in one column, and how many different values they have. Its groups add up to its rows. */
export const IssueProblem = z.object({
  code: IssueCode,
  level: IssueLevel,
  column: z.number().nullable(),
  columnName: z.string(),
  field: z.string().nullable(),
  fieldLabel: z.string().nullable(),
  /** Groups there are, by value; for problems that are not of a value, one. */
  groups: z.number(),
  rows: z.number(),
});
export type IssueProblem = z.infer<typeof IssueProblem>;

/** A row that is not sent: what stands in the file, and every reason. */
export const ProblemRow = z.object({
  row: SourceRowNumber,
  line: z.number(),
  cells: z.array(z.string()),
  /** Columns of it that were typed over. */
  edited: z.array(z.number()),
  issues: z.array(FieldIssue),
});
export type ProblemRow = z.infer<typeof ProblemRow>;

/** Problems of the mapping itself: they block the load until the mapping is changed. Ids are QUALITY.md's M cases. */
export const MappingIssue = z.discriminatedUnion('code', [
  z.object({ code: z.literal('NOTHING_MAPPED'), level: z.literal('block') }),
  z.object({
    code: z.literal('FIELD_MAPPED_TWICE'),
    level: z.literal('block'),
    field: z.string(),
    columns: z.array(z.string()),
  }),
  z.object({
    code: z.literal('MATCH_FIELD_UNMAPPED'),
    level: z.literal('block'),
    operation: Operation,
    field: z.string(),
  }),
  z.object({
    code: z.literal('DELETE_SENDS_ONLY_ID'),
    level: z.literal('warn'),
    operation: Operation,
    columns: z.array(z.string()),
  }),
  /** What was chosen of how rows are sent, and the operation can't be sent so. */
  z.object({
    code: z.literal('SENDING_DOES_NOT_FIT'),
    level: z.literal('block'),
    operation: Operation,
    chosen: z.enum(['allOrNone', 'way']),
  }),
  /** Records of the object don't say when they were last changed, and a policy wants to know. */
  z.object({ code: z.literal('CHANGE_NOT_DATED'), level: z.literal('block'), object: z.string() }),
  /** An undo sets back only what it can compare with what the load wrote. */
  z.object({ code: z.literal('UNDO_NOT_COMPARED'), level: z.literal('block'), fields: z.array(z.string()) }),
  z.object({ code: z.literal('NO_MATCH_FIELD'), level: z.literal('block'), object: z.string() }),
  z.object({ code: z.literal('NOT_A_MATCH_FIELD'), level: z.literal('block'), field: z.string() }),
  z.object({
    code: z.literal('REQUIRED_UNMAPPED'),
    level: z.enum(['block', 'warn']),
    field: z.string(),
    label: z.string(),
    object: z.string(),
  }),
  z.object({
    code: z.literal('FIELD_READ_ONLY'),
    level: z.literal('block'),
    field: z.string(),
    why: z.enum(['formula', 'auto-number', 'system', 'compound', 'no-access']),
    operation: z.string(),
  }),
  z.object({ code: z.literal('FIELD_UNKNOWN'), level: z.literal('block'), fields: z.array(z.string()) }),
  /** Columns, counted from 1, that the file does not have, or that the mapping names more than once. */
  z.object({ code: z.literal('COLUMNS_DO_NOT_FIT'), level: z.literal('block'), columns: z.array(z.number()) }),
  z.object({
    code: z.literal('PARENT_FIELD_CANNOT_MATCH'),
    level: z.literal('block'),
    parent: z.string(),
    field: z.string(),
  }),
  /** A field of the parent that its records can't be found by, or that is named twice. */
  z.object({
    code: z.literal('PARENT_FIELD_CANNOT_FIND'),
    level: z.literal('block'),
    parent: z.string(),
    field: z.string(),
  }),
  z.object({ code: z.literal('COLUMNS_UNMAPPED'), level: z.literal('warn'), columns: z.array(z.string()) }),
  z.object({ code: z.literal('COLUMN_BLANK'), level: z.literal('warn'), column: z.string() }),
  /** A column that does not say how its values are written, or says two things: rows that it matters to are not sent until it is answered. */
  z.object({
    code: z.literal('FORMAT_UNDECIDED'),
    level: z.literal('warn'),
    column: z.number(),
    columnName: z.string(),
    format: z.enum(['dateOrder', 'decimal']),
    /** By format: a value that reads in no other. */
    proof: z.record(z.string(), z.string()),
    /** A value that reads in several, and what it is in each. */
    open: z.object({ text: z.string(), readings: z.record(z.string(), z.string()) }),
  }),
  z.object({
    code: z.literal('DUPLICATE_HEADER'),
    level: z.literal('block'),
    header: z.string(),
    columns: z.array(z.number()),
  }),
  z.object({
    code: z.literal('OPERATION_NOT_ALLOWED'),
    level: z.literal('block'),
    object: z.string(),
    operation: z.string(),
  }),
]);
export type MappingIssue = z.infer<typeof MappingIssue>;

/**
 * What checking every value found. `rowsReady + rowsRepeated + rowsBlocked = rows`: what is blocked is not sent, in the plan too,
 * which may add rows that only the org can tell of (`heldBack`).
 */
export const CheckReport = z.object({
  mappingIssues: z.array(MappingIssue),
  /** Exact, whatever the number of values; the worst first. */
  problems: z.array(IssueProblem),
  /** The beginning of each problem's groups: of what is not sent by value, of what is only told one for all. */
  groups: z.array(IssueGroup),
  rows: z.number(),
  rowsReady: z.number(),
  /** Rows that another row stands for. */
  rowsRepeated: z.number(),
  rowsBlocked: z.number(),
  /** Of the blocked rows those that a person left out. */
  rowsLeftOut: z.number(),
  /** Formats found or chosen, per source column. */
  formats: z.array(z.object({ column: z.number(), dateOrder: z.string().nullable(), decimal: z.string().nullable() })),
});
export type CheckReport = z.infer<typeof CheckReport>;
