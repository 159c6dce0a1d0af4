import type { CheckReport, IssueCode, IssueGroup, IssueProblem } from '../../../shared/domain/field-issue.ts';
import type { ColumnFix } from '../../../shared/domain/column-fix.ts';
import { idPoliciesOf, type ColumnMapping, type FoundTarget } from '../../../shared/domain/field-mapping.ts';
import type { PlanId } from '../../../shared/domain/ids.ts';

/** Changes how one column is read or mended. */
export type ChangeColumn = (column: number, next: (before: ColumnMapping) => ColumnMapping) => void;

/** All values of one problem in one column: what a person would call "one problem". */
export interface Problem extends IssueProblem {
  readonly key: string;
  /** The beginning of its groups, by value where it is not sent. */
  readonly first: readonly IssueGroup[];
  /** The plan that tells of it, where only the org could; null for what the file shows by itself. */
  readonly planId: PlanId | null;
}

/** What a person had done, which is told by what was done and not as a problem. */
const DONE_BY_YOU: ReadonlySet<IssueCode> = new Set<IssueCode>([
  'NUMBER_ROUNDED',
  'TEXT_CUT',
  'BLANK_FILLED',
  'VALUE_REPLACED',
  'LEFT_OUT',
]);

export function problemsOf(
  { problems, groups }: Pick<CheckReport, 'problems' | 'groups'>,
  planId: PlanId | null = null,
): Problem[] {
  return problems
    .filter(({ code }) => !DONE_BY_YOU.has(code))
    .map((problem) => ({
      ...problem,
      planId,
      key: `${problem.code} ${problem.column ?? ''}${planId === null ? '' : ' in the org'}`,
      first: groups.filter(({ code, column }) => code === problem.code && column === problem.column),
    }));
}

/** The column with one more fix; of each kind there is one, but for values left out. */
export function withFix(column: ColumnMapping, fix: ColumnFix): ColumnMapping {
  return { ...column, fixes: [...withoutFix(column, fix).fixes, fix] };
}

export function withoutFix(column: ColumnMapping, fix: ColumnFix): ColumnMapping {
  const isSame = (one: ColumnFix) =>
    one.kind === fix.kind && (one.kind !== 'exclude' || fix.kind !== 'exclude' || one.value === fix.value);
  return { ...column, fixes: column.fixes.filter((one) => !isSame(one)) };
}

/** What would stand in the place of a group's whole value if its suggestion were taken; null without one. */
export function suggestedValue({ rawValue, facts }: Pick<IssueGroup, 'rawValue' | 'facts'>): string | null {
  const { suggestion, part } = facts;
  if (typeof suggestion !== 'string') return null;
  if (typeof part !== 'string') return suggestion;
  const parts = rawValue.split(';').map((one) => one.trim());
  return parts.map((one) => (one === part ? suggestion : one)).join(';');
}

type LookupPolicy = Partial<Pick<FoundTarget, 'whenNone' | 'whenSeveral' | 'whenInactive'>>;

/** The column with something else done about rows whose lookup finds nothing that can be used; as it is where nothing else can be. */
export function withPolicy(column: ColumnMapping, policy: LookupPolicy): ColumnMapping {
  const { target } = column;
  if (target.kind === 'found') return { ...column, target: { ...target, ...policy } };
  if (target.kind !== 'field') return column;
  const { whenNone, whenInactive } = { ...idPoliciesOf(target), ...policy };
  return { ...column, target: { ...target, ids: { whenNone, whenInactive } } };
}
