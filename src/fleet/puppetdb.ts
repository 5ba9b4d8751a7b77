import { z } from "zod";

import type { ExportedResource } from "../engine/ports/stand-ins.ts";
import type { PuppetDb, UnreadableFacts } from "../engine/ports/nodes.ts";
import { Problem } from "../problem.ts";
import { DEEPEST, isDeeper } from "./document.ts";
import { isMap } from "./entries.ts";
import { badTrusted, noFactsOf } from "./problems.ts";
import { type Ask, createAsk, type HttpLimits, notUnderstood, parsed, type PuppetDbAddress } from "./puppetdb-http.ts";
import { readInventoryRow, type Read, toSnapshot, withNodes } from "./snapshot.ts";
import { exportedSchema } from "./stand-ins.ts";

/** Nodes of one fleet, and nodes asked for at once: some 100 answers of 5 MB for 10,000 nodes. */
const mostNodes = 100_000;
const nodesAtOnce = 100;
const mostExported = 200_000;
const defaultLimits: HttpLimits = { answer: 60_000, bytes: 256 * 2 ** 20 };
/** Milliseconds for everything that one snapshot takes. */
const longest = 600_000;

const nameRow = z.object({ certname: z.string() });
const inventoryRow = z.object({ certname: z.string(), facts: z.record(z.string(), z.unknown()), trusted: z.unknown() });

/** Reads a fleet from PuppetDB: first its names, then the facts of so many at once, so that no answer has to be paged while the fleet moves. */
export function createPuppetDb(address: PuppetDbAddress, limits: HttpLimits = defaultLimits): PuppetDb {
  const ask = createAsk(address, limits);
  const where = new URL(address.url).origin;
  return {
    read: async ({ query, exported: withExported }, signal) => {
      const until = AbortSignal.any([...(signal ? [signal] : []), AbortSignal.timeout(longest)]);
      const names = await namesOf(ask, where, query, until);
      const reads: Read[] = [];
      const lost: UnreadableFacts[] = [];
      const exported: ExportedResource[] = [];
      for (let at = 0; at < names.length; at += nodesAtOnce) {
        const some = names.slice(at, at + nodesAtOnce);
        const found = await factsOf(ask, where, some, until);
        reads.push(...found);
        const known = new Set(found.map(({ certname }) => certname));
        for (const certname of some)
          if (!known.has(certname)) lost.push({ certname, path: where, problem: noFactsOf(certname, `PuppetDB at ${where}`) });
        if (withExported) exported.push(...(await exportsOf(ask, where, some, until)));
        if (exported.length > mostExported)
          throw new Problem(notUnderstood(where, "resources", `there are more than ${mostExported} exported resources`));
      }
      const snapshot = toSnapshot(reads);
      return { snapshot: withNodes(snapshot, { nodes: snapshot.nodes, lost, by: null }), exported: withExported ? exported : null };
    },
  };
}

/** Without a query every active node, those without facts too: that one has none is worth saying. */
async function namesOf(ask: Ask, where: string, query: readonly unknown[] | null, signal: AbortSignal): Promise<string[]> {
  const endpoint = query === null ? "nodes" : "inventory";
  const extract = query === null ? ["extract", ["certname"]] : ["extract", ["certname"], query];
  const rows = parsed(z.array(nameRow), await ask(endpoint, { query: extract, limit: mostNodes + 1 }, signal), where, endpoint);
  const names = [...new Set(rows.map(({ certname }) => certname))].sort();
  if (names.length > mostNodes) throw new Problem(notUnderstood(where, endpoint, `it has more than ${mostNodes} nodes`));
  return names;
}

const among = (names: readonly string[]): unknown[] => ["in", "certname", ["array", names]];

async function factsOf(ask: Ask, where: string, names: readonly string[], signal: AbortSignal): Promise<Read[]> {
  const rows = parsed(z.array(inventoryRow), await ask("inventory", { query: among(names) }, signal), where, "inventory");
  const wanted = new Set(names);
  return rows
    .filter(({ certname }) => wanted.has(certname))
    .map(({ certname, facts, trusted }): Read => {
      // A server always sends them along; where they are missing, whose node it is can't be known.
      if (!isMap(trusted)) return { path: where, certname, ok: false, problem: badTrusted(where, certname, "PuppetDB has none") };
      return readInventoryRow(where, { certname, facts, trusted });
    });
}

async function exportsOf(ask: Ask, where: string, names: readonly string[], signal: AbortSignal): Promise<ExportedResource[]> {
  const query = ["and", ["=", "exported", true], among(names)];
  const rows = parsed(z.array(exportedSchema), await ask("resources", { query }, signal), where, "resources");
  const deep = rows.find(({ parameters }) => isDeeper(parameters, DEEPEST));
  if (deep !== undefined)
    throw new Problem(notUnderstood(where, "resources", `what ${deep.certname} exports is nested more than ${DEEPEST} deep`));
  return rows.sort((a, b) => (JSON.stringify([a.certname, a.type, a.title]) < JSON.stringify([b.certname, b.type, b.title]) ? -1 : 1));
}
