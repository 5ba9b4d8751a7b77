import type { Taints } from "../../catalog/taints.ts";
import type { KeptBase } from "../kept/kept-base.ts";
import type { KeptNode } from "../kept/kept-node.ts";
import type { CompileOptions, CompileOutcome } from "../ports/compile.ts";
import type { NodeFacts } from "../ports/nodes.ts";
import type { OpenTree } from "../ports/puppet.ts";
import { type Compared, compareKept, type KeptCompile } from "./compare-kept.ts";

export interface ProveWork {
  kept: KeptBase;
  nodes: readonly NodeFacts[];
  /** The last node that was compared before; null begins with the first one. */
  after: string | null;
  /** Opened only if something is to be compiled. */
  open: () => Promise<OpenTree>;
  /** Asked before each node: false leaves the rest for another time. */
  mayGoOn: () => Promise<boolean>;
  cores: number;
  signal: AbortSignal;
}

/** A node that base does not compile to what was kept of it. */
export interface Missed {
  certname: string;
  /** Resources and attributes, without values. */
  differs: string[];
}

export interface Proven {
  /** The last node that was looked at; null where no more are left. */
  after: string | null;
  /** Nodes of which it can be said whether what was kept is right. */
  verdicts: number;
  missed: Missed[];
}

/** When so many nodes differ at their first compile, no more are begun: that many are enough to tell. */
const mostUnclear = 20;

interface Held {
  kept: KeptCompile;
  fresh: CompileOutcome;
}

/**
 * Compiles base's nodes, in the order of their names, and compares each with what is kept of it; what is not kept is kept from now on. Of a
 * node that nobody could conclude anything from (it fails, or rests on more than the tree), nothing is to be proven.
 */
export async function prove(work: ProveWork): Promise<Proven> {
  const { kept, nodes, after, open, mayGoOn, cores, signal } = work;
  const left = nodes.filter(({ certname }) => after === null || certname > after).toSorted((a, b) => (a.certname < b.certname ? -1 : 1));
  const byName = new Map<string, { node: NodeFacts; entry: KeptNode | null }>();
  const unclear = new Map<string, Held>();
  const missed: Missed[] = [];
  const pending: Array<Promise<void>> = [];
  let [last, verdicts, isThrough] = [after, 0, left.length === 0];

  const count = (compared: Compared, { certname }: CompileOutcome, secrets: Array<Taints | undefined>): void => {
    if (compared.kind === "proven" || compared.kind === "missed") verdicts += 1;
    if (compared.kind === "missed") missed.push({ certname, differs: compared.differs.map((text) => without(secrets, text)) });
  };
  const compareOne = async (
    fresh: CompileOutcome,
    residue: KeptNode["residue"],
    loading: Promise<CompileOutcome | null>,
  ): Promise<void> => {
    const outcome = await loading;
    if (outcome === null) return;
    const compared = compareKept({ outcome, residue }, fresh, null);
    if (compared.kind === "unclear") unclear.set(fresh.certname, { kept: { outcome, residue }, fresh });
    else count(compared, fresh, [outcome.taints, fresh.taints]);
  };
  const arrived = (outcome: CompileOutcome, raw: Buffer | null = null): void => {
    const { certname } = outcome;
    const found = byName.get(certname);
    byName.delete(certname);
    if (found === undefined) return;
    if (found.entry === null) kept.add(found.node, outcome, raw);
    else if (found.entry.untold === null) pending.push(compareOne(outcome, found.entry.residue, kept.load(certname)));
  };
  const turns = async function* (): AsyncGenerator<NodeFacts, void> {
    for (const node of left) {
      if (signal.aborted || unclear.size >= mostUnclear || !(await mayGoOn())) return;
      byName.set(node.certname, { node, entry: kept.find(node) });
      last = node.certname;
      yield node;
    }
    isThrough = true;
  };

  const options: CompileOptions = { workers: cores, signal };
  if (left.length > 0 && (await mayGoOn())) await (await open()).compile(turns(), arrived, { ...options, raw: true, trace: true });
  await Promise.all(pending);
  const again = left.filter(({ certname }) => unclear.has(certname));
  const second = (outcome: CompileOutcome): void => {
    const held = unclear.get(outcome.certname);
    if (held === undefined) return;
    const { kept: before, fresh } = held;
    count(compareKept(before, fresh, outcome), outcome, [before.outcome.taints, fresh.taints, outcome.taints]);
  };
  if (again.length > 0) await (await open()).compile(again, second, options);
  signal.throwIfAborted();
  await kept.save();
  return { after: isThrough ? null : last, verdicts, missed: missed.toSorted((a, b) => (a.certname < b.certname ? -1 : 1)) };
}

/** A title may hold what a compile knows for a secret. */
const without = (secrets: ReadonlyArray<Taints | undefined>, text: string): string =>
  secrets.reduce((shown, taints) => taints?.redact(shown) ?? shown, text);
