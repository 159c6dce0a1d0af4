import { LEFT_OUT_CODES, PolicyCode } from '../../../shared/domain/field-issue.ts';
import { quoteName, quoteText } from './quote.ts';

/** Types of columns. Numbers of rows and places of columns fit into 32 bits: a file of two thousand million rows is no file. */
type ColumnType =
  | 'BOOLEAN NOT NULL'
  | 'INTEGER'
  | 'INTEGER NOT NULL'
  | 'BIGINT'
  | 'BIGINT NOT NULL'
  | 'UBIGINT NOT NULL'
  | 'UBIGINT[] NOT NULL'
  | 'UTINYINT[] NOT NULL'
  | 'INTEGER[]'
  | 'INTEGER[] NOT NULL'
  | 'VARCHAR'
  | 'VARCHAR NOT NULL';

/** What a table is made of, and what no two of its rows may share. */
export interface TableShape {
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** The column that is its primary key; null where rows have none. */
  readonly key: string | null;
}

/**
 * Columns that belong to one column of the file, by its place: `c<n>` the cell as it stands, `a<n>` the text to send, `v<n>` its
 * canonical form, `w<n>` that of the second cell by which a lookup finds its parent; of a record in the org `o<n>` the org's own text, `n<n>` its canonical form, and `x<n>` that where it is kept,
 * `i<n>` the Id of the parent that a lookup by external id is read through; `r<n>` a result file's text.
 */
export const cell = (column: number): string => `c${column}`;
export const sent = (column: number): string => `a${column}`;
export const canonical = (column: number): string => `v${column}`;
export const second = (column: number): string => `w${column}`;
export const orgText = (column: number): string => `o${column}`;
export const orgCanonical = (column: number): string => `n${column}`;
export const parentId = (column: number): string => `i${column}`;
/** Of a record in the org: who changed it last. */
export const CHANGED_BY = 'changed_by';
export const orgRead = (column: number): string => `x${column}`;
export const resultText = (column: number): string => `r${column}`;

/** Names without their database, for what takes the two apart. */
export const TABLE_NAMES = {
  /** The source's rows as they stand: `row_number, line, part, problem, problem_column, original, marks, c<n> …` (source/, cleaning/). */
  staged: 'staged',
  /** Where the source's rows are kept with the cells of `mapped` that say something else, both are views over this. */
  stagedStored: 'staged_stored',
  mapped: 'mapped',
  mappedForm: 'mapped_form',
  valueIssue: 'value_issue',
  rowIssue: 'row_issue',
  rowRemark: 'row_remark',
  issueGroup: 'issue_group',
  repeated: 'repeated',
  repeatGroup: 'repeat_group',
  currentRecord: 'current_record',
  matched: 'matched',
  rowMatch: 'row_match',
  rowChange: 'row_change',
  ownParent: 'own_parent',
  ownFound: 'own_found',
  level: 'level',
  laterCell: 'later_cell',
  planned: 'planned',
  leftOut: 'left_out',
  keptCell: 'kept_cell',
  searchText: 'search_text',
  searchedColumn: 'searched_column',
  searchValue: 'search_value',
  backup: 'backup',
  rowDecision: 'row_decision',
  decidedCell: 'decided_cell',
  decidedRecord: 'decided_record',
  similarState: 'similar_state',
  similarGroup: 'similar_group',
  similarChoice: 'similar_choice',
  similarCells: 'similar_cells',
  similarRepeated: 'similar_repeated',
  moved: 'moved',
  movedValue: 'moved_value',
  submission: 'submission',
  resent: 'resent',
  outcome: 'outcome',
  laterRow: 'later_row',
  laterMapped: 'later_mapped',
  laterRecord: 'later_record',
  laterLevel: 'later_level',
  laterSubmission: 'later_submission',
  laterResent: 'later_resent',
  laterOutcome: 'later_outcome',
  laterMoved: 'later_moved',
  blockedText: 'blocked_text',
  problemText: 'problem_text',
  keptFile: 'kept_file',
} as const;

type FixedTable = keyof typeof TABLE_NAMES;

