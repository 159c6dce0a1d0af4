import type { Column, GridApi, SuppressKeyboardEventParams } from 'ag-grid-community';

/** Frames that a far column is waited for; one that is not drawn by then is drawn by the grid in one go. */
const FRAMES = 20;

/** The last jump of each grid: one that another has overtaken goes no further. */
const latest = new WeakMap<GridApi, symbol>();

/**
 * Home and End, to the ends of the row; with Ctrl to the first and the last row as well (WAI-ARIA Authoring Practices, grid pattern). The
 * grid's own jump draws a whole screen of other cells in the one task of the key press: here it scrolls first, the cells come frame by
 * frame, and the focus goes there at the end. Says whether the key was one of these.
 */
export function jumps({ api, event, editing, node }: SuppressKeyboardEventParams): boolean {
  if (editing || event.altKey || event.shiftKey || (event.key !== 'Home' && event.key !== 'End')) return false;
  const columns = api.getAllDisplayedColumns();
  const column = event.key === 'Home' ? columns[0] : columns.at(-1);
  const whole = event.ctrlKey || event.metaKey;
  const row = !whole ? node.rowIndex : event.key === 'Home' ? 0 : api.getDisplayedRowCount() - 1;
  if (!column || row === null || row < 0) return false;
  event.preventDefault();
  void jump(api, gridOf(event), row, column);
  return true;
}

function gridOf({ target }: KeyboardEvent): Element | null {
  return target instanceof Element ? target.closest('.ag-root') : null;
}

async function jump(api: GridApi, grid: Element | null, row: number, column: Column): Promise<void> {
  const mine = Symbol('jump');
  latest.set(api, mine);
  const goesOn = () => !api.isDestroyed() && latest.get(api) === mine;
  const cell = `.ag-row[row-index="${row}"] [col-id="${CSS.escape(column.getColId())}"]`;
  const view = grid?.querySelector('.ag-grid-viewport');
  if (view) view.scrollLeft = column === api.getAllDisplayedColumns()[0] ? 0 : view.scrollWidth;
  await nextFrame();
  if (!goesOn()) return;
  if (view && row === 0) view.scrollTop = 0;
  else if (view && row === api.getDisplayedRowCount() - 1) view.scrollTop = view.scrollHeight;
  for (let frame = 0; frame < FRAMES && goesOn() && !grid?.querySelector(cell); frame++) await nextFrame();
  if (goesOn()) api.setFocusedCell(row, column);
}

function nextFrame(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => resolve()));
}
