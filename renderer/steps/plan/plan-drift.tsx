import type { PlanId } from '../../../shared/domain/ids.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { driftTexts } from '../../../shared/text/plan-text.ts';
import { failureOf, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { Warning } from '../../components/outcome.tsx';
import { MovedRows } from './moved-rows.tsx';

/** Of a plan that was opened again, what has moved on since it was made. */
export function PlanDriftNotice({
  planId,
  describe,
}: {
  readonly planId: PlanId;
  readonly describe: SObjectDescribe | null;
}) {
  const drift = useCall('load.drift', { planId }, { keep: true });
  if (drift.error)
    return (
      <FailurePanel failure={failureOf(drift.error)} action={{ label: 'Ask again', run: () => void drift.refetch() }} />
    );
  if (!drift.data) return <p className="lead">Looking for what has changed since…</p>;
  const texts = driftTexts(drift.data);
  if (texts.length === 0) return <p className="lead">Nothing has changed since this plan was made.</p>;
  return (
    <>
      {texts.map((text) => (
        <Warning key={text} tone="warning">
          {text}
        </Warning>
      ))}
      {drift.data.rows > 0 && <MovedRows planId={planId} describe={describe} />}
    </>
  );
}
