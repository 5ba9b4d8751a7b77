import { findingsOf } from "../catalog/finding.ts";
import { minimatch } from "minimatch";
import { Problem } from "../problem.ts";
import type { Finding } from "../catalog/effects.ts";
import type { FactSnapshot, Inventory, UnreadableFacts } from "./ports/nodes.ts";
import type { NodeStatements } from "./ports/puppet.ts";
import type { Repository } from "./ports/repository.ts";
import type { Site } from "./ports/site.ts";

/** Where node facts may come from, in the order of this record. */
export interface FactSources {
  /** `--facts`: a folder on this machine. */
  folder: string | null;
  /** What PuppetDB said, where facts come from there. */
  puppetdb?: FactSnapshot | null;
  /** `facts.folder` of the configuration: a folder of the tree. */
  configured: string | null;
  /** Those of both sides' main manifests; asked for only when nobody has facts. */
  nodeStatements: () => Promise<NodeStatements>;
  /** `--nodes`: where nobody has facts, whole names of it are nodes as well, as the literal ones of the main manifest are. */
  wanted?: readonly string[];
}

export interface Fleet {
  snapshot: FactSnapshot;
  /** Where the facts are from. */
  from: "folder" | "puppetdb" | "tree" | "assumed";
  assumed: boolean;
  /** Nodes that base knows: what the blast radius is a share of, so that a head can't water it down with nodes of its own. */
  size: number;
  /** Whether node statements without a literal name, patterns and `default`, stand for nodes that nobody named. */
  unnamed: boolean;
  findings: Finding[];
}

/** Whether a glob can match nothing but itself. */
const isWhole = (glob: string): boolean => !/[\\*?[\](){}!+@|]/u.test(glob);

/** Where a usual control repo keeps fact files. */
const usualFolders = ["facts", "spec/fixtures/facts"];
const factFile = /\.(ya?ml|json)$/u;

/**
 * The nodes to judge by. Facts kept in the repository are part of the fleet map and so come from base: a head can add nodes, but
 * can't change the facts that its own change is judged with, and is told so where it tries.
 */
export async function chooseFleet(
  repository: Repository,
  inventory: Inventory,
  trees: { base: string; merged: string },
  sources: FactSources,
): Promise<Fleet> {
  if (sources.folder !== null) return given("folder", await inventory.readFolder(sources.folder), []);
  if (sources.puppetdb) return given("puppetdb", sources.puppetdb, []);
  const folders = sources.configured === null ? usualFolders : [sources.configured.replace(/\/+$/u, "")];
  for (const folder of folders) {
    const found = await factsOfTrees(repository, inventory, trees, folder);
    if (found !== null) return found;
  }
  if (sources.configured !== null) {
    throw new Problem({
      code: "no-facts",
      text: `The configuration's facts.folder is ${sources.configured}, and there are no fact files (.yaml, .yml, .json) in it on base.`,
      hint: "Commit fact files there, correct facts.folder in .github/puppet-gate.yml, or give --facts DIR.",
    });
  }
  const statements = await sources.nodeStatements();
  const { open } = statements;
  const names = [...new Set([...statements.names, ...(sources.wanted ?? []).filter(isWhole)])];
  return { snapshot: inventory.assume(names), from: "assumed", assumed: true, unnamed: open, size: names.length, findings: [] };
}

/** The fleet as the site's server sees it. What only the ENC has is of the fleet all the same. */
export function onSite(fleet: Fleet, inventory: Inventory, site: Site): Fleet {
  const snapshot = inventory.prepare(fleet.snapshot, site);
  const before = new Set(fleet.snapshot.unreadable.map(({ certname }) => certname));
  const known = new Set(fleet.snapshot.nodes.map(({ certname }) => certname));
  const lost = snapshot.unreadable.filter(({ certname }) => !before.has(certname));
  const size = fleet.size + lost.filter(({ certname }) => !known.has(certname)).length;
  return { ...fleet, snapshot, size, findings: [...fleet.findings, ...lost.map(lostFinding)] };
}

