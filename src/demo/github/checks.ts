import { suiteStanding } from "./check-standing.ts";
import type { CheckSuite } from "./commit-records.ts";
import { checkRunChanged } from "./events.ts";
import { suiteChanged } from "./report-events.ts";
import type { Account, CheckRun, Repo } from "./state.ts";
import { stamp, type World } from "./world.ts";

/** Making check runs and suites, whoever asks for it: an App by the API, or a workflow of a story. */

/** The suite that an App's runs on a commit share; made where there is none. Those of workflow runs stand apart. */
export function suiteOf(world: World, repo: Repo, appId: number, headSha: string): CheckSuite {
  const known = repo.suites
    .values()
    .find(
      (suite) =>
        suite.appId === appId && suite.headSha === headSha && !repo.workflowRuns.values().some(({ suiteId }) => suiteId === suite.id),
    );
  return known ?? createSuite(world, repo, appId, headSha);
}

export function createSuite(world: World, repo: Repo, appId: number, headSha: string): CheckSuite {
  const at = stamp(world);
  const [branch] = [...repo.refs].find(([, sha]) => sha === headSha) ?? [];
  const suite = { id: world.state.ids.next(), appId, headSha, headBranch: branch ?? null, createdAt: at, updatedAt: at };
  repo.suites.set(suite.id, suite);
  return suite;
}

/** A run as it begins: queued, and without a word. */
export function newRun(world: World, suite: CheckSuite, name: string): CheckRun {
  return {
    id: world.state.ids.next(),
    appId: suite.appId,
    suiteId: suite.id,
    name,
    headSha: suite.headSha,
    status: "queued",
    conclusion: null,
    startedAt: stamp(world),
    completedAt: null,
    externalId: null,
    detailsUrl: null,
    output: { title: null, summary: null, text: null },
    annotations: [],
    actions: [],
  };
}

/** Tells of a new run, and of its end where it has ended already. */
export async function runCreated(world: World, repo: Repo, run: CheckRun, by: Account): Promise<void> {
  repo.checkRuns.set(run.id, run);
  checkRunChanged(world, repo, run, by, { action: "created" });
  if (run.status === "completed") await runCompleted(world, repo, run, by);
}

/** Tells of a run's end, and of its suite's, where it was the last. */
export async function runCompleted(world: World, repo: Repo, run: CheckRun, by: Account): Promise<void> {
  checkRunChanged(world, repo, run, by, { action: "completed" });
  const suite = repo.suites.get(run.suiteId);
  if (suite === undefined) return;
  suite.updatedAt = stamp(world);
  if (suiteStanding(repo, suite).status === "completed") await suiteChanged(world, repo, suite, by, "completed");
}
