import { quoteName } from './quote.ts';
import type { TableShape } from './tables.ts';

/** What a sync agreed on, and from when on changes are to be looked for: names and their values. */
export const SYNC_META: TableShape = {
  columns: { name: 'VARCHAR NOT NULL', value: 'VARCHAR NOT NULL' },
  key: null,
};

/**
 * A record by the key of its rows (`k`). `left_digest` is of those rows as they were looked at last; the cells are digests of canonical
 * values, one a compared column, as they were agreed last: `left_cells` the file's, `org_cells` the org's, which may be others; both empty
 * before anything was agreed. `id` and `stamp` are blank of a record that there is none of; `gone_run` and `gone_at` (ms) say since when the
 * file has no row of it; `flips` in how many runs each cell was set back since its row said something else.
 */
export const SYNC_RECORD: TableShape = {
  columns: {
    k: 'VARCHAR NOT NULL',
    left_digest: 'UBIGINT NOT NULL',
    left_cells: 'UBIGINT[] NOT NULL',
    org_cells: 'UBIGINT[] NOT NULL',
    id: 'VARCHAR NOT NULL',
    stamp: 'VARCHAR NOT NULL',
    status: 'VARCHAR NOT NULL',
    attempts: 'INTEGER NOT NULL',
    next_attempt: 'BIGINT NOT NULL',
    error: 'VARCHAR NOT NULL',
    gone_run: 'INTEGER',
    gone_at: 'BIGINT',
    flips: 'UTINYINT[] NOT NULL',
  },
  key: null,
};

/**
 * How a record stands: `agreed`; `waiting` to be tried again; `left` as it is by the job's policies; `open`, for nothing became of it in the
 * run that was to see to it; `gone`, for what is done with records without a row was done, or can't be.
 */
export type SyncStatus = 'agreed' | 'waiting' | 'left' | 'open' | 'gone';

/** Names of the tables of a sync's state, in its database. */
export function syncStateTables(alias: string): { readonly meta: string; readonly record: string } {
  const named = (name: string) => `${quoteName(alias)}.${quoteName(name)}`;
  return { meta: named('meta'), record: named('record') };
}

/**
 * Names of what one run works with, in a database of its own: rows and keys of the file, records that changed in the org, and the keys that
 * the run is about; then what the state is to become.
 */
export function syncWorkTables(alias: string): Readonly<Record<(typeof WORK)[number], string>> {
  const named = (name: string) => `${quoteName(alias)}.${quoteName(name)}`;
  return Object.fromEntries(WORK.map((name) => [name, named(name)])) as Record<(typeof WORK)[number], string>;
}

const WORK = [
  'left_row',
  'left_key',
  'repeated_key',
  'right_record',
  'right_deleted',
  'delta',
  'gone',
  'back',
  'chosen',
  'org_side',
  'next_record',
] as const;
