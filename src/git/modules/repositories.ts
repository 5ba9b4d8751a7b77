import { join } from "node:path";

import type { ModuleHistory, ModuleSource, ResolvedModule, WantedModule } from "../../engine/ports/modules.ts";
import { Problem } from "../../problem.ts";
import { openMirror, type Mirror } from "../mirror.ts";
import { isPassing, moduleTooLarge, problem } from "../problems.ts";
import { addressOf, isAllowed } from "./address.ts";
import { findCached, folderName, keepModule } from "./cache.ts";

export interface GitModules {
  resolve(wanted: WantedModule, source: GitSource, sources: readonly string[]): Promise<ResolvedModule>;
  history(source: ModuleSource, from: string, to: string): Promise<ModuleHistory | null>;
}

type GitSource = Extract<ModuleSource, { kind: "git" }>;
type Refusal = Extract<ResolvedModule, { ok: false }>;

export interface GitModulesOptions {
  /** A folder of ours, which no change reaches. */
  cache: string;
  /** A token for an address, asked for at every fetch; null asks without one. */
  credentials: (url: string) => Promise<string | null>;
  /** The operator's patterns of addresses; null where there are none. */
  allowed: readonly string[] | null;
  /** Most bytes of one repository's mirror. */
  mostBytes: number;
}

/**
 * Modules from git: their repositories are mirrored as the control repo is (no hook, no filter, no configuration of anybody's), their
 * trees written out as git has them. One of these is for one check: each repository is fetched once in it, so that both sides of a
 * comparison see the same branches. A commit that was kept is not asked for again.
 */
export function createGitModules({ cache, credentials, allowed, mostBytes: mostOfMirror }: GitModulesOptions): GitModules {
  const fetched = new Map<string, Promise<void>>();

  const withMirror = async <T>(url: string, work: (mirror: Mirror) => Promise<T>): Promise<T> => {
    const folder = join(cache, "mirrors", `${folderName(url)}.git`);
    const mirror = await openMirror({ url, folder, credentials: () => credentials(url), mostBytes: mostOfMirror });
    try {
      return await work(mirror);
    } finally {
      await mirror.close();
    }
  };

  const fetchOnce = (url: string, mirror: Mirror): Promise<void> => {
    // Both sides of a comparison see the same refusal, too.
    const before = fetched.get(url) ?? mirror.fetchPublished();
    fetched.set(url, before);
    return before;
  };

  const resolve: GitModules["resolve"] = async ({ name }, { url: written, point }, sources) => {
    const url = addressOf(written);
    if (url === null) return badAddress(written);
    if (!isAllowed(url, [sources, ...(allowed ? [allowed] : [])])) return notAllowed(url);
    try {
      const kept = point?.kind === "commit" ? await findCached(cache, url, point.name, name) : null;
      if (kept !== null && point !== null) return { ok: true, id: point.name, version: short(point.name), moves: false, ...kept };
      return await withMirror(url, async (mirror): Promise<ResolvedModule> => {
        await fetchOnce(url, mirror);
        const found = await find(mirror, url, point);
        if ("ok" in found) return found;
        const { commit, version, moves } = found;
        const there = await findCached(cache, url, commit, name);
        const content =
          there ??
          (await keepModule(cache, { source: url, id: commit, name }, async (folder) => {
            const tree = await mirror.treeOf({ ref: commit, sha: commit, oid: commit });
            const entries = await mirror.list(tree);
            const bytes = entries.reduce((sum, { size }) => sum + size, 0);
            if (bytes > mostBytes) throw problem(moduleTooLarge(url, commit, bytes, mostBytes));
            await mirror.export(tree, folder);
            return entries.filter(({ mode }) => mode === "160000");
          }));
        return { ok: true, id: commit, version, moves, ...content };
      });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return { ok: false, text: error.text, hint: error.hint, ...(isPassing(error) ? { passing: true } : {}) };
    }
  };

  return {
    resolve,
    history: async (source, from, to) => {
      const url = source.kind === "git" ? addressOf(source.url) : null;
      if (url === null) return null;
      return withMirror(url, async (mirror) => {
        // What was kept may have come without a mirror that still has it.
        if (!(await mirror.isPublished(from)) || !(await mirror.isPublished(to))) return null;
        return mirror.distance(from, to);
      });
    },
  };
}

/** A few kilobytes can be a terabyte once they are written out: one blob under many names. */
const mostBytes = 2 ** 29;

interface Found {
  commit: string;
  version: string;
  moves: boolean;
}

const short = (commit: string): string => commit.slice(0, 10);

/** What a point of a Puppetfile means in a repository, and whether it may mean something else tomorrow. */
async function find(mirror: Mirror, url: string, point: GitSource["point"]): Promise<Found | Refusal> {
  if (point === null) {
    const branch = await mirror.defaultBranch();
    const commit = await mirror.published(branch);
    if (commit === null) return noSuchPoint(url, branch);
    return { commit, version: `${branch.replace("refs/heads/", "")} (${short(commit)})`, moves: true };
  }
  const { kind, name } = point;
  if (kind === "commit" || (kind === "ref" && /^[0-9a-f]{40}$/u.test(name))) {
    if (await mirror.isPublished(name)) return { commit: name, version: short(name), moves: false };
    return notPublished(url, name);
  }
  const tag = kind === "branch" ? null : await mirror.published(`refs/tags/${name}`);
  if (tag !== null) return { commit: tag, version: `${name} (${short(tag)})`, moves: false };
  const branch = kind === "tag" ? null : await mirror.published(`refs/heads/${name}`);
  if (branch !== null) return { commit: branch, version: `${name} (${short(branch)})`, moves: true };
  return noSuchPoint(url, name);
}

const refusal = (text: string, hint: string): Refusal => ({ ok: false, text, hint });

const badAddress = (written: string): Refusal =>
  refusal(
    `${JSON.stringify(written.slice(0, 200))} is no address that a module is fetched from`,
    "Name its repository as https://HOST/OWNER/NAME.git, without user or password.",
  );

const notAllowed = (url: string): Refusal =>
  refusal(
    `the policy of base does not let ${url} be asked`,
    "Add it to `modules.sources` in .github/puppet-gate.yml (and to PUPPET_GATE_MODULE_SOURCES of the server, where that is set), or vendor the module.",
  );

const noSuchPoint = (url: string, name: string): Refusal =>
  refusal(`${url} has no branch or tag ${JSON.stringify(name.slice(0, 200))}`, "Name one that it has, or a commit by its full id.");

const notPublished = (url: string, commit: string): Refusal => ({
  ...refusal(
    `no branch or tag of ${url} has the commit ${commit}: it may be anybody's, of a fork`,
    "Have it merged or tagged in that repository, or pin a commit that is.",
  ),
  unpublished: true,
});
