import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ColumnSketch } from '../../../shared/domain/source-file.ts';
import { ColumnSketches } from './column-sketches.ts';

interface Asked {
  readonly columns: readonly number[];
  readonly signal: AbortSignal;
  answer(blank?: number): Promise<void>;
  fail(): Promise<void>;
}

let asked: Asked[];
let sketches: ColumnSketches;
let heard: number;

const sketch = (column: number, blank: number): ColumnSketch => ({
  column,
  rows: 10,
  blank,
  distinct: 3,
  distinctIsEstimate: false,
  kind: null,
  misfits: 0,
});
const gathered = () => vi.advanceTimersByTimeAsync(200);

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  heard = 0;
  sketches = new ColumnSketches(
    (columns, signal) =>
      new Promise((resolve, reject) => {
        const settle = async (how: () => void) => {
          how();
          await vi.advanceTimersByTimeAsync(0);
        };
        asked.push({
          columns,
          signal,
          answer: (blank = 0) => settle(() => resolve(columns.map((column) => sketch(column, blank)))),
          fail: () => settle(() => reject(new Error('lost'))),
        });
      }),
  );
  sketches.subscribe(() => heard++);
});
afterEach(() => {
  vi.useRealTimers();
});

describe('what headers show of their columns', () => {
  test('nothing is asked before there are rows to see', async () => {
    sketches.want(0);
    await gathered();
    expect(asked).toEqual([]);
    sketches.rowsAre('1');
    await gathered();
    expect(asked).toMatchObject([{ columns: [0] }]);
  });

  test('columns in view are gathered, asked for some at a time, one call after the other', async () => {
    sketches.rowsAre('1');
    for (let column = 11; column >= 0; column--) sketches.want(column);
    await gathered();
    expect(asked).toMatchObject([{ columns: [0, 1, 2, 3, 4, 5, 6, 7] }]);
    await asked[0]?.answer();
    expect(sketches.of(7)).toEqual(sketch(7, 0));
    expect(sketches.of(8)).toBeUndefined();
    // Of the rows, and of the first columns.
    expect(heard).toBe(2);
    await gathered();
    expect(asked[1]).toMatchObject({ columns: [8, 9, 10, 11] });
    await asked[1]?.answer();
    await gathered();
    expect(asked).toHaveLength(2);
  });

  test('what is known is not asked for again', async () => {
    sketches.rowsAre('1');
    const leave = sketches.want(0);
    await gathered();
    await asked[0]?.answer();
    leave();
    sketches.want(0);
    await gathered();
    expect(asked).toHaveLength(1);
  });

  test('columns that were scrolled past are not asked for', async () => {
    sketches.rowsAre('1');
    const leave = [0, 1, 2].map((column) => sketches.want(column));
    for (const one of leave) one();
    sketches.want(50);
    await gathered();
    expect(asked).toMatchObject([{ columns: [50] }]);
  });

  test('a call is called off once none of its columns is in view, and makes way for those that are', async () => {
    sketches.rowsAre('1');
    const [first, second] = [sketches.want(0), sketches.want(1)];
    await gathered();
    first();
    expect(asked[0]?.signal.aborted).toBe(false);
    sketches.want(90);
    second();
    expect(asked[0]?.signal.aborted).toBe(true);
    await gathered();
    expect(asked[1]).toMatchObject({ columns: [90] });
    await asked[0]?.answer();
    expect(sketches.of(0)).toBeUndefined();
  });

  test('other rows: what was known stays in sight until it is counted anew; a late answer about the old ones is dropped', async () => {
    sketches.rowsAre('1');
    sketches.want(0);
    await gathered();
    await asked[0]?.answer(1);
    sketches.rowsAre('2');
    expect(sketches.of(0)).toEqual(sketch(0, 1));
    await gathered();
    sketches.rowsAre('3');
    expect(asked[1]?.signal.aborted).toBe(true);
    await gathered();
    await asked[1]?.answer(2);
    expect(sketches.of(0)).toEqual(sketch(0, 1));
    await asked[2]?.answer(3);
    expect(sketches.of(0)).toEqual(sketch(0, 3));
  });

  test('while rows are read anew nothing is asked', async () => {
    sketches.rowsAre('1');
    expect(sketches.hasRows()).toBe(true);
    sketches.rowsAre(null);
    expect(sketches.hasRows()).toBe(false);
    sketches.want(0);
    await gathered();
    expect(asked).toEqual([]);
  });

  test('what can’t be counted says so, and is tried again when it comes into view again', async () => {
    sketches.rowsAre('1');
    const leave = sketches.want(0);
    await gathered();
    await asked[0]?.fail();
    expect(sketches.of(0)).toBe('failed');
    expect(heard).toBe(2);
    await gathered();
    expect(asked).toHaveLength(1);
    leave();
    sketches.want(0);
    await gathered();
    expect(asked).toHaveLength(2);
  });
});
