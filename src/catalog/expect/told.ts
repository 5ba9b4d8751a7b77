import { z } from "zod";
import { become, type Become } from "./outcome.ts";
import { itemKey, type Item } from "./recorder.ts";
import type { Judged } from "./evaluate.ts";
import type { Expectation } from "./schema.ts";

const count = z.int().nonnegative();
const certnames = z.array(z.string());

/** What a report says of one expectation. */
export const toldSchema = z.strictObject({
  name: z.string(),
  path: z.string().describe("its file"),
  line: z.int().positive(),
  why: z.string(),
  ask: z.array(z.string()).describe("who can say more, as GitHub writes them"),
  severity: z.enum(["block", "warn", "approval"]),
  owners: z.array(z.string()).describe("whose approval a change that breaks it needs"),
  scope: z.enum(["catalog", "change", "fleet"]).describe("what it looks at"),
  origin: z.enum(["base", "new", "changed"]).describe("new and changed: it is the change's own, and adds to base's"),
  ends: z
    .strictObject({ how: z.enum(["removed", "altered"]), from: z.array(z.string()) })
    .optional()
    .describe("the change takes it away, or alters what it asks: somebody of these has to approve that"),
  outcome: z
    .enum(["holds", "broken", "already", "unknown", "unknown-already", "nobody"])
    .describe(
      "broken: by this change; already: on base as well; unknown-already: of what the change does not reach; nobody: it asks about no node",
    ),
  nodes: z.strictObject({
    asked: count.describe("nodes that it asks about"),
    broken: count.describe("of these, nodes on which this change breaks it"),
    already: count.describe("nodes on which it was broken before, and is"),
    mended: count.describe("nodes on which it was broken before, and no longer is"),
    unknown: count.describe("nodes of which it can't be told"),
    unseen: count.describe("nodes without a catalog of this change"),
  }),
  evidence: z
    .array(
      z.strictObject({
        subject: z.string().describe("a resource, a node, or the words of the expression that nothing meets"),
        attribute: z.string().nullable(),
        value: z.string().nullable().describe("as JSON; of a change what kind it is; (secret) for a secret, and (not shown) by its name"),
        path: z.string().nullable(),
        line: z.int().positive().nullable(),
        nodes: certnames.describe("some of them, sorted"),
        moreNodes: z.int().positive().optional().describe("that are not in `nodes`"),
        old: z.literal(true).optional().describe("it broke the expectation before as well"),
      }),
    )
    .describe("what breaks it, that of this change first"),
  more: count.describe("what breaks it and is not in `evidence`"),
  unknown: z.array(
    z.strictObject({ reason: z.string(), nodes: certnames, moreNodes: z.int().positive().optional(), old: z.literal(true).optional() }),
  ),
});
export type Told = z.infer<typeof toldSchema>;

/** What was found of an expectation on a node; of one over the fleet once, without a node. */
export interface Found {
  certname: string | null;
  /** Null where it has no catalog: nothing can be said. */
  after: Judged | null;
  before: Judged | null;
  /** Whether the change does anything to what was looked at. */
  reached: boolean;
}

const mostEvidence = 50;
const mostReasons = 5;

