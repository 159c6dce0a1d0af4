import { Button } from '@mantine/core';
import { useState } from 'react';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { plural } from '../../../shared/text/counts.ts';
import { durationText } from '../../../shared/text/duration-text.ts';
import { loadStateText } from '../../../shared/text/load-state-text.ts';
import { loadTitle } from '../../../shared/text/load-title.ts';
import { OutcomeBar } from '../../components/outcome-bar.tsx';
import { ProgressBar } from '../../components/progress-bar.tsx';
import { moment } from '../../settings/moments.ts';
import type { HistoryActions } from './history-screen.tsx';
import { LoadDetails } from './load-details.tsx';

interface Props extends HistoryActions {
  readonly load: LoadSnapshot;
  /** What it takes on disk; null while that is not known. */
  readonly bytes: number | null;
}

/** One load in a line, which opens to all there is to know of it and to do with it. */
export function HistoryRow({ load, bytes, ...actions }: Props) {
  const [isOpen, setOpen] = useState(false);
  const { word, detail, rows, tone } = loadStateText(load);
  const isOver = load.state.kind === 'finished';
  return (
    <tbody>
      <tr>
        <td>
          {load.fileName}
          <div className="reason whole">
            {loadTitle(load)} in {load.orgName}, {moment(load.startedAt)}
          </div>
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
          {durationText(load.elapsed)}
          <div className="reason">{plural(load.apiCalls, 'API call')}</div>
        </td>
        <td>
          <Button
            size="compact-sm"
            variant="subtle"
            aria-expanded={isOpen}
            aria-label={`${isOpen ? 'Close' : 'Details'}: ${load.fileName}, ${moment(load.startedAt)}`}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? 'Close' : 'Details'}
          </Button>
        </td>
      </tr>
      {isOpen && (
        <tr className="under">
          <td colSpan={5}>
            <LoadDetails load={load} bytes={bytes} {...actions} />
          </td>
        </tr>
      )}
    </tbody>
  );
}