/** Names of one database's tables, as SQL writes them. */
export type Tables = Readonly<Record<FixedTable, string>> & {
  /** Texts of a column that don't stand for themselves. */
  readonly value: (column: number) => string;
  /** Records that a lookup column may mean. */
  readonly parent: (column: number) => string;
  /** What of them a lookup column finds. */
  readonly found: (column: number) => string;
  /** One part's result files. */
  readonly result: (part: number) => string;
  /** One part's rows as they were sent. */
  readonly sentRows: (part: number) => string;
  /** Which of the two belong together. */
  readonly paired: (part: number) => string;
  /** A table of any other name. */
  readonly named: (name: string) => string;
};

export const parentName = (column: number): string => `parent_${column}`;
export const foundName = (column: number): string => `found_${column}`;

/**
 * What of a load is worked on: its first step, and of that the rows which a person has decided to be records they resemble (`decided`), which
 * are updates by Id whatever the rest is; or its second step, in which rows whose lookups lead back to them are sent once more, with these.
 */
export type Step = 'first' | 'decided' | 'second';

/** Of the others the tables that stand for those of the first. */
const OTHERS: Readonly<Record<Exclude<Step, 'first'>, Partial<Record<FixedTable, FixedTable>>>> = {
  decided: { currentRecord: 'decidedRecord' },
  second: {
    planned: 'laterRow',
    mapped: 'laterMapped',
    currentRecord: 'laterRecord',
    level: 'laterLevel',
    submission: 'laterSubmission',
    resent: 'laterResent',
    outcome: 'laterOutcome',
  },
};

export function tablesOf(alias: string, step: Step = 'first'): Tables {
  const named = (name: string) => `${quoteName(alias)}.${quoteName(name)}`;
  const keys = Object.keys(TABLE_NAMES) as FixedTable[];
  const nameOf = (key: FixedTable) => TABLE_NAMES[step === 'first' ? key : (OTHERS[step][key] ?? key)];
  const fixed = Object.fromEntries(keys.map((key) => [key, named(nameOf(key))])) as Record<FixedTable, string>;
  return {
    ...fixed,
    value: (column) => named(`value_${column}`),
    parent: (column) => named(parentName(column)),
    found: (column) => named(foundName(column)),
    result: (part) => named(`result_${part}`),
    sentRows: (part) => named(`sent_${part}`),
    paired: (part) => named(`paired_${part}`),
    named,
  };
}

/** The statement that makes a table, empty, in the place of one there was; or keeps that. */
export function createTable(
  table: string,
  { columns, key }: TableShape,
  existing: 'replace' | 'keep' = 'replace',
): string {
  const list = Object.entries(columns).map(([name, type]) => `${quoteName(name)} ${type}`);
  const primary = key === null ? [] : [`PRIMARY KEY (${quoteName(key)})`];
  const create = existing === 'replace' ? 'CREATE OR REPLACE TABLE' : 'CREATE TABLE IF NOT EXISTS';
  return `${create} ${table} (${[...list, ...primary].join(', ')})`;
}

/** The statement that gives a table its key once it has its rows: it fails where two have the same. To look for each as it comes takes three times as long. */
export function giveKey(table: string, { key }: TableShape): string {
  if (key === null) throw new Error('a table without a key is given one');
  return `CREATE UNIQUE INDEX ${quoteName(`key_${key}`)} ON ${table} (${quoteName(key)})`;
}

function texts(names: readonly string[]): Record<string, ColumnType> {
  return Object.fromEntries(names.map((name) => [name, 'VARCHAR NOT NULL' as const]));
}

/** Of each row that could be read, what its mapped cells say; `pairs` are the lookups found by two. One row a source row. */
export function mappedShape(columns: readonly number[], pairs: readonly number[] = []): TableShape {
  const cells = [...columns.flatMap((column) => [sent(column), canonical(column)]), ...pairs.map(second)];
  return { columns: { row_number: 'INTEGER NOT NULL', ...texts(cells) }, key: null };
}

/** Where `mapped` is a view: its cells in their order, and of a row of `staged_stored`, as `s`, what each says unless it was written. */
export const MAPPED_FORM: TableShape = {
  columns: { name: 'VARCHAR NOT NULL', form: 'VARCHAR NOT NULL', place: 'INTEGER NOT NULL' },
  key: 'name',
};

