import type { WorkProgress } from '../../../shared/contract/events.ts';
import type { MappingIssue } from '../../../shared/domain/field-issue.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import { columnLabel } from '../../../shared/text/counts.ts';
import type { HandlersOf } from '../dispatch.ts';
import type { OneAtATime } from '../one-at-a-time.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import type { ColumnFormats } from '../staging/staging-functions.ts';
import type { ValueChecker } from './check-values.ts';
import { blankColumns, groupIssues, issueRows } from './issue-groups.ts';
import { mappingContext, type ContextTools } from './mapping-context.ts';

interface CheckTools extends ContextTools {
  readonly staging: StagingClient;
  readonly checker: ValueChecker;
  readonly turns: OneAtATime;
  readonly work: (progress: WorkProgress) => void;
}

/** What keeps a mapping from being read at all. */
const UNREADABLE: ReadonlySet<MappingIssue['code']> = new Set([
  'FIELD_UNKNOWN',
  'PARENT_FIELD_CANNOT_MATCH',
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

/** Every value against its field's rules, before anything is written. */
export function checkProcedures(tools: CheckTools): HandlersOf<'checks'> {
  const { staging, checker, turns, work } = tools;
  return {
    'checks.run': ({ orgId, sourceId, mapping: given }, signal) =>
      turns.run(sourceId, signal, async () => {
        const context = await mappingContext(tools, orgId, sourceId, given, signal);
        const { source, describe, mapping, mappingIssues } = context;
        // Value rules need fields to go by; while a mapping has none, or unknown ones, only its own problems are told.
        if (mappingIssues.some(({ code }) => UNREADABLE.has(code))) {
          return {
            mappingIssues: [...mappingIssues],
            groups: [],
            leftOut: { groups: 0, rows: 0 },
            rows: source.rows,
            rowsReady: 0,
            rowsBlocked: source.rows,
            formats: [],
          };
        }
        const formats = await checker.check(context, signal, (done, total) =>
          work({ sourceId, stage: 'checking', done, total }),
        );
        const blank = await blankColumns(staging.until(signal), source, mapping);
        const grouped = await groupIssues(staging.until(signal), source, mapping, describe);
        return {
          mappingIssues: [...mappingIssues, ...formatQuestions(formats, source.columns), ...blank],
          ...grouped,
          rows: source.rows,
          rowsReady: source.rows - grouped.rowsBlocked,
          formats: [...formats].map(([column, { dateOrder, decimal }]) => ({ column, dateOrder, decimal })),
        };
      }),
    'checks.rows': async ({ orgId, sourceId, mapping: given, groupKey, offset, limit }, signal) => {
      const { source, describe, mapping } = await mappingContext(tools, orgId, sourceId, given, signal);
      return issueRows(staging.until(signal), source, mapping, describe, groupKey, offset, limit);
    },
  };
}
