import { VisuallyHidden } from '@mantine/core';
import type { IHeaderParams } from 'ag-grid-community';
import { ArrowDown, ArrowUp, ChartColumn } from 'lucide-react';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { ColumnSketch, PreviewRow } from '../../../shared/domain/source-file.ts';
import { sketchSentence, sketchWords } from '../../../shared/text/sketch-text.ts';
import type { ColumnSketches } from './column-sketches.ts';

/** What `cellColumn` gives its header. */
export interface ColumnHeaderParams {
  readonly index: number;
  readonly sketches: ColumnSketches;
  readonly show: () => void;
}

type HeaderParams = IHeaderParams<PreviewRow> & ColumnHeaderParams;

/** The column's name, which sorts; how its values are, in words and as a bar; and the way to its profile. */
export function ColumnHeader({ displayName, column, index, sketches, show, progressSort }: HeaderParams) {
  const [direction, setDirection] = useState(column.getSort());
  useEffect(() => {
    const follow = () => setDirection(column.getSort());
    column.addEventListener('sortChanged', follow);
    return () => column.removeEventListener('sortChanged', follow);
  }, [column]);
  useEffect(() => sketches.want(index), [sketches, index]);
  // Columns are there before their rows are read to the end: the same ones, for making hundreds anew holds the window up.
  const hasRows = useSyncExternalStore(sketches.subscribe, sketches.hasRows);
  const sketch = useSyncExternalStore(sketches.subscribe, () => sketches.of(index));
  return (
    <div className="column-header">
      <button type="button" disabled={!hasRows} onClick={() => progressSort(false)} title={displayName}>
        <bdi>{displayName}</bdi>
        {direction === 'asc' && <ArrowUp size={13} aria-label="ascending" />}
        {direction === 'desc' && <ArrowDown size={13} aria-label="descending" />}
      </button>
      {sketch === 'failed' && <small>not counted</small>}
      {sketch !== undefined && sketch !== 'failed' && <Sketch sketch={sketch} />}
      <button
        type="button"
        className="profile"
        aria-label={`Profile of ${displayName}`}
        disabled={!hasRows}
        onClick={show}
      >
        <ChartColumn size={14} aria-hidden />
      </button>
    </div>
  );
}

function Sketch({ sketch }: { readonly sketch: ColumnSketch }) {
  const { rows, blank, misfits } = sketch;
  const sentence = sketchSentence(sketch);
  return (
    <>
      <VisuallyHidden>{sentence}</VisuallyHidden>
      <small aria-hidden title={sentence}>
        {sketchWords(sketch).map((words, at) => (
          <span key={words} data-tone={misfits > 0 && at === 0 ? 'warning' : undefined}>
            {words}
          </span>
        ))}
      </small>
      <span className="sketch-bar" aria-hidden>
        {rows > blank + misfits && <span style={{ flexGrow: rows - blank - misfits }} />}
        {misfits > 0 && <span data-tone="warning" style={{ flexGrow: misfits }} />}
        {blank > 0 && <span data-blank style={{ flexGrow: blank }} />}
      </span>
    </>
  );
}
