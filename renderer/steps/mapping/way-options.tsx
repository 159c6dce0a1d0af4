import { Checkbox, NativeSelect } from '@mantine/core';
import { loadWay, type FieldMapping, type LoadWay, type WritePolicies } from '../../../shared/domain/field-mapping.ts';
import { withPolicy } from './with-policy.ts';

interface WayOptionsProps {
  readonly mapping: FieldMapping;
  readonly change: (change: Partial<FieldMapping>) => void;
}

/** How rows go to the org, and what of a save only one of the ways can say. */
export function WayOptions({ mapping, change }: WayOptionsProps) {
  const { operation, policies } = mapping;
  const set = (next: WritePolicies) => change({ policies: withPolicy(policies, next) });
  const isFixed = policies?.allowDuplicates === true;
  return (
    <>
      <NativeSelect
        label="Send rows"
        value={loadWay(mapping)}
        disabled={isFixed}
        title={isFixed ? 'Bulk API jobs can’t save rows that a duplicate rule warns about.' : undefined}
        data={[
          { value: 'bulk', label: 'by Bulk API jobs' },
          { value: 'collections', label: '200 at a time, answered at once' },
        ]}
        onChange={({ currentTarget: { value } }) =>
          set({ way: (value as LoadWay) === 'bulk' ? undefined : 'collections' })
        }
      />
      {operation !== 'delete' && (
        <Checkbox
          mt="xl"
          label="Save rows that a duplicate rule only warns about"
          checked={isFixed}
          onChange={({ currentTarget: { checked } }) => set({ allowDuplicates: checked })}
        />
      )}
    </>
  );
}
