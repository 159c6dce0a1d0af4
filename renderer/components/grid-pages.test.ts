import { beforeEach, describe, expect, test, vi } from 'vitest';
import { GridPages, type BlockRequest, type GridSort } from './grid-pages.ts';

type Row = { readonly n: number };

/** A call that a test answers when it likes. */
interface Asked {
  readonly offset: number;
  readonly limit: number;
  readonly sort: GridSort | null;
  readonly signal: AbortSignal;
  answer(rows: Row[], total: number): void;
  fail(error: Error): void;
}

let asked: Asked[];
let failures: unknown[];
let pages: GridPages<Row>;

beforeEach(() => {
  asked = [];
  failures = [];
  pages = new GridPages<Row>(
    (offset, limit, sort, signal) =>
      new Promise((resolve, reject) => {
        asked.push({ offset, limit, sort, signal, answer: (rows, total) => resolve({ rows, total }), fail: reject });
      }),
    (error) => failures.push(error),
  );
});

function ask(startRow: number, endRow: number, sortModel: BlockRequest<Row>['sortModel'] = []) {
  const request = {
    startRow,
    endRow,
    sortModel,
    successCallback: vi.fn(),
    failCallback: vi.fn(),
    api: { showNoRowsOverlay: vi.fn(), hideOverlay: vi.fn() },
  };
  pages.getRows(request);
  return request;
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

describe('blocks of rows for a grid', () => {
  test('a block is asked for by its offset and size, and answered with the number of all rows', async () => {
    const block = ask(200, 300);
    expect(asked).toMatchObject([{ offset: 200, limit: 100, sort: null }]);
    asked[0]?.answer([{ n: 201 }], 201);
    await settled();
    expect(block.successCallback).toHaveBeenCalledExactlyOnceWith([{ n: 201 }], 201);
    expect(block.failCallback).not.toHaveBeenCalled();
  });

  test('that there is no row is said', async () => {
    const block = ask(0, 100);
    asked[0]?.answer([], 0);
    await settled();
    expect(block.api.showNoRowsOverlay).toHaveBeenCalledOnce();
    expect(block.api.hideOverlay).not.toHaveBeenCalled();
  });

  test('blocks of one order go on side by side, in whatever order they are answered', async () => {
    const [first, second] = [ask(0, 100), ask(100, 200)];
    asked[1]?.answer([{ n: 101 }], 150);
    asked[0]?.answer([{ n: 1 }], 150);
    await settled();
    expect(first.successCallback).toHaveBeenCalledWith([{ n: 1 }], 150);
    expect(second.successCallback).toHaveBeenCalledWith([{ n: 101 }], 150);
  });

  test('another order calls off what was asked in the one before; a late answer is not shown', async () => {
    const before = ask(0, 100);
    const after = ask(0, 100, [{ colId: 'c3', sort: 'desc' }]);
    expect(asked[1]).toMatchObject({ sort: { columnId: 'c3', descending: true } });
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    asked[1]?.answer([{ n: 9 }], 1);
    asked[0]?.answer([{ n: 1 }], 1);
    await settled();
    expect(before.successCallback).not.toHaveBeenCalled();
    // Ended all the same: a grid has few requests at once.
    expect(before.failCallback).toHaveBeenCalledOnce();
    expect(after.successCallback).toHaveBeenCalledWith([{ n: 9 }], 1);
    expect(after.api.hideOverlay).toHaveBeenCalledOnce();
    expect(before.api.hideOverlay).not.toHaveBeenCalled();
  });

  test('the way of a sort is an order of its own, and so is none', () => {
    ask(0, 100, [{ colId: 'c1', sort: 'asc' }]);
    ask(0, 100, [{ colId: 'c1', sort: 'desc' }]);
    ask(0, 100);
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, true, false]);
    expect(asked.map(({ sort }) => sort)).toEqual([
      { columnId: 'c1', descending: false },
      { columnId: 'c1', descending: true },
      null,
    ]);
  });

  test('when the grid lets go of it, what was asked is called off and its failure is no one’s concern', async () => {
    const block = ask(0, 100);
    pages.destroy();
    expect(asked[0]?.signal.aborted).toBe(true);
    asked[0]?.fail(new Error('called off'));
    await settled();
    expect(block.failCallback).toHaveBeenCalledOnce();
    expect(failures).toEqual([]);
  });

  test('a grid that takes it up again is answered again', async () => {
    ask(0, 100);
    pages.destroy();
    const again = ask(0, 100);
    asked[1]?.answer([{ n: 1 }], 1);
    await settled();
    expect(again.successCallback).toHaveBeenCalledWith([{ n: 1 }], 1);
  });

  test('a block that can’t be had ends, and says why', async () => {
    const block = ask(0, 100);
    const lost = new Error('the connection was lost');
    asked[0]?.fail(lost);
    await settled();
    expect(block.failCallback).toHaveBeenCalledOnce();
    expect(failures).toEqual([lost]);
  });
});
