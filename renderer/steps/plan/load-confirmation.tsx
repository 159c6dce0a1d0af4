import { Checkbox, TextInput } from '@mantine/core';
import { changesOf, isTypedFor, mustBeTyped, wantedText } from '../../../shared/domain/confirmation.ts';
import type { Operation } from '../../../shared/domain/field-mapping.ts';
import type { PlanCounts } from '../../../shared/domain/load-plan.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { plural } from '../../../shared/text/counts.ts';

interface Props {
  readonly counts: PlanCounts;
  /** Of a load. */
  readonly operation?: Operation;
  readonly org: OrgSummary;
  readonly value: string;
  readonly change: (value: string) => void;
  /** Enter in the field starts what is confirmed. */
  readonly enter: () => void;
}

/** Whether what a load needs before it starts has been given. */
export function isConfirmed(counts: PlanCounts, org: OrgSummary | null, value: string, operation?: Operation): boolean {
  if (changesOf(counts) === 0 || org === null) return false;
  const needed = mustBeTyped(org.kind, counts, operation) || counts.delete > 0;
  return !needed || isTypedFor(value, counts, org.name, operation);
}

/**
 * Production wants more than a click: the number or the org’s name. A delete elsewhere wants a tick, and one for good the words of it in
 * any org.
 */
export function LoadConfirmation({ counts, operation, org, value, change, enter }: Props) {
  const changes = changesOf(counts);
  const isForGood = operation === 'hardDelete';
  if (mustBeTyped(org.kind, counts, operation))
    return (
      <TextInput
        label={
          isForGood
            ? `Type “${wantedText(counts, operation)}” to delete for good from ${org.name}`
            : `Type ${changes} or “${org.name}” to ${counts.delete > 0 ? 'delete in' : 'load into'} production`
        }
        autoComplete="off"
        spellCheck={false}
        value={value}
        onChange={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && isConfirmed(counts, org, value, operation)) enter();
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
