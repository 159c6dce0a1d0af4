import { matchColumn, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import type { FetchedRecords } from '../../../shared/domain/fetched-records.ts';
import { fieldNamed, type FieldDescribe } from '../../../shared/domain/sobject.ts';
import { sentField } from '../validation/rule-field.ts';
import { comparedColumns } from './compare-rows.ts';
import { fetchCurrentRecords, type FetchRequest, type FetchTools } from './fetch-current-records.ts';
import type { PlannedMapping } from './plan-input.ts';
import { currentValuePath } from './record-request.ts';
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
  };
}

/**
 * Makes the table named, in the plan's database, of the records that some keys name (`keysSql` gives canonical ones as column `k`):
 * one row a record, with all that is compared. `current_record` is one such table.
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
