import { Button } from '@mantine/core';
import type { LoadId } from '../../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { loadedGroups } from '../../../shared/domain/row-groups.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { groupTexts } from '../../../shared/text/row-group-text.ts';
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

/** What became of the rows; those that nothing became of, and those that are still to come, the bar shows. */
function rowsText(load: LoadSnapshot): string {
  const { unchanged: _unchanged, toCome, ...told } = loadedGroups(load);
  const texts = groupTexts(told);
  return texts.length > 0 ? texts.join(', ') : toCome === 0 ? 'nothing to change' : plural(load.rows, 'row');
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
      return state.cancelled ? 'Canceled' : 'Finished';
  }
}
