import { Checkbox, TextInput } from '@mantine/core';
import { changesOf, isTypedFor, mustBeTyped } from '../../../shared/domain/confirmation.ts';
import type { PlanCounts } from '../../../shared/domain/load-plan.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { plural } from '../../../shared/text/counts.ts';

interface Props {
  readonly counts: PlanCounts;
  readonly org: OrgSummary;
  readonly value: string;
  readonly change: (value: string) => void;
  /** Enter in the field starts what is confirmed. */
  readonly enter: () => void;
}

/** Whether what a load needs before it starts has been given. */
export function isConfirmed(counts: PlanCounts, org: OrgSummary | null, value: string): boolean {
  if (changesOf(counts) === 0 || org === null) return false;
  const needed = mustBeTyped(org.kind, counts) || counts.delete > 0;
  return !needed || isTypedFor(value, counts, org.name);
}

/** Production wants more than a click: the number or the org’s name. A delete elsewhere wants a tick. */
export function LoadConfirmation({ counts, org, value, change, enter }: Props) {
  const changes = changesOf(counts);
  if (mustBeTyped(org.kind, counts))
    return (
      <TextInput
        label={`Type ${changes} or “${org.name}” to ${counts.delete > 0 ? 'delete in' : 'load into'} production`}
        autoComplete="off"
        spellCheck={false}
        value={value}
        onChange={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && isConfirmed(counts, org, value)) enter();
        }}
      />
    );
  if (counts.delete === 0) return null;
  return (
    <Checkbox
      checked={value !== ''}
      onChange={(event) => change(event.currentTarget.checked ? String(changes) : '')}
      label={`Yes, delete ${plural(counts.delete, 'record')} from ${org.name}`}
    />
  );
}
