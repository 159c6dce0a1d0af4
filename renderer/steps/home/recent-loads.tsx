import { Button, Group } from '@mantine/core';
import type { LoadId } from '../../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { approvalText } from '../../../shared/text/approval-text.ts';
import { number } from '../../../shared/text/counts.ts';
import { loadStateText } from '../../../shared/text/load-state-text.ts';
import { loadTitle } from '../../../shared/text/load-title.ts';
import { OutcomeBar } from '../../components/outcome-bar.tsx';
import { ProgressBar } from '../../components/progress-bar.tsx';
import { moment } from '../../settings/moments.ts';

interface Props {
  /** Newest first; without those that are paused. */
  readonly loads: readonly LoadSnapshot[];
  readonly openLoad: (loadId: LoadId, step: 'load' | 'report') => void;
  /** Prepares a load that has ended once more. */
  readonly runAgain: (load: LoadSnapshot) => void;
  readonly openHistory: () => void;
}

/** Loads shown; the others are in the history. */
const SHOWN = 5;

/** What runs, what was loaded before, and how it ended. */
export function RecentLoads({ loads, openLoad, runAgain, openHistory }: Props) {
  const older = loads.length - SHOWN;
  return (
    <section className="panel" aria-labelledby="home-loads">
      <h2 id="home-loads">Recent loads</h2>
      <table className="list loads">
        <thead>
          <tr>
            <th>Load</th>
            <th>Rows</th>
            <th>State</th>
            <th>
              <span className="skip">Open</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {loads.slice(0, SHOWN).map((load) => (
            <LoadRow
              key={load.loadId}
              load={load}
              open={(step) => openLoad(load.loadId, step)}
              again={() => runAgain(load)}
            />
          ))}
        </tbody>
      </table>
      {older > 0 && (
        <button type="button" className="link" onClick={openHistory}>
          Show {number(older)} older
        </button>
      )}
    </section>
  );
}

interface RowProps {
  readonly load: LoadSnapshot;
  readonly open: (step: 'load' | 'report') => void;
  readonly again: () => void;
}

function LoadRow({ load, open, again }: RowProps) {
  const { word, detail, rows, tone } = loadStateText(load);
  const isOver = load.state.kind === 'finished';
  const of = `${load.fileName}, ${moment(load.startedAt)}`;
  return (
    <tr>
      <td>
        {load.fileName}
        <div className="reason whole">
          {loadTitle(load)} in {load.orgName}, {moment(load.startedAt)}
        </div>
        {load.approval && (
          <div className="reason whole">
            {approvalText(load.approval, moment(Date.parse(load.approval.approvedAt)))}
          </div>
        )}
      </td>
      <td>
        {isOver ? <OutcomeBar counts={load.counts} rows={load.rows} /> : <ProgressBar load={load} />}
        <div className="reason whole">{rows}</div>
      </td>
      <td>
        <span className="tone" data-tone={tone}>
          {word}
        </span>
        <div className="reason whole">{detail}</div>
      </td>
      <td>
        <Group gap={4} justify="flex-end" wrap="nowrap">
          {isOver && (
            <Button size="compact-sm" variant="subtle" aria-label={`Run again: ${of}`} onClick={again}>
              Run again
            </Button>
          )}
          <Button
            size="compact-sm"
            variant="subtle"
            aria-label={`${isOver ? 'Report' : 'Open'}: ${of}`}
            onClick={() => open(isOver ? 'report' : 'load')}
          >
            {isOver ? 'Report' : 'Open'}
          </Button>
        </Group>
      </td>
    </tr>
  );
}
