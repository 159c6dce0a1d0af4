import { EDGE_SPACES } from '../../../shared/match/white-space.ts';
import { classOf } from '../match/match-sql.ts';
import { assertNever } from '../../../shared/domain/assert-never.ts';
import { columnsMadeBy, columnsReadBy, type CleaningStep } from '../../../shared/domain/cleaning.ts';
import { digestOf } from '../digest-of.ts';
import { copiedSql, HAS_UNREADABLE_SQL, inheritedSql, unmarkedSql } from '../tables/cell-marks.ts';
import { quoteText } from '../tables/quote.ts';

/** What cleaning reads: the rows of a source as its files say them, in `<alias>.raw`. */
export interface RawTable {
  readonly alias: string;
  readonly fileColumns: number;
}

/** White space as it is trimmed everywhere, and what joins or parts letters without a width: a person asks for these to go. */
const SPACE = classOf([...EDGE_SPACES, 0x200c, 0x200d, 0x2060]);

/** Problems that a person can mend by typing the cells that are missing or could not be read: the record's shape is known, values of it are not. */
const MENDABLE = "'TOO_FEW_CELLS', 'UNREADABLE_CHARACTER', 'NUL_CHARACTER'";

const FACTS = ['rid', 'row_number', 'line', 'part', 'problem', 'problem_column', 'original', 'marks'];

/** The facts of a row, its marks as this SQL says. */
function factsWith(marks: string): string[] {
  return FACTS.map((fact) => (fact === 'marks' && marks !== fact ? `${marks} AS marks` : fact));
}

function cellsOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `c${index}`);
}

export function columnCount(table: RawTable, steps: readonly CleaningStep[]): number {
  return steps.reduce((count, step) => count + columnsMadeBy(step).length, table.fileColumns);
}

/**
 * Name of the table of rows that a step takes out after these steps. It is theirs alone: a change of steps that is called
 * off must not leave the rows of others under the name.
 */
export function droppedTable(table: RawTable, stepsBefore: readonly CleaningStep[]): string {
  return `${table.alias}.dropped_${digestOf(stepsBefore).slice(0, 16)}`;
}

/**
 * A source's rows with steps applied, each a layer around the ones before: DuckDB merges them into one pass. `where` picks
 * rows of `raw` before anything is computed. Columns: `rid` (the row's place in storage), the facts, `c0 … cm`.
 */
export function cleanedRows(table: RawTable, steps: readonly CleaningStep[], where = 'true'): string {
  const facts = FACTS.map((fact) => (fact === 'rid' ? 'rowid AS rid' : fact));
  let sql = `SELECT ${[...facts, ...cellsOf(table.fileColumns)].join(', ')} FROM ${table.alias}.raw WHERE ${where}`;
  let count = table.fileColumns;
  steps.forEach((step, place) => {
    if (step.kind === 'remove-duplicates') {
      sql = `SELECT * FROM (${sql}) WHERE row_number NOT IN (SELECT row_number FROM ${droppedTable(table, steps.slice(0, place))})`;
      return;
    }
    const cells = cellsOf(count).map((cell, index) => {
      const cleaned = cleanedCell(step, index);
      // Rows that could not be read stay as they are; they go home with their original text.
      return cleaned === cell ? cell : `CASE WHEN problem IS NULL THEN ${cleaned} ELSE ${cell} END AS ${cell}`;
    });
    const made = madeCells(step).map(
      (made, index) => `CASE WHEN problem IS NULL THEN ${made} END AS c${count + index}`,
    );
    const marks =
      step.kind === 'copy'
        ? copiedSql('marks', count, step.column)
        : made.reduce((marked, _cell, index) => inheritedSql(marked, count + index, columnsReadBy(step)), 'marks');
    sql = `SELECT ${[...factsWith(marks), ...cells, ...made].join(', ')} FROM (${sql})`;
    count += made.length;
  });
  return sql;
}

