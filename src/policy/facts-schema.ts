import { z } from "zod";
import { treePath } from "./atoms.ts";

/** Where node facts come from, and which of them a compile may see. */

/** `networking.*.ip`: names of facts and of what is in them, where `*` stands for a part of one name. */
const factPattern = z
  .string()
  .max(300)
  .regex(/^[^\s.]+(?:\.[^\s.]+)*$/u, "a fact by its path, like `os`, `networking.ip` or `ec2_*`");

const puppetdbSchema = z
  .strictObject({
    query: z
      .array(z.unknown())
      .min(2)
      .optional()
      .describe(
        'Which nodes, as PuppetDB\'s own AST over its inventory: `["=", "environment", "production"]`. Default: every active node.',
      ),
    exported: z
      .boolean()
      .default(false)
      .describe(
        "Whether resources that nodes export are read too, so that collectors find them. Code of a change can read what they hold.",
      ),
  })
  .describe("Node facts from the PuppetDB that the gate is told of (`PUPPETDB_URL`, `--puppetdb`): the policy never names an address.");

const serverSchema = z
  .strictObject({
    version: z
      .string()
      .regex(/^\d+(?:\.\d+){1,3}$/u, "a version, like `7.23.0`")
      .optional()
      .describe("`$serverversion`. Default: of the Puppet that compiles."),
    name: z.string().min(1).max(255).default("puppet").describe("`$servername`."),
    ip: z.union([z.ipv4(), z.ipv6()], { error: "an IP address" }).default("127.0.0.1").describe("`$serverip`."),
  })
  .describe("What the server says of itself in `$server_facts`: the same for every node, on whatever machine the gate runs.");

export const factsSchema = z.strictObject({
  folder: treePath
    .optional()
    .describe("Folder of the repository with node facts, one file a node. Default: `facts` or `spec/fixtures/facts`."),
  puppetdb: puppetdbSchema.optional(),
  only: z
    .array(factPattern)
    .min(1)
    .max(500)
    .optional()
    .describe("Facts that a compile may see, with all below them. Default: all. Code of a change can read, and show, what it sees."),
  never: z.array(factPattern).max(500).default([]).describe("Facts that no compile sees, with all below them, whatever `only` says."),
  server: serverSchema.prefault({}),
});

/** Node facts, as the engine takes them. */
export interface FactsPolicy {
  /** A folder of the tree; null looks at the usual places. */
  folder: string | null;
  /** Null: not from PuppetDB. A null query is every active node. */
  puppetdb: { query: readonly unknown[] | null; exported: boolean } | null;
  /** Patterns of fact paths; null is all. */
  only: readonly string[] | null;
  never: readonly string[];
  server: { serverversion: string | null; servername: string; serverip: string };
}

export const toFacts = ({ folder, puppetdb, only, never, server }: z.output<typeof factsSchema>): FactsPolicy => ({
  folder: folder ?? null,
  puppetdb: puppetdb === undefined ? null : { query: puppetdb.query ?? null, exported: puppetdb.exported },
  only: only ?? null,
  never,
  server: { serverversion: server.version ?? null, servername: server.name, serverip: server.ip },
});
