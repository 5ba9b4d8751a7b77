import type { LintComparison } from "../../catalog/lint-debt.ts";
import type { CheckPorts, CheckRequest } from "../check.ts";
import type { Fleet } from "../fleet.ts";
import type { ChangedFile } from "../ports/repository.ts";
import type { Subject } from "../subject.ts";
import { isAsked, lookAtPreconditions, type PreconditionsFound, weighed } from "./look.ts";
import { movesOf } from "./moves.ts";

export interface ChangeToLookAt {
  subject: Subject;
  /** Of the merge result. */
  tree: string;
  request: CheckRequest;
  ports: CheckPorts;
  changed: readonly ChangedFile[];
  fleet: Fleet;
  /** What the parsers of changed files say for lanes. */
  lanes: LintComparison;
  run: { signal: AbortSignal | undefined };
}

/** What lanes ask of a change: of its files, of the Puppetfile and environment.conf, and which nodes it takes to another lane. */
export async function preconditionsOf({
  subject,
  tree,
  request,
  ports,
  changed,
  fleet,
  lanes,
  run,
}: ChangeToLookAt): Promise<PreconditionsFound> {
  const { repository, puppet } = ports;
  const { policy, baseTree } = subject;
  const moves = await movesOf(
    {
      repository,
      tree,
      policy,
      changed,
      organisation: request.organisation ?? null,
      tips: ports.laneTips ?? null,
      buckets: ports.keptBuckets ?? null,
      apart: { start: ports.startEvaluator ?? null, signal: run.signal },
    },
    fleet.snapshot.nodes,
  );
  // Of a part of the fleet, or of nodes that nobody knows, a lane may look empty that is not.
  const isPart = fleet.assumed || request.nodes.length > 0;
  const told = isPart ? moves.filter(({ code }) => code !== "lane-fault") : moves;
  if (!isAsked(policy)) return { findings: told, debt: 0 };
  const looked = await lookAtPreconditions({ repository, base: baseTree, merged: tree, changed }, policy, puppet);
  return { findings: [...looked.findings, ...weighed(lanes.introduced, policy), ...told], debt: looked.debt + lanes.debt };
}
