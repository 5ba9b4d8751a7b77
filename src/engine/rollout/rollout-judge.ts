import { Problem } from "../../problem.ts";
import type { Report } from "../../gate/report.ts";
import { digestOf } from "../besides.ts";
import { check, type CheckPorts, type CheckRequest } from "../check.ts";
import { memberOf } from "./member-of.ts";
import { withMirror } from "../with-mirror.ts";
import type { OpenMirror } from "../ports/mirror.ts";
import { fleetOf, openTrees, resolveSides } from "../ground.ts";
import { policyOf, readPolicyText } from "../layers.ts";
import type { MirrorJudgePorts } from "../mirror-judge.ts";
import { readOutside } from "../outside.ts";
import type { ModuleResolver } from "../ports/modules.ts";
import type { Repository } from "../ports/repository.ts";
import { readSubject } from "../subject.ts";
import { changesAgents, predictionOf } from "./prediction.ts";
import type { RolloutJudge, Surveyed } from "../ports/rollout.ts";
import type { Origin } from "../../gate/event.ts";

export interface RolloutJudgePorts extends Omit<MirrorJudgePorts, "openMirror" | "openModules" | "keptTrees" | "otherBuckets"> {
  openMirror: OpenMirror;
  openModules: (origin: Origin) => ModuleResolver;
}

/** Looks at commits of the base branch as a check does: the same nodes, the same compiles, the same words for what differs. */
export function rolloutJudge(ports: RolloutJudgePorts): RolloutJudge {
  const asked = (base: string, head: string): CheckRequest => ({
    base,
    head,
    facts: null,
    ...ports.site,
    nodes: [],
    modulepath: null,
    policy: null,
  });
  return {
    survey: ({ origin, commit, organisation }, signal) =>
      withMirror(ports.openMirror, origin, async (repository) => {
        const request = { ...asked(commit, commit), organisation };
        const on = { ...ports, repository, modules: ports.openModules(origin), name: String(origin.repository.id) };
        return surveyed(request, on, signal);
      }),
    predict: ({ origin, before, release, organisation }, signal) =>
      withMirror(ports.openMirror, origin, async (repository) => {
        const on = { ...ports, repository, modules: ports.openModules(origin), name: String(origin.repository.id) };
        const report = await check({ ...asked(before, release), organisation }, on, { signal });
        if (report.tree !== null) return predictionOf(report, await isBlind(repository, before, release, report));
        throw new Problem({
          code: "no-prediction",
          text: `What ${release} changes of ${before} can't be told: the two do not merge.`,
          hint: "A release is a commit of the base branch that has the lane's own commit behind it.",
        });
      }),
  };
}

async function isBlind(repository: Repository, before: string, release: string, { modules = [] }: Report): Promise<boolean> {
  const treeOf = async (ref: string): Promise<string> => repository.treeOf(await repository.resolve(ref));
  const changed = await repository.changes(await treeOf(before), await treeOf(release));
  return changesAgents(
    changed.flatMap(({ path, oldPath }) => (oldPath === null ? [path] : [path, oldPath])),
    modules,
  );
}

async function surveyed(request: CheckRequest, ports: CheckPorts, signal: AbortSignal): Promise<Surveyed> {
  const { repository, puppet } = ports;
  const organisation = request.organisation ?? null;
  const subject = await readSubject(repository, request, { given: null, organisation });
  const tree = subject.baseTree;
  const own = await readPolicyText(repository, tree);
  const policy = policyOf(organisation, own);
  const policyDigest = digestOf([own?.text ?? null, organisation?.text ?? null]);
  // Who has no lanes need not be asked for anything else.
  if (policy.lanes.length === 0) return { policy, policyDigest, members: [] };
  const outside = await readOutside(request, ports, subject, signal);
  const modules = await resolveSides(subject, tree, ports);
  const trees = await openTrees(subject, tree, request, ports, { standIns: outside.standIns, modules, versions: await puppet.versions() });
  try {
    const { snapshot } = await fleetOf({ subject, tree, request, ports, trees, outside });
    const [lost] = snapshot.unreadable;
    // Of whose lane nobody can tell: it could be in any.
    if (lost !== undefined) throw new Problem(lost.problem);
    return { policy, policyDigest, members: snapshot.nodes.map((node) => memberOf(node, policy)) };
  } finally {
    await trees.close();
  }
}
