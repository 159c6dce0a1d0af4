import {
  CellStyleModule,
  ClientSideRowModelModule,
  ColumnApiModule,
  ColumnAutoSizeModule,
  InfiniteRowModelModule,
  LocaleModule,
  ModuleRegistry,
  RowApiModule,
  ScrollApiModule,
  TextEditorModule,
  TooltipModule,
  type CellKeyDownEvent,
  type CellValueChangedEvent,
  type ColDef,
  type FullWidthCellKeyDownEvent,
  type GridApi,
} from 'ag-grid-community';
import { AgGridReact } from 'ag-grid-react';
import { useCallback, useMemo, useRef, useState } from 'react';
import type { Failure } from '../../shared/contract/failure.ts';
import { failureOf } from '../backend/backend-context.tsx';
import { useSettings } from '../settings/use-settings.ts';
import { DOUBLE_THEMES, GRID_THEMES } from '../theme/grid-theme.ts';
import { FailurePanel } from './failure-panel.tsx';
import { GridPages, type FetchPage } from './grid-pages.ts';

ModuleRegistry.registerModules([
  InfiniteRowModelModule,
  ClientSideRowModelModule,
  ScrollApiModule,
  ColumnApiModule,
  RowApiModule,
  ColumnAutoSizeModule,
  CellStyleModule,
  LocaleModule,
  TextEditorModule,
  TooltipModule,
]);

/** Rows fetched at a time. */
const BLOCK = 100;

interface Props<Row> {
  readonly label: string;
  readonly nonce: string;
  readonly columns: ColDef<Row>[];
  /** A page of rows and how many there are in all. Changing the function reloads the grid. */
  readonly fetchPage: FetchPage<Row>;
  readonly onEdit?: (event: CellValueChangedEvent<Row>) => void;
  /** What a click, Enter or the space bar does in the cells of one column. */
  readonly action?: { readonly columnId: string; readonly run: (row: Row) => void };
  readonly headerHeight?: number;
  /** `double`: two lines a row. */
  readonly rows?: 'single' | 'double';
  /** Columns become as wide as what is in them. */
  readonly fitColumns?: boolean;
}

// The grid goes through every column anew when it is given another object than before, so each of these is one and the same.
const COLUMN = { resizable: true, sortable: false, suppressMovable: true, minWidth: 90 };
const HIGH = { double: DOUBLE_THEMES, single: GRID_THEMES };
/** One stop for Tab; the arrows move inside. */
const leave = (): boolean => false;

/** What it says where there is nothing to show. */
const WORDS = { noRowsToShow: 'No rows match.' };

/** Milliseconds after which a cell or header under the pointer tells what it has to tell. */
const TOLD_AFTER = 400;

/** Wider than this, in px, a column is cut off: its cell tells the rest. */
const WIDEST = 420;

/** Makes the columns that scroll as wide as their header and the rows in sight need. */
function fit({ api }: { readonly api: GridApi }): void {
  // Headers are measured as they stand, which is a frame later.
  requestAnimationFrame(() => {
    if (!api.isDestroyed()) fitNow(api);
  });
}

function fitNow(api: GridApi): void {
  const columns = api.getColumns()?.filter((column) => !column.isPinned() && column.getFlex() === null) ?? [];
  api.autoSizeColumns({ colIds: columns.map((column) => column.getColId()), defaultMaxWidth: WIDEST });
}

/** Copies the focused row as a spreadsheet takes it; range copy is the Enterprise grid's. Selected text copies itself. */
function copyRow(event: React.ClipboardEvent<HTMLDivElement>): void {
  if (event.target instanceof HTMLInputElement) return;
  if ((window.getSelection()?.toString() ?? '') !== '') return;
  const row = event.currentTarget.querySelector('.ag-cell-focus')?.closest('[row-index]')?.getAttribute('row-index');
  if (row === null || row === undefined) return;
  const cells = [...event.currentTarget.querySelectorAll(`[row-index="${CSS.escape(row)}"] [role="gridcell"]`)];
  event.clipboardData.setData(
    'text/plain',
    cells.map((cell) => (cell.textContent ?? '').replace(/[\t\n]/g, ' ')).join('\t'),
  );
  event.preventDefault();
}

/** Runs a column's action by mouse and by keyboard. */
function actsOn<Row>({ columnId, run }: NonNullable<Props<Row>['action']>) {
  const act = ({ colDef, data }: { colDef: ColDef<Row>; data: Row | undefined }) => {
    if (colDef.colId === columnId && data !== undefined) run(data);
  };
  return {
    onCellClicked: act,
    onCellKeyDown: (event: CellKeyDownEvent<Row> | FullWidthCellKeyDownEvent<Row>) => {
      const key = event.event instanceof KeyboardEvent ? event.event.key : '';
      if ((key !== 'Enter' && key !== ' ') || !('colDef' in event)) return;
      event.event?.preventDefault();
      act(event);
    },
  };
}

/** The heart of the window: any number of rows, a block at a time. */
export function DataGrid<Row extends object>({
  label,
  nonce,
  columns,
  fetchPage,
  onEdit,
  action,
  headerHeight,
  rows = 'single',
  fitColumns = false,
}: Props<Row>) {
  const { gridRows } = useSettings();
  const grid = useRef<GridApi | null>(null);
  const [failed, setFailed] = useState<{ readonly of: FetchPage<Row>; readonly failure: Failure } | null>(null);
  const pages = useMemo(
    () => new GridPages<Row>(fetchPage, (error) => setFailed({ of: fetchPage, failure: failureOf(error) })),
    [fetchPage],
  );
  const ready = useCallback(({ api }: { readonly api: GridApi }) => {
    grid.current = api;
  }, []);
  // Other blocks that came do not mend the one that did not: it is said until it is asked for again.
  const again = () => {
    setFailed(null);
    grid.current?.purgeInfiniteCache();
  };
  return (
    <>
      {failed?.of === fetchPage && <FailurePanel failure={failed.failure} again={again} />}
      <div className="grid" role="region" aria-label={label} onCopy={copyRow}>
        <AgGridReact<Row>
          theme={HIGH[rows][gridRows]}
          styleNonce={nonce}
          rowModelType="infinite"
          columnDefs={columns}
          datasource={pages}
          cacheBlockSize={BLOCK}
          maxBlocksInCache={20}
          infiniteInitialRowCount={1}
          defaultColDef={COLUMN}
          suppressCellFocus={false}
          // Rows are drawn in one go when their order changes: few beyond those in sight, and none of them flies to its place.
          rowBuffer={2}
          animateRows={false}
          ensureDomOrder
          tabToNextCell={leave}
          tabToNextHeader={leave}
          enableCellTextSelection
          stopEditingWhenCellsLoseFocus
          tooltipShowDelay={TOLD_AFTER}
          localeText={WORDS}
          onGridReady={ready}
          {...(fitColumns ? { onFirstDataRendered: fit, onGridColumnsChanged: fit } : {})}
          {...(headerHeight === undefined ? {} : { headerHeight })}
          {...(onEdit ? { onCellValueChanged: onEdit } : {})}
          {...(action ? actsOn(action) : {})}
        />
      </div>
    </>
  );
}