/** Remarks on distinct texts of a column. */
export const VALUE_ISSUE: TableShape = {
  columns: {
    source_column: 'INTEGER NOT NULL',
    raw: 'VARCHAR NOT NULL',
    code: 'VARCHAR NOT NULL',
    level: 'VARCHAR NOT NULL',
    facts: 'VARCHAR NOT NULL',
  },
  key: null,
};

/** Remarks with how many rows have each, and which comes first: what a page of values is read from. */
export const ISSUE_GROUP: TableShape = {
  columns: {
    ...VALUE_ISSUE.columns,
    n: 'INTEGER NOT NULL',
    first_row: 'INTEGER NOT NULL',
    first_line: 'INTEGER NOT NULL',
  },
  key: null,
};

/** The codes of rows that are not sent by a person's choice, as SQL lists them. */
export const LEFT_OUT_SQL = LEFT_OUT_CODES.map(quoteText).join(', ');
/** Kinds of planned rows that are sent, as SQL writes a list of them. */
export const SENT_KINDS = "'insert', 'update', 'delete', 'undelete'";
export const POLICY_SQL = PolicyCode.options.map(quoteText).join(', ');

/**
 * Why a row is not sent, and in `row_remark` what there is to say of values together in a row that is sent; a row may have several.
 * `source_column` is -1 for a problem of the whole row.
 */
export const ROW_ISSUE: TableShape = {
  columns: {
    row_number: 'INTEGER NOT NULL',
    source_column: 'INTEGER NOT NULL',
    code: 'VARCHAR NOT NULL',
    facts: 'VARCHAR NOT NULL',
  },
  key: null,
};

/** Rows that another row stands for: `identical` to it, `superseded` by it, or `merged` into it. */
export const REPEATED: TableShape = {
  columns: { row_number: 'INTEGER NOT NULL', of_row: 'INTEGER NOT NULL', decision: 'VARCHAR NOT NULL' },
  key: null,
};

/** Rows that repeat one another but differ, with the first of each group. */
export const REPEAT_GROUP: TableShape = {
  columns: { row_number: 'INTEGER NOT NULL', first_row: 'INTEGER NOT NULL' },
  key: null,
};

/** Keys to ask the org for: folded, with one spelling of each. */
export const WANTED: TableShape = { columns: texts(['k', 'spelling']), key: null };

/**
 * Records of the org: `id` of 18 characters, `k` the key, canonical and folded; if asked for `stamp`, the canonical time of its
 * last change, and `deleted`; of mapped columns the org's own text and, where a view over it does not work that out, its canonical form
 * (`read`). One row a record.
 */
export function recordShape(given: readonly string[], read: readonly string[]): TableShape {
  const unread = Object.fromEntries(read.map((name) => [name, 'VARCHAR' as const]));
  return { columns: { ...texts(given), ...unread }, key: null };
}

/** The table under a view of records. */
export const storedName = (records: string): string => `${records}_stored`;

/**
 * What a lookup finds by each key that finds anything (`k`, and `w` for the second field or blank): `n` records that could be
 * meant, of them the oldest, and whether they are active. Where some are active, those that are not could not be meant.
 */
export const FOUND: TableShape = {
  columns: {
    ...texts(['k', 'w', 'id']),
    n: 'INTEGER NOT NULL',
    active: 'BOOLEAN NOT NULL',
  },
  key: null,
};

/** How many records each key names, and the first of them. */
export const MATCHED: TableShape = {
  columns: { k: 'VARCHAR NOT NULL', n: 'INTEGER NOT NULL', id: 'VARCHAR NOT NULL' },
  key: null,
};

/** Rows whose lookup names, by the folded key, a record that only the file has so far. */
export const OWN_PARENT: TableShape = {
  columns: { row_number: 'INTEGER NOT NULL', source_column: 'INTEGER NOT NULL', k: 'VARCHAR NOT NULL' },
  key: null,
};

/** Rows whose lookup, by other fields than a key, finds no record but a row of the file. */
export const OWN_FOUND: TableShape = {
  columns: { row_number: 'INTEGER NOT NULL', source_column: 'INTEGER NOT NULL', of_row: 'INTEGER NOT NULL' },
  key: null,
};

/** How many parents lie above a row within the file; rows that have none there are not in it. */
export const LEVEL: TableShape = {
  columns: { row_number: 'INTEGER NOT NULL', level: 'INTEGER NOT NULL' },
  key: 'row_number',
};

