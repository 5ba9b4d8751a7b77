import type { Explained } from "../catalog/effects.ts";
import { isDataAlone, type Changed } from "../plan/changed.ts";
import type { Trace } from "../plan/trace.ts";
import { compilePairs, type Decision, type PairWork } from "./compile-pairs.ts";
import type { ExpectCourse } from "./expect/course.ts";
import type { ImpactCollector } from "./impact.ts";
import { restsOf } from "./kept/rests.ts";
import { changedInputs } from "./kept/changed-inputs.ts";
import { feltFiles } from "./kept/felt.ts";
import { Decider } from "./kept/decide-node.ts";
import type { KeptNode } from "./kept/kept-node.ts";
import { digestOf, listed, openKept, reading, type KeptWork } from "./kept/open-kept.ts";
import { Sample } from "./kept/sample.ts";
import type { CompileCache } from "./ports/cache.ts";
import type { CompileLimits } from "./ports/compile.ts";
import type { NodeFacts } from "./ports/nodes.ts";
import type { Progress } from "./ports/progress.ts";
import type { PuppetEdge } from "./ports/puppet.ts";
import type { Repository } from "./ports/repository.ts";
import { servedBy, type Trees } from "./trees.ts";

export interface FleetWork {
  repository: Repository;
  puppet: PuppetEdge;
  trees: Trees;
  nodes: readonly NodeFacts[];
  impact: ImpactCollector;
  cache: CompileCache | null;
  /** Whose compiles may be taken for these: the repository's name, and the versions of all that compiles. */
  kind: KeptWork["kind"];
  limits: CompileLimits;
  /** Id of the stand-ins; null where there are none. */
  standIns: string | null;
  /** Percent of the nodes that the change does not reach, to be compiled all the same; null: as many as cost little. */
  sample: number | null;
  /** Evaluates expectations on what is compiled or kept; null: there are none. */
  expect: ExpectCourse | null;
  cores: number;
  /** Called once it is known what is to be compiled, as far as that can be known without compiling. */
  onPlanned: () => void;
  onProgress: (progress: Progress) => void;
  signal: AbortSignal | undefined;
}

/** What was done about the fleet. */
export interface FleetCompiled {
  /** Why a node was compiled on the change's side, by certname. */
  reasons: ReadonlyMap<string, string>;
  /** Nodes that the change does not reach, and that were compiled all the same. */
  sampled: ReadonlySet<string>;
  /** What a node's catalog on base rests on; null where nobody can say. */
  rests: (certname: string) => Explained["rests"];
  /**
   * Nodes whose catalog of the change is taken to be the same at every compile: it differs from base's by data alone, and its compile told of no chance. A
   * compile that lies about that hides a warning, as it could by giving the same catalog twice.
   */
  calm: ReadonlySet<string>;
  /** Nodes whose catalog on base was seen to be the same at every compile, in an earlier check. */
  steady: ReadonlySet<string>;
  /** Keeps that this was seen now of more of them. */
  addSteady: (certnames: ReadonlySet<string>) => Promise<void>;
  /** Marks what is kept as not to be trusted: a plan that was made of it was wrong. */
  distrust: (why: string) => Promise<void>;
}

