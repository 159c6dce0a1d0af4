import { Loader } from '@mantine/core';
import type { CellValueChangedEvent, ColDef, IHeaderParams } from 'ag-grid-community';
import { ArrowDown, ArrowUp, ChartColumn } from 'lucide-react';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { PreviewRow, RowView, SourceColumn, SourceSummary } from '../../../shared/domain/source-file.ts';
import { rowProblemText } from '../../../shared/text/notice-text.ts';
import { useBackend } from '../../backend/backend-context.tsx';
import type { GridSort } from '../../components/data-grid.tsx';
import { SHAPELESS } from './shapeless.ts';
import type { SourceChanges } from './use-source-changes.ts';
import { columnLabel, number, plural } from '../../../shared/text/counts.ts';

const DataGrid = lazy(() =>
  import('../../components/data-grid.tsx').then((module) => ({ default: module.DataGrid<PreviewRow> })),
);

interface Props {
  readonly sourceId: SourceId;
  readonly source: SourceSummary;
  readonly view: Omit<RowView, 'sort' | 'asOf'>;
  readonly blank: ReadonlyMap<number, number>;
  readonly changes: SourceChanges;
  readonly showColumn: (column: number) => void;
  readonly nonce: string;
}

/** The file's rows: all of them, sorted and picked as one likes, each cell there to be typed over. */
export function SourceGrid({ sourceId, source, view, blank, changes, showColumn, nonce }: Props) {
  const backend = useBackend();
  const [found, setFound] = useState<number | null>(null);
  const { state, preview } = source;
  const staged = state.kind === 'staged';
  // Rows are fetched anew when they were read or cleaned anew; a cell that was typed is shown already, and must not move.
  const revision = JSON.stringify([source.parts, source.cleaning, staged, changes.reloads]);
  const cache = useQueryClient();
  const asOf = useRef({ sort: '', word: '' });
  const fetchPage = useCallback(
    async (offset: number, limit: number, sort: GridSort | null) => {
      // Until every row is staged the first rows stand in, so that there is always something to see.
      if (!staged) return { rows: preview.slice(offset, offset + limit), total: preview.length };
      const sorted = sort ? { column: Number(sort.columnId.slice(1)), descending: sort.descending } : null;
      // A new order is worked out from the rows as they are; while it is looked at, rows keep their places in it.
      const order = JSON.stringify([sorted, view, revision]);
      if (asOf.current.sort !== order) {
        const now = cache.getQueryData<SourceSummary>(['source.get', { sourceId }])?.state;
        asOf.current = { sort: order, word: now?.kind === 'staged' ? now.digest : '' };
      }
      const { page, rows } = await backend.call('source.page', {
        sourceId,
        view: { ...view, sort: sorted, asOf: asOf.current.word },
        offset,
        limit,
      });
      setFound(rows);
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
      ...source.columns.map((column) => cellColumn(column, staged, blank.get(column.index) ?? null, state, showColumn)),
    ],
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the columns change with these only
    [revision, source.columns.length, staged, blank, showColumn],
  );
  const total = state.kind === 'staged' ? state.rows : 0;
  return (
    <>
      {found !== null && found !== total && (
        <p className="lead" role="status">
          {plural(found, 'row')} of {number(total)}
        </p>
      )}
      <Suspense fallback={<Loader role="img" aria-label="Preparing the grid" />}>
        <DataGrid
          label={`Rows of ${source.fileName}`}
          nonce={nonce}
          columns={columns}
          fetchPage={fetchPage}
          onEdit={onEdit}
          headerHeight={48}
        />
      </Suspense>
    </>
  );
}

function cellColumn(
  { index, name }: SourceColumn,
  staged: boolean,
  blank: number | null,
  state: SourceSummary['state'],
  showColumn: (column: number) => void,
): ColDef<PreviewRow> {
  const shownName = columnLabel(name, index);
  const rows = state.kind === 'staged' ? state.rows : 0;
  return {
    colId: `c${index}`,
    headerName: shownName,
    width: 170,
    sortable: staged,
    editable: ({ data }) => staged && data !== undefined && (data.problem === null || !SHAPELESS.has(data.problem)),
    valueGetter: ({ data }) => data?.cells[index] ?? '',
    valueSetter: ({ data, newValue }) => {
      data.cells[index] = String(newValue ?? '');
      return true;
    },
    cellClass: ({ data }) => [
      ...(data?.edited.includes(index) ? ['edited'] : []),
      ...(data && data.problem !== null ? ['problem'] : []),
    ],
    tooltipValueGetter: ({ data }) => (data?.problem ? rowProblemText(data.problem) : null),
    headerComponent: ColumnHeader,
    headerComponentParams: {
      blankShare: blank === null || rows === 0 ? null : blank / rows,
      show: () => showColumn(index),
    },
  };
}

interface HeaderParams extends IHeaderParams<PreviewRow> {
  readonly blankShare: number | null;
  readonly show: () => void;
}

/** The column's name, which sorts; a word on how full it is; and the way to its profile. */
function ColumnHeader({ displayName, column, blankShare, show, progressSort, enableSorting }: HeaderParams) {
  const [direction, setDirection] = useState(column.getSort());
  useEffect(() => {
    const follow = () => setDirection(column.getSort());
    column.addEventListener('sortChanged', follow);
    return () => column.removeEventListener('sortChanged', follow);
  }, [column]);
  return (
    <div className="column-header">
      <button type="button" disabled={!enableSorting} onClick={() => progressSort(false)} title={displayName}>
        <span>{displayName}</span>
        {direction === 'asc' && <ArrowUp size={13} aria-label="ascending" />}
        {direction === 'desc' && <ArrowDown size={13} aria-label="descending" />}
      </button>
      <small>{blankShare === null ? '' : blankShare === 0 ? 'no blanks' : `${percent(blankShare)} blank`}</small>
      <button
        type="button"
        className="profile"
        aria-label={`Profile of ${displayName}`}
        disabled={!enableSorting}
        onClick={show}
      >
        <ChartColumn size={14} aria-hidden />
      </button>
    </div>
  );
}

function percent(part: number): string {
  return part < 0.01 ? 'under 1 %' : `${Math.round(part * 100)} %`;
}
