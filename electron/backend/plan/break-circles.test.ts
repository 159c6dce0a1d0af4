import fc from 'fast-check';
import { expect, test } from 'vitest';
import { breakCircles, type ParentColumn } from './break-circles.ts';
import type { ParentGraph } from './parent-graph.ts';

type Edge = readonly [row: number, column: number, parent: number, above?: number];

const graphOf = (edges: readonly Edge[]): ParentGraph => ({
  row: Int32Array.from(edges, ([row]) => row),
  column: Int32Array.from(edges, ([, column]) => column),
  parent: Int32Array.from(edges, ([, , parent]) => parent),
  above: Int32Array.from(edges, ([, , , above]) => above ?? 0),
});

const FREE: ParentColumn = { canWait: true, refusesLoops: false };
const HELD: ParentColumn = { canWait: false, refusesLoops: false };
const TREE: ParentColumn = { canWait: true, refusesLoops: true };

/** Cells that are put off and that are refused, as `row.column`. */
function broken(edges: readonly Edge[], columns: readonly ParentColumn[] = [FREE, FREE], levels = 50) {
  const name = (edge: number) => `${edges[edge]?.[0]}.${edges[edge]?.[1]}`;
  const { later, refused } = breakCircles(graphOf(edges), new Map(columns.entries()), levels);
  return { later: later.map(name), refused: refused.map(({ edge, reason }) => `${name(edge)} ${reason}`) };
}

test('a simple circle is broken once, at its first row, whatever hangs below it', () => {
  expect(
    broken([
      [2, 0, 3],
      [3, 0, 4],
      [4, 0, 2],
      [5, 0, 2],
      [6, 0, 5],
      [7, 0, 7],
      [8, 0, 9],
      [9, 0, 8],
    ]),
  ).toEqual({ later: ['2.0', '7.0', '8.0'], refused: [] });
});

test('of two lookups only the one that leads back is put off; where one cell breaks two circles, it alone', () => {
  expect(
    broken([
      [1, 0, 9],
      [1, 1, 2],
      [2, 1, 1],
    ]).later,
  ).toEqual(['1.1']);
  // 1 → 3 → 1 by one field, 2 → 3 → 1 → 2 by the other: what 3 says of 1 is in both.
  expect(
    broken([
      [1, 0, 3],
      [1, 1, 2],
      [2, 0, 3],
      [3, 0, 1],
    ]).later,
  ).toEqual(['3.0']);
});

test('what is required is kept, and a circle of nothing else is refused; so is one that Salesforce refuses', () => {
  const pair: Edge[] = [
    [1, 0, 2],
    [2, 1, 1],
  ];
  expect(broken(pair, [HELD, FREE])).toEqual({ later: ['2.1'], refused: [] });
  expect(broken(pair, [HELD, HELD])).toEqual({ later: [], refused: ['1.0 required', '2.1 required'] });
  // Over two fields neither hierarchy leads back to itself.
  expect(broken(pair, [TREE, TREE])).toEqual({ later: ['1.0'], refused: [] });
  const one: Edge[] = [
    [1, 0, 2],
    [2, 0, 1],
    [3, 0, 1],
    [3, 1, 4],
    [4, 1, 3],
  ];
  // What leads into a circle that is not sent is not sent, and is in no circle any more.
  expect(broken(one, [TREE, FREE])).toEqual({ later: [], refused: ['1.0 hierarchy', '2.0 hierarchy'] });
});

test('rows whose parent is not sent are in nobody’s circle', () => {
  expect(
    broken([
      [1, 0, 2],
      [1, 1, 0],
      [2, 0, 1],
    ]),
  ).toEqual({ later: [], refused: [] });
});

test('a chain deeper than the levels there are is cut at every so many', () => {
  const chain = Array.from({ length: 12 }, (_, nth): Edge => [nth + 2, 0, nth + 1]);
  expect(broken(chain, [FREE], 5).later).toEqual(['7.0', '13.0']);
  expect(broken(chain, [HELD], 5)).toEqual({ later: [], refused: [] });
  expect(broken([[8, 0, 7, 5]], [FREE], 5).later).toEqual(['8.0']);
});

test('the same file is always broken alike, and a million rows in pairs within seconds', () => {
  const pairs = Array.from({ length: 1_000_000 }, (_, nth): Edge => [nth + 1, 0, nth % 2 === 0 ? nth + 2 : nth]);
  const { later } = breakCircles(graphOf(pairs), new Map([[0, FREE]]), 50);
  expect(later.length).toBe(500_000);
  expect(later.slice(0, 3)).toEqual([0, 2, 4]);
}, 20_000);

test('circles that hang together in great numbers are broken, and end', () => {
  const many = Array.from({ length: 3000 }, (_, nth): Edge[] => [
    [nth + 1, 0, ((nth * 7919 + 13) % 3000) + 1],
    [nth + 1, 1, ((nth * 104729 + 5) % 3000) + 1],
  ]).flat();
  const { later } = breakCircles(graphOf(many), new Map([FREE, FREE].entries()), 50);
  expect(isAcyclic(many.filter((_, edge) => !later.includes(edge)))).toBe(true);
});

function isAcyclic(edges: readonly Edge[]): boolean {
  let open = edges;
  for (;;) {
    const rows = new Set(open.map(([row]) => row));
    const next = open.filter(([, , parent]) => rows.has(parent));
    if (next.length === open.length) return open.length === 0;
    open = next;
  }
}

test('whoever names whom: nothing leads back any more, and no fewer cells would do', () => {
  const cell = fc.option(fc.integer({ min: 1, max: 5 }), { nil: null });
  const rows = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(rows, (cells) => {
      const edges = cells.flatMap((parents, nth): Edge[] =>
        parents.flatMap((parent, column): Edge[] =>
          parent === null || parent > cells.length ? [] : [[nth + 1, column, parent]],
        ),
      );
      const { later, refused } = breakCircles(graphOf(edges), new Map([FREE, FREE].entries()), 50);
      expect(refused).toEqual([]);
      expect(isAcyclic(edges.filter((_, edge) => !later.includes(edge)))).toBe(true);
      let least = edges.length;
      for (let set = 0; set < 1 << edges.length; set++) {
        const kept = edges.filter((_, edge) => (set & (1 << edge)) !== 0);
        if (edges.length - kept.length < least && isAcyclic(kept)) least = edges.length - kept.length;
      }
      expect(later.length).toBe(least);
    }),
    { numRuns: 150 },
  );
});