/**
 * Cells that are given in a second step, once the row they name (`of_row`) has its record: its lookup leads back to the row itself, is
 * too deep, or names the row by something else than a key. `value` is what would be sent; in `mapped` they are blank, for that is what the first step sends.
 */
export const LATER_CELL: TableShape = {
  columns: {
    row_number: 'INTEGER NOT NULL',
    source_column: 'INTEGER NOT NULL',
    of_row: 'INTEGER NOT NULL',
    value: 'VARCHAR NOT NULL',
  },
  key: null,
};

/** Which record a row names; rows that name none, or none that is there, are not in it. */
export const ROW_MATCH: TableShape = {
  columns: { row_number: 'INTEGER NOT NULL', id: 'VARCHAR NOT NULL' },
  key: null,
};

/**
 * Places of the mapped columns whose value a row would change, and of those among them that have none so far (`filled`), or would
 * have none then (`cleared`).
 */
const CHANGES = {
  changed: 'INTEGER[] NOT NULL',
  filled: 'INTEGER[] NOT NULL',
  cleared: 'INTEGER[] NOT NULL',
} as const;

/** What would change, of rows that name a record. */
export const ROW_CHANGE: TableShape = { columns: { row_number: 'INTEGER NOT NULL', ...CHANGES }, key: null };

/** What a load would do to each source row. Each row is in it once, or the plan fails. */
export const PLANNED: TableShape = {
  columns: {
    row_number: 'INTEGER NOT NULL',
    kind: 'VARCHAR NOT NULL',
    id: 'VARCHAR',
    of_row: 'INTEGER',
    decision: 'VARCHAR',
    ...CHANGES,
  },
  key: 'row_number',
};

/**
 * What a person has left out of a plan: rows whole (`source_column` -1), or one of their changes, with what would have been sent and
 * whether it fills or clears.
 */
export const LEFT_OUT: TableShape = {
  columns: {
    row_number: 'INTEGER NOT NULL',
    source_column: 'INTEGER NOT NULL',
    sent: 'VARCHAR NOT NULL',
    filled: 'BOOLEAN NOT NULL',
    cleared: 'BOOLEAN NOT NULL',
  },
  key: null,
};

/** Cells of an undo that are not sent, for their record holds something else by now than the load gave it (`now`, the org's text). */
export const KEPT_CELL: TableShape = {
  columns: { row_number: 'INTEGER NOT NULL', source_column: 'INTEGER NOT NULL', now: 'VARCHAR NOT NULL' },
  key: null,
};

/** Columns that a large plan is searched in by their values, or whose cells are in its rows' texts (`search_text`: `row_number`, `text`). */
export const SEARCHED_COLUMN: TableShape = {
  columns: { source_column: 'INTEGER NOT NULL', by_value: 'BOOLEAN NOT NULL' },
  key: null,
};
/** The values of such columns, each once, with what is looked at in a search. */
export const SEARCH_VALUE: TableShape = {
  columns: { source_column: 'INTEGER NOT NULL', value: 'VARCHAR NOT NULL', text: 'VARCHAR NOT NULL' },
  key: null,
};

/** What a person has decided of rows that resemble records, and which record it is about. */
export const ROW_DECISION: TableShape = {
  columns: { row_number: 'INTEGER NOT NULL', decision: 'VARCHAR NOT NULL', id: 'VARCHAR NOT NULL' },
  key: null,
};

/** Cells that rows which became updates do not send, with what they would have sent as new records. */
export const DECIDED_CELL: TableShape = {
  columns: { row_number: 'INTEGER NOT NULL', source_column: 'INTEGER NOT NULL', sent: 'VARCHAR NOT NULL' },
  key: null,
};

/** What holds of all rows of a plan that resemble one another, as JSON: one row where they were compared, none where they were not. */
export const SIMILAR_STATE: TableShape = { columns: { facts: 'VARCHAR NOT NULL' }, key: null };

/** Rows that resemble one another, each with the first row of its group, and which of them is sent alone; NULL where all are. */
export const SIMILAR_GROUP: TableShape = {
  columns: {
    row_number: 'INTEGER NOT NULL',
    first_row: 'INTEGER NOT NULL',
    keep: 'VARCHAR NOT NULL',
    chosen: 'BOOLEAN NOT NULL',
    kept_row: 'INTEGER',
  },
  key: 'row_number',
};

