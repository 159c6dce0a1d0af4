import { Button, Group } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { PlanNote } from '../../../shared/domain/load-plan.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { plannedGroups } from '../../../shared/domain/row-groups.ts';
import { approvalText } from '../../../shared/text/approval-text.ts';
import { loadTitle } from '../../../shared/text/load-title.ts';
import { groupSumText } from '../../../shared/text/row-group-text.ts';
import { failureOf, useBackend, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { moment } from '../../settings/moments.ts';

interface Props {
  readonly orgs: readonly OrgSummary[];
  readonly open: (plan: PlanNote) => void;
}

/** Plans that were made and not loaded, to be gone on with just as they are. */
export function WaitingPlans({ orgs, open }: Props) {
  const backend = useBackend();
  const cache = useQueryClient();
  const plans = useCall('plan.list', {});
  const remove = useMutation({
    mutationFn: ({ planId }: PlanNote) => backend.call('plan.forget', { planId }),
    onSettled: () => cache.invalidateQueries({ queryKey: ['plan.list'] }),
  });
  // Of an org that was signed out of nothing can be loaded.
  const shown = plans.data?.filter(({ orgId }) => orgs.some((org) => org.orgId === orgId)) ?? [];
  if (shown.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="home-plans">
      <h2 id="home-plans">Plans not loaded yet</h2>
      {remove.error && <FailurePanel failure={failureOf(remove.error)} />}
      <table className="list">
        <tbody>
          {shown.map((plan) => (
            <tr key={plan.planId}>
              <td>
                {plan.fileName}
                <div className="reason whole">
                  {loadTitle({ ...plan, matchField: null })} in {orgs.find(({ orgId }) => orgId === plan.orgId)?.name},
                  compared {moment(plan.at)}
                </div>
                {plan.approval && (
                  <div className="reason whole">
                    {approvalText(plan.approval, moment(Date.parse(plan.approval.approvedAt)))}
                  </div>
                )}
              </td>
              <td className="reason whole">{groupSumText(plannedGroups(plan.counts), plan.rows)}</td>
              <td>
                <Group gap={4} justify="flex-end" wrap="nowrap">
                  <Button
                    size="compact-sm"
                    variant="subtle"
                    color="gray"
                    aria-label={`Remove the plan of ${plan.fileName}`}
                    onClick={() => remove.mutate(plan)}
                  >
                    Remove
                  </Button>
                  <Button
                    size="compact-sm"
                    variant="subtle"
                    aria-label={`Open the plan of ${plan.fileName}`}
                    onClick={() => open(plan)}
                  >
                    Open
                  </Button>
                </Group>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
