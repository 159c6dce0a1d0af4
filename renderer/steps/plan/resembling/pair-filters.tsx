import { Button, Group, NativeSelect, SegmentedControl } from '@mantine/core';
import type { PlanId } from '../../../../shared/domain/ids.ts';
import type { ResemblingReport, ResemblingView } from '../../../../shared/domain/resembling.ts';
import { number, plural } from '../../../../shared/text/counts.ts';
import { scoreText } from '../../../../shared/text/resembling-text.ts';
import { useCall } from '../../../backend/backend-context.tsx';
import { countAt, scoreRange } from './score-range.ts';
import { PAIRS_SHOWN } from './use-resembling.ts';

interface FilterProps {
  readonly planId: PlanId;
  readonly report: ResemblingReport;
  readonly view: ResemblingView;
  readonly change: (view: ResemblingView) => void;
}

/** Which pairs are shown: from what score on, for which reason, and whether they are decided. */
export function PairFilters({ planId, report, view, change }: FilterProps) {
  const scores = scoreRange(report);
  const counts = useCall('resembling.counts', { planId, thresholds: scores }, { keep: true });
  const found = countAt(counts.data, view.threshold);
  return (
    <Group align="end" mt="sm">
      <label className="score">
        <span>
          From score {scoreText(view.threshold)}:{' '}
          {found ? `${plural(found.pairs, 'pair')} in ${plural(found.rows, 'row')}` : '…'}
        </span>
        <input
          type="range"
          min={scores[0]}
          max={scores.at(-1)}
          step={0.5}
          value={view.threshold}
          onChange={({ currentTarget }) => change({ ...view, threshold: Number(currentTarget.value) })}
        />
      </label>
      <NativeSelect
        label="Compared for"
        value={view.rule ?? ''}
        data={[
          { value: '', label: 'Any reason' },
          ...report.rules.map(({ rule, pairs }) => ({ value: rule, label: `${rule} (${number(pairs)})` })),
        ]}
        onChange={({ currentTarget: { value } }) => change({ ...view, rule: value === '' ? null : value })}
      />
      <SegmentedControl
        size="sm"
        aria-label="Which pairs"
        value={view.which}
        data={[
          { value: 'open', label: 'To decide' },
          { value: 'decided', label: 'Decided' },
          { value: 'all', label: 'All' },
        ]}
        onChange={(which) => change({ ...view, which })}
      />
    </Group>
  );
}

interface PagerProps {
  readonly offset: number;
  readonly total: number;
  readonly go: (offset: number) => void;
}

/** From one page of pairs to the next; nothing where there is but one. */
export function Pager({ offset, total, go }: PagerProps) {
  if (total <= PAIRS_SHOWN) return null;
  const end = Math.min(offset + PAIRS_SHOWN, total);
  return (
    <Group mt="sm">
      <Button
        variant="default"
        size="compact-md"
        disabled={offset === 0}
        onClick={() => go(Math.max(0, offset - PAIRS_SHOWN))}
      >
        Earlier pairs
      </Button>
      <span>
        {number(offset + 1)}–{number(end)} of {plural(total, 'pair')}
      </span>
      <Button variant="default" size="compact-md" disabled={end >= total} onClick={() => go(end)}>
        Later pairs
      </Button>
    </Group>
  );
}
