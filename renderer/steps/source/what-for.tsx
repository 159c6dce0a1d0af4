import { Button, NativeSelect, Select } from '@mantine/core';
import { mappedColumns, type Operation } from '../../../shared/domain/field-mapping.ts';
import type { SourceSummary } from '../../../shared/domain/source-file.ts';
import { useCall } from '../../backend/backend-context.tsx';
import type { StepProps } from '../../wizard/use-load-parts.ts';

export const OPERATIONS: { value: Operation; label: string; sentence: string }[] = [
  {
    value: 'upsert',
    label: 'Upsert',
    sentence: 'Rows that match a record by an external ID update it; the others create records.',
  },
  { value: 'insert', label: 'Insert', sentence: 'Every row creates a record. Existing records don’t change.' },
  { value: 'update', label: 'Update', sentence: 'Every row updates the record with its Id. Nothing is created.' },
  {
    value: 'delete',
    label: 'Delete',
    sentence: 'Every row deletes the record with its Id. Deleted records go to the recycle bin.',
  },
  {
    value: 'hardDelete',
    label: 'Hard delete',
    sentence:
      'Every row deletes the record with its Id for good: it doesn’t go to the Recycle Bin. You need the permission “Bulk API Hard Delete”.',
  },
  {
    value: 'undelete',
    label: 'Undelete',
    sentence: 'Every row brings the record with its Id back from the Recycle Bin, with the records deleted with it.',
  },
];

interface Props extends Pick<StepProps, 'draft' | 'dispatch' | 'org'> {
  readonly source: SourceSummary;
}

/** Which object the rows are of, and what is to be done with them. */
export function WhatFor({ draft, dispatch, source, org }: Props) {
  const objects = useCall('orgs.objects', draft.orgId ? { orgId: draft.orgId } : null, { keep: true });
  const operation = OPERATIONS.find(({ value }) => value === draft.operation);
  return (
    <section className="panel" aria-label="What it is for">
      <h3>What it is for</h3>
      {org ? (
        <>
          <Select
            mt="xs"
            label="Object"
            searchable
            nothingFoundMessage="No such object"
            value={draft.objectName}
            data={(objects.data ?? [])
              .filter(({ createable, updateable, deletable }) => createable || updateable || deletable)
              .map(({ name, label }) => ({ value: name, label: label === name ? label : `${label} (${name})` }))}
            onChange={(value) => value && dispatch({ kind: 'object-chosen', objectName: value })}
            description={
              draft.objectName && draft.mapping
                ? `${mappedColumns(draft.mapping).length} of ${source.columns.length} columns fit its fields.`
                : 'Finding the object that fits the columns…'
            }
          />
          <NativeSelect
            mt="xs"
            label="Operation"
            // The guess of the object brings an operation, and would take the place of one that was chosen before it came.
            disabled={draft.objectName === null}
            value={draft.operation}
            data={OPERATIONS.map(({ value, label }) => ({ value, label }))}
            onChange={(event) =>
              dispatch({ kind: 'operation-chosen', operation: event.currentTarget.value as Operation })
            }
            description={operation?.sentence}
          />
        </>
      ) : (
        <>
          <p className="lead">Connect an org to see which object and fields this file fits.</p>
          <Button mt="sm" onClick={() => dispatch({ kind: 'go', place: { kind: 'connect', then: draft.place } })}>
            Connect an org
          </Button>
        </>
      )}
    </section>
  );
}
