import type { LoadSnapshot } from '../../shared/domain/load-results.ts';
import { loadProgress } from '../../shared/domain/load-progress.ts';

/** How far Salesforce has come with a load; its numbers are said beside it. */
export function ProgressBar({ load }: { readonly load: LoadSnapshot }) {
  const { processed, toProcess, share } = loadProgress(load);
  return (
    <div
      className="bar-track"
      data-moves={load.state.kind === 'running' || load.state.kind === 'cancelling'}
      role="progressbar"
      aria-label={`Rows of ${load.fileName} that Salesforce has processed`}
      aria-valuemin={0}
      aria-valuemax={toProcess}
      aria-valuenow={processed}
    >
      <div className="bar-fill" ref={(element) => element?.style.setProperty('width', `${Math.round(share * 100)}%`)} />
    </div>
  );
}
