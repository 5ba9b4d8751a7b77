import { latestRuns, latestStatuses, rollupOf } from "../check-standing.ts";
import type { CommitStatus } from "../commit-records.ts";
import { commitOf, runGit } from "../git.ts";
import { readCommit, type CommitData } from "../history.ts";
import { must } from "../lookup.ts";
import { nodeId } from "../shapes/account.ts";
import { checkRunShape } from "../shapes/check-run.ts";
import type { CheckRun, Repo } from "../state.ts";
import { actorObject, appObject } from "./actors.ts";
import { demandGrant, type Asked } from "./asked.ts";
import { connection, type PageArguments } from "./connection.ts";

/** Refs, commits and what is reported of them. What git must be asked for is asked only where a query wants it. */

/** @param name in full: `refs/heads/main` */
export async function refObject(asked: Asked, repo: Repo, name: string) {
  demandGrant(asked, repo, "contents:read");
  const prefix = /^refs\/[^/]+\//.exec(name)?.[0] ?? "refs/";
  const known = name.startsWith("refs/heads/") ? repo.refs.get(name.slice("refs/heads/".length)) : undefined;
  const oid = known ?? (await commitOf(repo.folder, name));
  if (oid === null) return null;
  return {
    __typename: "Ref",
    id: nodeId(`REF_${Buffer.from(name).toString("base64url")}`, repo.id),
    name: name.slice(prefix.length),
    prefix,
    target: commitObject(asked, repo, oid),
  };
}

export function commitObject(asked: Asked, repo: Repo, oid: string, data?: CommitData) {
  let reading: Promise<CommitData> | undefined;
  const read = async (): Promise<CommitData> => data ?? (reading ??= readCommit(repo.folder, oid));
  return {
    __typename: "Commit",
    id: nodeId(`C_${oid.slice(0, 12)}`, repo.id),
    oid,
    abbreviatedOid: oid.slice(0, 7),
    message: async () => (await read()).message,
    messageHeadline: async () => (await read()).message.split("\n")[0],
    authoredDate: async () => (await read()).author.date,
    committedDate: async () => (await read()).committer.date,
    tree: async () => treeObject((await read()).tree),
    parents: async (page: PageArguments) =>
      connection("parents", (await read()).parents, page, (parent) => commitObject(asked, repo, parent)),
    statusCheckRollup: () => rollupObject(asked, repo, oid),
  };
}

const treeObject = (oid: string) => ({ __typename: "Tree", id: `T_${oid}`, oid, abbreviatedOid: oid.slice(0, 7) });

/** What `object(expression:)` and `object(oid:)` find: commits and trees. */
export async function gitObject(asked: Asked, repo: Repo, name: string) {
  demandGrant(asked, repo, "contents:read");
  const found = await runGit(repo.folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", name], { accept: [1, 128] });
  if (found.code !== 0) return null;
  const oid = found.stdout.toString("utf8").trim();
  const type = (await runGit(repo.folder, ["cat-file", "-t", oid])).stdout.toString("utf8").trim();
  if (type === "tree") return treeObject(oid);
  return type === "commit" ? commitObject(asked, repo, oid) : null;
}

function rollupObject(asked: Asked, repo: Repo, oid: string) {
  demandGrant(asked, repo, "checks:read", "statuses:read");
  const state = rollupOf(repo, oid);
  if (state === null) return null;
  const reports = [
    ...latestRuns(repo, oid).map((run) => () => checkRunObject(asked, repo, run)),
    ...latestStatuses(repo, oid).map((status) => () => statusObject(asked, status)),
  ];
  return { state, contexts: (page: PageArguments) => connection("contexts", reports, page, (build) => build()) };
}

export function checkRunObject(asked: Asked, repo: Repo, run: CheckRun) {
  const shape = checkRunShape(asked.world, repo, run);
  const workflow = repo.workflowRuns.values().find(({ suiteId }) => suiteId === run.suiteId);
  return {
    __typename: "CheckRun",
    id: shape.node_id,
    databaseId: run.id,
    name: run.name,
    status: run.status.toUpperCase(),
    conclusion: run.conclusion?.toUpperCase() ?? null,
    startedAt: run.startedAt,
    completedAt: run.completedAt,
    detailsUrl: shape.details_url,
    externalId: run.externalId,
    checkSuite: {
      __typename: "CheckSuite",
      id: nodeId("CS", run.suiteId),
      databaseId: run.suiteId,
      app: appObject(asked, run.appId),
      workflowRun:
        workflow === undefined
          ? null
          : {
              __typename: "WorkflowRun",
              id: nodeId("WFR", workflow.id),
              databaseId: workflow.id,
              event: workflow.event,
              runNumber: workflow.number,
              file: { path: workflow.path },
            },
    },
  };
}

function statusObject(asked: Asked, status: CommitStatus) {
  return {
    __typename: "StatusContext",
    id: nodeId("SC", status.id),
    context: status.context,
    state: status.state.toUpperCase(),
    description: status.description,
    targetUrl: status.targetUrl,
    createdAt: status.createdAt,
    creator: actorObject(asked, must(asked.world.state.accounts, status.creatorId).id),
  };
}
