import { Group, NativeSelect, TextInput } from '@mantine/core';
import {
  mappedColumns,
  matchColumn,
  removes,
  type FieldMapping,
  type WritePolicies,
} from '../../../shared/domain/field-mapping.ts';
import { fieldNamed, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { SeveralChoice } from '../../components/several-choice.tsx';
import { localDay, midnightOf } from '../../settings/moments.ts';
import { withPolicy } from './with-policy.ts';

interface PolicyOptionsProps {
  readonly mapping: FieldMapping;
  readonly describe: SObjectDescribe;
  readonly change: (change: Partial<FieldMapping>) => void;
}

/** What of the org a load leaves alone, although the file says otherwise. */
export function PolicyOptions({ mapping, describe, change }: PolicyOptionsProps) {
  const { operation, policies = {} } = mapping;
  // What lies in the Recycle Bin has no values to keep.
  if (operation === 'insert' || operation === 'undelete') return null;
  const set = (next: WritePolicies) => change({ policies: withPolicy(policies, next) });
  return (
    <Group align="flex-start">
      {operation === 'upsert' && (
        <NativeSelect
          label="This load can"
          value={policies.upsert ?? 'both'}
          data={[
            { value: 'both', label: 'create and update records' },
            { value: 'update-only', label: 'only update records' },
            { value: 'create-only', label: 'only create records' },
          ]}
          onChange={({ currentTarget: { value } }) =>
            set({ upsert: value === 'both' ? undefined : (value as WritePolicies['upsert']) })
          }
        />
      )}
      {!removes(operation) && (
        <NativeSelect
          label="Values that records already have"
          value={policies.fillBlanksOnly === true ? 'stay' : 'overwritten'}
          data={[
            { value: 'overwritten', label: 'are overwritten' },
            { value: 'stay', label: 'are kept: only blanks are filled' },
          ]}
          onChange={({ currentTarget: { value } }) => set({ fillBlanksOnly: value === 'stay' ? true : undefined })}
        />
      )}
      {!removes(operation) && policies.fillBlanksOnly !== true && (
        <NeverOverwrite mapping={mapping} describe={describe} change={change} />
      )}
      {removes(operation) && <ShownFields mapping={mapping} describe={describe} change={change} />}
      <TextInput
        type="date"
        label="Skip records changed since"
        value={policies.unlessChangedSince === undefined ? '' : localDay(policies.unlessChangedSince)}
        onChange={({ currentTarget: { value } }) => set({ unlessChangedSince: midnightOf(value) ?? undefined })}
      />
    </Group>
  );
}

function NeverOverwrite({ mapping, describe, change }: PolicyOptionsProps) {
  const key = matchColumn(mapping);
  const columns = mappedColumns(mapping).filter((column) => column !== key);
  return (
    <SeveralChoice
      label="Never overwrite"
      placeholder={columns.some(({ neverOverwrite }) => neverOverwrite) ? '' : 'no field in particular'}
      miw={220}
      options={() =>
        columns.map(({ column, target }) => ({
          value: String(column),
          label: fieldNamed(describe, target.field)?.label ?? target.field,
        }))
      }
      value={columns.filter(({ neverOverwrite }) => neverOverwrite).map(({ column }) => String(column))}
      onChange={(chosen) =>
        change({
          columns: mapping.columns.map(({ neverOverwrite: _before, ...column }) =>
            chosen.includes(String(column.column)) ? { ...column, neverOverwrite: true } : column,
          ),
        })
      }
    />
  );
}

function ShownFields({ mapping, describe, change }: PolicyOptionsProps) {
  return (
    <SeveralChoice
      label="Also show of each record"
      placeholder={mapping.shownFields?.length ? '' : 'its name is always shown'}
      miw={220}
      maxValues={20}
      options={() =>
        describe.fields.filter(({ type }) => type !== 'id').map(({ name, label }) => ({ value: name, label }))
      }
      value={mapping.shownFields ?? []}
      onChange={(chosen) => change({ shownFields: chosen.length === 0 ? undefined : chosen })}
    />
  );
}
