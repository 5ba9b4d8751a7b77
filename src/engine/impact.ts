import { findingsOf } from "../catalog/finding.ts";
import type { Coverage, EffectGroup, Finding, NodeOutcome, Radius } from "../catalog/effects.ts";
import { refOf } from "../catalog/catalog.ts";
import { reachesSystem, type Change } from "../catalog/change.ts";
import { alignContents } from "../catalog/align.ts";
import { changedAbove, type Above } from "../catalog/containers.ts";
import { withConcerns } from "../catalog/concerns.ts";
import { toEffectGroups } from "../catalog/groups.ts";
import { withoutIgnored } from "../catalog/ignored.ts";
import { nodeOutcome, type NodeComparison } from "../catalog/outcome.ts";
import { toRadius } from "../catalog/radius.ts";
import { forecastRestarts, groupRestarts, type Restart } from "../catalog/restarts.ts";
import { findCycles } from "../catalog/cycles.ts";
import { withServedFiles, type ServedIndex, type WithServed } from "../catalog/served.ts";
import { Taints } from "../catalog/taints.ts";
import { withUnhooked } from "../catalog/unhooked.ts";
import { Used } from "../catalog/used.ts";
import { matchesGlob } from "../policy/glob.ts";
import type { Policy, Sizes } from "../policy/schema.ts";
import type { Placer } from "./place.ts";
import { lossFindings, lossOf, Seen, type Loss } from "./coverage.ts";
import { Probes } from "./probes.ts";
import { Room } from "./room.ts";
import { Imports } from "./imports.ts";
import { crossingFindings } from "./preconditions/crossing.ts";
import type { Residue } from "./kept/residue.ts";
import { OutsideReads } from "./outside-coverage.ts";
import type { CompileOutcome } from "./ports/compile.ts";
import type { FactSnapshot } from "./ports/nodes.ts";
import type { FleetCompiled } from "./compile-fleet.ts";
import type { CompiledPair } from "./compile-pairs.ts";

export interface ImpactInputs {
  served: { base: ServedIndex; merged: ServedIndex };
  place: Placer;
  sizes: Sizes;
  /** Whether the compiles had what other nodes export. */
  knowsExports: boolean;
  /** What the ENC says of other environments. */
  elsewhere: Coverage["unseen"][number];
  /** How many nodes base knows. */
  fleetSize: number;
  /** Paths that the change touches, old names of renamed files among them. */
  changed: readonly string[];
  lostPercent: number;
  policy: Pick<Policy, "empty" | "ignore">;
  /** Whether there are lanes, so that it is told what they don't hold back. */
  lanes?: boolean;
}

export interface Impact {
  nodes: NodeOutcome[];
  groups: EffectGroup[];
  radius: Radius;
  findings: Finding[];
  coverage: Coverage;
  /** Parameters of classes that change around what changes, by certname. */
  above: ReadonlyMap<string, Above>;
  /** Secrets of all catalogs of both sides. */
  taints: Taints;
  /** Object ids of the files that the catalogs' resources are served. */
  servedOids: ReadonlySet<string>;
  /** Where nothing differs on any node that was compared: changed files that none of them is known to use. */
  unfelt: readonly string[];
}

/** Takes compiled pairs one by one and keeps of each only what differs, so that catalogs can be forgotten as they come. */
export class ImpactCollector {
  readonly #inputs: ImpactInputs;
  readonly #nodes: NodeOutcome[] = [];
  readonly #changes = new Map<string, readonly Change[]>();
  readonly #restarts = new Map<string, Restart[]>();
  readonly #above = new Map<string, Above>();
  readonly #probes = new Probes();
  readonly #seen = new Seen();
  readonly #losses: Loss[] = [];
  readonly #findings = new Map<string, Finding>();
  readonly #taints = new Taints();
  readonly #servedOids = new Set<string>();
  readonly #outside = new OutsideReads();
  readonly #imports = new Imports();
  readonly #room: Room;
  #first: string | null = null;
  /** Of a sample: nodes whose catalogs differ, be it by chance. */
  readonly #suspects = new Set<string>();
  readonly #used = new Used();

  constructor(inputs: ImpactInputs, room = new Room()) {
    this.#inputs = inputs;
    this.#room = room;
  }

