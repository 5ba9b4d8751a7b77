import { createHash } from "node:crypto";
import { dirname } from "node:path/posix";
import canonicalize from "canonicalize";
import { diffDigest } from "../catalog/digest.ts";
import { known, unknown, type Checked, type Known, type PolicyText } from "../gate/facts.ts";
import type { Report } from "../gate/report.ts";
import { loadPolicy } from "../policy/load.ts";
import { defaultPolicy, type Policy } from "../policy/schema.ts";
import { Problem } from "../problem.ts";
import type { Repository, TreeEntry } from "./ports.ts";
import { policyPath } from "./subject.ts";

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

/** All that a verdict rests on besides the report: base's rules and owners, what the change touches, and the digests of what it is and does. */
export async function besides(
  repository: Judged,
  { base, head, organisation }: Subjects,
  report: Report,
): Promise<Omit<Checked, "report">> {
  const baseTree = await repository.treeOf(await repository.resolve(base));
  const before = await policyTextOf(repository, baseTree);
  const touched = report.tree === null ? { paths: [], links: [] } : await touchedBy(repository, baseTree, report.tree);
  return {
    policy: policyOf(before),
    policyDigest: digestOf([before, organisation?.text ?? null]),
    organisationDigest: organisation === null ? null : digestOf([organisation.text]),
    policyChange: report.tree === null ? "same" : await policyChange(repository, before, report.tree),
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

async function policyTextOf(repository: Repository, tree: string): Promise<string | null> {
  return (await repository.read(tree, policyPath))?.toString("utf8") ?? null;
}

/** The rules of base. `check` has refused a policy that does not load. */
function policyOf(text: string | null): Policy {
  if (text === null) return defaultPolicy;
  const loaded = loadPolicy(text, policyPath);
  if (!loaded.ok) throw new Error("a policy that was judged by does not load any more");
  return loaded.policy;
}

/** Only what is provably no weaker is anything but a loosening. */
async function policyChange(repository: Repository, before: string | null, tree: string): Promise<Checked["policyChange"]> {
  const inTheWay = (await repository.list(tree)).some(({ path, mode }) => isPolicyPlace(path) && !mode.startsWith("100"));
  return !inTheWay && before === (await policyTextOf(repository, tree)) ? "same" : "loosens";
}

const isPolicyPlace = (path: string): boolean => path === policyPath || path === dirname(policyPath);

/** Changed paths, old and new name of a rename; and of these the links, submodules and files whose mode is another one. */
async function touchedBy(repository: Repository, baseTree: string, tree: string): Promise<{ paths: string[]; links: string[] }> {
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
/** GitHub does not load a larger one. */
const mostBytes = 3 * 2 ** 20;

/** Base's owners: the first file that is there. One that is a link governs nothing, and stands in the way of the others as it does on GitHub. */
async function codeownersOf(repository: Repository, tree: string): Promise<Known<PolicyText | null>> {
  const entries = new Map((await repository.list(tree)).map((entry) => [entry.path, entry]));
  for (const path of codeownersPlaces) {
    const entry = entries.get(path);
    if (entry === undefined) continue;
    if (!entry.mode.startsWith("100")) return known(null);
    if (entry.size > mostBytes) return unknown(`${path} is larger than 3 MB, which GitHub does not load: make it smaller`);
    return readText(repository, tree, path);
  }
  return known(null);
}

async function readText(repository: Repository, tree: string, path: string): Promise<Known<PolicyText | null>> {
  try {
    const text = (await repository.read(tree, path))?.toString("utf8");
    return text === undefined ? unknown(`${path} could not be read`) : known({ path, text });
  } catch (error) {
    if (error instanceof Problem) return unknown(`${path} could not be read: ${error.text}`);
    throw error;
  }
}
