import type { KeptBase } from "./kept/kept-base.ts";
import type { KeptNode } from "./kept/kept-node.ts";
import { NodeQueue } from "./node-queue.ts";
import type { CompileOptions, CompileOutcome } from "./ports/compile.ts";
import type { NodeFacts } from "./ports/nodes.ts";
import type { OpenTree } from "./ports/puppet.ts";

/** One node, compiled on both sides. */
export interface CompiledPair {
  certname: string;
  base: CompileOutcome;
  merged: CompileOutcome;
  /** True when base's catalog was taken from an earlier compile. */
  cached: boolean;
}

/**
 * What is to be done about a node whose compile on base is known. `same`: its catalog can be no other, and there is nothing to look at.
 * `look`: its catalog can be no other, and is looked at (a file that it serves differs). `compile`: it may be another, and why.
 */
export type Decision = { kind: "same" } | { kind: "look" } | { kind: "compile"; why: string };

export interface PairWork {
  nodes: readonly NodeFacts[];
  kept: KeptBase;
  /** Opened only if something is to be compiled on that side. */
  openBase: () => Promise<OpenTree>;
  openMerged: () => Promise<OpenTree>;
  /** `fresh`: base compiled it just now, so that looking at its catalog costs nothing. */
  decide: (certname: string, kept: KeptNode, fresh: boolean) => Decision;
  onSame: (certname: string, kept: KeptNode, fresh: boolean) => void;
  onPair: (pair: CompiledPair, why: string | null) => void;
  /** Whether the change's side is to tell what it read. Nothing that is kept, and nothing of another tree, may rest on that. */
  traceMerged: boolean;
  /** Finished compiles, and how many there will be as far as is known by now. */
  onStep: (done: number, total: number) => void;
  /** Resolves when this node's kept catalog may be held too; absent: at once. `onPair` or `onSame` of the node makes room for another. */
  room?: ((certname: string) => Promise<void>) | undefined;
  /** Processors to use for both sides together. */
  cores: number;
  signal: AbortSignal | undefined;
}

/**
 * So many nodes are left to one worker: a second one takes 2 s of a processor to start and to load what the first node needs, and a further node on the
 * first takes 0.3 s.
 */
const fewNodes = 2;

/**
 * Has every node's catalog of base, kept or compiled now, and compiles on the change's side those that it may reach, as soon as that is known: both
 * sides work side by side, and no more catalogs are held than wait for their other half.
 */
export async function compilePairs(work: PairWork): Promise<void> {
  const { nodes, kept, decide, onSame, onPair, onStep, signal } = work;
  // Nobody would hear of that again, and whoever waits for more would wait for ever.
  signal?.throwIfAborted();
  const byName = new Map(nodes.map((node) => [node.certname, node]));
  const found = nodes.map((node) => ({ node, entry: kept.find(node) }));
  const onBase = new NodeQueue(found.flatMap(({ node, entry }) => (entry === null ? [node] : [])));
  const onMerged = new NodeQueue();
  const fresh = new Map<string, CompileOutcome>();
  const merged = new Map<string, CompileOutcome>();
  const reasons = new Map<string, string>();
  const [steps, failed] = [{ done: 0, total: found.filter(({ entry }) => entry === null).length }, new AbortController()];
  const any = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  /** Base's nodes that are not decided on, and reads of kept catalogs: until there are none, more may come to either queue. */
  let open = 1;
  const begin = (): void => void (open += 1);
  const end = (): void => {
    open -= 1;
    if (open > 0) return;
    onBase.end();
    onMerged.end();
  };

  const step = (): void => onStep((steps.done += 1), steps.total);
  const settle = (node: NodeFacts, entry: KeptNode, outcome: CompileOutcome | null): void => {
    const { certname } = node;
    const isFresh = outcome !== null;
    const decision = decide(certname, entry, isFresh);
    if (decision.kind === "same") return onSame(certname, entry, isFresh);
    if (outcome !== null) fresh.set(certname, outcome);
    if (decision.kind === "look") return pair(certname, null);
    reasons.set(certname, decision.why);
    steps.total += 1;
    begin();
    if (!any.aborted) onMerged.push(node);
  };

  /** Once a node's catalog of the change's side is there (null: it is base's): what is kept of base's is read only now. */
  const pair = (certname: string, after: CompileOutcome | null): void => {
    const before = fresh.get(certname);
    if (before !== undefined) {
      fresh.delete(certname);
      return onPair({ certname, base: before, merged: after ?? before, cached: false }, reasons.get(certname) ?? null);
    }
    begin();
    void readAndPair(certname, after);
  };
  const readAndPair = async (certname: string, after: CompileOutcome | null): Promise<void> => {
    try {
      await work.room?.(certname);
      const before = await kept.load(certname);
      if (before === null) again(certname, after);
      else onPair({ certname, base: before, merged: after ?? before, cached: true }, reasons.get(certname) ?? null);
    } catch (error) {
      failed.abort(error);
    }
    end();
  };

  /** What was kept is gone: base compiles it after all. */
  const again = (certname: string, after: CompileOutcome | null): void => {
    const node = byName.get(certname);
    if (node === undefined) return;
    if (after !== null) merged.set(certname, after);
    steps.total += 1;
    begin();
    if (!any.aborted) onBase.push(node);
  };

  const arrivedOnBase = (outcome: CompileOutcome, raw: Buffer | null = null): void => {
    const { certname } = outcome;
    const node = byName.get(certname);
    if (node === undefined) return;
    step();
    const entry = kept.add(node, outcome, raw);
    const waiting = merged.get(certname);
    if (waiting === undefined) settle(node, entry, outcome);
    else {
      merged.delete(certname);
      onPair({ certname, base: outcome, merged: waiting, cached: false }, reasons.get(certname) ?? null);
    }
    end();
  };
  const arrivedOnMerged = (outcome: CompileOutcome): void => {
    pair(outcome.certname, outcome);
    step();
    end();
  };

  // For the same reason.
  any.addEventListener("abort", () => {
    onBase.end();
    onMerged.end();
  });
  onStep(0, steps.total);
  for (let waiting = steps.total; waiting > 0; waiting -= 1) begin();
  for (const { node, entry } of found) if (entry !== null) settle(node, entry, null);
  end();
  // What is known now: where base has nothing to compile, nobody fills the other queue any more.
  const most = { base: onBase.size, merged: onBase.size === 0 ? onMerged.size : nodes.length };
  const options = (count: number): CompileOptions => ({ workers: count <= fewNodes ? 1 : work.cores, signal: any });
  const side = async (queue: NodeQueue, compile: () => Promise<void>): Promise<void> => {
    if (!(await queue.some())) return;
    await compile();
  };
  const base = side(onBase, async () =>
    (await work.openBase()).compile(onBase, arrivedOnBase, { ...options(most.base), raw: true, trace: true }),
  );
  const change = side(onMerged, async () =>
    (await work.openMerged()).compile(onMerged, arrivedOnMerged, { ...options(most.merged), trace: work.traceMerged }),
  );
  await Promise.all([base, change].map((each) => each.catch((error: unknown) => failed.abort(error))));
  if (failed.signal.aborted) throw failed.signal.reason;
  signal?.throwIfAborted();
}
