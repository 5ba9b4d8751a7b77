import type { Inventory } from "../engine/ports/nodes.ts";
import { assumedFacts } from "./assumed.ts";
import { classify, encId, readEnc } from "./enc.ts";
import { filterFacts } from "./filter.ts";
import { readStandIns, toStandIns } from "./stand-ins.ts";
import { isCertname, stemOf } from "./certname.ts";
import { eachFactFile, isFactFile, readFactFileOf } from "./folder.ts";
import { badCertname } from "./problems.ts";
import { type Read, compare, readFactFile, toSnapshot, withNodes } from "./snapshot.ts";

/** About ten seconds of parsing at worst; what Ruby wrote does not count. */
const MOST_YAML_OF_TREE = 4 * 2 ** 20;

/** Node facts from files, and the shipped ones. It has no state: a snapshot is a value. */
export const inventory: Inventory = {
  async readFolder(folder) {
    const reads: Read[] = [];
    for await (const ofFile of eachFactFile(folder, readFacts)) reads.push(...ofFile);
    return toSnapshot(reads);
  },

  // A tree's links are no content: whoever reads the tree can't get bytes for one, so that none can lead out of it.
  readFiles(files) {
    const ofFacts = files.filter(({ path }) => isFactFile(path)).sort((a, b) => compare(a.path, b.path));
    const budget = { bytes: MOST_YAML_OF_TREE };
    return toSnapshot(ofFacts.flatMap(({ path, content }) => readFactFile(path, content, budget)));
  },

  prepare(snapshot, { filter, enc, server }) {
    const hidden = filter.only !== null || filter.never.length > 0;
    const seen = snapshot.nodes.map((node) => ({
      ...node,
      values: hidden && node.origin === "given" ? filterFacts(node.values, filter) : node.values,
      server,
    }));
    const { nodes, unreadable: lost } = enc === null ? { nodes: seen, unreadable: [] } : classify({ ...snapshot, nodes: seen }, enc);
    return withNodes(snapshot, { nodes, lost, by: [filter, server, enc === null ? null : encId(enc)] });
  },

  readEnc,
  readStandIns,
  toStandIns,

  assume(certnames) {
    return toSnapshot([...new Set(certnames)].map(assumeOne));
  },
};

/** What a file of a folder says of its nodes. */
export async function readFacts(path: string): Promise<readonly Read[]> {
  const file = await readFactFileOf(path);
  if (file.ok) return readFactFile(path, file.content);
  return [{ path, certname: stemOf(path), ok: false, problem: file.problem }];
}

function assumeOne(certname: string): Read {
  const path = "the shipped facts";
  if (!isCertname(certname)) return { path, certname, ok: false, problem: badCertname("The main manifest", certname) };
  return { path, certname, ok: true, facts: assumedFacts(certname) };
}