  /** `sampled`: compiled to prove that it is the same on both sides. Throws a Problem where that is more than can be kept. */
  add({ certname, base, merged, cached, sampled }: CompiledPair & { sampled: boolean }): void {
    // Without the files that it serves: they are compared by themselves, whatever was compiled.
    if (sampled && differs.has(nodeOutcome(base, merged).outcome)) this.#suspects.add(certname);
    const before = withFiles(base, this.#inputs.served.base);
    const after = withFiles(merged, this.#inputs.served.merged);
    for (const { served } of [before, after]) for (const oid of served?.oids ?? []) this.#servedOids.add(oid);
    const { left, right, oids } = aligned(before, after);
    for (const oid of oids) this.#servedOids.add(oid);
    this.#seen.add("base", before.outcome, before.served?.elsewhere ?? []);
    this.#seen.add("merged", after.outcome, after.served?.elsewhere ?? []);
    const { reason, old, outcome, changes } = this.#leave(certname, left, right);
    const compared = left.ok ? left.catalog : null;
    const { services, datacentre, unknown, holes } = this.#inputs.place(certname, base.ok ? base.catalog.classes : null);
    // Whose node it is matters to people only where the change reaches it.
    const words = [reason, changes.length > 0 ? unknown : null].filter((text) => text !== null).join("; ");
    const unplaced = changes.length > 0 && holes.length > 0 ? { unplaced: [...holes] } : {};
    const said = { certname, outcome, reason: words === "" ? null : words, ...(old === true ? { old } : {}), ...unplaced };
    this.#nodes.push({ ...said, services: [...services], datacentre, cached });
    for (const { taints } of [base, merged]) if (taints !== undefined) this.#taints.addAll(taints);
    for (const side of [base, merged]) this.#outside.add(certname, side);
    this.#imports.offer(certname, left, right, { unknown, holes });
    this.#changes.set(certname, changes);
    const [change] = outcome === "changed" ? changes.filter(changesNode) : [];
    if (change !== undefined) this.#first ??= `${refOf(change)}${change.attribute === null ? "" : ` ${change.attribute}`} on ${certname}`;
    if (right.ok && compared !== null) this.#above.set(certname, changedAbove(changes, right.catalog));
    const restarts = right.ok ? forecastRestarts(right.catalog, changes) : [];
    this.#room.take(changes, restarts.length);
    if (right.ok) this.#restarts.set(certname, restarts);
    // As they came: the second compiles have nothing to be aligned with.
    if (before.outcome.ok && after.outcome.ok) this.#probes.offer(certname, changes, before.outcome.catalog, after.outcome.catalog);
    if (left.ok && right.ok) {
      for (const { catalog } of [left, right]) this.#used.add(catalog);
      const loss = lossOf(left.catalog, right.catalog, this.#inputs.lostPercent);
      if (loss !== null) this.#losses.push(loss);
    }
    const findings = [...servedFindings(before.served, after.served), ...cycleFindings(left, right)];
    for (const finding of findings) this.#findings.set(JSON.stringify(finding), finding);
  }

  /** What a node's two compiles come to, without what the policy leaves out. */
  #leave(certname: string, left: CompileOutcome, right: CompileOutcome): NodeComparison {
    const meant = this.#inputs.policy.empty.find(({ nodes }) => nodes.some((each) => matchesGlob(certname, each)));
    const found = nodeOutcome(left, right, meant === undefined ? null : `${meant.reason} (${meant.owner})`);
    if (!right.ok) return found;
    const compared = left.ok ? left.catalog : null;
    const told = withUnhooked(withConcerns(found.changes, compared, right.catalog), compared, right.catalog);
    const { changes, ignored } = withoutIgnored(told, right.catalog, this.#inputs.policy.ignore);
    this.#seen.addIgnored(ignored);
    if (found.outcome !== "changed" || changes.some(changesNode)) return { ...found, changes };
    return { ...found, outcome: "unchanged", reason: "nothing differs but what the policy leaves out (`differences.ignore`)", changes };
  }

  /** A node whose two sides are one tree. */
  addUnchanged(certname: string): void {
    const { services, datacentre } = this.#inputs.place(certname, null);
    this.#nodes.push({ certname, outcome: "unchanged", reason: null, services: [...services], datacentre, cached: false });
  }

  /** A node that the change does not reach: nothing that its catalog is made of differs. */
  addKept(certname: string, residue: Residue, { elsewhere, cached }: { elsewhere: readonly string[]; cached: boolean }): void {
    const { services, datacentre } = this.#inputs.place(certname, residue.classes);
    this.#nodes.push({ certname, outcome: "unchanged", reason: null, services: [...services], datacentre, cached });
    this.#seen.addKept({ encrypted: residue.encrypted, elsewhere });
    this.#outside.addReads(certname, residue);
    this.#used.addNames(residue.classes);
    this.#used.addNames(residue.defines);
  }

  /** Files of the tree that a node's compile on base read: what changes in them would show on it. */
  addUsed(paths: readonly string[]): void {
    this.#used.addPaths(paths);
  }

  /** A secret of a catalog that is not looked at: what is shown of others may hold it. */
  addSecret(secret: string): void {
    this.#taints.add(secret);
  }

  /** What the change does to a node, as far as it is known by now. */
  effectsOf(certname: string): { changes: readonly Change[]; restarts: readonly Restart[] } {
    return { changes: this.#changes.get(certname) ?? [], restarts: this.#restarts.get(certname) ?? [] };
  }

  /** The first effect that was found, in words; null as long as there is none. */
  get first(): string | null {
    return this.#first;
  }

  /** Whether what was looked at exports or collects, so that whoever else does is to be looked at too. */
  get exchanges(): boolean {
    return this.#imports.any;
  }

  /** Nodes that are to be compiled once more on both sides, to tell chance from change. */
  get wantedAgain(): ReadonlySet<string> {
    return this.#probes.wanted;
  }

  /** Of these, nodes of which an earlier check saw that base's catalog is the same at every compile. */
  addSteady(certname: string): void {
    this.#probes.addSteady(certname);
  }

  /** Nodes whose catalog on base came out the same when it was compiled once more. */
  get steady(): ReadonlySet<string> {
    return this.#probes.steady;
  }

  addAgain(side: "base" | "merged", outcome: CompileOutcome): void {
    if (outcome.taints !== undefined) this.#taints.addAll(outcome.taints);
    this.#probes.add(side, withFiles(outcome, this.#inputs.served[side]).outcome);
  }

  #crossing(): Finding[] {
    return this.#inputs.lanes === true ? crossingFindings(this.#imports.exchanged()) : [];
  }

  /** Takes out what differs at every compile; a node with nothing else is unchanged. */
  #sift(node: NodeOutcome): NodeOutcome {
    const sifted = this.#probes.sift(node.certname, this.#changes.get(node.certname) ?? []);
    if (sifted === null) return node;
    this.#changes.set(node.certname, sifted.changes);
    this.#restarts.set(node.certname, sifted.restarts);
    if (sifted.changes.some(changesNode)) return node;
    return { ...node, outcome: "unchanged", reason: "nothing differs but what differs at every compile" };
  }

  /** `unreadable` nodes are there, and nothing can be said about them; of nodes in `sampled`, nothing may differ. */
  finish(unreadable: FactSnapshot["unreadable"], { reasons, sampled }: Pick<FleetCompiled, "reasons" | "sampled">): Impact {
    const lost = unreadable.map(({ certname, problem }): NodeOutcome => {
      const { services, datacentre } = this.#inputs.place(certname, null);
      return {
        certname,
        outcome: "not-analysable",
        reason: isWhole(problem.code) ? problem.text : `its facts can't be read: ${problem.text}`,
        services: [...services],
        datacentre,
        cached: false,
      };
    });
    const found = {
      nodes: this.#nodes.map((node) => withReason(this.#sift(node), reasons)),
      changes: this.#changes,
      restarts: this.#restarts,
    };
    const missed = found.nodes
      .filter(({ certname, outcome }) => this.#suspects.has(certname) && differs.has(outcome))
      .map(({ certname }) => certname)
      .sort();
    const imported = this.#imports.tell(found, this.#inputs.knowsExports);
    const nodes = [...imported.nodes, ...lost].sort((a, b) => (a.certname < b.certname ? -1 : 1));
    const groups = toEffectGroups(this.#changes);
    for (const changes of this.#changes.values()) this.#seen.addChanges(changes);
    const radius = toRadius(groups, nodes, groupRestarts(this.#restarts), this.#inputs.sizes, this.#inputs.fleetSize);
    const outside = [...this.#outside.unseen(), this.#inputs.elsewhere, imported.unseen, this.#probes.unseen];
    const coverage = this.#seen.coverage(nodes, this.#inputs.changed, outside);
    const isFelt = groups.length > 0 || coverage.unseen.some(({ what }) => what === "ignored");
    const bySomebodysWord = this.#inputs.changed.some((path) => path.endsWith(".pp"));
    return {
      nodes,
      groups,
      radius,
      findings: [
        ...this.#findings.values(),
        ...this.#probes.findings(),
        ...this.#crossing(),
        ...lossFindings(bySomebodysWord ? [] : this.#losses),
      ],
      above: this.#above,
      coverage: {
        ...coverage,
        missing: this.#outside.missing(),
        plan: {
          kept: this.#nodes.length - reasons.size + sampled.size,
          reached: reasons.size - sampled.size,
          sampled: sampled.size,
          missed,
        },
      },
      taints: this.#taints,
      servedOids: this.#servedOids,
      unfelt: isFelt ? [] : this.#used.unknownOf(this.#inputs.changed),
    };
  }
}

/** Outcomes of a node that can't be when nothing that its catalog rests on differs. */
const differs: ReadonlySet<NodeOutcome["outcome"]> = new Set(["changed", "broken", "fixed"]);

function withReason(node: NodeOutcome, reasons: ReadonlyMap<string, string>): NodeOutcome {
  const reached = reasons.get(node.certname);
  return reached === undefined ? node : { ...node, reached };
}

const changesNode = (change: Change): boolean => reachesSystem(change) || change.kind === "ordering";

/** Problems that are about the node, not about a file of its facts. */
const isWhole = (code: string): boolean => code === "no-facts-of-node" || code === "not-classified";

function withFiles(outcome: CompileOutcome, index: ServedIndex): WithFiles {
  if (!outcome.ok) return { outcome, served: null };
  const served = withServedFiles(outcome.catalog, index);
  return { outcome: { ...outcome, catalog: served.catalog }, served };
}

interface WithFiles {
  outcome: CompileOutcome;
  served: WithServed | null;
}

function aligned(before: WithFiles, after: WithFiles): { left: CompileOutcome; right: CompileOutcome; oids: string[] } {
  const [left, right] = [before.outcome, after.outcome];
  if (!left.ok || !right.ok) return { left, right, oids: [] };
  const folders = new Map([...(before.served?.folders ?? []), ...(after.served?.folders ?? [])]);
  const catalogs = alignContents(left.catalog, right.catalog, folders);
  return { left: { ...left, catalog: catalogs.before }, right: { ...right, catalog: catalogs.after }, oids: catalogs.oids };
}

/** Sources that head serves wrongly and base does not. What leaves the tree is told in any case: nobody may get used to it. */
function servedFindings(before: WithServed | null, after: WithServed | null): Finding[] {
  const old = new Set(before?.missing.map(({ ref, uri }) => `${ref} ${uri}`));
  const refused = after?.refused.map(({ ref, resource, uri, why }) =>
    finding("error", resource.source, "served-outside", `${ref} is served from ${uri}, which is refused: ${why}`),
  );
  const missing = after?.missing
    .filter(({ ref, uri }) => !old.has(`${ref} ${uri}`))
    .map(({ ref, resource, uri }) =>
      finding("error", resource.source, "served-missing", `${ref} is served from ${uri}, and there is no such file`),
    );
  return [...(refused ?? []), ...(missing ?? [])];
}

/** An agent applies nothing of a catalog with a cycle. One that base has already is told, and blocks nobody. */
function cycleFindings(before: CompileOutcome, after: CompileOutcome): Finding[] {
  if (!after.ok) return [];
  return findCycles(before.ok ? before.catalog : null, after.catalog).map(({ path, source, old }) =>
    finding(old ? "notice" : "error", source, "dependency-cycle", `dependency cycle${old ? ", pre-existing" : ""}: ${path}`),
  );
}

const finding = findingsOf("compile");
