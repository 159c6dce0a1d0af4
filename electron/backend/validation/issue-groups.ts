import { z } from 'zod';
import {
  FieldIssue,
  IssueCode,
  IssueFacts,
  IssueLevel,
  type CheckReport,
  type IssueGroup,
  type MappingIssue,
} from '../../../shared/domain/field-issue.ts';
import { bulkHeader, mappedColumns, sentColumns, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { SourceRowNumber } from '../../../shared/domain/ids.ts';
import { fieldNamed, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import { isBlankSql } from '../match/match-sql.ts';
import type { StagedSource } from '../source/staged-sources.ts';
import type { SqlRow } from '../staging/staging-functions.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { cell, tablesOf } from '../tables/tables.ts';
import { parseJson } from '../parse-json.ts';
import { columnLabel } from '../../../shared/text/counts.ts';

/** Groups a column may bring; a column of free text can have as many kinds of wrong as it has rows. */
const GROUPS_A_COLUMN = 200;

const GroupKey = z.tuple([z.number(), IssueCode, z.string().nullable()]);

/** Value problems are grouped by value, so that one fix mends a group; remarks and whole-row problems by kind. */
function keyOf(column: number, code: IssueCode, raw: string | null): string {
  return JSON.stringify([column, code, raw]);
}

function factsOf(text: unknown): IssueFacts {
  const facts = IssueFacts.safeParse(JSON.parse(typeof text === 'string' ? text : '{}'));
  return facts.success ? facts.data : {};
}

interface Names {
  column: number | null;
  columnName: string;
  field: string | null;
  fieldLabel: string | null;
}

function namesOf(source: StagedSource, mapping: FieldMapping, describe: SObjectDescribe, column: number): Names {
  if (column < 0) return { column: null, columnName: '', field: null, fieldLabel: null };
  const target = mappedColumns(mapping).find((candidate) => candidate.column === column)?.target;
  return {
    column,
    columnName: columnLabel(source.columns[column]?.name, column),
    field: target ? bulkHeader(target) : null,
    fieldLabel: target ? (fieldNamed(describe, target.field)?.label ?? null) : null,
  };
}

/** The problems of a checked source, grouped by what one fix would mend, largest first. */
export async function groupIssues(
  staging: StagingSql,
  source: StagedSource,
  mapping: FieldMapping,
  describe: SObjectDescribe,
): Promise<Pick<CheckReport, 'groups' | 'leftOut' | 'rowsBlocked'>> {
  const { valueIssue, rowIssue, staged, repeated } = tablesOf(source.alias);
  const groups: IssueGroup[] = [];
  const leftOut = { groups: 0, rows: 0 };
  const add = (row: SqlRow, byValue: boolean) => {
    const column = Number(row['source_column']);
    const code = IssueCode.parse(row['code']);
    const rawValue = String(row['raw'] ?? '');
    groups.push({
      key: keyOf(column, code, byValue ? rawValue : null),
      code,
      level: IssueLevel.parse(row['level']),
      ...namesOf(source, mapping, describe, column),
      rawValue,
      facts: factsOf(row['facts']),
      rows: Number(row['n']),
      firstRow: SourceRowNumber.parse(Number(row['first_row'])),
      firstLine: Number(row['first_line']),
    });
  };
  for (const { column } of sentColumns(mapping)) {
    const joined = `FROM ${valueIssue} i JOIN ${staged} s ON s.problem IS NULL AND s.${cell(column)} = i.raw WHERE i.source_column = ${column}`;
    const figures = 'count(*) AS n, min(s.row_number) AS first_row, arg_min(s.line, s.row_number) AS first_line';
    const byValue = await staging.query(
      `SELECT ${column} AS source_column, i.code, i.level, i.raw, any_value(i.facts) AS facts, ${figures} ${joined} AND i.level = 'row'
       GROUP BY i.code, i.level, i.raw ORDER BY n DESC, first_row LIMIT ${GROUPS_A_COLUMN + 1}`,
    );
    const shown = byValue.slice(0, GROUPS_A_COLUMN);
    if (byValue.length > GROUPS_A_COLUMN) {
      const [all] = await staging.query(
        `SELECT count(DISTINCT (i.code, i.raw)) AS n, count(*) AS row_count ${joined} AND i.level = 'row'`,
      );
      leftOut.groups += Number(all?.['n']) - shown.length;
      leftOut.rows += Number(all?.['row_count']) - shown.reduce((sum, { n }) => sum + Number(n), 0);
    }
    for (const row of shown) add(row, true);
    const byKind = await staging.query(
      `SELECT ${column} AS source_column, i.code, i.level, arg_min(i.raw, s.row_number) AS raw, arg_min(i.facts, s.row_number) AS facts, ${figures} ${joined} AND i.level <> 'row'
       GROUP BY i.code, i.level`,
    );
    for (const row of byKind) add(row, false);
  }
  const values = `SELECT DISTINCT source_column, code FROM ${valueIssue} WHERE level = 'row'`;
  const rowKinds = await staging.query(
    `SELECT r.source_column, r.code, 'row' AS level, arg_min(r.facts, r.row_number) AS facts, count(*) AS n, min(r.row_number) AS first_row,
       arg_min(s.line, r.row_number) AS first_line
     FROM ${rowIssue} r JOIN ${staged} s USING (row_number)
     ANTI JOIN (${values}) v ON v.source_column = r.source_column AND v.code = r.code GROUP BY r.source_column, r.code`,
  );
  for (const row of rowKinds) {
    const [first] = await staging.query(`SELECT * FROM ${staged} WHERE row_number = ?`, [Number(row['first_row'])]);
    const column = Number(row['source_column']);
    add({ ...row, raw: column < 0 ? String(first?.['original'] ?? '') : String(first?.[cell(column)] ?? '') }, false);
  }
  const repeats = await staging.query(
    `SELECT -1 AS source_column, 'ROW_REPEATED' AS code, 'warn' AS level, '' AS raw, json_object('of', arg_min(of_row, row_number)) AS facts,
       count(*) AS n, min(row_number) AS first_row, 0 AS first_line FROM ${repeated} WHERE decision = 'identical' HAVING count(*) > 0`,
  );
  for (const row of repeats) add(row, false);
  const [blocked] = await staging.query(`SELECT count(DISTINCT row_number) AS n FROM ${rowIssue}`);
  groups.sort((a, b) => b.rows - a.rows || a.firstRow - b.firstRow);
  return { groups, leftOut, rowsBlocked: Number(blocked?.['n'] ?? 0) };
}

/** Mapped columns without a single value: usually a column mapped by mistake (M14). */
export async function blankColumns(
  staging: StagingSql,
  source: StagedSource,
  mapping: FieldMapping,
): Promise<MappingIssue[]> {
  const mapped = sentColumns(mapping);
  const { staged } = tablesOf(source.alias);
  const counts = mapped.map(({ column }) => `count(*) FILTER (NOT ${isBlankSql(cell(column))}) AS n${column}`);
  const [filled] = await staging.query(`SELECT ${counts.join(', ')} FROM ${staged} WHERE problem IS NULL`);
  return mapped
    .filter(({ column }) => Number(filled?.[`n${column}`] ?? 0) === 0)
    .map(({ column }) => ({ code: 'COLUMN_BLANK', level: 'warn', column: source.columns[column]?.name ?? '' }));
}

/** The rows of one group, a page at a time. */
export async function issueRows(
  staging: StagingSql,
  source: StagedSource,
  mapping: FieldMapping,
  describe: SObjectDescribe,
  groupKey: string,
  offset: number,
  limit: number,
): Promise<FieldIssue[]> {
  const key = GroupKey.safeParse(parseJson(groupKey));
  if (!key.success) throw new FailureError({ code: 'BAD_REQUEST', where: 'checks.rows', problem: 'unknown group' });
  const [column, code, value] = key.data;
  const { valueIssue, rowIssue, staged, repeated } = tablesOf(source.alias);
  const raw = column < 0 ? "coalesce(s.original, '')" : `s.${cell(column)}`;
  const [anyValue] = await staging.query(
    `SELECT count(*) AS n FROM ${valueIssue} WHERE source_column = ? AND code = ?`,
    [column, code],
  );
  const byValue = Number(anyValue?.['n'] ?? 0) > 0;
  const sql = byValue
    ? `SELECT s.row_number, s.line, ${raw} AS raw, i.facts, i.level FROM ${staged} s JOIN ${valueIssue} i ON i.raw = ${raw}
       WHERE s.problem IS NULL AND i.source_column = ? AND i.code = ? ${value === null ? '' : 'AND i.raw = ?'}`
    : code === 'ROW_REPEATED'
      ? `SELECT s.row_number, s.line, '' AS raw, json_object('of', r.of_row) AS facts, 'warn' AS level FROM ${repeated} r JOIN ${staged} s USING (row_number)
         WHERE r.decision = 'identical' AND ? < 0 AND ? <> ''`
      : `SELECT s.row_number, s.line, ${raw} AS raw, r.facts, 'row' AS level FROM ${rowIssue} r JOIN ${staged} s USING (row_number)
         WHERE r.source_column = ? AND r.code = ?`;
  const values = byValue && value !== null ? [column, code, value] : [column, code];
  const rows = await staging.query(`${sql} ORDER BY s.row_number LIMIT ${limit} OFFSET ${offset}`, values);
  const names = namesOf(source, mapping, describe, column);
  return rows.map((row) =>
    FieldIssue.parse({
      code,
      level: row['level'],
      row: Number(row['row_number']),
      line: Number(row['line']),
      column: names.column,
      field: names.field,
      rawValue: String(row['raw'] ?? ''),
      facts: factsOf(row['facts']),
    }),
  );
}