/** Puts together what was found of one expectation. `asked` of how many nodes; `leftOut`: so many that have no catalog on either side, of one over the fleet. */
export function tell(
  expectation: Expectation,
  { origin, ends }: Pick<Told, "origin" | "ends">,
  asked: number,
  found: readonly Found[],
  leftOut = 0,
): Told {
  const { name, path, line, why, ask, severity, owners, scope } = expectation;
  const old = new Set(found.flatMap(({ before }) => (before?.is === "fails" ? before.items.map(placeKey) : [])));
  const all = found.map(({ certname, before, after, reached }) => ({
    nodes: certname === null ? [] : [certname],
    become: after === null ? null : become(before ?? brokenElsewhere(after, old), after, reached),
  }));
  const has = (is: Become["is"]): number => all.filter((each) => each.become?.is === is).length;
  const unknown = has("unknown") + has("unknown-already");
  const evidence = evidenceOf(all);
  const told = evidence.items.slice(0, mostEvidence);
  return {
    name,
    path,
    line,
    why,
    ask: [...ask],
    severity,
    owners: [...owners],
    scope,
    origin,
    ...(ends === undefined ? {} : { ends }),
    outcome: asked === 0 && unknown === 0 ? "nobody" : (order.find((is) => has(is) > 0) ?? "holds"),
    nodes: {
      asked,
      broken: has("broken"),
      already: has("already"),
      mended: has("mended"),
      unknown,
      unseen: all.filter((each) => each.become === null).length + leftOut,
    },
    evidence: told,
    more: evidence.items.length - told.length + evidence.more,
    unknown: reasonsOf(all).slice(0, mostReasons),
  };
}

/**
 * Of a node that is new, or that does not compile on base: what breaks it there by the very declaration by which it is broken on other nodes of base. A change
 * that adds a node of an old kind, or mends a compile, adds nothing of that. Null for nothing of the kind.
 */
function brokenElsewhere(after: Judged, old: ReadonlySet<string>): Judged | null {
  if (after.is !== "fails" || after.total > after.items.length) return null;
  const items = after.items.filter((item) => old.has(placeKey(item)));
  return items.length === 0 ? null : { is: "fails", items, total: items.length };
}

const placeKey = (item: Item): string => JSON.stringify([itemKey(item), item.value, item.path, item.line]);

const order = ["broken", "unknown", "already", "unknown-already"] as const;

type Become1 = { nodes: readonly string[]; become: Become | null };

function evidenceOf(all: readonly Become1[]): { items: Told["evidence"]; more: number } {
  const rows = new Map<string, Told["evidence"][number]>();
  let more = 0;
  for (const { nodes, become: each } of all) {
    if (each?.is !== "broken" && each?.is !== "already") continue;
    more += each.total - each.items.length;
    for (const item of each.items) {
      const key = JSON.stringify([each.is, itemKey(item), item.value, item.path, item.line]);
      const row = rows.get(key);
      if (row === undefined) rows.set(key, { ...pick(item), nodes: [...nodes], ...(each.is === "already" ? { old: true } : {}) });
      else row.nodes.push(...nodes);
    }
  }
  return { items: [...rows.values()].sort(freshFirst).map(withFewNodes), more };
}

const pick = ({ subject, attribute, value, path, line }: Item): Item => ({ subject, attribute, value, path, line });

function reasonsOf(all: readonly Become1[]): Told["unknown"] {
  const rows = new Map<string, Told["unknown"][number]>();
  for (const { nodes, become: each } of all) {
    if (each?.is !== "unknown" && each?.is !== "unknown-already") continue;
    const old = each.is === "unknown-already";
    // Each names its own resource: they are one reason for people where nothing but that differs.
    const key = `${old} ${each.reason}`;
    const row = rows.get(key);
    if (row === undefined) rows.set(key, { reason: each.reason, nodes: [...nodes], ...(old ? { old: true } : {}) });
    else row.nodes.push(...nodes);
  }
  return [...rows.values()].sort(freshFirst).map(withFewNodes);
}

interface OnNodes {
  nodes: string[];
  old?: true | undefined;
}

const freshFirst = (a: OnNodes, b: OnNodes): number => Number(a.old === true) - Number(b.old === true) || b.nodes.length - a.nodes.length;

/** A thousand names in each row would be most of a report. */
const mostNodes = 50;

function withFewNodes<Row extends OnNodes>(row: Row): Row & { moreNodes?: number } {
  const nodes = row.nodes.toSorted();
  const more = nodes.length - mostNodes;
  return { ...row, nodes: nodes.slice(0, mostNodes), ...(more > 0 ? { moreNodes: more } : {}) };
}
