import { MOST_FAILURE_GROUPS, type FailuresSoFar } from '../../../shared/domain/load-results.ts';
import type { PlanId } from '../../../shared/domain/ids.ts';
import { textOf } from '../staging/staging-functions.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { tablesOf } from '../tables/tables.ts';

/** SQL for the reason of a failed row, by its `sf__Error`: Salesforce's code, and the fields that it names. */
export const REFUSAL = {
  code: `split_part(error, ':', 1)`,
  fields: `regexp_extract(error, ':([^:]*) --$', 1)`,
} as const;

/** Characters of a refusal that are kept: a trigger's can be a whole stack trace. */
const MESSAGE = 500;

/** The failed rows among the outcomes that are known, by their reason. Texts come in few kinds: reasons are taken of each kind once. */
export async function failuresSoFar(staging: Pick<StagingSql, 'query'>, planId: PlanId): Promise<FailuresSoFar> {
  const groups = await staging.query(
    `WITH told AS (SELECT error, count(*) AS n, min(row_number) AS first_row FROM ${tablesOf(planId).outcome} WHERE kind = 'failed' GROUP BY error)
     SELECT ${REFUSAL.code} AS code, ${REFUSAL.fields} AS fields, sum(n) AS n, sum(sum(n)) OVER () AS failed, left(arg_min(error, first_row), ${MESSAGE}) AS message
     FROM told GROUP BY 1, 2 ORDER BY n DESC, min(first_row) LIMIT ${MOST_FAILURE_GROUPS}`,
  );
  const kept = groups.reduce((sum, { n }) => sum + Number(n), 0);
  return {
    groups: groups.map((row) => ({
      statusCode: textOf(row, 'code'),
      fields: textOf(row, 'fields'),
      rows: Number(row['n']),
      message: textOf(row, 'message'),
    })),
    otherRows: Number(groups[0]?.['failed'] ?? 0) - kept,
  };
}
