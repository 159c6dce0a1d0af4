import { useLayoutEffect, useMemo, useRef } from 'react';
import type { ColumnMapping } from '../../../shared/domain/field-mapping.ts';

/** What can be done to a column, by its number. */
export interface ColumnActions {
  readonly change: (column: number, next: Partial<ColumnMapping>) => void;
  /** Makes a second column of it, to fill another field. */
  readonly copy: (column: number) => void;
  readonly join: (column: number) => void;
  /** Takes out the step that made the column. */
  readonly remove: (column: number) => void;
  /** The column that was just made has its row, and the focus: should it come back later, it does not take it again. */
  readonly arrived: () => void;
}

/** The actions as one object that stays, whatever they close over: a row is then drawn anew for what it shows alone. */
export function useColumnActions(actions: ColumnActions): ColumnActions {
  const latest = useRef(actions);
  useLayoutEffect(() => {
    latest.current = actions;
  });
  return useMemo(
    () => ({
      change: (column, next) => latest.current.change(column, next),
      copy: (column) => latest.current.copy(column),
      join: (column) => latest.current.join(column),
      remove: (column) => latest.current.remove(column),
      arrived: () => latest.current.arrived(),
    }),
    [],
  );
}
