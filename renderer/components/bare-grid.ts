import { createGrid, InfiniteRowModelModule } from 'ag-grid-community';
import { makeElement } from './make-element.ts';

/**
 * Makes a grid that can do nothing, and has no looks, out of sight and takes it away again: most of what the first grid of a page takes is its
 * own code, whatever is in it. What it can do is told to it afterwards (grid-modules.ts), and comes with the next one (warm-grid.ts).
 */
export function drawBareGrid(): void {
  const place = makeElement('div', { class: 'warm-grid', 'aria-hidden': 'true', inert: '' });
  document.body.append(place);
  const options = { theme: 'legacy' as const, rowModelType: 'infinite' as const };
  createGrid(place, options, { modules: [InfiniteRowModelModule] }).destroy();
  place.remove();
}
