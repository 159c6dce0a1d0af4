import type { WorkProgress } from '../../../shared/contract/events.ts';
import type { HandlersOf } from '../dispatch.ts';
import type { OneAtATime } from '../one-at-a-time.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import type { ValueChecker } from './check-values.ts';
import { blankColumns, groupIssues, issueRows } from './issue-groups.ts';
import { mappingContext, type ContextTools } from './mapping-context.ts';

interface CheckTools extends ContextTools {
  readonly staging: StagingClient;
  readonly checker: ValueChecker;
  readonly turns: OneAtATime;
  readonly work: (progress: WorkProgress) => void;
}

/** Every value against its field's rules, before anything is written. */
export function checkProcedures(tools: CheckTools): HandlersOf<'checks'> {
  const { staging, checker, turns, work } = tools;
  return {
    'checks.run': ({ orgId, sourceId, mapping }, signal) =>
      turns.run(sourceId, signal, async () => {
        const context = await mappingContext(tools, orgId, sourceId, mapping);
        const { source, describe, mappingIssues } = context;
        // Value rules need fields to go by; while a mapping has none, or unknown ones, only its own problems are told.
        const unreadable = mappingIssues.some(
          ({ code }) => code === 'FIELD_UNKNOWN' || code === 'PARENT_FIELD_CANNOT_MATCH' || code === 'NOTHING_MAPPED',
        );
        if (unreadable) {
          return {
            mappingIssues,
            groups: [],
            groupsLeftOut: 0,
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
          mappingIssues: [...mappingIssues, ...blank],
          ...grouped,
          rows: source.rows,
          rowsReady: source.rows - grouped.rowsBlocked,
          formats: [...formats].map(([column, format]) => ({ column, ...format })),
        };
      }),
    'checks.rows': async ({ orgId, sourceId, mapping, groupKey, offset, limit }) => {
      const { source, describe } = await mappingContext(tools, orgId, sourceId, mapping);
      return issueRows(staging, source, mapping, describe, groupKey, offset, limit);
    },
  };
}
