import { createGrid, type CellValueChangedEvent, type ColDef, type GridApi } from 'ag-grid-community';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Failure } from '../../shared/contract/failure.ts';
import { failureOf } from '../backend/backend-context.tsx';
import { useSettings } from '../settings/use-settings.ts';
import { DOUBLE_THEMES, GRID_THEMES } from '../theme/grid-theme.ts';
import { FailurePanel } from './failure-panel.tsx';
import { actsOn, fitting, usualOptions, type CellAction } from './grid-options.ts';
import { GridKeeper } from './grid-keeper.ts';
import { GridPages, type FetchPage } from './grid-pages.ts';

interface Props<Row> {
  readonly label: string;
  readonly nonce: string;
  readonly columns: ColDef<Row>[];
  /** A page of rows and how many there are in all. Changing the function reloads the grid. */
  readonly fetchPage: FetchPage<Row>;
  readonly onEdit?: (event: CellValueChangedEvent<Row>) => void;
  /** Whether there is one is settled when the grid is made. */
  readonly action?: CellAction<Row>;
  readonly headerHeight?: number;
  /** `double`: two lines a row. */
  readonly rows?: 'single' | 'double';
  /** Columns become as wide as what is in them. */
  readonly fitColumns?: boolean;
}

const HIGH = { double: DOUBLE_THEMES, single: GRID_THEMES };

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

/** The heart of the window: any number of rows, a block at a time. */
export function DataGrid<Row extends object>(props: Props<Row>) {
  const { label, fetchPage } = props;
  const [failed, setFailed] = useState<{ readonly of: FetchPage<Row>; readonly failure: Failure } | null>(null);
  const pages = useMemo(
    () => new GridPages<Row>(fetchPage, (error) => setFailed({ of: fetchPage, failure: failureOf(error) })),
    [fetchPage],
  );
  const { place, api } = useGrid(props, pages);
  // Other blocks that came do not mend the one that did not: it is said until it is asked for again.
  const again = () => {
    setFailed(null);
    api.current?.purgeInfiniteCache();
  };
  return (
    <>
      {failed?.of === fetchPage && <FailurePanel failure={failed.failure} again={again} />}
      <div className="grid" role="region" aria-label={label} onCopy={copyRow} ref={place} />
    </>
  );
}

/**
 * The grid in its place, made when that is there and kept up with what it is given. It makes its cells itself: as components of React each
 * costs some three times as much, and a screen has hundreds.
 */
function useGrid<Row extends object>(props: Props<Row>, pages: GridPages<Row>) {
  const { nonce, columns, rows = 'single', headerHeight, fitColumns = false } = props;
  const { gridRows } = useSettings();
  const theme = HIGH[rows][gridRows];
  const place = useRef<HTMLDivElement>(null);
  const api = useRef<GridApi<Row> | null>(null);
  const keeper = useRef<GridKeeper<Row> | null>(null);
  const latest = useRef({ ...props, theme });
  useLayoutEffect(() => {
    latest.current = { ...props, theme };
  });
  useEffect(() => {
    if (!place.current) return undefined;
    const { theme: first } = latest.current;
    const grid = createGrid<Row>(place.current, {
      ...usualOptions<Row>(),
      styleNonce: nonce,
      theme: first,
      ...(headerHeight === undefined ? {} : { headerHeight }),
      ...(fitColumns ? fitting<Row>() : {}),
      ...actsOn(() => latest.current.action),
      onCellValueChanged: (event) => latest.current.onEdit?.(event),
    });
    api.current = grid;
    keeper.current = new GridKeeper(grid, { theme: first });
    return () => {
      api.current = null;
      keeper.current = null;
      grid.destroy();
    };
  }, [nonce, headerHeight, fitColumns]);
  useEffect(() => keeper.current?.give({ theme, columnDefs: columns, datasource: pages }), [theme, columns, pages]);
  return { place, api };
}
