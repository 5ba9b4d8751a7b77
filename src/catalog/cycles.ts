import type { Catalog, Source } from "./catalog.ts";
import { OrderGraph, type Step } from "./order-graph.ts";

/** Resources that wait for each other in a circle, so that an agent applies nothing of the whole catalog. */
export interface Cycle {
  /** As Puppet prints it: `File[/a] => Service[b] => File[/a]`, each before the next. */
  path: string;
  /** Where one of its relations is declared, one that base does not have if there is any; null where none of them says. */
  source: Source | null;
  /** Base has a cycle of some of these resources already. */
  old: boolean;
}

/**
 * The dependency cycles of `after`, one for each knot of resources, with containment and what Puppet adds by itself. `before` is looked at
 * only where there is one. Linear: the knots are found as Tarjan does (SIAM J. Comput. 1, 1972), without recursion.
 */
export function findCycles(before: Catalog | null, after: Catalog): Cycle[] {
  const graph = new OrderGraph(after);
  const knots = knotsOf(graph);
  if (knots.length === 0) return [];
  const base = before === null ? null : new OrderGraph(before);
  const inOldKnots = new Set(base === null ? [] : knotsOf(base).flatMap((knot) => knot.map((vertex) => base.ref(vertex))));
  const oldSteps = base === null ? new Set<string>() : stepsOf(base);
  return knots.map((knot) => {
    const circle = shortestIn(graph, knot);
    const declared = circle.filter(({ by }) => by !== null && by.source !== null);
    const cause = declared.find((step) => !oldSteps.has(textOf(graph, step))) ?? declared[0];
    return {
      path: pathOf(graph, circle),
      source: cause?.by?.source ?? null,
      old: knot.some((vertex) => inOldKnots.has(graph.ref(vertex))),
    };
  });
}

const textOf = (graph: OrderGraph, { earlier, later }: Step): string => `${graph.ref(earlier)} => ${graph.ref(later)}`;

function stepsOf(graph: OrderGraph): Set<string> {
  const texts = new Set<string>();
  for (let vertex = 0; vertex < graph.size; vertex += 1) for (const step of graph.from(vertex)) texts.add(textOf(graph, step));
  return texts;
}

function pathOf(graph: OrderGraph, circle: readonly Step[]): string {
  // A class is left where it was entered: its two ends are one name.
  const refs = circle.map(({ earlier }) => graph.ref(earlier)).filter((ref, at, all) => at === 0 || ref !== all[at - 1]);
  const [first = ""] = refs;
  if (refs.length > 1 && refs.at(-1) === first) refs.pop();
  const shown = refs.length > mostShown ? [...refs.slice(0, mostShown), `… ${refs.length - mostShown} more …`] : refs;
  return [...shown, first].join(" => ");
}

/** Resources of one cycle that are named; a longer circle is closed by how many are left out. */
const mostShown = 20;

/** The strongly connected parts that hold a circle. */
function knotsOf(graph: OrderGraph): number[][] {
  const order = new Int32Array(graph.size).fill(-1);
  const low = new Int32Array(graph.size);
  const open = new Uint8Array(graph.size);
  const stack: number[] = [];
  const knots: number[][] = [];
  let count = 0;
  const enter = (vertex: number): { vertex: number; next: number } => {
    order[vertex] = low[vertex] = count;
    count += 1;
    stack.push(vertex);
    open[vertex] = 1;
    return { vertex, next: 0 };
  };
  const lower = (vertex: number, to: number | undefined): void => {
    low[vertex] = Math.min(low[vertex] ?? 0, to ?? 0);
  };
  for (let root = 0; root < graph.size; root += 1) {
    if (order[root] !== -1) continue;
    const path = [enter(root)];
    for (let frame = path.at(-1); frame !== undefined; frame = path.at(-1)) {
      const { vertex } = frame;
      const step = graph.from(vertex)[frame.next];
      frame.next += 1;
      if (step !== undefined) {
        if (order[step.later] === -1) path.push(enter(step.later));
        else if (open[step.later] === 1) lower(vertex, order[step.later]);
        continue;
      }
      path.pop();
      const above = path.at(-1);
      if (above !== undefined) lower(above.vertex, low[vertex]);
      if (low[vertex] !== order[vertex]) continue;
      const knot = stack.splice(stack.lastIndexOf(vertex));
      for (const each of knot) open[each] = 0;
      if (knot.length > 1 || graph.from(vertex).some(({ later }) => later === vertex)) knots.push(knot);
    }
  }
  return knots;
}

/** A shortest circle through the knot's first vertex in order of the catalog. */
function shortestIn(graph: OrderGraph, knot: readonly number[]): Step[] {
  const start = knot.reduce((first, vertex) => Math.min(first, vertex), Infinity);
  const inside = new Set(knot);
  const cameBy = new Map<number, Step>();
  const waiting = [start];
  for (let at = 0; at < waiting.length; at += 1)
    for (const step of graph.from(waiting[at] ?? start)) {
      if (!inside.has(step.later) || cameBy.has(step.later)) continue;
      cameBy.set(step.later, step);
      waiting.push(step.later);
    }
  const circle: Step[] = [];
  for (let step = cameBy.get(start); step !== undefined; step = step.earlier === start ? undefined : cameBy.get(step.earlier))
    circle.unshift(step);
  return circle;
}
