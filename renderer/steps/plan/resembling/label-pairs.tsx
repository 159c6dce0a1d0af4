import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import type { OrgId, PlanId } from '../../../../shared/domain/ids.ts';
import type { ResemblingReport } from '../../../../shared/domain/resembling.ts';
import { plural } from '../../../../shared/text/counts.ts';
import { scoreText } from '../../../../shared/text/resembling-text.ts';
import { failureOf, useCall } from '../../../backend/backend-context.tsx';
import { FailurePanel } from '../../../components/failure-panel.tsx';
import { PairCard } from './pair-card.tsx';
import { pairKey, withWord, wordsOn, type PairWords } from './score-range.ts';
import type { useResembling } from './use-resembling.ts';

interface Props {
  readonly planId: PlanId;
  readonly orgId: OrgId;
  readonly report: ResemblingReport;
  readonly learn: ReturnType<typeof useResembling>['learn'];
}

/** The pairs that Longshore is least sure of: what a person says of them moves the scores. */
export function LabelPairs({ planId, orgId, report, learn }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [words, setWords] = useState<PairWords>(new Map());
  const asked = useCall('resembling.borderline', isOpen ? { planId } : null);
  const pairs = asked.data ?? [];
  const said = wordsOn(pairs, words);
  if (!isOpen)
    return (
      <Group mt="sm">
        <Button variant="default" size="compact-md" onClick={() => setOpen(true)}>
          Label the pairs it is least sure of
        </Button>
        {report.labelled > 0 && (
          <span role="status">
            Learnt from {plural(report.labelled, 'pair')}: the proposed score is {scoreText(report.threshold)} now.
          </span>
        )}
      </Group>
    );
  return (
    <section aria-label="Pairs to label">
      <p className="lead">
        Say of each pair whether it is the same person or company. Skip those you can’t tell. Scores move by what you
        say; what you have decided stays.
      </p>
      {asked.error && <FailurePanel failure={failureOf(asked.error)} />}
      {asked.data?.length === 0 && <p className="lead">No pair is in doubt.</p>}
      {pairs.map((pair) => (
        <PairCard key={pairKey(pair)} pair={pair} orgId={orgId}>
          <Group mt="sm">
            {([true, false] as const).map((same) => (
              <Button
                key={String(same)}
                variant={words.get(pairKey(pair)) === same ? 'filled' : 'default'}
                size="compact-sm"
                aria-pressed={words.get(pairKey(pair)) === same}
                onClick={() => setWords((before) => withWord(before, pair, same))}
              >
                {same ? 'Same' : 'Not the same'}
              </Button>
            ))}
          </Group>
        </PairCard>
      ))}
      {learn.error && <FailurePanel failure={failureOf(learn.error)} />}
      <Group mt="sm">
        <Button
          variant="default"
          disabled={said.length === 0}
          loading={learn.isPending}
          onClick={() =>
            learn.mutate(said, {
              onSuccess: () => {
                setWords(new Map());
                setOpen(false);
              },
            })
          }
        >
          Learn from {plural(said.length, 'pair')}
        </Button>
        <Button variant="subtle" onClick={() => setOpen(false)}>
          Close
        </Button>
      </Group>
    </section>
  );
}
