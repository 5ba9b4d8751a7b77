import type { Why } from "./suspects.ts";

/** Why a commit is suspected, in words: fragments of sentences, with names as files and catalogs have them, so that each surface has to escape the whole. */

const nodesText = (count: number): string => `${count} ${count === 1 ? "node" : "nodes"}`;

const wrong: Readonly<Record<Why["trouble"], (what: string, nodes: string) => string>> = {
  "compile-failed": (_, nodes) => `${nodes} get no catalog`,
  "touched-failed": (what, nodes) => `${what} fails on ${nodes}`,
  "newly-failed": (what, nodes) => `${what} fails on ${nodes}`,
  "unexpected-change": (what, nodes) => `${what} changes on ${nodes}, which nobody expected`,
  "newly-silent": (_, nodes) => `${nodes} fell silent`,
  "catalog-differs": (_, nodes) => `${nodes} got another catalog than was expected`,
};

const relation: Readonly<Record<NonNullable<Why["clue"]>["by"], string>> = {
  event: "where it is declared",
  declared: "where it is declared",
  cause: "which its change comes from",
  compile: "where the compile breaks off",
  kind: "which changes nodes of this kind",
};

/** `File[/etc/motd] fails on 3 nodes: it wrote line 4 of manifests/site.pp, where it is declared`. */
export function whyText({ how, trouble, resource, nodes, clue }: Why): string {
  const what = wrong[trouble](resource ?? "something", nodesText(nodes));
  if (how === "release" || clue === null) return `${what}: nothing points to one commit, and it is in the release`;
  const { path, line, key, by } = clue;
  const place = `${line === null ? "" : `line ${line} of `}${path}${key === null ? "" : ` (${key})`}`;
  const did: Readonly<Record<Exclude<Why["how"], "release">, string>> = {
    line: `it wrote ${place}`,
    block: `it wrote lines that belong to ${place}`,
    pin: `it changed the Puppetfile's pin of the module that has ${path}`,
    file: `it changed ${path}`,
  };
  return `${what}: ${did[how]}, ${relation[by]}`;
}
