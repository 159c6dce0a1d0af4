import { Button, Group, Loader } from '@mantine/core';
import { ScanSearch } from 'lucide-react';
import { useId } from 'react';
import type { Input } from '../../../../shared/contract/procedures.ts';
import { decidedUpdates, type LoadPlan } from '../../../../shared/domain/load-plan.ts';
import type { MergeId } from '../../../../shared/domain/ids.ts';
import { plural } from '../../../../shared/text/counts.ts';
import { decidedTexts } from '../../../../shared/text/plan-text.ts';
import { lookedText, lookingText } from '../../../../shared/text/resembling-text.ts';
import { failureOf, useCall, useWork } from '../../../backend/backend-context.tsx';
import { FailurePanel } from '../../../components/failure-panel.tsx';
import { LabelPairs } from './label-pairs.tsx';
import { PairList } from './pair-list.tsx';
import { useResembling } from './use-resembling.ts';

interface Props {
  readonly plan: LoadPlan;
  /** What the plan was built of. */
  readonly input: Input<'plan.build'> | null;
  readonly openMerge: (mergeId: MergeId) => void;
}

/** Rows about to be created that resemble records of the org: looked for on request, and decided on. */
export function ResemblingPanel({ plan, input, openMerge }: Props) {
  const titleId = useId();
  const { planId, counts, sourceId } = plan;
  const offer = useCall('resembling.offer', { planId }, { keep: true }).data;
  const { report, find, learn, stop } = useResembling(plan);
  const work = useWork(sourceId);
  if (!offer || (counts.insert === 0 && report === null)) return null;
  const failure = find.error ? failureOf(find.error) : null;
  return (
    <section className="panel" aria-labelledby={titleId}>
      <h3 id={titleId}>Rows that resemble records</h3>
      <p className="lead">
        Compares the rows that would be created with the records that exist, by {offer.fields.join(', ')}. Nothing is
        written.
      </p>
      {decidedTexts(plan).map((text) => (
        <p key={text} className="lead">
          {text}
        </p>
      ))}
      {decidedUpdates(plan) > 0 && plan.mapping.operation === 'insert' && (
        <p className="lead">Rows that update a record send the fields that can be updated, by its Id.</p>
      )}
      <Group mt="sm">
        {find.isPending ? (
          <Button variant="default" onClick={stop}>
            Stop
          </Button>
        ) : (
          <Button
            variant="default"
            leftSection={<ScanSearch size={16} aria-hidden />}
            onClick={() => find.mutate(false)}
          >
            {report ? 'Look again' : 'Look for records that resemble these rows'}
          </Button>
        )}
        <span>{plural(offer.calls, 'API call')} or more</span>
      </Group>
      {find.isPending && (
        <Group mt="sm" gap="sm" role="status">
          <Loader role="img" size="sm" aria-label="Looking" />
          <span>{lookingText(work)}</span>
        </Group>
      )}
      {failure && failure.code !== 'CANCELLED' && (
        <FailurePanel
          failure={failure}
          action={failure.code === 'API_BUDGET' ? { label: 'Look anyway', run: () => find.mutate(true) } : undefined}
        />
      )}
      {report && !find.isPending && (
        <>
          {lookedText(report).map((text) => (
            <p key={text} className="lead">
              {text}
            </p>
          ))}
          <LabelPairs planId={planId} orgId={plan.orgId} report={report} learn={learn} />
          <PairList key={report.threshold} plan={plan} input={input} report={report} openMerge={openMerge} />
        </>
      )}
    </section>
  );
}
