import type { CellValueChangedEvent, ColDef } from 'ag-grid-community';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { PreviewRow, RowView, SourceColumn, SourceSummary } from '../../../shared/domain/source-file.ts';
import { rowProblemText } from '../../../shared/text/notice-text.ts';
import { useBackend } from '../../backend/backend-context.tsx';
import { LateGrid } from '../../components/late-grid.tsx';
import type { GridSort } from '../../components/grid-pages.ts';
import { ColumnHeader, type ColumnHeaderParams } from './column-header.ts';
import { ColumnSketches } from './column-sketches.ts';
import { SHAPELESS } from './shapeless.ts';
import type { SourceChanges } from './use-source-changes.ts';
import { columnLabel, number, plural } from '../../../shared/text/counts.ts';

interface Props {
  readonly sourceId: SourceId;
  readonly source: SourceSummary;
  readonly view: Omit<RowView, 'sort' | 'asOf'>;
  readonly changes: SourceChanges;
  readonly showColumn: (column: number) => void;
  readonly nonce: string;
}

/** The file's rows: all of them, sorted and picked as one likes, each cell there to be typed over. */
export function SourceGrid({ sourceId, source, view, changes, showColumn, nonce }: Props) {
  const backend = useBackend();
  const [found, setFound] = useState<number | null>(null);
  const { state, preview } = source;
  const staged = state.kind === 'staged';
  // Rows are fetched anew when they were read or cleaned anew; a cell that was typed is shown already, and must not move.
  const revision = JSON.stringify([source.parts, source.cleaning, staged, changes.reloads]);
  const cache = useQueryClient();
  const sketches = useMemo(
    () => new ColumnSketches((columns, signal) => backend.call('source.sketch', { sourceId, columns }, { signal })),
    [backend, sourceId],
  );
  // The first rows come first; then what is said of all of them.
  const counted = state.kind === 'staged' && found !== null ? JSON.stringify([revision, state.digest]) : null;
  useEffect(() => sketches.rowsAre(counted), [sketches, counted]);
  useEffect(() => () => sketches.rowsAre(null), [sketches]);
  const asOf = useRef({ sort: '', word: '' });
  const fetchPage = useCallback(
    async (offset: number, limit: number, sort: GridSort | null, signal: AbortSignal) => {
      // Until every row is staged the first rows stand in, so that there is always something to see.
      if (!staged) return { rows: preview.slice(offset, offset + limit), total: preview.length };
      const sorted = sort ? { column: Number(sort.columnId.slice(1)), descending: sort.descending } : null;
      // A new order is worked out from the rows as they are; while it is looked at, rows keep their places in it.
      const order = JSON.stringify([sorted, view, revision]);
      if (asOf.current.sort !== order) {
        const now = cache.getQueryData<SourceSummary>(['source.get', { sourceId }])?.state;
        asOf.current = { sort: order, word: now?.kind === 'staged' ? now.digest : '' };
      }
      const asked = { sourceId, view: { ...view, sort: sorted, asOf: asOf.current.word }, offset, limit };
      const { page, rows } = await backend.call('source.page', asked, { signal });
      // What was found by a view that is not shown any more says nothing of this one.
      if (!signal.aborted) setFound(rows);
      return { rows: page, total: rows };
    },
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the preview changes with the revision only
    [backend, cache, sourceId, staged, revision, view],
  );
  const { edit } = changes;
  const onEdit = useCallback(
    ({ data, node, colDef, oldValue, newValue }: CellValueChangedEvent<PreviewRow>) => {
      const column = Number(colDef.colId?.slice(1));
      const value = typeof newValue === 'string' ? newValue : '';
      if (oldValue === value) return;
      const before = data.edited.includes(column) ? String(oldValue) : null;
      void edit([{ row: data.row, column, value }], [{ row: data.row, column, value: before }]).then((done) => {
        // What was not taken is not shown as if it were.
        if (done) node.setData({ ...data, edited: [...data.edited, column] });
        else node.setData({ ...data, cells: data.cells.map((cell, at) => (at === column ? String(oldValue) : cell)) });
      });
    },
    // eslint-disable-next-line react-hooks/exhaustive-deps -- a new function with every render; the grid must not reload for it
    [sourceId, revision],
  );
  const several = source.parts.length > 1;
  // What cells tell under the pointer is a part of its own in each of them, and few files have anything to tell.
  const tells = state.kind === 'staged' ? state.problemRows > 0 : preview.some(({ problem }) => problem !== null);
  const shape = JSON.stringify([source.parts.map(({ fileName }) => fileName), source.columns, tells]);
  const columns = useMemo<ColDef<PreviewRow>[]>(
    () => [
      {
        headerName: 'Row',
        colId: 'row',
        pinned: 'left',
        width: 90,
        cellClass: 'value',
        valueGetter: ({ data }) => (data ? number(data.row) : '…'),
      },
      {
        headerName: 'Line',
        colId: 'line',
        pinned: 'left',
        width: 90,
        cellClass: 'value faint',
        valueGetter: ({ data }) => (data ? number(data.line) : ''),
      },
      ...(several
        ? [
            {
              headerName: 'File',
              colId: 'file',
              pinned: 'left' as const,
              width: 130,
              cellClass: 'faint',
              valueGetter: ({ data }: { data: PreviewRow | undefined }) =>
                data ? (source.parts[data.part]?.fileName ?? '') : '',
            },
          ]
        : []),
      ...source.columns.map((column) => cellColumn(column, sketches, showColumn, tells)),
    ],
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the columns change with these only
    [shape, sketches, showColumn],
  );
  const total = state.kind === 'staged' ? state.rows : 0;
  return (
    <>
      {found !== null && found !== total && (
        <p className="lead" role="status">
          {plural(found, 'row')} of {number(total)}
        </p>
      )}
      <LateGrid
        label={`Rows of ${source.fileName}`}
        nonce={nonce}
        columns={columns}
        fetchPage={fetchPage}
        onEdit={onEdit}
        headerHeight={48}
      />
    </>
  );
}

function cellColumn(
  { index, name }: SourceColumn,
  sketches: ColumnSketches,
  showColumn: (column: number) => void,
  tells: boolean,
): ColDef<PreviewRow> {
  const shownName = columnLabel(name, index);
  const header: ColumnHeaderParams = { index, sketches, show: () => showColumn(index) };
  return {
    colId: `c${index}`,
    headerName: shownName,
    // As wide as a person made it once it is there.
    initialWidth: 170,
    sortable: true,
    editable: ({ data }) =>
      sketches.hasRows() && data !== undefined && (data.problem === null || !SHAPELESS.has(data.problem)),
    valueGetter: ({ data }) => data?.cells[index] ?? '',
    valueSetter: ({ data, newValue }) => {
      data.cells[index] = String(newValue ?? '');
      return true;
    },
    cellClass: ({ data }) => [
      ...(data?.edited.includes(index) ? ['edited'] : []),
      ...(data && data.problem !== null ? ['problem'] : []),
    ],
    ...(tells
      ? {
          tooltipValueGetter: ({ data }: { data?: PreviewRow }) =>
            data?.problem ? rowProblemText(data.problem) : null,
        }
      : {}),
    headerComponent: ColumnHeader,
    headerComponentParams: header,
  };
}