/** The same with what was typed laid over it. A row is mended once no cell is missing or unreadable any more. */
export function editedRows(
  table: RawTable,
  steps: readonly CleaningStep[],
  editedColumns: readonly number[],
  where = 'true',
): string {
  const cleaned = cleanedRows(table, steps, where);
  const count = columnCount(table, steps);
  const edited = editedColumns.filter((column) => column < count);
  if (edited.length === 0) return cleaned;
  const typed = edited.map((column) => `max(value) FILTER (source_column = ${column}) AS e${column}`).join(', ');
  const cells = cellsOf(count).map((cell, index) =>
    edited.includes(index) ? `coalesce(e${index}, ${cell}) AS ${cell}` : cell,
  );
  const own = cellsOf(table.fileColumns);
  const marks = edited.reduce((sql, column) => unmarkedSql(sql, column, `e${column} IS NOT NULL`), 'marks');
  const isMissing = own.map((cell) => `${cell} IS NULL`).join(' OR ');
  return `SELECT rid, row_number, line, part,
      CASE WHEN still_bad THEN problem END AS problem, CASE WHEN still_bad THEN problem_column END AS problem_column,
      CASE WHEN still_bad THEN original END AS original, marks, ${cellsOf(count).join(', ')}
    FROM (SELECT *, CASE WHEN problem IS NULL THEN false WHEN problem IN (${MENDABLE}) THEN ${HAS_UNREADABLE_SQL} OR ${isMissing} ELSE true END AS still_bad
      FROM (SELECT ${[...factsWith(marks), ...cells].join(', ')} FROM (${cleaned})
        LEFT JOIN (SELECT row_number, ${typed} FROM ${table.alias}.edited GROUP BY row_number) USING (row_number)))`;
}

/** What a step makes of one cell, as SQL; the cell itself where it does nothing. */
export function cleanedCell(step: CleaningStep, column: number): string {
  const cell = `c${column}`;
  if (!('columns' in step) || step.kind === 'join' || !step.columns.includes(column)) return cell;
  switch (step.kind) {
    case 'trim':
      return `regexp_replace(${cell}, '^${SPACE}+|${SPACE}+$', '', 'g')`;
    case 'collapse-spaces':
      return `regexp_replace(${cell}, '${SPACE}+', ' ', 'g')`;
    case 'change-case':
      if (step.to === 'upper') return `upper(${cell})`;
      if (step.to === 'lower') return `lower(${cell})`;
      return `array_to_string(list_transform(regexp_extract_all(lower(${cell}), '[\\p{L}\\p{M}\\p{N}''’]+|[^\\p{L}\\p{M}\\p{N}''’]+'), lambda word: upper(word[1]) || word[2:]), '')`;
    case 'replace-pattern':
      return `regexp_replace(${cell}, ${quoteText(step.pattern)}, ${quoteText(step.replacement)}, '${step.ignoreCase ? 'gi' : 'g'}')`;
    case 'find-replace':
      return `replace(${cell}, ${quoteText(step.find)}, ${quoteText(step.replacement)})`;
    case 'map-values': {
      const whens = step.values.map(({ from, to }) => `WHEN ${quoteText(from)} THEN ${quoteText(to)}`);
      return `CASE ${cell} ${whens.join(' ')} ELSE ${cell} END`;
    }
    case 'fill-blanks':
      return `CASE WHEN regexp_full_match(${cell}, '${SPACE}*') THEN ${quoteText(step.value)} ELSE ${cell} END`;
    default:
      return assertNever(step);
  }
}

/** The cells of columns that a step makes, as SQL. */
export function madeCells(step: CleaningStep): string[] {
  if (step.kind === 'join') {
    const filled = step.columns.map((column) => `nullif(c${column}, '')`).join(', ');
    return [`concat_ws(${quoteText(step.separator)}, ${filled})`];
  }
  if (step.kind === 'copy') return [`c${step.column}`];
  if (step.kind === 'constant') return [quoteText(step.value)];
  if (step.kind !== 'split') return [];
  const separator = quoteText(step.separator);
  const parts = `string_split(c${step.column}, ${separator})`;
  const last = step.names.length;
  return step.names.map((_name, index) =>
    index + 1 < last
      ? `coalesce(${parts}[${index + 1}], '')`
      : `coalesce(array_to_string(${parts}[${last}:], ${separator}), '')`,
  );
}

/**
 * Numbers of rows that are equal in every column to one before them. Rows are compared whole: equal hashes only say which
 * ones to compare.
 */
export function duplicateRows(table: RawTable, stepsBefore: readonly CleaningStep[]): string {
  const cells = cellsOf(columnCount(table, stepsBefore)).join(', ');
  const rows = cleanedRows(table, stepsBefore, 'problem IS NULL');
  return `WITH hashed AS MATERIALIZED (SELECT row_number, hash(${cells}) AS h FROM (${rows})),
      suspects AS (SELECT row_number FROM hashed WHERE h IN (SELECT h FROM hashed GROUP BY h HAVING count(*) > 1))
    SELECT row_number FROM (
      SELECT row_number, row_number() OVER (PARTITION BY ${cells} ORDER BY row_number) AS nth
      FROM (${rows}) WHERE row_number IN (SELECT row_number FROM suspects)) WHERE nth > 1`;
}
