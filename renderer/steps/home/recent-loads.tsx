import { Button } from '@mantine/core';
import type { LoadId } from '../../../shared/domain/ids.ts';
import { totalOf, type LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { OutcomeBar } from '../../components/outcome-bar.tsx';
import { moment } from '../../settings/moments.ts';

interface Props {
  readonly loads: readonly LoadSnapshot[];
  readonly openLoad: (loadId: LoadId, step: 'load' | 'report') => void;
}

/** Loads shown; older ones are in their folders. */
const SHOWN = 10;

/** What was loaded before, and how it ended. */
export function RecentLoads({ loads, openLoad }: Props) {
  return (
    <section className="panel" aria-labelledby="home-loads">
      <h2 id="home-loads">Recent loads</h2>
      <table className="list">
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
            <tr key={load.loadId}>
              <td>
                {load.fileName}
                <div className="reason">
                  {load.operation} {load.objectLabel} in {load.orgName}, {moment(load.startedAt)}
                </div>
              </td>
              <td className="outcome-cell">
                <OutcomeBar counts={load.counts} rows={load.rows} />
                <div className="reason">{rowsText(load)}</div>
              </td>
              <td>{stateText(load)}</td>
              <td style={{ textAlign: 'right' }}>
                <Button
                  size="compact-sm"
                  variant="subtle"
                  aria-label={`${isOver(load) ? 'Report' : 'Open'}: ${load.fileName}, ${moment(load.startedAt)}`}
                  onClick={() => openLoad(load.loadId, isOver(load) ? 'report' : 'load')}
                >
                  {isOver(load) ? 'Report' : 'Open'}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function isOver({ state }: LoadSnapshot): boolean {
  return state.kind === 'finished';
}

function rowsText({ counts, rows }: LoadSnapshot): string {
  const { created, updated, deleted, failed, skipped, unknown, unprocessed } = counts;
  const facts: [number, string][] = [
    [created, 'created'],
    [updated, 'updated'],
    [deleted, 'deleted'],
    [failed, 'failed'],
    [skipped, 'not sent'],
    [unprocessed, 'not processed'],
    [unknown, 'unknown'],
  ];
  const said = facts.flatMap(([count, word]) => (count > 0 ? [`${number(count)} ${word}`] : []));
  return said.length > 0 ? said.join(', ') : totalOf(counts) === rows ? 'nothing to change' : plural(rows, 'row');
}

function stateText({ state, jobs, rowsToSend, secondStepRows }: LoadSnapshot): string {
  switch (state.kind) {
    case 'running':
      return `Running: ${number(jobs.reduce((sum, job) => sum + job.processed, 0))} of ${number(rowsToSend + secondStepRows)}`;
    case 'cancelling':
      return 'Stopping';
    case 'paused':
      return 'Paused';
    case 'finished':
      return state.cancelled ? 'Cancelled' : 'Finished';
  }
}
