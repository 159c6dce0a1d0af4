import type { GridApi, GridOptions, IDatasource } from 'ag-grid-community';

/** What the grid is given when it is there, and anew when it changes; in this order, as rows are shown in their columns. */
const GIVEN = ['theme', 'columnDefs', 'datasource'] as const;

type Given<Row> = Pick<GridOptions<Row>, (typeof GIVEN)[number]>;

/**
 * No rows: those of before are not drawn once more, in columns that they do not belong to. The grid counts its requests, and asks for
 * nothing more once two of them have not ended.
 */
const NONE_YET: IDatasource = { getRows: (request) => request.failCallback() };

/** Hands a grid what it is given, each in a task of its own: hundreds of columns and a screen of rows at once hold the window up. */
export class GridKeeper<Row> {
  readonly #api: GridApi<Row>;
  readonly #has: Given<Row>;
  #given: Given<Row> = {};
  #isBusy = false;

  constructor(api: GridApi<Row>, has: Given<Row>) {
    this.#api = api;
    this.#has = { ...has };
  }

  give(given: Given<Row>): void {
    this.#given = given;
    if (this.#isBusy) return;
    this.#isBusy = true;
    setTimeout(() => this.#next());
  }

  #next(): void {
    this.#isBusy = false;
    if (this.#api.isDestroyed()) return;
    // What it is given it goes through, whether or not it is as before.
    const name = GIVEN.find((one) => this.#given[one] !== this.#has[one]);
    if (name === undefined) return;
    const { datasource } = this.#has;
    const wait =
      name === 'columnDefs' && datasource && datasource !== NONE_YET && this.#given.datasource !== datasource;
    this.#hand(wait ? 'datasource' : name, wait ? NONE_YET : this.#given[name]);
    this.give(this.#given);
  }

  #hand(name: (typeof GIVEN)[number], value: unknown): void {
    this.#has[name] = value as never;
    this.#api.setGridOption(name, value as never);
  }
}
