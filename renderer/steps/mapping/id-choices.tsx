import { NativeSelect } from '@mantine/core';
import { idPoliciesOf, type IdPolicies, type MappingTarget } from '../../../shared/domain/field-mapping.ts';

/** What becomes of rows whose Id names no record, or an owner who is inactive. */
export function IdChoices({
  name,
  target,
  choose,
}: {
  readonly name: string;
  readonly target: Extract<MappingTarget, { kind: 'field' }>;
  readonly choose: (ids: IdPolicies) => void;
}) {
  const ids = idPoliciesOf(target);
  return (
    <>
      <NativeSelect
        size="xs"
        aria-label={`Ids in ${name} that are not found`}
        value={ids.whenNone}
        data={[
          { value: 'home', label: 'Not found: the row is not sent' },
          { value: 'without', label: 'Not found: load the row without it' },
          { value: 'unasked', label: 'Send Ids without checking' },
        ]}
        onChange={({ currentTarget: { value } }) =>
          choose({ ...ids, whenNone: value === 'without' || value === 'unasked' ? value : 'home' })
        }
      />
      {target.field === 'OwnerId' && ids.whenNone !== 'unasked' && (
        <NativeSelect
          size="xs"
          aria-label={`Owners in ${name} who are inactive`}
          value={ids.whenInactive}
          data={[
            { value: 'home', label: 'Inactive: the row is not sent' },
            { value: 'use', label: 'Inactive: use them anyway' },
          ]}
          onChange={({ currentTarget: { value } }) =>
            choose({ ...ids, whenInactive: value === 'use' ? 'use' : 'home' })
          }
        />
      )}
    </>
  );
}