/** Keeps the nodes that match one of the globs; all of them when there is none. Throws a Problem when nothing is left. */
export function onlyNodes(fleet: Fleet, globs: readonly string[]): Fleet {
  if (globs.length === 0) return fleet;
  const wanted = (certname: string): boolean =>
    globs.some((glob) => minimatch(certname, glob, { dot: true, nocomment: true, nonegate: true }));
  const { snapshot } = fleet;
  const nodes = snapshot.nodes.filter(({ certname }) => wanted(certname));
  const unreadable = snapshot.unreadable.filter(({ certname }) => wanted(certname));
  const size = Math.min(fleet.size, nodes.length + unreadable.length);
  if (nodes.length + unreadable.length > 0) return { ...fleet, size, snapshot: { ...snapshot, nodes, unreadable } };
  const some = snapshot.nodes.slice(0, 3).map(({ certname }) => certname);
  throw new Problem({
    code: "no-such-node",
    text: `No node matches --nodes ${globs.join(",")}.`,
    hint:
      some.length === 0
        ? "There are no nodes at all: give node facts with --facts DIR, or a whole certname to --nodes for a look with a shipped set of facts."
        : `There are ${snapshot.nodes.length} nodes, such as ${some.join(", ")}.`,
  });
}

const given = (from: Fleet["from"], snapshot: FactSnapshot, findings: Finding[], added = 0): Fleet => ({
  snapshot,
  from,
  assumed: false,
  unnamed: false,
  size: snapshot.nodes.length + snapshot.unreadable.length - added,
  findings: [...findings, ...snapshot.unreadable.map(lostFinding)],
});

async function factsOfTrees(
  repository: Repository,
  inventory: Inventory,
  trees: { base: string; merged: string },
  folder: string,
): Promise<Fleet | null> {
  const base = await readFacts(repository, inventory, trees.base, folder);
  // Base alone says where facts are: a head that brings a folder of its own would choose the fleet that it is judged by.
  if (base.nodes.length + base.unreadable.length === 0) return null;
  const merged = trees.base === trees.merged ? base : await readFacts(repository, inventory, trees.merged, folder);
  const known = new Map(base.nodes.map((node) => [node.certname, node]));
  const unreadable = new Map(base.unreadable.map((each) => [each.certname, each]));
  const added = merged.nodes.filter(({ certname }) => !known.has(certname) && !unreadable.has(certname));
  const addedUnreadable = merged.unreadable.filter(({ certname }) => !known.has(certname) && !unreadable.has(certname));
  const changed = merged.nodes.filter((node) => {
    const before = known.get(node.certname);
    return before !== undefined && JSON.stringify(before) !== JSON.stringify(node);
  });
  const findings = changed.map(({ certname }) =>
    finding("notice", null, "facts-of-base", `the facts of ${certname} change here; this change was judged with those of base`),
  );
  const snapshot: FactSnapshot = {
    id: `${base.id}+${merged.id}`,
    nodes: [...base.nodes, ...added].sort((a, b) => (a.certname < b.certname ? -1 : 1)),
    unreadable: [...base.unreadable, ...addedUnreadable],
  };
  return given("tree", snapshot, findings, added.length + addedUnreadable.length);
}

/** The facts in a folder of a tree. A file that is too large to read is a node of which nothing is known; the others are kept. */
async function readFacts(repository: Repository, inventory: Inventory, tree: string, folder: string): Promise<FactSnapshot> {
  const files: Array<{ path: string; content: Buffer }> = [];
  const tooLarge: FactSnapshot["unreadable"] = [];
  for (const { path } of await repository.list(tree)) {
    if (!path.startsWith(`${folder}/`) || !factFile.test(path)) continue;
    try {
      const content = await repository.read(tree, path);
      if (content !== null) files.push({ path, content });
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "file-too-large") throw error;
      tooLarge.push({ certname: path.slice(path.lastIndexOf("/") + 1).replace(factFile, ""), path, problem: error });
    }
  }
  const snapshot = inventory.readFiles(files);
  return { ...snapshot, unreadable: [...snapshot.unreadable, ...tooLarge] };
}

const lostFinding = ({ path, problem }: UnreadableFacts): Finding =>
  finding("error", isTreePath(path) ? { path } : null, "unreadable-facts", `${problem.text} ${problem.hint}`);

/** PuppetDB is no file. */
const isTreePath = (path: string): boolean => !/^https?:/u.test(path);

const finding = findingsOf("facts");
