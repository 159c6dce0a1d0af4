import type { PlanId } from '../../../shared/domain/ids.ts';
import type { Run } from '../../../shared/domain/run.ts';
import type { GoneRule, RunSync } from '../../../shared/domain/sync.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { syncStateTables, syncWorkTables } from '../tables/sync-tables.ts';
import { tablesOf } from '../tables/tables.ts';
import { outcomesSql } from './commit-rows.ts';
import { goneDueSql, transaction } from './commit-state.ts';
import { pauseSql } from './pauses.ts';
import type { SyncHead } from './sync-state.ts';

interface CommittedGone {
  readonly alias: string;
  readonly workId: string;
  readonly planId: PlanId;
  readonly loaded: boolean;
  /** Null where all that was agreed has been forgotten since. */
  readonly head: SyncHead | null;
  readonly rule: GoneRule;
  readonly now: number;
}

/**
 * The state after a run that did something with records whose rows are gone. What was deleted, or is not there any more, is forgotten; what has its
 * field, or was changed in the org since it was agreed, is left alone from now on; what failed waits. Of a state that was forgotten meanwhile
 * there is nothing to write down.
 */
export async function commitGone(
  sql: StagingSql,
  { runId }: Run,
  own: RunSync,
  { alias, workId, planId, loaded, head, rule, now }: CommittedGone,
): Promise<RunSync> {
  if (head === null) {
    const nothing = { agreed: 0, rewritten: 0, setBack: 0, waiting: 0, setAside: [], goneDue: 0 };
    return { ...own, phase: 'committed', done: nothing };
  }
  const { record } = syncStateTables(alias);
  const { chosen, gone } = syncWorkTables(workId);
  const { staged, currentRecord } = tablesOf(planId);
  if (head.lastRun !== runId) {
    await sql.run(
      `CREATE OR REPLACE TABLE ${chosen} AS SELECT g.k, o.kind, o.error, g.id IN (SELECT id FROM ${currentRecord}) AS is_there
         FROM ${staged} s JOIN (${outcomesSql({ planId, loaded })}) o USING (row_number) JOIN ${gone} g ON g.id = s.c0`,
    );
    const of = (condition: string) => `SELECT k FROM ${chosen} WHERE ${condition}`;
    await sql.run(
      transaction(alias, { ...head, lastRun: runId }, [
        `DELETE FROM ${record} WHERE k IN (${of("kind = 'deleted' OR NOT is_there")})`,
        `UPDATE ${record} SET status = 'gone' WHERE k IN (${of("kind IN ('updated', 'unchanged', 'leftOut')")})`,
        `UPDATE ${record} SET attempts = attempts + 1, next_attempt = ${pauseSql(now, 'attempts + 1')}, error = c.error
           FROM ${chosen} c WHERE c.k = ${record}.k AND c.kind IN ('failed', 'unknown', 'skipped')`,
      ]),
    );
  }
  const [counts] = await sql.query(
    `SELECT (SELECT count(*) FROM ${chosen} WHERE kind IN ('deleted', 'updated', 'unchanged')) AS agreed,
       count(*) FILTER (status = 'waiting') AS waiting, count(*) FILTER (${goneDueSql(rule, head.runs, now)}) AS due FROM ${record}`,
  );
  const number = (name: string) => Number(counts?.[name] ?? 0);
  const done = { agreed: number('agreed'), rewritten: 0, setBack: 0, waiting: number('waiting'), setAside: [] };
  return { ...own, phase: 'committed', done: { ...done, goneDue: number('due') } };
}
