import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import type { Input } from '../../../../shared/contract/procedures.ts';
import type { MergeId } from '../../../../shared/domain/ids.ts';
import type { LoadPlan } from '../../../../shared/domain/load-plan.ts';
import {
  isForRecord,
  ResemblingDecision,
  type ResemblingReport,
  type ResemblingRow,
  type ResemblingView,
} from '../../../../shared/domain/resembling.ts';
import { DECIDED_WORD, DECISION_WORD, outcomeTexts } from '../../../../shared/text/resembling-text.ts';
import { failureOf } from '../../../backend/backend-context.tsx';
import { FailurePanel } from '../../../components/failure-panel.tsx';
import { MergeFirst } from './merge-first.tsx';
import { PairCard } from './pair-card.tsx';
import { PairFilters, Pager } from './pair-filters.tsx';
import { roundScore } from './score-range.ts';
import { useDecide, usePairs } from './use-resembling.ts';

interface Props {
  readonly plan: LoadPlan;
  readonly input: Input<'plan.build'> | null;
  readonly report: ResemblingReport;
  readonly openMerge: (mergeId: MergeId) => void;
}

type Decide = ReturnType<typeof useDecide>;

const DECISIONS = ResemblingDecision.options;

/** Below any score that pairs are kept with. */
const EVERY_PAIR = { threshold: -100, rule: null };

const ALL_WORD: Readonly<Record<ResemblingDecision, string>> = {
  update: 'Update the records',
  merge: 'Fill their blanks',
  skip: 'Skip the rows',
  create: 'Create them anyway',
};

const NONE: Readonly<Record<ResemblingView['which'], string>> = {
  open: 'Nothing is left to decide at this score.',
  decided: 'Nothing has been decided yet.',
  all: 'No row resembles a record at this score.',
};

/** What was found, from a score on: each pair to decide on, or all of them at once. */
export function PairList({ plan, input, report, openMerge }: Props) {
  const { planId } = plan;
  const start = { threshold: roundScore(report.threshold), rule: null, which: 'open' } as const;
  const [view, setView] = useState<ResemblingView>(start);
  const [offset, setOffset] = useState(0);
  const { data, error } = usePairs(plan, view, offset);
  const decide = useDecide(input);
  const change = (next: ResemblingView) => {
    setView(next);
    setOffset(0);
  };
  return (
    <>
      <PairFilters planId={planId} report={report} view={view} change={change} />
      {data !== undefined && data.total > 0 && <ForAll planId={planId} view={view} decide={decide} />}
      {decide.error && <FailurePanel failure={failureOf(decide.error)} />}
      {decide.data && (
        <div className="told" role="status">
          {outcomeTexts(decide.data, decide.variables.decision).map((text) => (
            <p key={text} className="lead">
              {text}
            </p>
          ))}
        </div>
      )}
      {data?.pairs.some(({ records }) => records > 1) === true && (
        <MergeFirst plan={plan} threshold={view.threshold} open={openMerge} />
      )}
      {error && <FailurePanel failure={failureOf(error)} />}
      {data?.total === 0 && <p className="lead">{NONE[view.which]}</p>}
      {data?.pairs.map((pair) => (
        <PairCard key={`${pair.row} ${pair.record}`} pair={pair} orgId={plan.orgId}>
          <Choices pair={pair} planId={planId} decide={decide} />
        </PairCard>
      ))}
      {data !== undefined && <Pager offset={offset} total={data.total} go={setOffset} />}
    </>
  );
}

interface ForAllProps {
  readonly planId: LoadPlan['planId'];
  readonly view: ResemblingView;
  readonly decide: Decide;
}

/** What can be done with all that is shown, on whichever page. */
function ForAll({ planId, view: { threshold, rule, which }, decide }: ForAllProps) {
  if (which === 'all') return null;
  if (which === 'decided')
    return (
      <Group mt="sm">
        <Button
          variant="default"
          size="compact-sm"
          loading={decide.isPending}
          onClick={() => decide.mutate({ planId, of: EVERY_PAIR, decision: null })}
        >
          Take all back
        </Button>
      </Group>
    );
  return (
    <Group mt="sm" role="group" aria-label="All of these">
      <span className="sum">All of these:</span>
      {DECISIONS.map((decision) => (
        <Button
          key={decision}
          variant="default"
          size="compact-sm"
          loading={decide.isPending}
          onClick={() => decide.mutate({ planId, of: { threshold, rule }, decision })}
        >
          {ALL_WORD[decision]}
        </Button>
      ))}
    </Group>
  );
}

interface ChoicesProps {
  readonly pair: ResemblingRow;
  readonly planId: LoadPlan['planId'];
  readonly decide: Decide;
}

function Choices({ pair, planId, decide }: ChoicesProps) {
  const { row, record, decision, takenBy } = pair;
  const run = (next: ResemblingDecision | null) => decide.mutate({ planId, of: { row, record }, decision: next });
  if (decision !== null)
    return (
      <Group mt="sm">
        <strong>{DECIDED_WORD[decision]}</strong>
        <Button variant="default" size="compact-sm" disabled={decide.isPending} onClick={() => run(null)}>
          Take back
        </Button>
      </Group>
    );
  return (
    <Group mt="sm">
      {DECISIONS.map((next) => (
        <Button
          key={next}
          variant="default"
          size="compact-sm"
          disabled={decide.isPending || (isForRecord(next) && takenBy !== null)}
          onClick={() => run(next)}
        >
          {DECISION_WORD[next]}
        </Button>
      ))}
    </Group>
  );
}
