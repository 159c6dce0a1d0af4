/** The column that is sorted by, by its id. */
export interface GridSort {
  readonly columnId: string;
  readonly descending: boolean;
}

/** So many rows from an offset, in an order, and how many there are in all. The signal says that no one waits any more. */
export type FetchPage<Row> = (
  offset: number,
  limit: number,
  sort: GridSort | null,
  signal: AbortSignal,
) => Promise<{ readonly rows: readonly Row[]; readonly total: number }>;

/** What the grid asks with; `IGetRowsParams` of ag-grid is one. */
export interface BlockRequest<Row> {
  readonly startRow: number;
  /** The first row that is not asked for. */
  readonly endRow: number;
  readonly sortModel: readonly { readonly colId: string; readonly sort: 'asc' | 'desc' }[];
  readonly successCallback: (rows: Row[], total: number) => void;
  readonly failCallback: () => void;
  readonly api: { readonly showNoRowsOverlay: () => void; readonly hideOverlay: () => void };
}

/**
 * Answers a grid's requests for blocks of rows. Blocks belong to one order: once another is asked for, or the grid lets go of its source
 * of rows, what is still on its way is called off, and its answer, should it come all the same, changes nothing.
 */
export class GridPages<Row> {
  readonly #fetchPage: FetchPage<Row>;
  readonly #failed: (error: unknown) => void;
  #order = '';
  #calls = new AbortController();

  /** `failed` hears of every block that could not be had, unless it was called off. */
  constructor(fetchPage: FetchPage<Row>, failed: (error: unknown) => void) {
    this.#fetchPage = fetchPage;
    this.#failed = failed;
  }

  getRows({ startRow, endRow, sortModel, successCallback, failCallback, api }: BlockRequest<Row>): void {
    const [sorted] = sortModel;
    const sort = sorted ? { columnId: sorted.colId, descending: sorted.sort === 'desc' } : null;
    const order = JSON.stringify(sort);
    if (order !== this.#order) this.destroy();
    this.#order = order;
    const { signal } = this.#calls;
    this.#fetchPage(startRow, endRow - startRow, sort, signal).then(
      ({ rows, total }) => {
        if (signal.aborted) return failCallback();
        successCallback([...rows], total);
        if (total === 0) api.showNoRowsOverlay();
        else api.hideOverlay();
      },
      (error: unknown) => {
        // The grid counts its requests: each must end, or it asks for nothing more.
        failCallback();
        if (!signal.aborted) this.#failed(error);
      },
    );
  }

  /** Calls off what is on its way. The grid may take the same source up again. */
  destroy(): void {
    this.#calls.abort();
    this.#calls = new AbortController();
  }
}
