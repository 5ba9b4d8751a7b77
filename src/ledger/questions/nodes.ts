import { answerable, changesIn } from "./rollouts.ts";
import { rowOf } from "./landings.ts";
import type { Finish, Given, Row } from "./table.ts";
import { list, ofKind, text, type Told, type Trail } from "./trail.ts";

/** Questions about single nodes, by what is recorded of them when a release is done in a lane: how each of its nodes ended there. */

interface Node {
  certname: string;
  kind: string;
  run: string | null;
  ranAt: string | null;
  changed: readonly string[];
  unexpected: readonly string[];
  failing: readonly string[];
}

const nodesIn = ({ about }: Told): Node[] =>
  list(about["nodes"]).map((node) => ({
    certname: text(node["certname"]) ?? "",
    kind: text(node["kind"]) ?? "unknown",
    run: text(node["run"]),
    ranAt: text(node["ranAt"]),
    changed: names(node["changed"]),
    unexpected: names(node["unexpected"]),
    failing: names(node["failing"]),
  }));

const names = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === "string") : []);

/** These ran the release as it is, whatever became of it. */
const received: ReadonlySet<string> = new Set([
  "pass",
  "running",
  "still-failing",
  "newly-failed",
  "suspected",
  "flapping",
  "partial-noop",
]);

const reasons: Readonly<Record<string, string>> = {
  excluded: "not active any more",
  "absent-before": "silent since before the release",
  "noop-before": "in noop, as before",
  "pinned-before": "keeps to an old catalog, as before",
  "uncompiled-before": "got no catalog before, either",
  waiting: "no report yet",
  "newly-silent": "fell silent",
  "compile-failed": "its catalog did not compile",
  "no-catalog": "it got no catalog",
  "pinned-cache": "keeps to an old catalog by its own configuration",
  "stale-compiler": "its compiler served something else",
  noop: "in noop",
};

const release = (told: Told): { before: string | null; release: string } => ({
  before: text(told.about["before"]),
  release: text(told.about["release"]) ?? "",
});

/** Changes that are meant, or `null` where any is. A release that came back to a lane brought nothing. */
const changesOf = (trail: Trail, told: Told): string | null =>
  told.about["way"] === "back"
    ? null
    : changesIn(trail, told.entry.repo, release(told))
        .map(({ entry }) => entry.subject)
        .join(" ") || null;

/** 10, of nodes: which run of which node had each release, by certname where one is asked for. */
export const nodeReach = (trail: Trail, { node }: Given): Row[] =>
  ofKind(trail, "lane-nodes").flatMap((told) => {
    const changes = changesOf(trail, told);
    return nodesIn(told)
      .filter(({ certname }) => certname === node)
      .map(({ certname, kind, run, ranAt }) =>
        rowOf(told, {
          ...release(told),
          outcome: received.has(kind) ? `reached: ${kind}` : `not reached: ${reasons[kind] ?? kind}`,
          node: certname,
          run,
          ranAt,
          change: changes,
        }),
      );
  });

/** 11: what a node had last before a moment, with who answers for it; the newest where no moment is given. */
export const running = (trail: Trail, { node, at }: Given): Row[] => {
  const had = ofKind(trail, "lane-nodes").flatMap((told) =>
    nodesIn(told)
      .filter(({ certname, kind, ranAt }) => certname === node && received.has(kind) && (at === null || (ranAt ?? told.entry.at) <= at))
      .map((one) => ({ told, ...one })),
  );
  const last = had.at(-1);
  if (last === undefined) return [];
  const { told, run, ranAt } = last;
  const columns = { ...release(told), node, run, ranAt };
  const brought = changesIn(trail, told.entry.repo, release(told));
  if (brought.length === 0) return [rowOf(told, { ...columns, outcome: "ran this release; what landed with it is not in the ledger" })];
  return brought.map((landed) => rowOf(told, { ...columns, outcome: "ran this release", change: landed.entry.subject }));
};

/** 11, of all that was watched: what came last. */
export function newest(): Finish {
  let last: readonly Row[] = [];
  return {
    add: (rows) => {
      const entry = rows.at(-1)?.entry;
      if (entry !== undefined) last = rows.filter((row) => row.entry === entry);
      return [];
    },
    end: () => [...last],
  };
}

/** 11, with who wrote, approved and asked for each change. */
export const answeredFor = (rows: readonly Row[], trail: Trail): Row[] =>
  rows.map((row) => {
    const landed = trail.byChange
      .get(`${row.repo}/${row["change"]}`)
      ?.findLast(({ entry, index }) => entry.kind === "landed" && index < row.entry);
    return landed === undefined ? row : { ...row, ...answerable(trail, landed) };
  });

/** 12: nodes that a release did not reach by its end in their lane, and why; where a later look found them with it, they are none of these. */
export const unreached = (trail: Trail, { node }: Given): Row[] =>
  ofKind(trail, "lane-nodes").flatMap((told) => {
    const changes = changesOf(trail, told);
    return nodesIn(told)
      .filter(({ kind, certname }) => !received.has(kind) && (node === null || certname === node))
      .map(({ certname, kind }) => rowOf(told, { ...release(told), outcome: reasons[kind] ?? kind, node: certname, change: changes }));
  });

/** 13: what a release changed on the nodes of a lane beside what was said that it would: one row a lane, and one for each node with something unexpected. */
export const effects = (trail: Trail, { node }: Given): Row[] =>
  ofKind(trail, "lane-nodes").flatMap((told) => {
    const nodes = nodesIn(told);
    const change = changesOf(trail, told);
    const classes = list(told.about["classes"]);
    const predicted = classes.reduce((sum, one) => sum + (typeof one["nodes"] === "number" ? one["nodes"] : 0), 0);
    const odd = nodes.filter(({ unexpected, failing }) => unexpected.length + failing.length > 0);
    const whole = rowOf(told, {
      ...release(told),
      change,
      outcome: odd.length === 0 ? "as predicted, as far as it was seen" : "otherwise than predicted",
      node: null,
      predictedNodes: predicted,
      changedNodes: nodes.filter(({ changed }) => changed.length > 0).length,
      predicted: classes
        .flatMap((one) => names(one["touched"]))
        .slice(0, 50)
        .join(" "),
      changed: [...new Set(nodes.flatMap(({ changed }) => changed))].slice(0, 50).join(" "),
    });
    const each = odd.map(({ certname, unexpected, failing, changed }) =>
      rowOf(told, {
        ...release(told),
        change,
        outcome: failing.length > 0 ? "failed there" : "changed what was not predicted",
        node: certname,
        changed: changed.join(" "),
        unexpected: unexpected.join(" "),
        failing: failing.join(" "),
      }),
    );
    return node === null ? [whole, ...each] : each.filter((row) => row["node"] === node);
  });
