import canonicalize from "canonicalize";
import { Problem } from "../../problem.ts";
import type { CheckPorts, CheckRequest } from "../check.ts";
import { fleetOf, openTrees, resolveSides } from "../ground.ts";
import { withMirror } from "../with-mirror.ts";
import type { OpenMirror } from "../ports/mirror.ts";
import type { NightJudge, NightProven, NightRequest } from "../ports/night.ts";
import { openKept } from "../kept/open-kept.ts";
import type { MirrorJudgePorts } from "../mirror-judge.ts";
import { readOutside } from "../outside.ts";
import type { CompileCache } from "../ports/cache.ts";
import type { ModuleResolver } from "../ports/modules.ts";
import { readSubject } from "../subject.ts";
import { prove } from "./prove.ts";

export interface NightJudgePorts extends Omit<
  MirrorJudgePorts,
  "openMirror" | "openModules" | "cache" | "keptTrees" | "otherBuckets" | "today"
> {
  openMirror: OpenMirror;
  openModules: (origin: NightRequest["origin"]) => ModuleResolver;
  cache: CompileCache;
}

/**
 * Compiles the tip of a branch in a sandbox of its own, as every check has base compiled, and compares with what is kept of it. What was kept is
 * marked as not to be trusted where it differs by more than chance, before anything of that is told.
 */
export function nightJudge(ports: NightJudgePorts): NightJudge {
  return (request, on) =>
    withMirror(ports.openMirror, request.origin, async (repository) => {
      const sha = await repository.tipOf(request.branch);
      const name = String(request.origin.repository.id);
      // Nothing that depends on the day is judged here.
      return proveTip(request, sha, { ...ports, repository, modules: ports.openModules(request.origin), today: () => "", name }, on);
    });
}

async function proveTip(
  { after, organisation }: NightRequest,
  sha: string,
  ports: CheckPorts & { cache: CompileCache; site?: MirrorJudgePorts["site"] },
  { mayGoOn, signal }: Parameters<NightJudge>[1],
): Promise<NightProven> {
  const { repository, puppet, cache, cores } = ports;
  const asked: CheckRequest = { base: sha, head: sha, facts: null, ...ports.site, nodes: [], modulepath: null, policy: null, organisation };
  const subject = await readSubject(repository, asked, { given: null, organisation });
  const tree = subject.baseTree;
  const outside = await readOutside(asked, ports, subject, signal);
  const modules = await resolveSides(subject, tree, ports);
  const [refused] = [...modules.base.outside.values()].flatMap(({ resolved }) => (resolved?.ok === false ? [resolved] : []));
  if (refused !== undefined) throw new Problem({ code: "modules", text: refused.text, hint: refused.hint });
  const standIns = outside.standIns;
  const versions = await puppet.versions();
  // None that is open still from a check: what that left behind in its processes is not to be believed here.
  const trees = await openTrees(subject, tree, asked, { ...ports, keep: null }, { standIns, modules, versions });
  try {
    const fleet = await fleetOf({ subject, tree, request: asked, ports, trees, outside });
    const kind = [ports.name, canonicalize(versions) ?? ""] as const;
    const { limits } = subject.policy.compile;
    const { kept, distrust } = await openKept({ repository, puppet, trees, cache, kind, limits, standIns: standIns?.id ?? null });
    if (kept.distrusted !== null) return { sha, after: null, verdicts: 0, missed: [] };
    const proven = await prove({ kept, nodes: fleet.snapshot.nodes, after, open: trees.base.open, mayGoOn, cores, signal });
    const [first] = proven.missed;
    if (first !== undefined) await distrust(missedWords(first.certname, proven.missed.length));
    return { sha, ...proven };
  } finally {
    await trees.close();
  }
}

const missedWords = (certname: string, count: number): string =>
  `the nightly compile of base found another catalog than the kept one of ${certname}${count > 1 ? ` and ${count - 1} more` : ""}`;
