import { createGrid } from 'ag-grid-community';
import { GRID_THEMES } from '../theme/grid-theme.ts';
import { GridKeeper } from './grid-keeper.ts';
import { usualOptions } from './grid-options.ts';
import { makeElement } from './make-element.ts';

const ROWS = [{}, {}, {}];

/**
 * Makes a small grid out of sight and takes it away again: the first one of a page takes twice as long as every other, as its code has
 * not run before and its styles are not there yet.
 */
export function warmGrid(nonce: string): void {
  const place = makeElement('div', { class: 'warm-grid', 'aria-hidden': 'true', inert: '' });
  document.body.append(place);
  const theme = GRID_THEMES.normal;
  const end = () => {
    grid.destroy();
    place.remove();
  };
  const grid = createGrid(place, {
    ...usualOptions<object>(),
    styleNonce: nonce,
    theme,
    onFirstDataRendered: () => void setTimeout(end),
  });
  new GridKeeper(grid, { theme }).give({
    theme,
    columnDefs: [
      { colId: 'warm', pinned: 'left', valueGetter: () => '' },
      { colId: 'warmer', sortable: true },
    ],
    datasource: { getRows: (asked) => asked.successCallback(ROWS, ROWS.length) },
  });
}
