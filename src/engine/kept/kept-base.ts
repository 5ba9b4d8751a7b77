import { createHash } from "node:crypto";
import type { Cause } from "../../plan/cause.ts";
import type { Changed } from "../../plan/changed.ts";
import type { Listing } from "../../plan/listing.ts";
import { factsDigest } from "../../plan/facts-digest.ts";
import type { CompileCache } from "../ports/cache.ts";
import type { CompileOutcome } from "../ports/compile.ts";
import type { NodeFacts } from "../ports/nodes.ts";
import { groundOf, type KeptNode, restsOnSame, untoldOf } from "./kept-node.ts";
import { packNodes, planOfKept, readTree, writeTree, type KeptTree } from "./kept-tree.ts";
import { residueOf } from "./residue.ts";
import type { Trace } from "../../plan/trace.ts";

export interface KeptBaseInput {
  /** Null: nothing is kept but for this check. */
  cache: CompileCache | null;
  /** Why nothing may be concluded from what any compile read, whether anything is kept or not; null where it may. */
  distrusted: string | null;
  /** What all compiles of this kind share: repository, versions, layout. */
  scope: string;
  /** Base's. */
  listing: Listing;
  /** Id of the stand-ins; null where there are none. */
  standIns: string | null;
  /** What of another listing of this scope differs from base's. */
  changedSince: (before: Listing) => Promise<Changed>;
  /** What a trace does not tell of, though its catalog shows that it was read; null where there is no such thing. */
  lacking: (trace: Trace, outcome: CompileOutcome) => string | null;
  readKept: (certname: string, raw: Buffer) => CompileOutcome;
}

const mostSpelt = 32;

/** Records of older trees that are looked at for one that base can be made of. */
const mostLookedAt = 4;

/** Base's compiles: those of earlier checks that are good for this tree, and those of this one. */
export class KeptBase {
  readonly #input: KeptBaseInput;
  readonly #tree: string;
  readonly #nodes: Map<string, KeptNode>;
  readonly #same = new WeakMap<NodeFacts, { kept: KeptNode; isSame: boolean }>();
  readonly #spelt = new Set<string>();
  #writes: Array<Promise<void>> = [];
  #isNew = false;
  /** Why nothing may be concluded from what any compile read; null where it may. */
  readonly distrusted: string | null;

  private constructor(input: KeptBaseInput, tree: string, nodes: Map<string, KeptNode>, distrusted: string | null = null) {
    this.distrusted = distrusted;
    this.#input = input;
    this.#tree = tree;
    this.#nodes = nodes;
  }

  /** Base's own record, or the newest one of another tree, of which stays what base has alike. */
  static async open(input: KeptBaseInput): Promise<KeptBase> {
    const tree = digestOf(input.listing);
    const { cache, scope, distrusted } = input;
    const nothing = new KeptBase(input, tree, new Map(), distrusted);
    if (cache === null || distrusted !== null) return nothing;
    const own = await readTree(cache, await cache.readRecord(scope, tree));
    if (own !== null) return new KeptBase(input, tree, new Map(own.nodes));
    let older: KeptTree | null = null;
    let looked = 0;
    for await (const { body } of cache.newest(scope)) {
      older = await readTree(cache, body);
      looked += 1;
      if (older !== null || looked === mostLookedAt) break;
    }
    if (older === null) return nothing;
    const reached = planOfKept(older.nodes, await input.changedSince(older.listing));
    // What nobody can say anything of is good for its own tree alone.
    const nodes = new Map([...older.nodes].filter(([certname, { untold }]) => untold === null && reached(certname) === null));
    const kept = new KeptBase(input, tree, nodes);
    kept.#isNew = true;
    return kept;
  }

