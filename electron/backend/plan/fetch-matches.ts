import {
  expectedColumns,
  matchColumn,
  type FieldMapping,
  type MappedColumn,
} from '../../../shared/domain/field-mapping.ts';
import type { FetchedRecords } from '../../../shared/domain/fetched-records.ts';
import { fieldNamed, type FieldDescribe, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { CHANGED_BY, parentId } from '../tables/tables.ts';
import { sentField } from '../validation/rule-field.ts';
import { comparedColumns } from './compare-rows.ts';
import { fetchCurrentRecords, type FetchRequest, type FetchTools } from './fetch-current-records.ts';
import type { PlannedMapping } from './plan-input.ts';
import { currentValuePath, type RecordRequest } from './record-request.ts';
import { FIRST_SHOWN, shownFields } from './shown-fields.ts';

/** By whose rules an org's current value becomes canonical. */
function currentValueField(column: MappedColumn, { describe, parents }: PlannedMapping): FieldDescribe {
  const { target } = column;
  const own = target.kind === 'lookup' && target.polymorphic ? fieldNamed(describe, target.field) : undefined;
  return own ?? sentField(column, describe, parents);
}

/** Asks for the records that rows may mean, with all that is compared; null where rows name no record. */
export function matchRequest(input: PlannedMapping, table: string): FetchRequest | null {
  const { planId, mapping, describe, parents, folder } = input;
  const key = matchColumn(mapping);
  if (!key) return null;
  return {
    alias: planId,
    table,
    folder,
    objectName: describe.name,
    keyField: sentField(key, describe, parents),
    columns: [
      ...comparedColumns(mapping).map((column) => ({
        column: column.column,
        path: currentValuePath(column),
        field: currentValueField(column, input),
      })),
      ...shownFields(mapping, describe).map((field, index) => ({
        column: FIRST_SHOWN + index,
        path: field.name,
        field,
      })),
    ],
    stamp: fieldNamed(describe, 'SystemModstamp') ?? null,
    wantsDeleted: false,
    condition: null,
    beside: besideOf(mapping, describe),
    lenient: true,
  };
}

/**
 * Of lookups by external id the Id of the parent, which is what an undo gives back: not every parent has an external id. Where
 * records that were changed in the org are left alone, who changed them.
 */
function besideOf(mapping: FieldMapping, describe: SObjectDescribe): RecordRequest['beside'] {
  const ids = comparedColumns(mapping).flatMap(({ column, target }) =>
    target.kind === 'lookup' && !target.polymorphic ? [{ name: parentId(column), path: target.field }] : [],
  );
  return wantsChangedBy(mapping, describe) ? [...ids, { name: CHANGED_BY, path: 'LastModifiedBy.Name' }] : ids;
}

/** Whether it is asked who changed a record last, and can be. */
export function wantsChangedBy(mapping: FieldMapping, describe: SObjectDescribe): boolean {
  const isWanted = mapping.policies?.unlessChangedSince !== undefined || expectedColumns(mapping).length > 0;
  return isWanted && fieldNamed(describe, 'LastModifiedById')?.relationshipName === 'LastModifiedBy';
}

/**
 * Makes the table named, in the plan's database, of the records that some keys name (`keysSql` gives canonical ones as column `k`):
 * one row a record, with all that is compared; some that no row names may be among them. `current_record` is one such table.
 */
export async function fetchMatches(
  tools: FetchTools,
  input: PlannedMapping,
  into: { readonly table: string; readonly keysSql: string },
  signal: AbortSignal,
  progress: (records: number) => void,
): Promise<FetchedRecords | null> {
  const request = matchRequest(input, into.table);
  return request && fetchCurrentRecords(tools, request, into.keysSql, signal, progress);
}
