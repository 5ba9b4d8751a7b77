import { unknown, type Checked } from "../gate/facts.ts";
import { loadPolicy } from "../policy/load.ts";
import { defaultPolicy, type Policy } from "../policy/schema.ts";
import { check, type CheckPorts } from "./check.ts";
import type { Judge, JudgeRequest } from "./gate-ports.ts";
import type { Repository } from "./ports.ts";
import { policyPath } from "./subject.ts";

/** A copy of a repository that can be brought up to date. */
export interface Mirror extends Repository {
  fetch(refspecs: readonly string[]): Promise<void>;
}

export type MirrorJudgePorts = Omit<CheckPorts, "repository"> & { openMirror: (request: JudgeRequest) => Promise<Mirror> };

/**
 * Judges a change as the gate does: exactly these two commits are fetched by their ids into a mirror, and the one `check` that people run
 * on their clones runs on it. Nothing outside the commits is looked at: no work tree, no options.
 */
export function mirrorJudge(ports: MirrorJudgePorts): Judge {
  return async (request, signal) => {
    const { number, base, head } = request;
    const mirror = await ports.openMirror(request);
    try {
      await mirror.fetch([`${base.sha}:refs/puppet-gate/${number}/base`, `${head}:refs/puppet-gate/${number}/head`]);
      signal.throwIfAborted();
      const asked = { base: base.sha, head, facts: null, nodes: [], modulepath: null, policy: null };
      const report = await check(asked, { ...ports, repository: mirror }, { signal });
      const named = { ...report, base: { ref: base.ref, sha: base.sha }, head: { ref: `refs/pull/${number}/head`, sha: head } };
      return { report: named, ...(await besides(mirror, base.sha, report.tree)) };
    } finally {
      await mirror.close();
    }
  };
}

/** The rules of base, and what the change touches. `check` has refused a policy that does not load. */
async function besides(mirror: Mirror, base: string, tree: string | null): Promise<Omit<Checked, "report">> {
  const baseTree = await mirror.treeOf(await mirror.resolve(base));
  const changes = tree === null ? [] : await mirror.changes(baseTree, tree);
  const paths = changes.flatMap(({ path, oldPath }) => (oldPath === null ? [path] : [path, oldPath]));
  return {
    policy: await policyOf(mirror, baseTree),
    policyDigest: "",
    policyChange: "loosens",
    paths,
    links: [],
    codeowners: unknown("CODEOWNERS is not read yet"),
    patch: null,
    digest: "",
  };
}

async function policyOf(mirror: Mirror, baseTree: string): Promise<Policy> {
  const bytes = await mirror.read(baseTree, policyPath);
  if (bytes === null) return defaultPolicy;
  const loaded = loadPolicy(bytes.toString("utf8"), policyPath);
  if (!loaded.ok) throw new Error("a policy that was judged by does not load any more");
  return loaded.policy;
}
