import type { CellKeyDownEvent, ColDef, FullWidthCellKeyDownEvent, GridApi, GridOptions } from 'ag-grid-community';
import './grid-modules.ts';
import { jumps } from './grid-jump.ts';

/** What a click, Enter or the space bar does in the cells of one column. */
export interface CellAction<Row> {
  readonly columnId: string;
  readonly run: (row: Row) => void;
}

/** Rows fetched at a time. */
const BLOCK = 100;

/** Milliseconds after which a cell or header under the pointer tells what it has to tell. */
const TOLD_AFTER = 400;

/** Wider than this, in px, a column is cut off: its cell tells the rest. */
const WIDEST = 420;

/** Columns that are measured in one frame: a screen of them takes longer than a frame may. */
const FITTED_AT_ONCE = 2;

/** One stop for Tab; the arrows move inside. */
const leave = (): boolean => false;

/** What every grid of the window has in common. */
export function usualOptions<Row>(): GridOptions<Row> {
  return {
    rowModelType: 'infinite',
    cacheBlockSize: BLOCK,
    maxBlocksInCache: 20,
    infiniteInitialRowCount: 1,
    defaultColDef: {
      resizable: true,
      sortable: false,
      suppressMovable: true,
      minWidth: 90,
      suppressKeyboardEvent: jumps,
    },
    suppressCellFocus: false,
    // Rows are drawn in one go when their order changes: few beyond those in sight, and none of them flies to its place.
    rowBuffer: 2,
    animateRows: false,
    ensureDomOrder: true,
    tabToNextCell: leave,
    tabToNextHeader: leave,
    enableCellTextSelection: true,
    stopEditingWhenCellsLoseFocus: true,
    tooltipShowDelay: TOLD_AFTER,
    localeText: { noRowsToShow: 'No rows match.' },
  };
}

/**
 * Makes the columns that scroll as wide as their header and the rows in sight need, each once it comes into sight with rows in it: hundreds
 * at once hold the window up, and those out of sight have nothing to be measured by.
 */
export function fitting<Row>(): GridOptions<Row> {
  const fitted = new Set<string>();
  let isDue = false;
  // Headers are measured as they stand, which is a frame later.
  const due = ({ api }: { readonly api: GridApi<Row> }) => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      if (!api.isDestroyed() && fitSome(api, fitted)) due({ api });
    });
  };
  return {
    onGridColumnsChanged: (event) => {
      fitted.clear();
      due(event);
    },
    onModelUpdated: due,
    onVirtualColumnsChanged: due,
  };
}

/** Fits the next columns in sight, from the left; true if there may be more. */
function fitSome<Row>(api: GridApi<Row>, fitted: Set<string>): boolean {
  if (!api.getRenderedNodes().some(({ data }) => data !== undefined)) return false;
  const inSight = api
    .getAllDisplayedVirtualColumns()
    .filter((column) => !column.isPinned() && column.getFlex() === null);
  const waiting = inSight.map((column) => column.getColId()).filter((colId) => !fitted.has(colId));
  const colIds = waiting.slice(0, FITTED_AT_ONCE);
  for (const colId of colIds) fitted.add(colId);
  if (colIds.length > 0) api.autoSizeColumns({ colIds, defaultMaxWidth: WIDEST });
  return waiting.length > colIds.length;
}

/** Runs a column's action by mouse and by keyboard; `current` is asked each time. */
export function actsOn<Row>(current: () => CellAction<Row> | undefined): GridOptions<Row> {
  const act = ({ colDef, data }: { colDef: ColDef<Row>; data: Row | undefined }) => {
    const action = current();
    if (action && colDef.colId === action.columnId && data !== undefined) action.run(data);
  };
  return {
    onCellClicked: act,
    onCellKeyDown: (event: CellKeyDownEvent<Row> | FullWidthCellKeyDownEvent<Row>) => {
      const key = event.event instanceof KeyboardEvent ? event.event.key : '';
      if (current() === undefined || (key !== 'Enter' && key !== ' ') || !('colDef' in event)) return;
      event.event?.preventDefault();
      act(event);
    },
  };
}
