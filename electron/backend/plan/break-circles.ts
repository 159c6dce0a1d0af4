import { componentsOf, nodesOf, orderOf, spread, type Nodes, type ParentGraph } from './parent-graph.ts';

/** What may be done with the cells of a column. */
export interface ParentColumn {
  /** Whether a record can be made without it and be given it later. */
  readonly canWait: boolean;
  /** Whether Salesforce refuses records that lead back to themselves by this field alone. */
  readonly refusesLoops: boolean;
}

/** Why a row in a circle can't be loaded: its cells are required, or Salesforce refuses the circle itself. */
type CircleReason = 'required' | 'hierarchy';

interface BrokenCircles {
  /** Edges whose cells are given in a second step. */
  readonly later: readonly number[];
  /** Edges of circles that can't be loaded. */
  readonly refused: readonly { readonly edge: number; readonly reason: CircleReason }[];
}

/** Circles that hang together with so few cells to choose from are broken by the fewest that there can be. */
const MOST_TO_CHOOSE = 12;
/** With so many at most, none is put off that need not be; with more, those that stand against one order. */
const MOST_TO_TRY = 2000;

/**
 * Which cells to put off so that every row can be loaded after the rows that it names. Of a simple circle it is one, the first in
 * the file that may be put off; of circles that share rows, as few as there can be if they are few, else none that need not be. A chain of more than
 * `levels` is cut at every so many, for each level takes a job. A circle that can't be broken is refused, and what leads into it is not sent.
 */
export function breakCircles(
  graph: ParentGraph,
  columns: ReadonlyMap<number, ParentColumn>,
  levels: number,
): BrokenCircles {
  const nodes = nodesOf(graph);
  const columnOf = (edge: number) => columns.get(graph.column[edge] ?? -1);
  const canWait = (edge: number) => columnOf(edge)?.canWait === true;
  const home = new Uint8Array(nodes.rows.length);
  for (let edge = 0; edge < graph.row.length; edge++) if (graph.parent[edge] === 0) home[nodes.from[edge] ?? 0] = 1;
  spread(nodes, home);
  const isOpen = (edge: number) => home[nodes.from[edge] ?? 0] === 0;
  const refused = new Map<number, CircleReason>();
  const refuse = (reason: CircleReason, counts: (edge: number) => boolean) => {
    const within = circular(nodes, (edge) => isOpen(edge) && counts(edge));
    for (let edge = 0; edge < graph.row.length; edge++)
      if (within(edge) && !refused.has(edge)) refused.set(edge, reason);
  };
  for (const [column, { refusesLoops }] of columns)
    if (refusesLoops) refuse('hierarchy', (edge) => graph.column[edge] === column);
  refuse('required', (edge) => !canWait(edge));
  for (const edge of refused.keys()) home[nodes.from[edge] ?? 0] = 1;
  spread(nodes, home);
  const later = new Set<number>();
  const within = circular(nodes, isOpen);
  for (const edges of edgesByComponent(nodes, within))
    for (const edge of breakComponent(nodes, edges, canWait)) later.add(edge);
  cutChains(graph, nodes, { isOpen, canWait, later, levels });
  return {
    later: [...later].sort((a, b) => a - b),
    refused: [...refused].map(([edge, reason]) => ({ edge, reason })).sort((a, b) => a.edge - b.edge),
  };
}

/** Whether an edge is part of a circle, over the edges that `counts`. */
function circular(nodes: Nodes, counts: (edge: number) => boolean): (edge: number) => boolean {
  const component = componentsOf(nodes, counts);
  return (edge) => {
    const [from, to] = [nodes.from[edge] ?? 0, nodes.to[edge] ?? -1];
    return to >= 0 && counts(edge) && component[from] === component[to];
  };
}

/** Edges that are part of circles, those that hang together in one list each. */
function edgesByComponent(nodes: Nodes, within: (edge: number) => boolean): number[][] {
  const component = componentsOf(nodes, within);
  const found = new Map<number, number[]>();
  for (let edge = 0; edge < nodes.from.length; edge++) {
    if (!within(edge)) continue;
    const key = component[nodes.from[edge] ?? 0] ?? 0;
    const edges = found.get(key);
    if (edges) edges.push(edge);
    else found.set(key, [edge]);
  }
  return [...found.values()];
}

