import { sentColumns } from '../../../shared/domain/field-mapping.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { createTable, ISSUE_GROUP, tablesOf } from '../tables/tables.ts';
import { remarkedCells, type CheckedSource } from './issue-names.ts';

/** Gathers in `issue_group` the remarks on the values of a checked source: each with its rows counted, once for all pages of them. */
export async function groupRemarks(staging: StagingSql, checked: CheckedSource): Promise<void> {
  const { valueIssue, issueGroup } = tablesOf(checked.source.alias);
  await staging.run(createTable(issueGroup, ISSUE_GROUP));
  const remarked = await staging.query(`SELECT DISTINCT source_column FROM ${valueIssue}`);
  const withRemarks = new Set(remarked.map((row) => Number(row['source_column'])));
  for (const { column } of sentColumns(checked.mapping)) {
    if (!withRemarks.has(column)) continue;
    await staging.run(
      `INSERT INTO ${issueGroup} SELECT ${column}, i.raw, i.code, i.level, any_value(i.facts), count(*), min(s.row_number), arg_min(s.line, s.row_number)
       ${await remarkedCells(staging, checked, column)} GROUP BY i.raw, i.code, i.level`,
    );
  }
}
