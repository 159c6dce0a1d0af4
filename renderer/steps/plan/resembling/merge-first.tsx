import { Button, Group } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { MergeId } from '../../../../shared/domain/ids.ts';
import type { LoadPlan } from '../../../../shared/domain/load-plan.ts';
import { DEFAULT_MERGE_RULES } from '../../../../shared/domain/merge.ts';
import { failureOf, useBackend } from '../../../backend/backend-context.tsx';
import { FailurePanel } from '../../../components/failure-panel.tsx';

interface Props {
  readonly plan: LoadPlan;
  readonly threshold: number;
  readonly open: (mergeId: MergeId) => void;
}

/** Rows that resemble several records: these may be duplicates of each other, and can be merged before anything is loaded. */
export function MergeFirst({ plan: { planId, orgId, mapping }, threshold, open }: Props) {
  const backend = useBackend();
  const cache = useQueryClient();
  const plan = useMutation({
    mutationFn: () =>
      backend.call('merge.plan', {
        orgId,
        objectName: mapping.objectName,
        source: { kind: 'plan', planId, threshold },
        rules: DEFAULT_MERGE_RULES,
      }),
    onSuccess: (merge) => {
      cache.setQueryData(['merge.get', { mergeId: merge.mergeId }], merge);
      void cache.invalidateQueries({ queryKey: ['merge.list'] });
      open(merge.mergeId);
    },
  });
  return (
    <>
      <Group mt="sm">
        <p className="lead">
          Some rows resemble several records. If these are the same, you can merge them in the org first.
        </p>
        <Button variant="default" size="compact-sm" loading={plan.isPending} onClick={() => plan.mutate()}>
          Plan a merge of these records
        </Button>
      </Group>
      {plan.error && <FailurePanel failure={failureOf(plan.error)} />}
    </>
  );
}
