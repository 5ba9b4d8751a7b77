import { createHash } from "node:crypto";

import type { FactSnapshot, NodeFacts, UnreadableFacts } from "../engine/ports/nodes.ts";
import type { ProblemText } from "../problem.ts";
import { isCertname, stemOf } from "./certname.ts";
import { type Budget, DEEPEST, isDeeper, parse } from "./document.ts";
import { type Entry, type EntryOrMisfit, entriesOf } from "./entries.ts";
import { badCertname, badTrusted, clash, notFacts, tooDeepRow } from "./problems.ts";
import { deriveTrusted, readTrusted } from "./trusted.ts";

/** What a file turned out to say of one node. */
export type Read = { path: string; certname: string } & ({ ok: true; facts: NodeFacts } | { ok: false; problem: ProblemText });

/** All nodes of one file. Never empty: a file that says nothing says at least why. */
export function readFactFile(path: string, content: Buffer, budget?: Budget): Read[] {
  const parsed = parse(path, content, budget);
  if (!parsed.ok) return [{ path, certname: stemOf(path), ok: false, problem: parsed.problem }];
  return entriesOf(parsed.value).map((entry) => readEntry(path, parsed.line, entry));
}

/** One row of PuppetDB's inventory. Facts are what an agent said: nested without end, they are this node's fault alone. */
export function readInventoryRow(path: string, row: Entry & { certname: string }): Read {
  if (!isDeeper([row.facts, row.trusted], DEEPEST)) return readEntry(path, 1, row);
  return { path, certname: row.certname, ok: false, problem: tooDeepRow(path, row.certname, DEEPEST) };
}

function readEntry(path: string, line: number, entry: EntryOrMisfit): Read {
  const certname = entry.certname ?? stemOf(path);
  const no = (problem: ProblemText): Read => ({ path, certname, ok: false, problem });
  if (!isCertname(certname)) return no(badCertname(path, certname));
  if ("found" in entry) return no(notFacts(path, line, entry.certname === null ? entry.found : `${entry.found}, for ${certname}`));
  const values = factsOf(certname, entry);
  const given = entry.trusted ?? entry.facts.trusted;
  if (given === undefined || given === null)
    return { path, certname, ok: true, facts: { certname, origin: "given", values, trusted: deriveTrusted(certname) } };
  const read = readTrusted(certname, given);
  return read.ok
    ? { path, certname, ok: true, facts: { certname, origin: "given", values, trusted: read.trusted } }
    : no(badTrusted(path, certname, read.why));
}

/**
 * The facts as a compile sees them. `trusted` is the server's word and travels by itself; `_timestamp` is when the facts were gathered, which
 * Puppet drops as well (`Puppet::Node::Facts#initialize_from_hash`). An agent always sends `clientcert`, which Facter does not know.
 * Nothing else is added: a legacy fact that is not in the file is one that this node does not send.
 */
function factsOf(certname: string, { facts }: Entry): Record<string, unknown> {
  const kept = Object.entries(facts).filter(([name]) => name !== "trusted" && name !== "_timestamp");
  return Object.fromEntries([["clientcert", certname], ...kept]);
}

/** Puts what was read together. Two accounts of one node are none: which of them holds can't be known. */
export function toSnapshot(reads: readonly Read[]): FactSnapshot {
  const byCertname = [...Map.groupBy(reads, ({ certname }) => certname)].sort(([a], [b]) => compare(a, b));
  const nodes: NodeFacts[] = [];
  const unreadable: UnreadableFacts[] = [];
  for (const [certname, accounts] of byCertname) {
    const [first, second] = accounts;
    if (first === undefined) continue;
    if (first.ok && second === undefined) nodes.push(first.facts);
    else if (accounts.some(({ ok }) => ok) && second !== undefined)
      unreadable.push({ certname, path: first.path, problem: clash(certname, first.path, second.path) });
    else if (!first.ok) unreadable.push({ certname, path: first.path, problem: first.problem });
  }
  // Node by node: a copy of a whole fleet's facts with sorted keys would be hundreds of MB for a moment.
  return { id: digestOf([nodes.map(digestOfNode), unreadable]), nodes, unreadable };
}

/** What a node's facts say never changes; the same ones come again in the next snapshot where their file was not read anew. */
const digests = new WeakMap<NodeFacts, string>();

function digestOfNode(node: NodeFacts): string {
  const known = digests.get(node) ?? digestOf(node);
  digests.set(node, known);
  return known;
}

/** The same snapshot with other nodes: another one, with an id of its own. `by` is all that made these nodes of the others. */
export function withNodes(
  { id, unreadable }: FactSnapshot,
  { nodes, lost, by }: { nodes: readonly NodeFacts[]; lost: readonly UnreadableFacts[]; by: unknown },
): FactSnapshot {
  const all = [...unreadable, ...lost].sort((a, b) => compare(a.certname, b.certname));
  return { id: digestOf([id, lost, by]), nodes: [...nodes], unreadable: all };
}

/** SHA-256 over JSON with sorted keys, so that it depends on what the facts say and on nothing else. */
export const digestOf = (value: unknown): string =>
  createHash("sha256")
    .update(JSON.stringify(sorted(value)))
    .digest("hex");

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => compare(a, b))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

export const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
