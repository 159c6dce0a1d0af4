import { curveOf } from '../../shared/domain/load-pace.ts';
import type { LoadSnapshot } from '../../shared/domain/load-results.ts';
import { plural } from '../../shared/text/counts.ts';
import { durationText } from '../../shared/text/duration-text.ts';

const BOX = { width: 700, height: 70 };
/** Milliseconds below which there is nothing to see. */
const WORTH_A_CHART = 10_000;

/** The rows that Salesforce had worked on, and failed ones among them, over the time that a load ran; not of one that was over at once. */
export function PaceChart({ load: { pace, elapsed } }: { readonly load: Pick<LoadSnapshot, 'pace' | 'elapsed'> }) {
  const last = pace.at(-1);
  if (!last || pace.length < 3 || elapsed < WORTH_A_CHART) return null;
  const words = `${plural(last.processed, 'row')} processed in ${durationText(elapsed)}, ${plural(last.failed, 'row')} failed`;
  return (
    <section className="panel" aria-labelledby="pace-title">
      <h3 id="pace-title">Over time</h3>
      <svg
        className="pace"
        viewBox={`0 -2 ${BOX.width} ${BOX.height + 4}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words}
      >
        <polyline points={curveOf(pace, 'processed', BOX)} />
        {last.failed > 0 && <polyline data-failed points={curveOf(pace, 'failed', BOX)} />}
      </svg>
      <p className="lead">{words}.</p>
    </section>
  );
}
