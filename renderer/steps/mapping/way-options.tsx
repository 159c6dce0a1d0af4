import { Checkbox, NativeSelect } from '@mantine/core';
import {
  loadWay,
  needsCollections,
  type FieldMapping,
  type LoadWay,
  type WritePolicies,
} from '../../../shared/domain/field-mapping.ts';
import { withPolicy } from './with-policy.ts';

interface WayOptionsProps {
  readonly mapping: FieldMapping;
  readonly change: (change: Partial<FieldMapping>) => void;
}

/** How rows go to the org, and what of a save only one of the ways can say. */
export function WayOptions({ mapping, change }: WayOptionsProps) {
  const { operation, policies } = mapping;
  const set = (next: WritePolicies) => change({ policies: withPolicy(policies, next) });
  const isFixed = needsCollections(mapping);
  return (
    <>
      <NativeSelect
        label="Send rows"
        value={loadWay(mapping)}
        disabled={isFixed}
        title={isFixed ? 'Bulk API jobs can’t do what you chose beside this.' : undefined}
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
          checked={policies?.allowDuplicates === true}
          onChange={({ currentTarget: { checked } }) => set({ allowDuplicates: checked })}
        />
      )}
      <Checkbox
        mt="xl"
        label="Save all rows of a request or none"
        checked={policies?.allOrNone === true}
        onChange={({ currentTarget: { checked } }) => set({ allOrNone: checked })}
      />
    </>
  );
}
