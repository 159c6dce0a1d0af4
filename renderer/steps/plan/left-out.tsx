import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleSlash2 } from 'lucide-react';
import type { Input } from '../../../shared/contract/procedures.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { plural } from '../../../shared/text/counts.ts';
import { failureOf, useBackend } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';

/** Leaves rows or changes out of the plan that is shown, or takes them back; the plan shown is then the one that came of it. */
export function useLeaveOut(input: Input<'plan.build'> | null) {
  const backend = useBackend();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (what: Input<'plan.leaveOut'>) => backend.call('plan.leaveOut', what),
    onSuccess: (plan) => cache.setQueryData(['plan.build', input], plan),
    // A plan that was half changed is gone, and made anew.
    onError: () => cache.invalidateQueries({ queryKey: ['plan.build', input] }),
  });
}

interface LeftOutProps {
  readonly plan: LoadPlan;
  readonly leaveOut: ReturnType<typeof useLeaveOut>;
}

const ALL = { kind: null, search: '' } as const;

/** What was left out by hand, and the way back. */
export function LeftOut({ plan: { planId, leftOut }, leaveOut }: LeftOutProps) {
  const back = (field: string | null) => leaveOut.mutate({ planId, of: ALL, field, takeBack: true });
  return (
    <>
      {leaveOut.error && <FailurePanel failure={failureOf(leaveOut.error)} />}
      {leftOut.rows > 0 && (
        <Notice
          text={`You left ${plural(leftOut.rows, 'row')} out.`}
          busy={leaveOut.isPending}
          back={() => back(null)}
        />
      )}
      {leftOut.fields.map(({ field, rows }) => (
        <Notice
          key={field}
          text={`You left ${field} out of ${plural(rows, 'row')}.`}
          busy={leaveOut.isPending}
          back={() => back(field)}
        />
      ))}
    </>
  );
}

function Notice({ text, busy, back }: { readonly text: string; readonly busy: boolean; readonly back: () => void }) {
  return (
    <div className="notice" data-tone="duplicate" role="status">
      <CircleSlash2 size={16} aria-hidden />
      <span>{text}</span>
      <Button size="compact-xs" variant="default" loading={busy} onClick={back}>
        Take back
      </Button>
    </div>
  );
}
