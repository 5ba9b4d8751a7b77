import { createHash } from "node:crypto";
import { z } from "zod";
import type { Listing } from "../../plan/listing.ts";
import type { CompileCache } from "../ports.ts";
import type { KeptNode } from "./kept-node.ts";

/** Base's compiles of one tree: what there was of files, and what is kept of each node. */
export interface KeptTree {
  listing: Listing;
  nodes: ReadonlyMap<string, KeptNode>;
}

/** Raised whenever what is written below changes its meaning: an older one is as absent. */
const version = 1;

const names = z.strictObject({ version: z.literal(version), listing: z.string(), nodes: z.string() });

/**
 * A tree's record names two entries by their content: its listing and its nodes, of which trees that follow each other share most or all. What is
 * read was sealed by this product (the cache sees to that), so that its shape is believed.
 */
export async function writeTree(cache: CompileCache, { listing, nodes }: KeptTree): Promise<Buffer> {
  const write = async (value: unknown): Promise<string> => {
    const body = Buffer.from(JSON.stringify(value));
    const name = createHash("sha256").update(body).digest("hex");
    await cache.write(name, body);
    return name;
  };
  const files = [...listing.files].map(([path, { mode, oid }]) => [path, mode, oid]);
  const record = { version, listing: await write({ ...listing, files }), nodes: await write(packed(nodes)) };
  return Buffer.from(JSON.stringify(record));
}

/** Null where there is no record, or a part of it is gone. */
export async function readTree(cache: CompileCache, body: Buffer | null): Promise<KeptTree | null> {
  if (body === null) return null;
  const record = names.safeParse(JSON.parse(body.toString()));
  if (!record.success) return null;
  const [listing, nodes] = await Promise.all([cache.read(record.data.listing), cache.read(record.data.nodes)]);
  if (listing === null || nodes === null) return null;
  const { files, ...rest } = JSON.parse(listing.toString()) as Omit<Listing, "files"> & { files: Array<[string, string, string]> };
  return {
    listing: { ...rest, files: new Map(files.map(([path, mode, oid]) => [path, { mode, oid }])) },
    nodes: unpacked(JSON.parse(nodes.toString()) as Packed),
  };
}

/** Lists that many nodes have alike (classes, names of a trace) stand once, and nodes name them by number. */
interface Packed {
  lists: unknown[];
  nodes: Array<[certname: string, node: unknown]>;
}

function packed(nodes: KeptTree["nodes"]): Packed {
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
  return { nodes: [...nodes].map(([certname, node]) => [certname, pack(node)]), lists };
}

function unpacked({ lists, nodes }: Packed): Map<string, KeptNode> {
  const unpack = (value: unknown): unknown => {
    if (Array.isArray(value)) return lists[value[0] as number];
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, unpack(each)]));
  };
  return new Map(nodes.map(([certname, node]) => [certname, unpack(node) as KeptNode]));
}
