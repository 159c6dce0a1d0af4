import {
  bulkHeader,
  matchColumn,
  sentColumns,
  type FieldMapping,
  type MappedColumn,
} from '../../../shared/domain/field-mapping.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { CHANGED_BY, orgText, sent, tablesOf } from '../tables/tables.ts';
import { replaceMapped } from '../validation/mapped-view.ts';
import { comparedColumns, differsSql } from './compare-rows.ts';
import { wantsChangedBy } from './fetch-matches.ts';
import { slicesOf } from './name-records.ts';
import type { PlanInput } from './plan-input.ts';

/** Rows whose record the mapping's policies leave alone are not sent, and say why. `row_match` and `row_issue` are there already. */
export async function leaveRecords(staging: StagingSql, { planId, mapping, describe }: PlanInput): Promise<void> {
  const { rowMatch, rowIssue, currentRecord } = tablesOf(planId);
  const { upsert, unlessChangedSince } = mapping.policies ?? {};
  const key = matchColumn(mapping);
  if (!key) return;
  const open = `FROM ${rowMatch} x ANTI JOIN (SELECT DISTINCT row_number FROM ${rowIssue}) i USING (row_number)`;
  if (mapping.operation === 'upsert' && upsert === 'create-only')
    await staging.run(
      `INSERT INTO ${rowIssue} SELECT x.row_number, ${key.column}, 'RECORD_EXISTS', json_object('id', x.id) ${open}`,
    );
  if (unlessChangedSince !== undefined) {
    // As stamps are compared everywhere: in UTC, to the second.
    const since = `${new Date(unlessChangedSince).toISOString().slice(0, 19)}Z`;
    await staging.run(
      `INSERT INTO ${rowIssue} SELECT x.row_number, ${key.column}, 'RECORD_CHANGED_SINCE', json_object('id', x.id, 'changedAt', c.stamp, 'by', ${changedBySql(mapping, describe)})
       ${open} JOIN ${currentRecord} c ON c.id = x.id WHERE c.stamp >= '${since}'`,
    );
  }
}

/** Who changed a record of the org (`c`) last; blank where that is not known. */
export function changedBySql(mapping: FieldMapping, describe: SObjectDescribe): string {
  return wantsChangedBy(mapping, describe) ? `c.${CHANGED_BY}` : "''";
}

/** Columns whose values no record loses. */
export function keptColumns(mapping: FieldMapping): MappedColumn[] {
  if (mapping.operation !== 'update' && mapping.operation !== 'upsert') return [];
  const isAll = mapping.policies?.fillBlanksOnly === true;
  return comparedColumns(mapping).filter(({ neverOverwrite }) => isAll || neverOverwrite === true);
}

/**
 * Takes out of `mapped` the cells that a policy says not to send, for their record has a value there, and counts those that would
 * have changed it. A checkbox always has one. What is taken out is blank, which Bulk API 2.0 leaves as it is.
 */
export async function keepValues(staging: StagingSql, input: PlanInput): Promise<LoadPlan['keptFields']> {
  const columns = keptColumns(input.mapping);
  if (columns.length === 0) return [];
  const { mapped, rowMatch, rowIssue, currentRecord, named } = tablesOf(input.planId);
  const narrowed = named('mapped_kept');
  const hasValue = ({ column }: MappedColumn) => `coalesce(c.${orgText(column)}, '') <> ''`;
  const replaced = columns.map(
    (column) => `CASE WHEN ${hasValue(column)} THEN '' ELSE m.${sent(column.column)} END AS ${sent(column.column)}`,
  );
  const counted = columns.map(
    (column) => `count(*) FILTER (${hasValue(column)} AND ${differsSql(column, input)}) AS ${sent(column.column)}`,
  );
  const rows = new Map(columns.map((column) => [column, 0]));
  await staging.run(`CREATE OR REPLACE TABLE ${narrowed} AS SELECT * FROM ${mapped} LIMIT 0`);
  for await (const slice of slicesOf(staging, input, sentColumns(input.mapping).length)) {
    const from = `FROM (SELECT * FROM ${mapped} WHERE ${slice}) m LEFT JOIN (SELECT * FROM ${rowMatch} WHERE ${slice}) x USING (row_number)
      LEFT JOIN ${currentRecord} c ON c.id = x.id`;
    const [found] = await staging.query(
      `SELECT ${counted.join(', ')} ${from} WHERE m.row_number NOT IN (SELECT row_number FROM ${rowIssue})`,
    );
    for (const column of columns) rows.set(column, (rows.get(column) ?? 0) + Number(found?.[sent(column.column)] ?? 0));
    await staging.run(`INSERT INTO ${narrowed} SELECT m.* REPLACE (${replaced.join(', ')}) ${from}`);
  }
  await replaceMapped(staging, input.planId, narrowed);
  return columns
    .map((column) => ({ field: bulkHeader(column.target), rows: rows.get(column) ?? 0 }))
    .filter((kept) => kept.rows > 0)
    .sort((one, other) => other.rows - one.rows);
}
