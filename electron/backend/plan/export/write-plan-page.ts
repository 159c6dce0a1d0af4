import { writeFile } from 'node:fs/promises';
import { IssueCode } from '../../../../shared/domain/field-issue.ts';
import { bulkHeader, mappedColumns } from '../../../../shared/domain/field-mapping.ts';
import type { LoadPlan, PlannedRow } from '../../../../shared/domain/load-plan.ts';
import { issueTitle } from '../../../../shared/text/issue-title.ts';
import { diskFailure } from '../../documents/durable-file.ts';
import type { StagingSql } from '../../staging/staging-client.ts';
import { LEFT_OUT_SQL, POLICY_SQL, tablesOf } from '../../tables/tables.ts';
import { planPage } from '../plan-pages.ts';
import type { StoredPlan } from '../stored-plan.ts';
import { planPageHtml, type PlanPage } from './plan-page-html.ts';

/** Rows of each kind that the page shows, and changes of each field. */
const ROWS = 200;
const SAMPLES = 3;

type Staging = Pick<StagingSql, 'query'>;

/** Writes a plan as a web page that a colleague can read and approve. Throws `DISK_FULL` and `DISK_REFUSED`. */
export async function writePlanPage(
  staging: Staging,
  { plan, describe, fileName }: Pick<StoredPlan, 'plan' | 'describe' | 'fileName'>,
  orgName: string,
  path: string,
): Promise<void> {
  const rows: PlannedRow[] = [];
  for (const kind of ['insert', 'update', 'delete', 'undelete'] as const)
    rows.push(...(await planPage(staging, plan, { kind, search: '' }, 0, ROWS)).rows);
  const page = planPageHtml({
    plan,
    orgName,
    objectLabel: describe.labelPlural,
    fileName,
    samples: await samplesOf(staging, plan),
    reasons: await reasonsOf(staging, plan),
    rows,
  });
  await writeFile(path, page, { mode: 0o600 }).catch((error: unknown) => {
    throw diskFailure(error, 'the plan as a page');
  });
}

async function samplesOf(staging: Staging, plan: LoadPlan): Promise<PlanPage['samples']> {
  const samples = new Map<string, { old: string; now: string }[]>();
  for (const { field } of plan.changedFields) {
    const view = { kind: null, search: '', change: { field, how: 'any' as const } };
    const { rows } = await planPage(staging, plan, view, 0, SAMPLES);
    const changes = rows.flatMap((row) => (row.kind === 'update' ? row.changes : []));
    samples.set(
      field,
      changes.filter((change) => change.field === field).map(({ old, new: now }) => ({ old, now })),
    );
  }
  return samples;
}

async function reasonsOf(staging: Staging, { planId, mapping }: LoadPlan): Promise<PlanPage['reasons']> {
  const found = await staging.query(
    `SELECT code, source_column, count(DISTINCT row_number) AS n FROM ${tablesOf(planId).rowIssue} WHERE code NOT IN (${LEFT_OUT_SQL}, ${POLICY_SQL}) GROUP BY ALL ORDER BY n DESC`,
  );
  return found.map((row) => {
    const title = issueTitle(IssueCode.parse(row['code']));
    const column = mappedColumns(mapping).find((one) => one.column === Number(row['source_column']));
    return { title: column ? `${bulkHeader(column.target)}: ${title}` : title, rows: Number(row['n']) };
  });
}
