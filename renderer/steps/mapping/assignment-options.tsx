import { NativeSelect } from '@mantine/core';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import { failureText } from '../../../shared/text/failure-text.ts';
import { failureOf, useCall } from '../../backend/backend-context.tsx';
import { withPolicy } from './with-policy.ts';

interface AssignmentOptionsProps {
  readonly orgId: OrgId;
  readonly mapping: FieldMapping;
  readonly change: (change: Partial<FieldMapping>) => void;
}

/** Which of the org's assignment rules gives the cases or leads their owner. */
export function AssignmentOptions({ orgId, mapping, change }: AssignmentOptionsProps) {
  const { objectName, policies } = mapping;
  const { data: rules = [], error } = useCall('org.assignmentRules', { orgId, objectName }, { keep: true });
  const chosen = policies?.assignmentRule;
  const known = rules.map(({ id, name, active }) => ({ value: id, label: active ? name : `${name} (inactive)` }));
  // One that the org does not tell of any more is still what was chosen.
  const others =
    chosen && !known.some(({ value }) => value === chosen.id) ? [{ value: chosen.id, label: chosen.name }] : [];
  return (
    <NativeSelect
      label="Assignment rule"
      error={error ? failureText(failureOf(error)).title : undefined}
      value={chosen?.id ?? ''}
      data={[{ value: '', label: 'none: the owner is as sent' }, ...known, ...others]}
      onChange={({ currentTarget: { value } }) => {
        const rule = [...rules, ...(chosen ? [chosen] : [])].find(({ id }) => id === value);
        change({
          policies: withPolicy(policies, { assignmentRule: rule ? { id: rule.id, name: rule.name } : undefined }),
        });
      }}
    />
  );
}
