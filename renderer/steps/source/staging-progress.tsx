import { Button, Group } from '@mantine/core';
import type { SourceSummary } from '../../../shared/domain/source-file.ts';
import { number } from '../../../shared/text/counts.ts';

/** Before this much time has passed a rate says more about starting than about reading. */
const SOON = 1500;

/** How far the reading is: rows, share, rate and a range for the time left. */
export function StagingProgress({ source, stop }: { readonly source: SourceSummary; readonly stop: () => void }) {
  const { state, byteLength } = source;
  if (state.kind !== 'staging') return null;
  const share = byteLength === 0 ? 0 : Math.min(1, state.bytesRead / byteLength);
  const { elapsed } = state;
  const facts = [`${number(state.rows)} rows so far`, `${Math.floor(share * 100)}%`];
  if (elapsed > SOON && share > 0) {
    facts.push(`${number(Math.round((state.rows / elapsed) * 1000))} rows/s`);
    facts.push(timeLeft((elapsed / share) * (1 - share)));
  }
  return (
    <div className="panel" style={{ display: 'grid', gap: 8 }}>
      <Group justify="space-between">
        <span role="status">Reading… {facts.join(' · ')}</span>
        <Button size="compact-sm" variant="default" onClick={stop}>
          Stop reading
        </Button>
      </Group>
      <div
        className="bar-track"
        data-moves
        role="progressbar"
        aria-label="Share of the file that is read"
        aria-valuenow={Math.floor(share * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <div className="bar-fill" style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
}

/** Reading is steady, but a disk or another program may be in the way: from a tenth less to half as much again. */
function timeLeft(milliseconds: number): string {
  const least = Math.max(1, Math.round((milliseconds * 0.9) / 1000));
  const most = Math.max(least + 1, Math.round((milliseconds * 1.5) / 1000));
  return most < 90
    ? `${least}–${most} s left`
    : `${Math.max(1, Math.floor(least / 60))}–${Math.ceil(most / 60)} min left`;
}
