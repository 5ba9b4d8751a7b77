import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { diffDigest } from "../catalog/digest.ts";
import { known, unknown, type Checked, type Known, type PolicyText } from "../gate/facts.ts";
import type { Report } from "../gate/report.ts";
import { Problem } from "../problem.ts";
import type { Apart } from "./head-policy.ts";
import { policyChange, policyOf, readPolicyText } from "./layers.ts";
import type { Repository, TreeEntry } from "./ports/repository.ts";

/** A repository that can tell a patch by its digest. */
export interface Judged extends Repository {
  patch(base: string, head: string): Promise<string | null>;
}

/** What was checked, as commits, and the organisation's policy. */
export interface Subjects {
  base: string;
  head: string;
  organisation: PolicyText | null;
}

/** All that a verdict rests on besides the report: base's rules and owners, what the change touches, and the digests of what it is and does. A policy that it brings is read by `apart`. */
export async function besides(
  repository: Judged,
  { base, head, organisation }: Subjects,
  report: Report,
  apart: Apart,
): Promise<Omit<Checked, "report">> {
  const baseTree = await repository.treeOf(await repository.resolve(base));
  const own = await readPolicyText(repository, baseTree);
  const policy = policyOf(organisation, own);
  const touched = report.tree === null ? { paths: [], links: [] } : await touchedBy(repository, baseTree, report.tree);
  return {
    policy,
    policyDigest: digestOf([own?.text ?? null, organisation?.text ?? null]),
    policyChange: report.tree === null ? "same" : await policyChange(repository, report.tree, { policy, organisation, own, apart }),
    ...touched,
    codeowners: await codeownersOf(repository, baseTree),
    patch: await repository.patch(base, head),
    digest: diffDigest(report),
  };
}

/** sha256 of texts, each of which may be missing. */
export const digestOf = (texts: readonly (string | null)[]): string =>
  createHash("sha256")
    .update(canonicalize(texts.map((text) => text?.toWellFormed() ?? null)) ?? "", "utf8")
    .digest("hex");

/** Changed paths, old and new name of a rename; and of these the links, submodules and files whose mode is another one. */
export async function touchedBy(repository: Repository, baseTree: string, tree: string): Promise<{ paths: string[]; links: string[] }> {
  const changes = await repository.changes(baseTree, tree);
  const [before, after] = [modesOf(await repository.list(baseTree)), modesOf(await repository.list(tree))];
  const links = changes.filter(({ path, oldPath }) => {
    const modes = [before.get(oldPath ?? path), after.get(path)].filter((mode) => mode !== undefined);
    return modes.some((mode) => mode !== modes[0] || !mode.startsWith("100"));
  });
  return {
    paths: changes.flatMap(({ path, oldPath }) => (oldPath === null ? [path] : [path, oldPath])),
    links: links.map(({ path }) => path),
  };
}

const modesOf = (entries: readonly TreeEntry[]): ReadonlyMap<string, string> => new Map(entries.map(({ path, mode }) => [path, mode]));

/** In the order in which GitHub looks: https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners */
const codeownersPlaces = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];
/** GitHub loads none of that size, or larger. */
const mostBytes = 3_000_000;

/** Base's owners: the first file that is there. One that is a link governs nothing, and stands in the way of the others as it does on GitHub. */
async function codeownersOf(repository: Repository, tree: string): Promise<Known<PolicyText | null>> {
  const entries = new Map((await repository.list(tree)).map((entry) => [entry.path, entry]));
  for (const path of codeownersPlaces) {
    const entry = entries.get(path);
    if (entry === undefined) continue;
    if (!entry.mode.startsWith("100")) return known(null);
    if (entry.size >= mostBytes)
      return unknown(`${path} has 3 MB or more, which GitHub does not load: make it smaller`, `an owner of ${path}: make it smaller`);
    return readText(repository, tree, path);
  }
  return known(null);
}

async function readText(repository: Repository, tree: string, path: string): Promise<Known<PolicyText | null>> {
  try {
    const text = (await repository.read(tree, path))?.toString("utf8");
    return text === undefined ? unknown(`${path} could not be read`, again) : known({ path, text });
  } catch (error) {
    if (error instanceof Problem) return unknown(`${path} could not be read: ${error.text}`, again);
    throw error;
  }
}

/** It is kept with the check, which nothing does anew by itself. */
const again = "anybody with write access: say /recheck";
