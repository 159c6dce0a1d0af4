import type { OrderByClause } from '@jetstreamapp/soql-parser-js';
import type { FieldValue } from '../records/org-data.ts';

/** One ORDER BY term: what it reads of a row, and which way it sorts. */
export interface SortKey<T> {
  readonly read: (row: T) => FieldValue;
  readonly sign: 1 | -1;
  /** Where nulls go, whatever the direction: -1 first, which is the default, 1 last. */
  readonly nulls: 1 | -1;
}

export function directionOf(order: OrderByClause): Pick<SortKey<unknown>, 'sign' | 'nulls'> {
  return { sign: order.order === 'DESC' ? -1 : 1, nulls: order.nulls === 'LAST' ? 1 : -1 };
}

export function compareBy<T>(keys: readonly SortKey<T>[]): (a: T, b: T) => number {
  return (a, b) => {
    for (const { read, sign, nulls } of keys) {
      const [x, y] = [read(a), read(b)];
      if (x === y) continue;
      if (x === null) return nulls;
      if (y === null) return -nulls;
      return x < y ? -sign : sign;
    }
    return 0;
  };
}
