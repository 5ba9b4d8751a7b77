import { createHash } from "node:crypto";
import { z } from "zod";
import type { Cause } from "../../plan/cause.ts";
import type { Changed } from "../../plan/changed.ts";
import type { Listing } from "../../plan/listing.ts";
import { packTraces } from "../../plan/pack.ts";
import { BrokenTraces } from "../../plan/packed-form.ts";
import { planOf } from "../../plan/plan.ts";
import { reached } from "../../plan/reach.ts";
import type { Trace } from "../../plan/trace.ts";
import { readTraces, type PackedTraces } from "../../plan/unpack.ts";
import type { CompileCache } from "../ports/cache.ts";
import type { KeptNode } from "./kept-node.ts";

/** Base's compiles of one tree: what there was of files, and what is kept of each node. */
export interface KeptTree {
  listing: Listing;
  nodes: ReadonlyMap<string, KeptNode>;
}

/** Raised whenever what is written below changes its meaning: an older one is as absent. */
const version = 2;

const part = z.strictObject({ nodes: z.string(), traces: z.string() });
const names = z.strictObject({ version: z.literal(version), listing: z.string(), parts: z.array(part) });

/**
 * Nodes of a part, at most about: a tree that follows another shares the parts in which nothing differs, and no entry is so large that a shelf would not
 * take it (some 500 nodes' traces are 3 MB, where no two of them read the same).
 */
const nodesOfPart = 500;

/** Traces of nodes that were kept, where they lie packed. One that is not here has its own, spelt out. */
const packedOf = new WeakMap<KeptNode, PackedTraces>();

/**
 * A tree's record names its entries by their content: its listing, and its nodes in parts, of which trees that follow each other share most or all. What
 * is read was sealed by this product (the cache sees to that), so that its shape is believed.
 */
export async function writeTree(cache: CompileCache, { listing, nodes }: KeptTree): Promise<Buffer> {
  const write = async (body: Buffer): Promise<string> => {
    const name = createHash("sha256").update(body).digest("hex");
    await cache.write(name, body);
    return name;
  };
  const files = [...listing.files].map(([path, { mode, oid }]) => [path, mode, oid]);
  const parts: Array<z.infer<typeof part>> = [];
  for (const some of partsOf(nodes))
    parts.push({ nodes: await write(Buffer.from(JSON.stringify(packed(some)))), traces: await write(packedTraces(some)) });
  const record = { version, listing: await write(Buffer.from(JSON.stringify({ ...listing, files }))), parts };
  return Buffer.from(JSON.stringify(record));
}

/** Null where there is no record, or a part of it is gone. */
export async function readTree(cache: CompileCache, body: Buffer | null): Promise<KeptTree | null> {
  if (body === null) return null;
  const record = names.safeParse(JSON.parse(body.toString()));
  if (!record.success) return null;
  const listing = await cache.read(record.data.listing);
  if (listing === null) return null;
  const nodes = new Map<string, KeptNode>();
  for (const each of record.data.parts) {
    const [values, traces] = await Promise.all([cache.read(each.nodes), cache.read(each.traces)]);
    if (values === null || traces === null) return null;
    if (!unpackInto(nodes, values, traces)) return null;
  }
  const { files, ...rest } = JSON.parse(listing.toString()) as Omit<Listing, "files"> & { files: Array<[string, string, string]> };
  return { listing: { ...rest, files: new Map(files.map(([path, mode, oid]) => [path, { mode, oid }])) }, nodes };
}

/** Why a change may reach a node whose compile can tell, by what it read; null where nothing of that differs. Of all that lie packed it is found out at once. */
export function planOfKept(nodes: ReadonlyMap<string, KeptNode>, changed: Changed): (certname: string) => Cause | null {
  const plans = new Map<PackedTraces, ReadonlyMap<string, Cause>>();
  const planned = (traces: PackedTraces): ReadonlyMap<string, Cause> => {
    const plan = plans.get(traces) ?? planOf(traces, changed);
    plans.set(traces, plan);
    return plan;
  };
  return (certname) => {
    const node = nodes.get(certname);
    const traces = node === undefined ? undefined : packedOf.get(node);
    if (traces !== undefined) return planned(traces).get(certname) ?? null;
    return node === undefined || node.trace === null ? null : reached(certname, node.trace, changed);
  };
}

