import { Button, Group, NativeSelect, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { Input } from '../../../../shared/contract/procedures.ts';
import type { LoadPlan } from '../../../../shared/domain/load-plan.ts';
import {
  ResemblingDecision,
  type ResemblingReport,
  type ResemblingRow,
  type ResemblingView,
} from '../../../../shared/domain/resembling.ts';
import { number, plural } from '../../../../shared/text/counts.ts';
import { DECIDED_WORD, DECISION_WORD, outcomeTexts, scoreText } from '../../../../shared/text/resembling-text.ts';
import { failureOf, useCall } from '../../../backend/backend-context.tsx';
import { FailurePanel } from '../../../components/failure-panel.tsx';
import { PairCard } from './pair-card.tsx';
import { countAt, roundScore, scoreRange } from './score-range.ts';
import { PAIRS_SHOWN, useDecide, usePairs } from './use-resembling.ts';

interface Props {
  readonly plan: LoadPlan;
  readonly input: Input<'plan.build'> | null;
  readonly report: ResemblingReport;
}

const DECISIONS = ResemblingDecision.options;

/** What was found, from a score on: each pair to decide on, or all of them at once. */
export function PairList({ plan, input, report }: Props) {
  const { planId } = plan;
  const [score, setScore] = useState(roundScore(report.threshold));
  const [rule, setRule] = useState<string | null>(null);
  const [which, setWhich] = useState<ResemblingView['which']>('open');
  const [offset, setOffset] = useState(0);
  const scores = scoreRange(report);
  const counts = useCall('resembling.counts', { planId, thresholds: scores }, { keep: true });
  const view: ResemblingView = { threshold: score, rule, which };
  const { data, error } = usePairs(plan, view, offset);
  const decide = useDecide(input);
  const from =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      set(value);
      setOffset(0);
    };
  const found = countAt(counts.data, score);
  return (
    <>
      <Group align="end" mt="sm">
        <label className="score">
          <span>
            From score {scoreText(score)}:{' '}
            {found ? `${plural(found.pairs, 'pair')} in ${plural(found.rows, 'row')}` : '…'}
          </span>
          <input
            type="range"
            min={scores[0]}
            max={scores.at(-1)}
            step={0.5}
            value={score}
            onChange={({ currentTarget }) => from(setScore)(Number(currentTarget.value))}
          />
        </label>
        <NativeSelect
          label="Compared for"
          value={rule ?? ''}
          data={[
            { value: '', label: 'Any reason' },
            ...report.rules.map(({ rule: name, pairs }) => ({ value: name, label: `${name} (${number(pairs)})` })),
          ]}
          onChange={({ currentTarget: { value } }) => from(setRule)(value === '' ? null : value)}
        />
        <SegmentedControl
          size="sm"
          aria-label="Which pairs"
          value={which}
          data={[
            { value: 'open', label: 'To decide' },
            { value: 'decided', label: 'Decided' },
            { value: 'all', label: 'All' },
          ]}
          onChange={from(setWhich)}
        />
      </Group>
      {which === 'open' && data !== undefined && data.total > 0 && (
        <Group mt="sm" role="group" aria-label="All of these">
          <span>All of these:</span>
          {DECISIONS.map((decision) => (
            <Button
              key={decision}
              variant="default"
              size="compact-md"
              loading={decide.isPending}
              onClick={() => decide.mutate({ planId, of: { threshold: score, rule }, decision })}
            >
              {ALL_WORD[decision]}
            </Button>
          ))}
        </Group>
      )}
      {which === 'decided' && data !== undefined && data.total > 0 && (
        <Group mt="sm">
          <Button
            variant="default"
            size="compact-md"
            loading={decide.isPending}
            onClick={() => decide.mutate({ planId, of: EVERY_PAIR, decision: null })}
          >
            Take all back
          </Button>
        </Group>
      )}
      {decide.error && <FailurePanel failure={failureOf(decide.error)} />}
      {decide.data && <Outcome texts={outcomeTexts(decide.data, decide.variables.decision)} />}
      {error && <FailurePanel failure={failureOf(error)} />}
      {data?.total === 0 && <p className="lead">{NONE[which]}</p>}
      {data?.pairs.map((pair) => (
        <PairCard key={`${pair.row} ${pair.record}`} pair={pair}>
          <Choices pair={pair} planId={planId} decide={decide} />
        </PairCard>
      ))}
      {data !== undefined && data.total > PAIRS_SHOWN && (
        <Group mt="sm">
          <Button
            variant="default"
            size="compact-md"
            disabled={offset === 0}
            onClick={() => setOffset((before) => Math.max(0, before - PAIRS_SHOWN))}
          >
            Earlier pairs
          </Button>
          <span>
            {number(offset + 1)}–{number(Math.min(offset + PAIRS_SHOWN, data.total))} of {plural(data.total, 'pair')}
          </span>
          <Button
            variant="default"
            size="compact-md"
            disabled={offset + PAIRS_SHOWN >= data.total}
            onClick={() => setOffset((before) => before + PAIRS_SHOWN)}
          >
            Later pairs
          </Button>
        </Group>
      )}
    </>
  );
}

/** Below any score that pairs are kept with. */
const EVERY_PAIR = { threshold: -100, rule: null };

const ALL_WORD: Readonly<Record<ResemblingDecision, string>> = {
  update: 'Update the records',
  skip: 'Skip the rows',
  create: 'Create them anyway',
};

const NONE: Readonly<Record<ResemblingView['which'], string>> = {
  open: 'Nothing is left to decide at this score.',
  decided: 'Nothing has been decided yet.',
  all: 'No row resembles a record at this score.',
};

function Outcome({ texts }: { readonly texts: readonly string[] }) {
  return (
    <div className="told" role="status">
      {texts.map((text) => (
        <p key={text} className="lead">
          {text}
        </p>
      ))}
    </div>
  );
}

interface ChoicesProps {
  readonly pair: ResemblingRow;
  readonly planId: LoadPlan['planId'];
  readonly decide: ReturnType<typeof useDecide>;
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
          disabled={decide.isPending || (next === 'update' && takenBy !== null)}
          onClick={() => run(next)}
        >
          {DECISION_WORD[next]}
        </Button>
      ))}
    </Group>
  );
}
