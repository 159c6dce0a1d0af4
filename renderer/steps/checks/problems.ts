import type { IssueCode, IssueGroup, IssueLevel } from '../../../shared/domain/field-issue.ts';
import type { ColumnMapping } from '../../../shared/domain/field-mapping.ts';

/** Changes how one column is read or mended. */
export type ChangeColumn = (column: number, next: (before: ColumnMapping) => ColumnMapping) => void;

/** All values of one problem in one column: what a person would call "one problem". */
export interface Problem {
  readonly key: string;
  readonly code: IssueCode;
  readonly level: IssueLevel;
  readonly columnName: string;
  readonly rows: number;
  readonly groups: IssueGroup[];
}

export function problemsOf(groups: readonly IssueGroup[]): Problem[] {
  const problems = new Map<string, Problem>();
  for (const group of groups) {
    const key = `${group.code} ${group.column ?? ''}`;
    const known = problems.get(key);
    problems.set(key, {
      key,
      code: group.code,
      level: group.level,
      columnName: group.columnName,
      rows: (known?.rows ?? 0) + group.rows,
      groups: [...(known?.groups ?? []), group],
    });
  }
  const rank: Record<IssueLevel, number> = { block: 0, row: 1, warn: 2, fix: 3 };
  return [...problems.values()].sort((a, b) => rank[a.level] - rank[b.level] || b.rows - a.rows);
}
