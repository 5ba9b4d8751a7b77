import { known, unknown, type CheckFacts, type Known } from "../gate/facts.ts";
import { everyPage, onHead, type Place } from "./api.ts";
import { learn } from "./failure.ts";

/** What others reported on a head. */

/** GitHub Actions as an App: its check runs alone come from workflow files. Its id is another one on every Enterprise Server. */
const actionsSlug = "github-actions";

interface RawRun {
  id: number;
  name: string;
  status: string;
  conclusion: string | null;
  started_at: string | null;
  app: { id: number; slug?: string | undefined } | null;
  check_suite: { id: number } | null;
}

/** Check runs of every App but our own, and commit statuses: of each name, app and workflow the newest, newest first. */
export const readChecks = (place: Place, ownApp: number, head: string): Promise<Known<readonly CheckFacts[]>> =>
  learn(
    async () => {
      const [runs, statuses] = await Promise.all([readRuns(place, ownApp, head), readStatuses(place, head)]);
      return [...runs, ...statuses];
    },
    {
      403: unknown(
        'GitHub does not let the App see what was reported on this head: grant it "Checks: write" and "Commit statuses: read"',
        'an administrator: grant the App "Checks: write" and "Commit statuses: read"',
      ),
    },
  );

async function readRuns(place: Place, ownApp: number, head: string): Promise<CheckFacts[]> {
  const { api, repo } = place;
  const listed = await everyPage(
    onHead("check runs"),
    async (page): Promise<{ data: RawRun[]; headers: { link?: string | undefined } }> => {
      const { data, headers } = await api.rest.checks.listForRef({ ...repo, ref: head, filter: "latest", ...page });
      return { data: data.check_runs, headers };
    },
  );
  const runs = listed.filter(({ app }) => app?.id !== ownApp).toSorted((a, b) => b.id - a.id);
  const workflows = runs.some(isOfActions) ? await workflowsBySuite(place, head) : known(new Map<number, string>());
  const facts = runs.map((run) => runFacts(run, workflows));
  return [...new Map(facts.toReversed().map((fact) => [JSON.stringify([fact.name, fact.app, fact.workflow]), fact])).values()].toReversed();
}

const isOfActions = ({ app }: RawRun): boolean => app?.slug === actionsSlug;

function runFacts(run: RawRun, workflows: Known<ReadonlyMap<number, string>>): CheckFacts {
  const isDone = run.status === "completed";
  return {
    name: run.name,
    app: run.app?.id ?? null,
    state: isDone ? "completed" : "running",
    conclusion: isDone ? run.conclusion : null,
    startedAt: run.started_at === null ? null : new Date(run.started_at).toISOString(),
    workflow: isOfActions(run) ? workflowOf(run, workflows) : known(null),
  };
}

function workflowOf({ check_suite }: RawRun, workflows: Known<ReadonlyMap<number, string>>): Known<string> {
  if (!workflows.known) return workflows;
  const path = workflows.value.get(check_suite?.id ?? 0);
  return path === undefined ? unknown("GitHub names no workflow run that this check run is of") : known(path);
}

/**
 * Path of the workflow file by check suite. Where the file is of a certain commit, GitHub writes `PATH@REF`.
 * https://docs.github.com/en/rest/actions/workflow-runs#list-workflow-runs-for-a-repository
 */
const workflowsBySuite = ({ api, repo }: Place, head: string): Promise<Known<ReadonlyMap<number, string>>> =>
  learn(
    async () => {
      const runs = await everyPage(onHead("workflow runs"), async (page) => {
        const { data, headers } = await api.rest.actions.listWorkflowRunsForRepo({ ...repo, head_sha: head, ...page });
        return { data: data.workflow_runs, headers };
      });
      return new Map(
        runs.flatMap(({ check_suite_id, path }) => (check_suite_id === undefined ? [] : [[check_suite_id, path.replace(/@.*$/u, "")]])),
      );
    },
    {
      403: unknown(
        'GitHub does not let the App see workflow runs: grant it the permission "Actions: read"',
        'an administrator: grant the App "Actions: read"',
      ),
    },
  );

const conclusionOfStatus: Readonly<Record<string, string>> = { success: "success", failure: "failure", error: "failure" };

/** GitHub's summary names the newest status of each context. Who reported one is told as an account, which says nothing about the App. */
async function readStatuses({ api, repo }: Place, head: string): Promise<CheckFacts[]> {
  const statuses = await everyPage(onHead("commit statuses"), async (page) => {
    const { data, headers } = await api.rest.repos.getCombinedStatusForRef({ ...repo, ref: head, ...page });
    return { data: data.statuses, headers };
  });
  return statuses.map(({ context, state, created_at }) => {
    const conclusion = conclusionOfStatus[state] ?? null;
    return {
      name: context,
      app: null,
      state: conclusion === null ? "running" : "completed",
      conclusion,
      startedAt: new Date(created_at).toISOString(),
      workflow: known(null),
    };
  });
}
