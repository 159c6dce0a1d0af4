import type { WorkProgress } from '../../../shared/contract/events.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { Input } from '../../../shared/contract/procedures.ts';
import type { CheckReport, MappingIssue } from '../../../shared/domain/field-issue.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import { columnLabel } from '../../../shared/text/counts.ts';
import type { HandlersOf } from '../dispatch.ts';
import type { OneAtATime } from '../one-at-a-time.ts';
import type { ColumnFormats } from '../staging/staging-functions.ts';
import type { ValueChecker } from './check-values.ts';
import { blankColumns, groupPage, issueRows } from './issue-groups.ts';
import { countRows, findProblems } from './issue-problems.ts';
import { mappingContext, type ContextTools, type MappingContext } from './mapping-context.ts';
import { problemPage } from './problem-rows.ts';
import { repeatedPage } from './repeated-page.ts';
import { saveProblemRows, type SaveRowsTools } from './save-problem-rows.ts';

interface CheckTools extends ContextTools, SaveRowsTools {
  readonly checker: ValueChecker;
  readonly turns: OneAtATime;
  readonly work: (progress: WorkProgress) => void;
}

/** What keeps a mapping from being read at all. */
const UNREADABLE: ReadonlySet<MappingIssue['code']> = new Set([
  'FIELD_UNKNOWN',
  'PARENT_FIELD_CANNOT_MATCH',
  'PARENT_FIELD_CANNOT_FIND',
  'COLUMNS_DO_NOT_FIT',
  'NOTHING_MAPPED',
]);

/** One question for each column that does not say how its values are written. */
function formatQuestions(
  formats: ReadonlyMap<number, ColumnFormats>,
  columns: readonly SourceColumn[],
): MappingIssue[] {
  return [...formats].flatMap(([column, { dateOrder, question }]): MappingIssue[] => {
    if (question === null) return [];
    const format = dateOrder === null ? 'decimal' : 'dateOrder';
    const columnName = columnLabel(columns[column]?.name, column);
    return [{ code: 'FORMAT_UNDECIDED', level: 'warn', column, columnName, format, ...question }];
  });
}

/** Checks a mapping's values and groups what there is to say; null where it can't be read by any rules. */
async function checked(
  { checker, work }: Pick<CheckTools, 'checker' | 'work'>,
  context: MappingContext,
  signal: AbortSignal,
): Promise<Map<number, ColumnFormats> | null> {
  const { sourceId } = context.source;
  if (context.mappingIssues.some(({ code }) => UNREADABLE.has(code))) return null;
  const formats = await checker.check(context, signal, (done, total) =>
    work({ sourceId, stage: 'checking', done, total }),
  );
  await checker.group(context, signal);
  return formats;
}

function unreadable({ mappingIssues }: MappingContext): FailureError {
  const problems = mappingIssues.filter(({ level }) => level === 'block').length;
  return new FailureError({ code: 'MAPPING_BLOCKED', problems });
}

async function runChecks(tools: CheckTools, context: MappingContext, signal: AbortSignal): Promise<CheckReport> {
  const { source, mapping, mappingIssues } = context;
  const formats = await checked(tools, context, signal);
  // Value rules need fields to go by; while a mapping has none, or unknown ones, only its own problems are told.
  if (formats === null) {
    const rows = { rows: source.rows, rowsReady: 0, rowsRepeated: 0, rowsBlocked: source.rows, rowsLeftOut: 0 };
    return { mappingIssues: [...mappingIssues], problems: [], groups: [], ...rows, formats: [] };
  }
  const staging = tools.staging.until(signal);
  const blank = await blankColumns(staging, source, mapping);
  return {
    mappingIssues: [...mappingIssues, ...formatQuestions(formats, source.columns), ...blank],
    ...(await findProblems(staging, context)),
    ...(await countRows(staging, context)),
    formats: [...formats].map(([column, { dateOrder, decimal }]) => ({ column, dateOrder, decimal })),
  };
}

/** Every value against its field's rules, before anything is written. */
export function checkProcedures(tools: CheckTools): HandlersOf<'checks'> {
  const { staging, turns } = tools;
  type Asked = Pick<Input<'checks.run'>, 'orgId' | 'sourceId' | 'mapping'>;
  /** What is read of a check waits until none is under way. */
  const inTurn = <T>(asked: Asked, signal: AbortSignal, work: (context: MappingContext) => Promise<T>): Promise<T> =>
    turns.run(asked.sourceId, signal, async () =>
      work(await mappingContext(tools, asked.orgId, asked.sourceId, asked.mapping, signal)),
    );
  /** Goes back to a mapping that was checked before another: a window shows what it was told of it then. */
  const ofLast = <T>(asked: Asked, signal: AbortSignal, read: (context: MappingContext) => Promise<T>): Promise<T> =>
    inTurn(asked, signal, async (context) => {
      const { checker } = tools;
      const isTold = checker.isLast(context) && checker.isGrouped(context);
      if (!isTold && (await checked(tools, context, signal)) === null) throw unreadable(context);
      return read(context);
    });
  return {
    'checks.run': (asked, signal) => inTurn(asked, signal, (context) => runChecks(tools, context, signal)),
    'checks.rows': (asked, signal) =>
      ofLast(asked, signal, (context) => issueRows(staging.until(signal), context, asked.groupKey, asked)),
    'checks.groups': (asked, signal) =>
      ofLast(asked, signal, (context) => groupPage(staging.until(signal), context, asked, asked)),
    'checks.problemRows': (asked, signal) =>
      ofLast(asked, signal, (context) => problemPage(staging.until(signal), context, asked.problem, asked)),
    'checks.repeats': (asked, signal) =>
      ofLast(asked, signal, (context) => repeatedPage(staging.until(signal), context, asked)),
    'checks.saveProblemRows': (asked, signal) =>
      inTurn(asked, signal, async (context) => {
        const problems = context.mappingIssues.filter(({ level }) => level === 'block').length;
        if ((await checked(tools, context, signal)) === null)
          throw new FailureError({ code: 'MAPPING_BLOCKED', problems });
        return saveProblemRows(tools, context, signal);
      }),
  };
}
