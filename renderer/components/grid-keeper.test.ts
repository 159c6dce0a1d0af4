import type { GridApi, IDatasource, IGetRowsParams } from 'ag-grid-community';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { GridKeeper } from './grid-keeper.ts';

/** What a grid was handed, and in which task. */
class GridOnPaper {
  readonly handed: [task: number, name: string, value: unknown][] = [];
  task = 0;
  gone = false;
  readonly api = {
    isDestroyed: () => this.gone,
    setGridOption: (name: string, value: unknown) => void this.handed.push([this.task, name, value]),
  } as unknown as GridApi<object>;

  /** Runs what waits, one task after the other. */
  settle(): void {
    while (vi.getTimerCount() > 0) {
      this.task++;
      vi.advanceTimersToNextTimer();
    }
  }
}

const columns = [{ colId: 'a' }];
const rows = { getRows: () => undefined };

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('a grid gets its columns and then its rows, each in a task of its own, and nothing that it has', () => {
  const grid = new GridOnPaper();
  const keeper = new GridKeeper(grid.api, { theme: 'legacy' });
  keeper.give({ theme: 'legacy', columnDefs: columns, datasource: rows });
  expect(grid.handed, 'not while the window draws').toEqual([]);
  grid.settle();
  expect(grid.handed).toEqual([
    [1, 'columnDefs', columns],
    [2, 'datasource', rows],
  ]);
  keeper.give({ theme: 'legacy', columnDefs: columns, datasource: rows });
  grid.settle();
  expect(grid.handed).toHaveLength(2);
});

test('of what changes while it waits the last counts alone', () => {
  const grid = new GridOnPaper();
  const keeper = new GridKeeper(grid.api, {});
  const others = { getRows: () => undefined };
  keeper.give({ columnDefs: columns, datasource: rows });
  keeper.give({ columnDefs: columns, datasource: others });
  grid.settle();
  expect(grid.handed.map(([, name, value]) => [name, value])).toEqual([
    ['columnDefs', columns],
    ['datasource', others],
  ]);
});

test('with other columns and other rows, the rows of before are taken away first', () => {
  const grid = new GridOnPaper();
  const keeper = new GridKeeper(grid.api, {});
  keeper.give({ columnDefs: columns, datasource: rows });
  grid.settle();
  const others = { getRows: () => undefined };
  keeper.give({ columnDefs: [{ colId: 'b' }], datasource: others });
  grid.settle();
  expect(grid.handed.slice(2).map(([task, name, value]) => [task, name, value === others])).toEqual([
    [4, 'datasource', false],
    [5, 'columnDefs', false],
    [6, 'datasource', true],
  ]);
  expect(grid.handed[2]?.[2], 'not those that were there').not.toBe(rows);
  // A request that never ends would leave the grid waiting for good, once there are two.
  const ended = vi.fn();
  (grid.handed[2]?.[2] as IDatasource).getRows({ failCallback: ended } as unknown as IGetRowsParams);
  expect(ended).toHaveBeenCalledOnce();
});

test('a grid that is gone is handed nothing more', () => {
  const grid = new GridOnPaper();
  new GridKeeper(grid.api, {}).give({ columnDefs: columns });
  grid.gone = true;
  grid.settle();
  expect(grid.handed).toEqual([]);
});
