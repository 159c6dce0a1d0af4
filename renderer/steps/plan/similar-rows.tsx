import { Button, Group, NativeSelect } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Input } from '../../../shared/contract/procedures.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { SimilarKeep, type SimilarChange, type SimilarPage } from '../../../shared/domain/similar-rows.ts';
import { KEEP_TEXT, similarText, uncomparedText } from '../../../shared/text/similar-text.ts';
import { number } from '../../../shared/text/counts.ts';
import { failureOf, useBackend, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { Warning } from '../../components/outcome.tsx';
import { SummaryLine } from '../../components/summary-line.tsx';
import { countText, placeOfThreshold } from './similar-choices.ts';
import { SimilarGroupTable } from './similar-group.tsx';

/** Groups that are shown at a time. */
const GROUPS_SHOWN = 5;

interface Props {
  readonly plan: LoadPlan;
  /** What the plan was built of. */
  readonly input: Input<'plan.build'> | null;
  readonly labelOf: (field: string) => string;
}

/** Rows that would make new records and resemble one another: from which score on, and which of them are sent. */
export function SimilarRows({ plan, input, labelOf }: Props) {
  const backend = useBackend();
  const cache = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [offset, setOffset] = useState(0);
  const { planId, planDigest, similar } = plan;
  const decide = useMutation({
    mutationFn: (change: SimilarChange) => backend.call('plan.decideSimilar', { planId, change }),
    onSuccess: async (changed) => {
      await cache.invalidateQueries({ queryKey: ['plan.similar'] });
      cache.setQueryData(['plan.build', input], changed);
    },
    // A plan that was half changed is gone, and made anew.
    onError: () => cache.invalidateQueries({ queryKey: ['plan.build', input] }),
  });
  const page = useCall('plan.similar', similar && isOpen ? { planId, offset, limit: GROUPS_SHOWN } : null, {
    showPreviousOf: planId,
  });
  if (!similar) return null;
  const uncompared = uncomparedText(similar);
  const failure = decide.error ?? page.error;
  const total = page.data?.total ?? 0;
  return (
    <SummaryLine
      label="Similar rows"
      open={isOpen}
      toggle={() => setOpen(!isOpen)}
      opens="Open"
      summary={
        <>
          <b>Similar rows</b>
          <span>{similarText(similar)}</span>
        </>
      }
    >
      <div className="similar-rows">
        {uncompared && <Warning tone="warning">{uncompared}</Warning>}
        {failure && <FailurePanel failure={failureOf(failure)} />}
        <Group align="flex-end">
          <NativeSelect
            label="Of similar rows"
            value={similar.keep}
            disabled={decide.isPending}
            data={SimilarKeep.options
              .filter((rule) => rule !== 'newest' || similar.newestBy !== null)
              .map((rule) => ({ value: rule, label: KEEP_TEXT[rule] }))}
            onChange={({ currentTarget: { value } }) => decide.mutate({ keep: value as SimilarKeep })}
          />
          {page.data && page.data.counts.length > 0 && (
            <Threshold
              key={planDigest}
              counts={page.data.counts}
              threshold={similar.threshold}
              busy={decide.isPending}
              use={(threshold) => {
                setOffset(0);
                decide.mutate({ threshold });
              }}
            />
          )}
        </Group>
        {page.data?.groups.map((group) => (
          <SimilarGroupTable
            key={group.all.join()}
            group={group}
            fields={page.data.fields.map(labelOf)}
            things={page.data.things}
            summary={similar}
            busy={decide.isPending}
            choose={(choice) => decide.mutate({ group: { rows: group.all, choice } })}
          />
        ))}
        {total > GROUPS_SHOWN && (
          <Group>
            <Button
              variant="default"
              size="compact-sm"
              disabled={offset === 0}
              onClick={() => setOffset(Math.max(0, offset - GROUPS_SHOWN))}
            >
              Previous groups
            </Button>
            <span>
              {number(offset + 1)} to {number(Math.min(total, offset + GROUPS_SHOWN))} of {number(total)}
            </span>
            <Button
              variant="default"
              size="compact-sm"
              disabled={offset + GROUPS_SHOWN >= total}
              onClick={() => setOffset(offset + GROUPS_SHOWN)}
            >
              Next groups
            </Button>
          </Group>
        )}
      </div>
    </SummaryLine>
  );
}

interface ThresholdProps {
  readonly counts: SimilarPage['counts'];
  readonly threshold: number;
  readonly busy: boolean;
  readonly use: (threshold: number) => void;
}

/** From which score on rows are similar: what each would find is told while it is moved, and holds once it is used. */
function Threshold({ counts, threshold, busy, use }: ThresholdProps) {
  const [place, setPlace] = useState(placeOfThreshold(counts, threshold));
  const chosen = counts[place];
  if (!chosen) return null;
  return (
    <>
      <label className="threshold">
        <span>Similar from this score on</span>
        <input
          type="range"
          min={0}
          max={counts.length - 1}
          value={place}
          aria-valuetext={countText(chosen)}
          onChange={({ currentTarget: { value } }) => setPlace(Number(value))}
        />
      </label>
      <output>{countText(chosen)}</output>
      {chosen.threshold !== threshold && (
        <Button variant="default" loading={busy} onClick={() => use(chosen.threshold)}>
          Use this score
        </Button>
      )}
    </>
  );
}