/** What a person decided of a group, by all its rows in their order: a rule's name, or the number of the row that is sent. */
export const SIMILAR_CHOICE: TableShape = {
  columns: { members: 'INTEGER[] NOT NULL', keep: 'VARCHAR NOT NULL' },
  key: null,
};

/** The rows of a load's second step, as `PLANNED` has them: each is an update of the record that the first step gave it. */
export const LATER_ROW: TableShape = {
  columns: { row_number: 'INTEGER NOT NULL', kind: 'VARCHAR NOT NULL', id: 'VARCHAR NOT NULL' },
  key: 'row_number',
};

/** Rows of a second step that is tried once more whose lookups somebody has given other values since: they are not sent. */
export const LATER_MOVED: TableShape = { columns: { row_number: 'INTEGER NOT NULL' }, key: 'row_number' };

/**
 * Rows of a plan whose record is no longer as the plan says: it was `changed` or `deleted`, or another record has the row's key
 * (`taken`).
 */
export const MOVED: TableShape = {
  columns: { row_number: 'INTEGER NOT NULL', what: 'VARCHAR NOT NULL' },
  key: 'row_number',
};

/** Of changed records the values that are others now, by the column that they are compared under. */
export const MOVED_VALUE: TableShape = {
  columns: {
    row_number: 'INTEGER NOT NULL',
    source_column: 'INTEGER NOT NULL',
    before: 'VARCHAR NOT NULL',
    now: 'VARCHAR NOT NULL',
  },
  key: null,
};

/** What became of each row. Each row is in it once, or reconciling fails. */
export const OUTCOME: TableShape = {
  columns: {
    row_number: 'INTEGER NOT NULL',
    kind: 'VARCHAR NOT NULL',
    id: 'VARCHAR NOT NULL',
    error: 'VARCHAR NOT NULL',
  },
  key: 'row_number',
};

/** Outcomes as text on their way in: what is appended from outside the engine is text. */
export const BLOCKED_TEXT: TableShape = {
  columns: texts(['row_number', 'kind', 'id', 'error']),
  key: null,
};

/** Of rows that are not sent the reasons, as they stand in a file. */
export const PROBLEM_TEXT: TableShape = {
  columns: { row_number: 'INTEGER NOT NULL', error: 'VARCHAR NOT NULL' },
  key: 'row_number',
};

/** The rows that are sent, with which part, and in which order (`nth`, from 1, over all parts). */
export const SUBMISSION: TableShape = {
  columns: { row_number: 'INTEGER NOT NULL', part: 'INTEGER NOT NULL', nth: 'INTEGER NOT NULL' },
  key: 'row_number',
};

/** Rows that are sent once more, by the part that they are sent again in, and the part that they were in before. */
export const RESENT: TableShape = {
  columns: { row_number: 'INTEGER NOT NULL', part: 'INTEGER NOT NULL', before: 'INTEGER NOT NULL' },
  key: null,
};

/** The rows of one part with what was sent of them. */
export function sentShape(columns: readonly number[]): TableShape {
  return { columns: { row_number: 'INTEGER NOT NULL', ...texts(columns.map(sent)) }, key: null };
}

/** The rows of one part's result files: which file, what Salesforce says, and the cells it gives back. */
export function resultShape(columns: readonly number[]): TableShape {
  return { columns: texts(['file', 'id', 'detail', ...columns.map(resultText)]), key: null };
}

/** Results of a batch, each with the place of its row in it, from 1. */
export const PLACED: TableShape = {
  columns: {
    place: 'BIGINT NOT NULL',
    id: 'VARCHAR NOT NULL',
    success: 'BOOLEAN NOT NULL',
    created: 'BOOLEAN NOT NULL',
    error: 'VARCHAR NOT NULL',
  },
  key: null,
};

/** Which row of the result files tells of a row that was sent: each of the two is in it once at most. */
export const PAIRED: TableShape = {
  columns: { row_number: 'INTEGER NOT NULL', result_row: 'BIGINT NOT NULL' },
  key: 'row_number',
};

/** Tables of a finished load whose rows lie in files (`load/compact-load.ts`): the folder of each `<name>.parquet`, and its digest. */
export const KEPT_FILE: TableShape = { columns: texts(['name', 'folder', 'sha256']), key: null };