/** Has base's catalogs, kept or new, and compiles of the change what it may reach. What came of it goes to `impact`. */
export async function compileFleet(work: FleetWork): Promise<FleetCompiled> {
  const { trees, nodes, impact, cores, signal } = work;
  const { kept, distrust, listing: before, scope } = await openKept(work);
  // What was found on kept catalogs is worth as much as they are.
  await work.expect?.open(kept.distrusted === null ? work.cache : null, scope);
  const found = nodes.map((node) => ({ certname: node.certname, entry: kept.find(node) }));
  const mayReach = (inputs: Changed): ((of: (typeof found)[number]) => boolean) => {
    const plan = kept.plan(inputs);
    return ({ certname, entry }) => entry === null || plan(certname) !== null;
  };
  let isExpected = false;
  const expect = (sides: number): void => {
    if (!isExpected) work.puppet.expect(sides, work.limits);
    isExpected = true;
  };
  const changed = await changedInputs({
    before,
    after: listed(trees.merged),
    read: reading(work.repository),
    openBase: () => (expect(2), trees.base.open()),
    openMerged: () => (expect(2), trees.merged.open()),
    count: (inputs) => found.filter(mayReach(inputs)).length,
    signal,
  });
  const plan = kept.plan(changed);
  const ahead = found.filter(({ certname, entry }) => entry === null || entry.untold !== null || plan(certname) !== null);
  // On base too where its catalog is not kept, or where it is not known what of it differs at every compile.
  if (ahead.length > 0) expect(ahead.every(({ entry }) => entry?.steady === true) ? 1 : 2);
  work.onPlanned();
  const served = { base: servedBy(trees.base), merged: servedBy(trees.merged) };
  const decider = new Decider({ reached: plan, served });
  const sample = new Sample(digestOf([trees.base.tree, trees.merged.tree]), work.sample);
  const reasons = new Map<string, string>();
  const calm = new Set<string>();
  /** Kept nodes that export or collect: looked at only where something else does that is not as before. */
  const exchanging: string[] = [];

  const decide = (certname: string, entry: KeptNode, fresh: boolean): Decision => {
    if (kept.distrusted !== null) return { kind: "compile", why: `every node is compiled: ${kept.distrusted}` };
    const decision = decider.decide(certname, entry);
    if (decision.kind === "compile") {
      sample.addReached();
      return decision;
    }
    if (sample.takes(certname)) return { kind: "compile", why: "nothing that it rests on differs: a sample, to prove that" };
    if (fresh && entry.residue?.exchanges === true) return { kind: "look" };
    const isAsked = decision.kind === "same" && entry.residue !== null && work.expect?.needs(certname, entry.answer, entry.residue.classes);
    return isAsked === true ? { kind: "look" } : decision;
  };
  const onSame: PairWork["onSame"] = (certname, entry, fresh) => {
    for (const secret of entry.secrets) impact.addSecret(secret);
    if (entry.residue === null) throw new Error(`${certname} failed on base, so nothing of it is the same`);
    work.expect?.same(certname, entry.answer, entry.residue.classes);
    if (entry.residue.exchanges) exchanging.push(certname);
    else impact.addKept(certname, entry.residue, { elsewhere: decider.elsewhere(entry), cached: !fresh });
  };
  const dataAlone = isDataAlone(changed);
  /** Under which name the answer is kept that base's catalog was read from. */
  const answers = new Map(nodes.map((node) => [node.certname, () => kept.find(node)?.answer ?? ""]));
  const { expect: course } = work;
  const room = course === null ? undefined : async (certname: string): Promise<void> => course.room(certname);
  const wave = { kept, room, traceMerged: dataAlone, openBase: trees.base.open, openMerged: trees.merged.open, cores, signal };
  const onPair: PairWork["onPair"] = (pair, why) => {
    if (why !== null) reasons.set(pair.certname, why);
    if (dataAlone && pair.merged.ok && pair.merged.reads?.trace?.impure.length === 0) calm.add(pair.certname);
    impact.add({ ...pair, sampled: sample.chosen.has(pair.certname) });
    work.expect?.pair(pair.certname, { ...pair, answer: answers.get(pair.certname)?.() ?? "" }, impact.effectsOf(pair.certname));
  };
  const onStep = (done: number, total: number): void =>
    work.onProgress({ step: "compile", done, total, ...(impact.first === null ? {} : { first: impact.first }) });
  try {
    await compilePairs({ ...wave, nodes, decide, onSame, onPair, onStep });
    const others = new Set(exchanging);
    const look: PairWork["decide"] = () => ({ kind: impact.exchanges ? "look" : "same" });
    const unlooked: PairWork["onSame"] = (certname, entry) => {
      if (entry.residue !== null) impact.addKept(certname, entry.residue, { elsewhere: decider.elsewhere(entry), cached: true });
    };
    const rest = nodes.filter(({ certname }) => others.has(certname));
    await compilePairs({ ...wave, nodes: rest, decide: look, onSame: unlooked, onPair, onStep: () => {} });
  } finally {
    await kept.save();
  }
  function* tracesOf(some: readonly NodeFacts[]): Generator<Trace> {
    for (const node of some) {
      const trace = kept.find(node)?.trace ?? null;
      if (trace !== null) yield trace;
    }
  }
  // Whom the change does not reach has asked for nothing of it.
  if (kept.distrusted === null)
    impact.addUsed(feltFiles(changed, tracesOf(nodes.filter(({ certname }) => plan(certname) !== null)), before.root));
  const rests = (certname: string): Explained["rests"] => {
    const node = nodes.find((each) => each.certname === certname);
    const entry = node === undefined ? null : kept.find(node);
    return entry === null ? null : restsOf(entry, before.root);
  };
  return {
    reasons,
    sampled: sample.chosen,
    rests,
    calm,
    steady: new Set(nodes.flatMap((node) => (kept.find(node)?.steady === true ? [node.certname] : []))),
    addSteady: async (certnames) => {
      kept.addSteady(certnames);
      await kept.save();
    },
    distrust,
  };
}