/**
 * The same nodes with their traces packed, in a twentieth of the memory (a trace of 3,000 texts takes some 160 KB spelt out). Those whose compile can't tell
 * have none.
 */
export function packNodes(nodes: ReadonlyArray<[string, KeptNode]>): Array<[string, KeptNode]> {
  const read = readTraces(packedTraces(nodes));
  return nodes.map(([certname, whole]) => {
    const { trace: _, ...node } = whole;
    return [certname, withTrace(node, certname, read)];
  });
}

function withTrace(node: Omit<KeptNode, "trace">, certname: string, traces: PackedTraces): KeptNode {
  // Not enumerable: whoever copies or writes a node would spell its trace out.
  const kept = Object.defineProperty({ ...node }, "trace", { get: () => traces.trace(certname) }) as KeptNode;
  packedOf.set(kept, traces);
  return kept;
}

/** By their names alone, so that a node more or less changes one part, as long as there are as many of them. */
function partsOf(nodes: ReadonlyMap<string, KeptNode>): Array<Array<[string, KeptNode]>> {
  const count = 2 ** Math.max(0, Math.ceil(Math.log2(nodes.size / nodesOfPart)));
  const parts: Array<Array<[string, KeptNode]>> = Array.from({ length: count }, () => []);
  for (const [certname, node] of [...nodes].sort(([a], [b]) => (a < b ? -1 : 1)))
    parts[createHash("sha256").update(certname).digest().readUInt32BE() % count]?.push([certname, node]);
  return parts;
}

function packedTraces(nodes: ReadonlyArray<[string, KeptNode]>): Buffer {
  const spelt: Array<[string, Trace]> = [];
  const from = new Map<PackedTraces, string[]>();
  for (const [certname, node] of nodes) {
    const traces = packedOf.get(node);
    if (traces !== undefined) from.set(traces, [...(from.get(traces) ?? []), certname]);
    else if (node.trace !== null) spelt.push([certname, node.trace]);
  }
  return packTraces(spelt, from);
}

/** Lists that many nodes have alike (classes, resources) stand once, and nodes name them by number. */
interface Packed {
  lists: unknown[];
  nodes: Array<[certname: string, node: unknown]>;
}

function packed(nodes: ReadonlyArray<[string, KeptNode]>): Packed {
  const numbers = new Map<string, number>();
  const lists: unknown[] = [];
  const pack = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      const text = JSON.stringify(value);
      const known = numbers.get(text);
      if (known !== undefined) return [known];
      numbers.set(text, lists.length);
      lists.push(value);
      return [lists.length - 1];
    }
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, pack(each)]));
  };
  const withoutTrace = (node: KeptNode): object => Object.fromEntries(Object.entries(node).filter(([name]) => name !== "trace"));
  return { nodes: nodes.map(([certname, node]) => [certname, pack(withoutTrace(node))]), lists };
}

/** False where the traces are not what was written. */
function unpackInto(nodes: Map<string, KeptNode>, values: Buffer, traces: Buffer): boolean {
  const { lists, nodes: found } = JSON.parse(values.toString()) as Packed;
  const unpack = (value: unknown): unknown => {
    if (Array.isArray(value)) return lists[value[0] as number];
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, unpack(each)]));
  };
  try {
    const read = readTraces(traces);
    for (const [certname, value] of found) {
      nodes.set(certname, withTrace(unpack(value) as KeptNode, certname, read));
    }
    return true;
  } catch (error) {
    if (error instanceof BrokenTraces) return false;
    throw error;
  }
}
