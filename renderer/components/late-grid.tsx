import { Loader } from '@mantine/core';
import { lazy, Suspense, type ComponentProps } from 'react';
import type { DataGrid as DataGridOf } from './data-grid.tsx';

type GridProps<Row extends object> = ComponentProps<typeof DataGridOf<Row>>;

/** The largest part of the window, loaded after the first screen and before it is needed. */
let loaded: typeof DataGridOf | null = null;

/**
 * Loads the grid before it is needed, and has it run once, in two pieces, while nothing else is to be done. What could not be had is asked for
 * again, and told of, when it is.
 */
export async function prepareGrid(nonce: string): Promise<void> {
  const { drawBareGrid } = await import('./bare-grid.ts');
  await idle();
  drawBareGrid();
  await loadGrid();
  const { warmGrid } = await import('./warm-grid.ts');
  await idle();
  warmGrid(nonce);
}

/** Resolves within the next moment in which nothing else is to be done. */
function idle(): Promise<void> {
  return new Promise((resolve) => void requestIdleCallback(() => resolve()));
}

async function loadGrid(): Promise<{ default: typeof DataGridOf }> {
  const { DataGrid } = await import('./data-grid.tsx');
  loaded = DataGrid;
  return { default: DataGrid };
}

const Awaited = lazy(loadGrid);

/** The grid at once where it is loaded: what React waits for takes it 300 ms to show, however soon it is there. */
export function LateGrid<Row extends object>(props: GridProps<Row>) {
  const Grid = loaded;
  if (Grid) return <Grid {...props} />;
  return (
    <Suspense fallback={<Loader role="img" aria-label="Preparing the grid" />}>
      <Awaited {...(props as unknown as GridProps<object>)} />
    </Suspense>
  );
}
