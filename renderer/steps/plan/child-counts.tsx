import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Network } from 'lucide-react';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { failureOf, useBackend } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { Warning } from '../../components/outcome.tsx';

/** What hangs from the records that would go, once it is asked for: that takes calls to the org. */
export function ChildCounts({ plan: { planId } }: { readonly plan: LoadPlan }) {
  const backend = useBackend();
  const count = useMutation({ mutationFn: () => backend.call('plan.children', { planId }) });
  if (count.error)
    return (
      <FailurePanel failure={failureOf(count.error)} action={{ label: 'Count again', run: () => count.mutate() }} />
    );
  if (!count.data)
    return (
      <div>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<Network size={15} aria-hidden />}
          loading={count.isPending}
          onClick={() => count.mutate()}
        >
          Count related records
        </Button>
      </div>
    );
  const { children, calls } = count.data;
  return (
    <Warning tone={children.length > 0 ? 'blocked' : 'unchanged'}>
      {children.length === 0 && 'No related records would be deleted, and none would prevent the delete. '}
      {children.map(({ objectName, field, labelPlural, then, records, rows }) => (
        <span key={`${objectName}.${field}`}>
          {number(records)} {labelPlural} of {plural(rows, 'record')}{' '}
          {then === 'deleted' ? 'would be deleted too.' : 'prevent the delete.'}{' '}
        </span>
      ))}
      ({plural(calls, 'API call')})
    </Warning>
  );
}
