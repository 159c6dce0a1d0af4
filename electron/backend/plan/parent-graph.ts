/**
 * Who names whom as a parent, as flat arrays: an edge per cell, in the order of rows and then of columns. A million edges take some
 * twenty megabytes; of a file only the rows that no order of loading can serve are ever in it.
 */
export interface ParentGraph {
  /** Edges: the number of the row, the place of its column, and the number of the row that it names; 0 for one that is not sent. */
  readonly row: Int32Array;
  readonly column: Int32Array;
  readonly parent: Int32Array;
  /** Of parents that are not in the graph themselves: how many parents they have above them in the file. */
  readonly above: Int32Array;
}

/** The graph with its rows numbered from 0, in the order of the file. */
export interface Nodes {
  readonly rows: Int32Array;
  /** By edge: the node that it leaves, and the node that it leads to; -1 where that is none. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Edges of node n: `first[n]` up to `first[n + 1]`. */
  readonly first: Int32Array;
}

export function nodesOf(graph: ParentGraph): Nodes {
  const rows = Int32Array.from(new Set(graph.row)).sort();
  const from = new Int32Array(graph.row.length);
  const to = new Int32Array(graph.row.length);
  const first = new Int32Array(rows.length + 1);
  for (let edge = 0; edge < from.length; edge++) {
    from[edge] = placeOf(rows, graph.row[edge] ?? 0);
    to[edge] = placeOf(rows, graph.parent[edge] ?? 0);
    const after = (from[edge] ?? 0) + 1;
    first[after] = edge + 1;
  }
  return { rows, from, to, first };
}

function placeOf(sorted: Int32Array, wanted: number): number {
  let [low, high] = [0, sorted.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = sorted[middle] ?? 0;
    if (found === wanted) return middle;
    if (found < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/**
 * Tarjan's strongly connected components ("Depth-First Search and Linear Graph Algorithms", 1972), without recursion: by node the
 * number of its component, over the edges that `counts`.
 */
export function componentsOf({ rows, to, first }: Nodes, counts: (edge: number) => boolean): Int32Array {
  const size = rows.length;
  const [index, low, next] = [new Int32Array(size), new Int32Array(size), first.slice(0, size)];
  const component = new Int32Array(size).fill(-1);
  const [path, open]: [number[], number[]] = [[], []];
  let [seen, made] = [0, 0];
  const enter = (node: number) => {
    index[node] = low[node] = ++seen;
    path.push(node);
    open.push(node);
  };
  for (let start = 0; start < size; start++) {
    if (index[start] !== 0) continue;
    enter(start);
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const edge = next[node] ?? 0;
      if (edge < (first[node + 1] ?? 0)) {
        next[node] = edge + 1;
        const other = to[edge] ?? -1;
        if (other < 0 || !counts(edge)) continue;
        if (index[other] === 0) enter(other);
        else if (component[other] === -1) low[node] = Math.min(low[node] ?? 0, index[other] ?? 0);
        continue;
      }
      path.pop();
      const below = path.at(-1);
      if (below !== undefined) low[below] = Math.min(low[below] ?? 0, low[node] ?? 0);
      if (low[node] !== index[node]) continue;
      for (let member = open.pop(); member !== undefined; member = open.pop()) {
        component[member] = made;
        if (member === node) break;
      }
      made++;
    }
  }
  return component;
}

function add(array: Int32Array, at: number, amount: number): number {
  return (array[at] = (array[at] ?? 0) + amount);
}

/** Edges by the node that they lead to: those of node n are `edges[start[n]]` up to `edges[start[n + 1]]`. */
function inwards({ rows, to }: Nodes, counts: (edge: number) => boolean): { start: Int32Array; edges: Int32Array } {
  const start = new Int32Array(rows.length + 1);
  const isIn = (edge: number) => (to[edge] ?? -1) >= 0 && counts(edge);
  for (let edge = 0; edge < to.length; edge++) if (isIn(edge)) add(start, (to[edge] ?? 0) + 1, 1);
  for (let node = 0; node < rows.length; node++) add(start, node + 1, start[node] ?? 0);
  const [edges, next] = [new Int32Array(start[rows.length] ?? 0), start.slice(0, rows.length)];
  for (let edge = 0; edge < to.length; edge++) if (isIn(edge)) edges[add(next, to[edge] ?? 0, 1) - 1] = edge;
  return { start, edges };
}

/**
 * Nodes in an order in which each comes after every node that it names, over the edges that `counts`. Whoever is in a circle, or
 * leads into one, is not in it. Of those that could come next it is the one that could first, and of these the first in the file.
 */
export function orderOf(nodes: Nodes, counts: (edge: number) => boolean): Int32Array {
  const { rows, from } = nodes;
  const { start, edges } = inwards(nodes, counts);
  const waiting = new Int32Array(rows.length);
  for (const edge of edges) add(waiting, from[edge] ?? 0, 1);
  const order = new Int32Array(rows.length);
  let done = 0;
  for (let node = 0; node < rows.length; node++) if (waiting[node] === 0) order[done++] = node;
  for (let at = 0; at < done; at++) {
    const node = order[at] ?? 0;
    for (let nth = start[node] ?? 0; nth < (start[node + 1] ?? 0); nth++) {
      const child = from[edges[nth] ?? 0] ?? 0;
      if (add(waiting, child, -1) === 0) order[done++] = child;
    }
  }
  return order.subarray(0, done);
}

/** Marks every node that leads to a marked one. */
export function spread(nodes: Nodes, marked: Uint8Array): void {
  const { start, edges } = inwards(nodes, () => true);
  const open: number[] = [];
  for (let node = 0; node < marked.length; node++) if (marked[node] === 1) open.push(node);
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (let nth = start[node] ?? 0; nth < (start[node + 1] ?? 0); nth++) {
      const child = nodes.from[edges[nth] ?? 0] ?? 0;
      if (marked[child] === 1) continue;
      marked[child] = 1;
      open.push(child);
    }
  }
}
