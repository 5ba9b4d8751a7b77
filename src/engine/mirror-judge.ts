import { Problem } from "../problem.ts";
import { besides, type Judged } from "./besides.ts";
import { check, type CheckPorts } from "./check.ts";
import type { Judge, JudgeRequest } from "./ports/judge.ts";
import type { KeptTrees } from "./kept-trees.ts";
import type { ModuleResolver } from "./ports/modules.ts";
import type { SharesRecords } from "./rollout/shares.ts";

/** A copy of a repository that can be brought up to date. */
export interface Mirror extends Judged {
  /** Fetches commits by their ids and keeps them for a change. Gives those that the remote has no more. */
  keep(number: number, commits: readonly string[]): Promise<string[]>;
  /** Where branches of the remote are now; absent where it can't be asked. */
  heads?(branches: readonly string[]): Promise<{ tips: ReadonlyMap<string, string | null> }>;
}

export interface MirrorJudgePorts extends Omit<CheckPorts, "repository" | "modules" | "name" | "keep" | "keptBuckets"> {
  openMirror: (request: JudgeRequest) => Promise<Mirror>;
  openModules: (request: JudgeRequest) => ModuleResolver;
  /** Where trees of base branches stay open from check to check; absent: none does. */
  keptTrees?: KeptTrees;
  /** The shares of nodes, as rollouts keep them; absent: by their certnames alone. */
  otherBuckets?: SharesRecords["otherBuckets"];
  /** What the server was told to use instead of what policies say: absolute paths. */
  site?: { readonly facts: string | null; readonly enc: string | null; readonly standIns: string | null };
}

/**
 * Judges a change as the gate does: exactly these two commits are fetched by their ids into a mirror, and the one `check` that people run
 * on their clones runs on it. Nothing outside the commits is looked at but what the server's own settings name: no work tree, no options.
 */
export function mirrorJudge(ports: MirrorJudgePorts): Judge {
  return async (request, signal) => {
    const { number, base, head, organisation } = request;
    const mirror = await ports.openMirror(request);
    try {
      const [gone] = await mirror.keep(number, [base.sha, head]);
      if (gone !== undefined) throw commitGone(gone);
      signal.throwIfAborted();
      const asked = { base: base.sha, head, facts: null, ...ports.site, nodes: [], modulepath: null, policy: null, organisation };
      const branch = `${request.origin.repository.id} ${base.ref}`;
      const keep = ports.keptTrees === undefined ? null : { trees: ports.keptTrees, branch };
      const report = await check(
        asked,
        {
          ...ports,
          keep,
          laneTips: async (branches) => (await mirror.heads?.(branches))?.tips ?? new Map(),
          keptBuckets: async (now) => (await ports.otherBuckets?.(request.origin.repository.id, now)) ?? new Map(),
          repository: mirror,
          modules: ports.openModules(request),
          name: String(request.origin.repository.id),
        },
        { signal },
      );
      const apart = { start: ports.startEvaluator ?? null, signal };
      const named = { ...report, base: { ref: base.ref, sha: base.sha }, head: { ref: `refs/pull/${number}/head`, sha: head } };
      return { report: named, ...(await besides(mirror, { base: base.sha, head, organisation }, report, apart)) };
    } finally {
      await mirror.close();
    }
  };
}

const commitGone = (sha: string): Problem =>
  new Problem({
    code: "unknown-ref",
    text: `The repository has no commit ${sha}.`,
    hint: "It was deleted there; push again, and what is there by then is checked.",
  });
