import type { CleaningStep } from '../../../shared/domain/cleaning.ts';
import type { MappingIssue } from '../../../shared/domain/field-issue.ts';
import type { ColumnMapping, FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { makerOf } from '../../../shared/domain/made-columns.ts';
import { isRequiredOnCreate, type FieldDescribe, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';

export type RowFilter = 'all' | 'unmapped' | 'problems';

/** Columns of which something is said that needs a look, by number. */
export function columnsWithProblems(
  mapping: FieldMapping,
  issues: readonly MappingIssue[],
  columns: readonly SourceColumn[],
): ReadonlySet<number> {
  const found = new Set<number>();
  const fillers = (field: string) =>
    mapping.columns.filter(
      ({ target }) => target.kind !== 'ignored' && target.field.toLowerCase() === field.toLowerCase(),
    );
  for (const issue of issues) {
    if (issue.code === 'FORMAT_UNDECIDED') found.add(issue.column);
    if (issue.code === 'DUPLICATE_HEADER') for (const number of issue.columns) found.add(number - 1);
    if (issue.code === 'COLUMN_BLANK')
      for (const { index, name } of columns) if (name === issue.column) found.add(index);
    if (issue.code === 'FIELD_READ_ONLY' || issue.code === 'FIELD_MAPPED_TWICE')
      for (const { column } of fillers(issue.field)) found.add(column);
    if (issue.code === 'FIELD_UNKNOWN')
      for (const field of issue.fields) for (const { column } of fillers(field)) found.add(column);
  }
  return found;
}

/** Whether a column fills nothing though it might: what only came along with a result file does not count. */
export function isUnmapped({ target, reason }: ColumnMapping): boolean {
  return target.kind === 'ignored' && reason !== 'result-column';
}

/** The columns in the file's order, each followed by its copies; what was made of several comes after all. */
export function inReadingOrder(
  mapping: FieldMapping,
  steps: readonly CleaningStep[],
  fileColumns: number,
): ColumnMapping[] {
  const after = new Map<number | null, ColumnMapping[]>();
  for (const entry of mapping.columns) {
    const step = makerOf(entry.column, steps, fileColumns)?.step;
    const origin = step?.kind === 'copy' ? step.column : null;
    const copies = after.get(origin);
    if (copies) copies.push(entry);
    else after.set(origin, [entry]);
  }
  const withCopies = (entry: ColumnMapping): ColumnMapping[] => [
    entry,
    ...(after.get(entry.column) ?? []).flatMap(withCopies),
  ];
  return (after.get(null) ?? []).flatMap(withCopies);
}

/** Fields that a new record can't be without and that no column fills. */
export function requiredUnfilled(mapping: FieldMapping, describe: SObjectDescribe): FieldDescribe[] {
  if (mapping.operation !== 'insert' && mapping.operation !== 'upsert') return [];
  const filled = new Set(
    mapping.columns.flatMap(({ target }) => (target.kind === 'ignored' ? [] : [target.field.toLowerCase()])),
  );
  return describe.fields.filter((field) => isRequiredOnCreate(field) && !filled.has(field.name.toLowerCase()));
}
