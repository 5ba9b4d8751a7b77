import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { Trace } from "../../plan/trace.ts";
import { factsDigest } from "../../plan/facts-digest.ts";
import type { CompileOutcome } from "../ports/compile.ts";
import type { FactPath } from "../../plan/trace.ts";
import type { NodeFacts } from "../ports/nodes.ts";
import type { Residue } from "./residue.ts";

/** What is kept of a node's compile on base. */
export interface KeptNode {
  /** Digest of what it was compiled with besides the tree and its facts: see `groundOf`. */
  ground: string;
  /** The facts that it read, and a digest of them. */
  facts: { paths: readonly FactPath[]; digest: string };
  /** Under which name the worker's answer is in the cache. */
  answer: string;
  /** Null where nobody can say what it rests on: then it is good for the very same tree only. Of one that was kept, it is spelt out when it is asked for. */
  readonly trace: Trace | null;
  /** Whether it asked for stand-ins or exports of others; true where nobody can say. */
  outside: boolean;
  /** Why the node is compiled on every tree; null where its trace can tell, which is there then. */
  untold: string | null;
  /** Null where it failed. */
  residue: Residue | null;
  /** Present where base compiled it twice, and both catalogs were the same: no more need to look for what differs at every compile. */
  steady?: true;
  /** Texts that must not be shown, whoever's catalog they turn up in. */
  secrets: readonly string[];
}

/** Everything that a compile sees besides the tree and facts. Stand-ins and exports of others count where it asked for any. */
export const groundOf = ({ trusted, enc, server }: NodeFacts, outside: string | null): string =>
  createHash("sha256")
    .update(canonicalize([trusted, enc ?? null, server ?? null, outside]) ?? "")
    .digest("hex");

/** Whether what is kept of a node was compiled with what it has now. The tree is another question. */
export function restsOnSame(kept: KeptNode, node: NodeFacts, standIns: string | null): boolean {
  const outside = kept.outside ? standIns : null;
  return kept.ground === groundOf(node, outside) && kept.facts.digest === factsDigest(kept.facts.paths, node.values);
}

/** Why a node's compile says nothing of another tree, in words; null where its trace can be relied on. `lacking` is what a trace should have and has not. */
export function untoldOf(outcome: CompileOutcome, lacking: (trace: Trace) => string | null): string | null {
  if (!outcome.ok) return "it does not compile on base";
  const trace = outcome.reads?.trace;
  if (trace === undefined) return "what its catalog rests on was not told";
  const [impure] = trace.impure;
  if (impure !== undefined) return `its catalog rests on more than the tree: ${impure}`;
  const lacks = lacking(trace);
  return lacks === null ? null : `its compile told of less than its catalog shows: ${lacks} is missing`;
}
