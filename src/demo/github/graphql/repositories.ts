import { fullName } from "../lookup.ts";
import { nodeId } from "../shapes/account.ts";
import { repoPage } from "../shapes/repository.ts";
import type { Pull, Repo } from "../state.ts";
import { actorObject } from "./actors.ts";
import { demandGrant, refusal, type Asked } from "./asked.ts";
import { gitObject, refObject } from "./commits.ts";
import { connection, type PageArguments } from "./connection.ts";
import { pullObject, stateOf } from "./pulls.ts";

interface PullArguments extends PageArguments {
  states?: string[] | null;
  headRefName?: string | null;
  baseRefName?: string | null;
  orderBy?: { field: "CREATED_AT" | "UPDATED_AT" | "COMMENTS"; direction: "ASC" | "DESC" } | null;
}

export function repositoryObject(asked: Asked, repo: Repo) {
  const { world } = asked;
  return {
    __typename: "Repository",
    id: nodeId("R", repo.id),
    databaseId: repo.id,
    name: repo.name,
    nameWithOwner: fullName(world.state, repo),
    owner: () => actorObject(asked, repo.ownerId),
    isPrivate: repo.private,
    url: repoPage(world, repo),
    defaultBranchRef: async () => refObject(asked, repo, `refs/heads/${repo.defaultBranch}`),
    ref: async ({ qualifiedName: name }: { qualifiedName: string }) =>
      refObject(asked, repo, name.startsWith("refs/") ? name : `refs/heads/${name}`),
    object: async ({ oid, expression }: { oid?: string | null; expression?: string | null }) =>
      gitObject(asked, repo, oid ?? expression ?? ""),
    pullRequest: ({ number }: { number: number }) => {
      demandGrant(asked, repo, "pull_requests:read");
      const pull = repo.pulls.get(number);
      if (pull === undefined) throw refusal("NOT_FOUND", `Could not resolve to a PullRequest with the number of ${number}.`);
      return pullObject(asked, pull);
    },
    pullRequests: (wanted: PullArguments) => {
      demandGrant(asked, repo, "pull_requests:read");
      return connection("pullRequests", found(repo, wanted), wanted, (pull) => pullObject(asked, pull));
    },
  };
}

function found(repo: Repo, { states, headRefName, baseRefName, orderBy }: PullArguments): Pull[] {
  const fits = (pull: Pull): boolean =>
    (states?.includes(stateOf(pull)) ?? true) &&
    pull.head.ref === (headRefName ?? pull.head.ref) &&
    pull.base.ref === (baseRefName ?? pull.base.ref);
  const list = [...repo.pulls.values()].filter(fits);
  if (orderBy?.field === "UPDATED_AT") list.sort((a, b) => (a.updatedAt < b.updatedAt ? -1 : Number(a.updatedAt > b.updatedAt)));
  return orderBy?.direction === "DESC" ? list.reverse() : list;
}