  /** What is kept of a node; null where it has to be compiled. */
  find(node: NodeFacts): KeptNode | null {
    const kept = this.#nodes.get(node.certname);
    if (kept === undefined) return null;
    // Asked for several times in a check, and what it rests on takes a digest of all the facts that it read.
    const known = this.#same.get(node);
    if (known?.kept === kept) return known.isSame ? kept : null;
    const isSame = restsOnSame(kept, node, this.#input.standIns);
    this.#same.set(node, { kept, isSame });
    return isSame ? kept : null;
  }

  /** Why a change may reach a node whose compile can tell, by what it read; null where nothing of that differs. */
  plan(changed: Changed): (certname: string) => Cause | null {
    return planOfKept(this.#nodes, changed);
  }

  /** The outcome that is kept of a node; null where it is gone. */
  async load(certname: string): Promise<CompileOutcome | null> {
    const kept = this.#nodes.get(certname);
    const raw = kept === undefined ? null : ((await this.#input.cache?.read(kept.answer)) ?? null);
    return raw === null ? null : this.#input.readKept(certname, raw);
  }

  /** Takes in what base compiled now. `raw` is null where it may not be kept. */
  add(node: NodeFacts, outcome: CompileOutcome, raw: Buffer | null): KeptNode {
    const { cache, standIns, lacking } = this.#input;
    const untold = untoldOf(outcome, (trace) => lacking(trace, outcome));
    const reads = outcome.ok ? outcome.reads : undefined;
    const trace = untold === null ? (reads?.trace ?? null) : null;
    const paths = untold === null ? (reads?.facts ?? [[]]) : [[]];
    const kept: KeptNode = {
      ground: groundOf(node, trace?.outside === false ? null : standIns),
      facts: { paths, digest: factsDigest(paths, node.values) },
      answer: raw === null ? "" : createHash("sha256").update(raw).digest("hex"),
      trace,
      outside: trace?.outside !== false,
      untold,
      residue: outcome.ok ? residueOf(outcome) : null,
      secrets: [...(outcome.taints?.secrets ?? [])],
    };
    this.#nodes.set(node.certname, kept);
    if (trace !== null) this.#pack(node.certname);
    if (cache === null || raw === null || this.distrusted !== null) return kept;
    this.#isNew = true;
    this.#writes.push(cache.write(kept.answer, raw));
    return kept;
  }

  /** So many traces are held spelt out, and packed together then. */
  #pack(certname: string): void {
    this.#spelt.add(certname);
    if (this.#spelt.size < mostSpelt) return;
    const nodes = [...this.#spelt].flatMap((name) => {
      const kept = this.#nodes.get(name);
      return kept === undefined ? [] : [[name, kept] satisfies [string, KeptNode]];
    });
    for (const [name, kept] of packNodes(nodes)) this.#nodes.set(name, kept);
    this.#spelt.clear();
  }

  /** Takes in that nodes' catalogs came out the same when they were compiled once more. */
  addSteady(certnames: Iterable<string>): void {
    for (const certname of certnames) {
      const kept = this.#nodes.get(certname);
      if (kept === undefined || kept.untold !== null || kept.steady === true) continue;
      this.#nodes.set(certname, { ...kept, trace: kept.trace, steady: true });
      this.#isNew = true;
    }
  }

  /** Keeps all of it for the next check. */
  async save(): Promise<void> {
    const { cache, scope, listing } = this.#input;
    if (cache === null || !this.#isNew || this.distrusted !== null) return;
    this.#isNew = false;
    await Promise.all(this.#writes.splice(0));
    const nodes = new Map([...this.#nodes].filter(([, { answer }]) => answer !== ""));
    await cache.writeRecord(scope, this.#tree, await writeTree(cache, { listing, nodes }));
  }
}

/** A listing by all that is in it. */
function digestOf({ files, root, modulepath, manifest, unlisted }: Listing): string {
  const hash = createHash("sha256").update(JSON.stringify([root, modulepath, manifest, unlisted]));
  for (const [path, { mode, oid }] of files) hash.update(`${mode} ${oid} ${path}\0`);
  return hash.digest("hex");
}
