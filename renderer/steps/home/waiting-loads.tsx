import { Button } from '@mantine/core';
import { Pause, TriangleAlert } from 'lucide-react';
import { Failure } from '../../../shared/contract/failure.ts';
import type { LoadId } from '../../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { failureText } from '../../../shared/text/failure-text.ts';
import { loadStateText } from '../../../shared/text/load-state-text.ts';
import { OutcomeBar } from '../../components/outcome-bar.tsx';

interface Props {
  /** Those that are paused. */
  readonly loads: readonly LoadSnapshot[];
  /** Folders of loads whose record can't be read. */
  readonly damaged: readonly string[];
  readonly open: (loadId: LoadId) => void;
}

/** The one place for loads that stopped half-way: what is left to do, and the way on. */
export function WaitingLoads({ loads, damaged, open }: Props) {
  return (
    <>
      {loads.map((load) => (
        <section key={load.loadId} className="notice" data-tone="warning" aria-label={`Paused: ${load.fileName}`}>
          <Pause size={16} aria-hidden />
          <div className="waiting-load">
            <span>
              The load of <strong>{load.fileName}</strong> into {load.objectLabel} is paused. {whyPaused(load)}Saved
              rows stay saved; no row is sent twice.
            </span>
            <OutcomeBar counts={load.counts} rows={load.rows} />
            <span className="reason">{pausedText(load)}</span>
          </div>
          <Button size="compact-sm" variant="default" onClick={() => open(load.loadId)}>
            See and resume
          </Button>
        </section>
      ))}
      {damaged.map((name) => (
        <div key={name} className="notice" data-tone="warning">
          <TriangleAlert size={16} aria-hidden />
          <span>
            A load is damaged. Its folder <code>{name}</code> in Longshore’s data folder was not changed. Everything
            else works.
          </span>
        </div>
      ))}
    </>
  );
}

function pausedText(load: LoadSnapshot): string {
  const { detail, rows } = loadStateText(load);
  return `${detail} processed by Salesforce; ${rows}`;
}

/** Written by another version it may be a failure that this one does not know. */
function whyPaused({ state }: LoadSnapshot): string {
  const failure = state.kind === 'paused' ? Failure.safeParse(state.failure) : null;
  return failure?.success ? `${failureText(failure.data).title} ` : '';
}
