import type { OpenChange } from "../engine/ports/forge.ts";
import type { Origin } from "../gate/event.ts";
import { placeOf, type Authenticate } from "./api.ts";
import { EndlessListError } from "./failure.ts";

const query = `query openChanges($owner: String!, $name: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequests(states: [OPEN], first: 100, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes {
        number
        updatedAt
        headRefOid
        baseRefName
        baseRef { target { oid } }
        commits(last: 1) { nodes { commit { statusCheckRollup { state } } } }
      }
    }
  }
}`;

interface Answer {
  repository: {
    pullRequests: {
      pageInfo: { hasNextPage: boolean; endCursor: string | null };
      nodes: readonly {
        number: number;
        updatedAt: string;
        headRefOid: string;
        baseRefName: string;
        baseRef: { target: { oid: string } | null } | null;
        commits: { nodes: readonly { commit: { statusCheckRollup: { state: string } | null } }[] };
      }[];
    };
  };
}

/** More than anybody has open at once: 10,000. */
const mostPages = 100;

/** All open pull requests of a repository: one GraphQL request for each hundred, where REST would take several for each. */
export async function readOpenChanges(authenticate: Authenticate, origin: Origin): Promise<OpenChange[]> {
  const { api, repo } = await placeOf(authenticate, origin);
  const all: OpenChange[] = [];
  let after: string | null = null;
  for (let page = 1; page <= mostPages; page += 1) {
    const answer: Answer = await api.graphql<Answer>(query, { owner: repo.owner, name: repo.repo, after });
    const { nodes, pageInfo } = answer.repository.pullRequests;
    all.push(...nodes.map(changeOf));
    if (!pageInfo.hasNextPage) return all;
    after = pageInfo.endCursor;
  }
  throw new EndlessListError(`GitHub lists more than ${mostPages * 100} open pull requests, which is more than is read`);
}

const changeOf = (node: Answer["repository"]["pullRequests"]["nodes"][number]): OpenChange => ({
  number: node.number,
  updatedAt: new Date(node.updatedAt).toISOString(),
  head: node.headRefOid,
  base: { ref: node.baseRefName, tip: node.baseRef?.target?.oid ?? null },
  checks: node.commits.nodes[0]?.commit.statusCheckRollup?.state ?? null,
});