/** The edges to put off of circles that hang together. A row that names itself must always be put off. */
function breakComponent(nodes: Nodes, edges: readonly number[], canWait: (edge: number) => boolean): number[] {
  const selves = edges.filter((edge) => nodes.from[edge] === nodes.to[edge]);
  const others = edges.filter((edge) => nodes.from[edge] !== nodes.to[edge]);
  const choices = others.filter(canWait);
  if (others.length === 0) return selves;
  const members = new Set(others.map((edge) => nodes.from[edge] ?? 0));
  // As many edges as rows: one circle, and any of them breaks it.
  if (members.size === others.length) return [...selves, ...choices.slice(0, 1)];
  const local = part(nodes, others);
  if (choices.length <= MOST_TO_CHOOSE) return [...selves, ...fewest(local, others, choices)];
  if (others.length <= MOST_TO_TRY) return [...selves, ...noneTooMany(local, others, choices)];
  return [...selves, ...againstOrder(local, others, canWait)];
}

/** Some edges as a graph of their own: whatever is asked of it takes as long as they are many. */
function part(nodes: Nodes, edges: readonly number[]): Nodes {
  const numbers = (list: readonly number[], of: Int32Array) => Int32Array.from(list, (edge) => of[edge] ?? 0);
  return nodesOf({
    row: numbers(edges, nodes.from),
    column: new Int32Array(edges.length),
    parent: numbers(edges, nodes.to),
    above: new Int32Array(edges.length),
  });
}

function isBroken(local: Nodes, others: readonly number[], later: ReadonlySet<number>): boolean {
  return orderOf(local, (edge) => !later.has(others[edge] ?? -1)).length === local.rows.length;
}

/** The first of the smallest sets, by the order of the file. */
function fewest(local: Nodes, others: readonly number[], choices: readonly number[]): readonly number[] {
  const chosen: number[] = [];
  const search = (size: number, start: number): boolean => {
    if (size === 0) return isBroken(local, others, new Set(chosen));
    for (let at = start; at + size <= choices.length; at++) {
      chosen.push(choices[at] ?? 0);
      if (search(size - 1, at + 1)) return true;
      chosen.pop();
    }
    return false;
  };
  for (let size = 1; size <= choices.length; size++) if (search(size, 0)) return chosen;
  return choices;
}

/** Of all that could be put off, those without which a circle would remain; the last of the file are sent whole first. */
function noneTooMany(local: Nodes, others: readonly number[], choices: readonly number[]): readonly number[] {
  const later = new Set(choices);
  for (const edge of choices.toReversed()) {
    later.delete(edge);
    if (!isBroken(local, others, later)) later.add(edge);
  }
  return [...later];
}

/** The edges that lead forward in an order that those which can't be put off allow. */
function againstOrder(local: Nodes, others: readonly number[], canWait: (edge: number) => boolean): number[] {
  const place = new Int32Array(local.rows.length);
  orderOf(local, (edge) => !canWait(others[edge] ?? -1)).forEach((node, at) => (place[node] = at));
  return others.filter(
    (edge, at) => canWait(edge) && (place[local.to[at] ?? 0] ?? 0) > (place[local.from[at] ?? 0] ?? 0),
  );
}

interface Chains {
  readonly isOpen: (edge: number) => boolean;
  readonly canWait: (edge: number) => boolean;
  readonly later: Set<number>;
  readonly levels: number;
}

/** Puts off the cells of rows that would come to lie deeper than there are levels, where all of those cells may be. */
function cutChains(graph: ParentGraph, nodes: Nodes, { isOpen, canWait, later, levels }: Chains): void {
  const level = new Int32Array(nodes.rows.length);
  const counts = (edge: number) => isOpen(edge) && !later.has(edge);
  for (const node of orderOf(nodes, counts)) {
    const deep: number[] = [];
    let most = 0;
    for (let edge = nodes.first[node] ?? 0; edge < (nodes.first[node + 1] ?? 0); edge++) {
      if (!counts(edge)) continue;
      const to = nodes.to[edge] ?? -1;
      const above = 1 + (to < 0 ? (graph.above[edge] ?? 0) : (level[to] ?? 0));
      if (above > levels) deep.push(edge);
      else most = Math.max(most, above);
    }
    const all = deep.every(canWait);
    if (all) for (const edge of deep) later.add(edge);
    level[node] = all ? most : levels + 1;
  }
}
