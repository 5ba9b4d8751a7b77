import canonicalize from "canonicalize";
import { z } from "zod";

import { type Known, known, unknown } from "../policy/known.ts";
import { Problem } from "../problem.ts";
import type { NodeCatalog } from "../rollout/catalog-check.ts";
import { type AskRows, createAskRows, type HttpLimits, parsed, type PuppetDbAddress } from "./puppetdb-http.ts";

/** Of one answer. */
const limits: HttpLimits = { answer: 60_000, bytes: 200 * 2 ** 20 };
/** Milliseconds for everything that one asking takes. */
const LONGEST = 120_000;

/** Facts that change by themselves from run to run. */
const restless = "^(.*uptime.*|memory.*|swap.*|load_averages|mountpoints|partitions|disks|.*free.*|.*available.*)$";
/** What the gate, too, compares otherwise or not at all: names and tags, and orders, which are a graph and can be written in two ways. */
const unseen = new Set(["alias", "tag", "before", "require", "notify", "subscribe"]);

const name = z.string().max(10_000);
const catalogRow = z.object({ certname: name, version: name, catalog_uuid: name.nullable() });
const resourceRow = z.object({ certname: name, type: name, title: name, parameters: z.record(z.string(), z.unknown()).nullable() });
const factRow = z.object({ certname: name, name, value: z.unknown() });

interface Source {
  askRows: AskRows;
  where: string;
  seal: (text: string) => string;
}

/**
 * What compilers gave some nodes last, as PuppetDB keeps it. Values are sealed as they come, with a key of the installation, and only digests are kept. What one node exports
 * and another collects is left out: it changes with other nodes. Four requests at most, whatever the number of nodes, and one where no catalog is new.
 *
 * Tried against PuppetDB 7.12.1, which stores the catalogs of noop runs, too.
 */
export function createPuppetDbCatalogs(
  address: PuppetDbAddress,
  seal: (text: string) => string,
): { of(certnames: readonly string[]): Promise<Known<ReadonlyMap<string, NodeCatalog>>> } {
  const source: Source = { askRows: createAskRows(address, limits), where: new URL(address.url).origin, seal };
  let read = new Map<string, NodeCatalog>();
  return {
    of: async (certnames) => {
      if (certnames.length === 0) return known(new Map());
      try {
        read = await catalogsOf(source, certnames, read, AbortSignal.timeout(LONGEST));
        return known(read);
      } catch (error) {
        if (error instanceof Problem) return unknown(error.text, error.hint);
        throw error;
      }
    },
  };
}

async function catalogsOf(
  source: Source,
  certnames: readonly string[],
  read: ReadonlyMap<string, NodeCatalog>,
  signal: AbortSignal,
): Promise<Map<string, NodeCatalog>> {
  const { seal } = source;
  const fields = ["extract", ["certname", "version", "catalog_uuid"]];
  const before = await rowsOf(source, "catalogs", [...fields, among(certnames)], catalogRow, signal);
  const result = new Map<string, NodeCatalog>();
  const fresh = before.filter(({ certname, catalog_uuid: id }) => {
    const known = read.get(certname);
    if (known === undefined || known.id !== id) return true;
    result.set(certname, known);
    return false;
  });
  if (fresh.length === 0) return result;
  const own = among(fresh.map(({ certname }) => certname));
  const exported = ["from", "resources", ["extract", ["type", "title"], ["=", "exported", true]]];
  const mine = ["and", own, ["not", ["in", ["type", "title"], exported]]];
  const resources = await rowsOf(source, "resources", ["extract", ["certname", "type", "title", "parameters"], mine], resourceRow, signal);
  const steady = ["and", own, ["not", ["~", "name", restless]]];
  const facts = await rowsOf(source, "facts", ["extract", ["certname", "name", "value"], steady], factRow, signal);
  // One that was replaced between two of these is left out until the next look.
  const after = new Map((await rowsOf(source, "catalogs", [...fields, own], catalogRow, signal)).map((row) => [row.certname, row]));
  const resourcesOf = Map.groupBy(resources, ({ certname }) => certname);
  const factsOf = Map.groupBy(facts, ({ certname }) => certname);
  for (const { certname, version, catalog_uuid: id } of fresh) {
    if (id === null || after.get(certname)?.catalog_uuid !== id) continue;
    const inputs = (factsOf.get(certname) ?? []).map((fact) => canonicalize([fact.name, fact.value]) ?? "").sort();
    const digests = (resourcesOf.get(certname) ?? []).map(({ type, title, parameters }) => {
      const said = Object.entries(parameters ?? {}).filter(([attribute]) => !unseen.has(attribute));
      return [`${type}[${title}]`, short(seal(canonicalize([type, title, Object.fromEntries(said)]) ?? ""))] as const;
    });
    result.set(certname, { id, version, inputs: short(seal(inputs.join("\n"))), resources: Object.fromEntries(digests) });
  }
  return result;
}

async function rowsOf<T>(
  { askRows, where }: Source,
  endpoint: string,
  query: unknown[],
  row: z.ZodType<T>,
  signal: AbortSignal,
): Promise<T[]> {
  const rows: T[] = [];
  const some = z.array(row);
  await askRows(endpoint, { query }, (given) => rows.push(...parsed(some, given, where, endpoint)), signal);
  return rows;
}

const among = (certnames: readonly string[]): unknown[] => ["in", "certname", ["array", certnames]];

/** 96 bits of it: enough for what differs to differ. */
const short = (digest: string): string => digest.slice(0, 24);
