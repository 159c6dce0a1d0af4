import { Button, Group, Loader } from '@mantine/core';
import { ScanSearch } from 'lucide-react';
import { useState } from 'react';
import type { Input } from '../../../../shared/contract/procedures.ts';
import { decidedUpdates, type LoadPlan } from '../../../../shared/domain/load-plan.ts';
import { totalOf } from '../../../../shared/domain/load-results.ts';
import type { MergeId } from '../../../../shared/domain/ids.ts';
import type { ResemblingReport } from '../../../../shared/domain/resembling.ts';
import { number, plural } from '../../../../shared/text/counts.ts';
import { decidedTexts } from '../../../../shared/text/plan-text.ts';
import { lookedText, lookingText } from '../../../../shared/text/resembling-text.ts';
import { failureOf, useCall, useWork } from '../../../backend/backend-context.tsx';
import { FailurePanel } from '../../../components/failure-panel.tsx';
import { SummaryLine } from '../../../components/summary-line.tsx';
import { LabelPairs } from './label-pairs.tsx';
import { PairList } from './pair-list.tsx';
import { countAt, roundScore, scoreRange } from './score-range.ts';
import { useResembling } from './use-resembling.ts';

interface Props {
  readonly plan: LoadPlan;
  /** What the plan was built of. */
  readonly input: Input<'plan.build'> | null;
  readonly openMerge: (mergeId: MergeId) => void;
}

const TITLE = 'Rows that resemble records';

/** Rows about to be created that resemble records of the org: looked for on request, and decided on. One line until it is opened. */
export function ResemblingPanel({ plan, input, openMerge }: Props) {
  const { planId, counts, sourceId } = plan;
  const [isOpen, setOpen] = useState(false);
  const offer = useCall('resembling.offer', { planId }, { keep: true }).data;
  const { report, find, learn, stop } = useResembling(plan);
  const work = useWork(sourceId);
  if (!offer || (counts.insert === 0 && report === null)) return null;
  const failure = find.error ? failureOf(find.error) : null;
  const failed = failure !== null && failure.code !== 'CANCELLED';
  const looking = lookingText(work);
  return (
    <SummaryLine
      label={TITLE}
      open={isOpen}
      toggle={() => setOpen(!isOpen)}
      opens="Open"
      summary={
        <>
          <b>{TITLE}</b>
          {find.isPending ? <span>{looking}</span> : <Found plan={plan} report={report} />}
          {failed && (
            <span className="tone" data-tone="blocked">
              could not be looked for
            </span>
          )}
        </>
      }
    >
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
        <span className="sum">{plural(offer.calls, 'API call')} or more</span>
      </Group>
      {find.isPending && (
        <Group mt="sm" gap="sm" role="status">
          <Loader role="img" size="sm" aria-label="Looking" />
          <span>{looking}</span>
        </Group>
      )}
      {failed && (
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
    </SummaryLine>
  );
}

/** In short: what was found, and what of it is decided. */
function Found({ plan, report }: { readonly plan: LoadPlan; readonly report: ResemblingReport | null }) {
  const { planId, decided } = plan;
  const counted = useCall('resembling.counts', report && { planId, thresholds: scoreRange(report) }, { keep: true });
  const found = report && countAt(counted.data, roundScore(report.threshold));
  const chosen = totalOf(decided);
  return (
    <>
      {report === null && <span>not looked for yet</span>}
      {found && (
        <span>
          {found.pairs === 0 ? 'none found' : `${plural(found.pairs, 'pair')} in ${plural(found.rows, 'row')}`}
        </span>
      )}
      {chosen > 0 && (
        <span className="tone" data-tone="update">
          {number(chosen)} decided
        </span>
      )}
    </>
  );
}
