import { expect, test } from "vitest";
import { createOctokit, openChange, repo, setStage, type Stage } from "./stage.ts";

/** GraphQL as Octokit asks it: in process and over HTTP, with GitHub's shapes of data and errors. */

const zero = "0".repeat(40);

const move = `mutation ($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }`;

async function tipOf(stage: Stage, branch: string): Promise<string | null> {
  const { octokit } = stage;
  const query = `query ($owner: String!, $repo: String!, $ref: String!) { repository(owner: $owner, name: $repo) { ref(qualifiedName: $ref) { target { oid } } } }`;
  const data = await octokit().graphql<{ repository: { ref: { target: { oid: string } } | null } }>(query, {
    ...repo,
    ref: `refs/heads/${branch}`,
  });
  return data.repository.ref?.target.oid ?? null;
}

async function repositoryId(stage: Stage): Promise<string> {
  return (await stage.octokit().rest.repos.get(repo)).data.node_id;
}

interface Update {
  name: string;
  afterOid: string;
  beforeOid?: string;
  force?: boolean;
}

async function updateRefs(stage: Stage, refUpdates: Update[]): Promise<unknown> {
  return stage.octokit().graphql(move, { input: { repositoryId: await repositoryId(stage), clientMutationId: "once", refUpdates } });
}

/** A commit that lands the pull request on the base's tip, as a gate makes it. */
async function makeLanding(stage: Stage, base: string, head: string): Promise<string> {
  const octokit = stage.octokit();
  const merge = await octokit.rest.git.getCommit({ ...repo, commit_sha: head });
  const { data } = await octokit.rest.git.createCommit({ ...repo, message: "Land", tree: merge.data.tree.sha, parents: [base, head] });
  return data.sha;
}

test("updateRefs lands a commit made by the API: the pull request is merged by the App, and everybody is told", async () => {
  const stage = await setStage();
  const { number, head } = await openChange(stage);
  const base = (await tipOf(stage, "main")) ?? "";
  const landing = await makeLanding(stage, base, head);
  await stage.github.settled();
  stage.received.length = 0;
  const done = await updateRefs(stage, [
    { name: "refs/heads/main", beforeOid: base, afterOid: landing },
    { name: "refs/heads/change", beforeOid: head, afterOid: zero },
  ]);
  expect(done).toEqual({ updateRefs: { clientMutationId: "once" } });
  expect([await tipOf(stage, "main"), await tipOf(stage, "change")]).toEqual([landing, null]);
  const { data } = await stage.octokit().rest.pulls.get({ ...repo, pull_number: number });
  expect(data).toMatchObject({ merged: true, merge_commit_sha: landing, merged_by: { login: "puppet-gate[bot]" } });
  await stage.github.settled();
  expect(stage.told()).toEqual(["push", "pull_request.closed", "push"]);
});

const refusals: [string, (at: { main: string; old: string; head: string }) => Update[], RegExp][] = [
  [
    "a base that moved on",
    ({ old, head }) => [{ name: "refs/heads/main", beforeOid: old, afterOid: head }],
    /Expected refs\/heads\/main to point to/,
  ],
  [
    "one of two that can't move keeps the other",
    ({ main, head, old }) => [
      { name: "refs/heads/change", beforeOid: head, afterOid: main, force: true },
      { name: "refs/heads/main", beforeOid: old, afterOid: head },
    ],
    /Expected refs\/heads\/main/,
  ],
  [
    "commits left behind without force",
    ({ main, old }) => [{ name: "refs/heads/main", beforeOid: main, afterOid: old }],
    /not a fast forward/,
  ],
  ["a branch that should not be there", ({ head }) => [{ name: "refs/heads/main", beforeOid: zero, afterOid: head }], /already exists/],
  ["a branch that is not there", ({ head, main }) => [{ name: "refs/heads/none", beforeOid: main, afterOid: head }], /does not exist/],
  [
    "a commit that is not there",
    ({ main }) => [{ name: "refs/heads/main", beforeOid: main, afterOid: "1".repeat(40) }],
    /Object does not exist/,
  ],
];

test.each(refusals)("updateRefs refuses %s, with nothing moved", async (_name, updates, words) => {
  const stage = await setStage();
  const old = (await tipOf(stage, "main")) ?? "";
  const { head } = await openChange(stage);
  const main = await stage.github.as("bob").commit("acme/control", { branch: "main", files: { "b.pp": "b\n" }, message: "Moved on" });
  const failed = updateRefs(stage, updates({ main, old, head }));
  await expect(failed).rejects.toMatchObject({
    name: "GraphqlResponseError",
    data: { updateRefs: null },
    errors: [{ type: "UNPROCESSABLE", path: ["updateRefs"], message: expect.stringMatching(words) }],
  });
  expect([await tipOf(stage, "main"), await tipOf(stage, "change")]).toEqual([main, head]);
});

test("a base that went backwards refuses, where a push without a lease would bring the removed commit back", async () => {
  const stage = await setStage();
  const old = (await tipOf(stage, "main")) ?? "";
  const main = await stage.github.as("bob").commit("acme/control", { branch: "main", files: { "b.pp": "b\n" }, message: "To be removed" });
  const { head } = await openChange(stage);
  const landing = await makeLanding(stage, main, head);
  await stage.github.as("bob").moveBranch("acme/control", "main", old);
  await expect(updateRefs(stage, [{ name: "refs/heads/main", beforeOid: main, afterOid: landing }])).rejects.toThrow(/Expected refs/);
  expect(await tipOf(stage, "main")).toBe(old);
});

const sweep = `query ($owner: String!, $repo: String!, $after: String) {
  rateLimit { cost remaining }
  repository(owner: $owner, name: $repo) {
    id
    pullRequests(states: OPEN, first: 100, after: $after, orderBy: {field: UPDATED_AT, direction: ASC}) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        id number updatedAt isDraft headRefOid baseRefName
        baseRef { target { oid } }
        commits(last: 1) { nodes { commit { oid statusCheckRollup { state } } } }
        latestOpinionatedReviews(first: 10) { totalCount nodes { state author { login } commit { oid } } }
        reviews { totalCount }
      }
    }
  }
}`;

test("a sweep reads a hundred open changes with one request, at the cost that GitHub reckons", async () => {
  const stage = await setStage();
  const { number, head } = await openChange(stage);
  for (const branch of ["two", "three"]) await openChange(stage, branch);
  await stage.github.as("bob").review("acme/control", number, { event: "APPROVE" });
  await stage.github.as("alice").closePull("acme/control", number + 1);
  await stage.octokit().rest.checks.create({ ...repo, name: "ci", head_sha: head, conclusion: "failure" });
  const main = await tipOf(stage, "main");
  const data = await stage
    .octokit()
    .graphql<{ repository: { pullRequests: { nodes: { number: number }[] } }; rateLimit: object }>(sweep, repo);
  // One page of a hundred, and two connections for each of them: 201 requests.
  expect(data.rateLimit).toMatchObject({ cost: 2, remaining: expect.any(Number) });
  const { nodes, ...page } = data.repository.pullRequests;
  expect(page).toEqual({ totalCount: 2, pageInfo: { hasNextPage: false, endCursor: expect.any(String) } });
  expect(nodes.map((node) => node.number).toSorted((a, b) => a - b)).toEqual([number, number + 2]);
  expect(nodes.find((node) => node.number === number)).toMatchObject({
    isDraft: false,
    headRefOid: head,
    baseRefName: "main",
    baseRef: { target: { oid: main } },
    commits: { nodes: [{ commit: { oid: head, statusCheckRollup: { state: "FAILURE" } } }] },
    latestOpinionatedReviews: { totalCount: 1, nodes: [{ state: "APPROVED", author: { login: "bob" }, commit: { oid: head } }] },
    reviews: { totalCount: 1 },
  });
});

test("pages follow one another by cursor", async () => {
  const stage = await setStage();
  for (const branch of ["one", "two", "three"]) await openChange(stage, branch);
  const query = `query ($owner: String!, $repo: String!, $after: String) {
    repository(owner: $owner, name: $repo) { pullRequests(first: 2, after: $after) { pageInfo { hasNextPage endCursor } nodes { headRefName } } } }`;
  interface Page {
    repository: { pullRequests: { pageInfo: { hasNextPage: boolean; endCursor: string }; nodes: { headRefName: string }[] } };
  }
  const first = (await stage.octokit().graphql<Page>(query, repo)).repository.pullRequests;
  const second = (await stage.octokit().graphql<Page>(query, { ...repo, after: first.pageInfo.endCursor })).repository.pullRequests;
  expect([first, second].map((page) => [page.pageInfo.hasNextPage, page.nodes.map((node) => node.headRefName)])).toEqual([
    [true, ["one", "two"]],
    [false, ["three"]],
  ]);
});

test("a comment tells how it was made and who changed it last", async () => {
  const stage = await setStage();
  const { number } = await openChange(stage);
  const alice = stage.github.as("alice");
  const helper = stage.github.app({ name: "Assistant", owner: "acme", permissions: { issues: "write" }, events: [], webhookSecret: "s" });
  stage.github.install(helper, { on: "acme" });
  const mailed = await alice.comment("acme/control", number, "/merge", "email");
  const through = await alice.comment("acme/control", number, "/merge", helper);
  const edited = await alice.comment("acme/control", number, "/why");
  await stage.github.as("bob").editComment("acme/control", Number(edited.id), "/merge");
  expect([mailed, through, edited].map((comment) => comment.performed_via_github_app?.slug ?? null)).toEqual([null, "assistant", null]);
  const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on IssueComment { databaseId createdViaEmail lastEditedAt editor { login } author { login } } } }`;
  const { nodes } = await stage
    .octokit()
    .graphql<{ nodes: object[] }>(query, { ids: [mailed, through, edited].map((comment) => comment.node_id) });
  expect(nodes).toEqual([
    { databaseId: mailed.id, createdViaEmail: true, lastEditedAt: null, editor: null, author: { login: "alice" } },
    { databaseId: through.id, createdViaEmail: false, lastEditedAt: null, editor: null, author: { login: "alice" } },
    {
      databaseId: edited.id,
      createdViaEmail: false,
      lastEditedAt: expect.any(String),
      editor: { login: "bob" },
      author: { login: "alice" },
    },
  ]);
});

test("an App that acts for a person may do no more than it could by itself", async () => {
  const stage = await setStage();
  const { number } = await openChange(stage);
  const reader = stage.github.app({ name: "Reader", owner: "acme", permissions: { issues: "read" }, events: [], webhookSecret: "s" });
  stage.github.install(reader, { on: "acme" });
  await expect(stage.github.as("alice").comment("acme/control", number, "/merge", reader)).rejects.toThrow(/not accessible by integration/);
});

const wrong: [string, Record<string, "read" | "write"> | undefined, string, object][] = [
  [
    "a repository that is not there",
    undefined,
    `{ repository(owner: "acme", name: "none") { id } }`,
    { type: "NOT_FOUND", path: ["repository"], message: "Could not resolve to a Repository with the name 'acme/none'." },
  ],
  [
    "a node that is not there",
    undefined,
    `{ node(id: "IC_nothing") { id } }`,
    { type: "NOT_FOUND", path: ["node"], message: "Could not resolve to a node with the global id of 'IC_nothing'." },
  ],
  [
    "what the installation may not read",
    { contents: "read" },
    `{ repository(owner: "acme", name: "control") { pullRequests(first: 1) { totalCount } } }`,
    { type: "FORBIDDEN", path: ["repository", "pullRequests"], message: "Resource not accessible by integration" },
  ],
  [
    "a list without bounds",
    undefined,
    `{ repository(owner: "acme", name: "control") { pullRequests { nodes { id } } } }`,
    { type: "MISSING_PAGINATION_BOUNDARIES", message: expect.stringContaining("`first` or `last`") },
  ],
  [
    "too large a page",
    undefined,
    `{ repository(owner: "acme", name: "control") { pullRequests(first: 101) { nodes { id } } } }`,
    { type: "EXCESSIVE_PAGINATION", message: expect.stringContaining("Requesting 101 records") },
  ],
  [
    "what the schema does not have",
    undefined,
    `{ repository(owner: "acme", name: "control") { stars } }`,
    { message: expect.stringContaining("stars") },
  ],
];

test.each(wrong)("GraphQL says no to %s", async (_name, granted, query, error) => {
  const stage = await setStage(granted === undefined ? {} : { granted });
  await expect(stage.octokit().graphql(query)).rejects.toMatchObject({ name: "GraphqlResponseError", errors: [error] });
});

test("nobody, and nobody without write access, moves a ref by GraphQL", async () => {
  const stage = await setStage({ granted: { contents: "read" } });
  const main = (await tipOf(stage, "main")) ?? "";
  await expect(updateRefs(stage, [{ name: "refs/heads/main", beforeOid: main, afterOid: main }])).rejects.toMatchObject({
    errors: [{ type: "FORBIDDEN", message: "Resource not accessible by integration" }],
  });
  const response = await stage.github.fetch("https://api.github.com/graphql", {
    method: "POST",
    body: JSON.stringify({ query: "{ viewer { login } }" }),
  });
  expect([response.status, await response.json()]).toMatchObject([401, { message: "This endpoint requires you to be authenticated." }]);
});

test("over HTTP GraphQL is where GitHub Enterprise Server has it", async () => {
  const stage = await setStage();
  const { origin } = await stage.github.listen();
  const octokit = createOctokit({ auth: { token: stage.github.as("alice").token }, baseUrl: `${origin}/api/v3` });
  expect(await octokit.graphql("{ viewer { login } }")).toEqual({ viewer: { login: "alice" } });
});

test("faults meet GraphQL by the name of its route", async () => {
  const stage = await setStage();
  const { head } = await openChange(stage);
  const main = (await tipOf(stage, "main")) ?? "";
  const update = [{ name: "refs/heads/main", beforeOid: main, afterOid: head }];
  stage.github.faults.next({ kind: "error-after", route: "POST /graphql" });
  await repositoryId(stage);
  await expect(updateRefs(stage, update)).rejects.toMatchObject({ status: 502 });
  stage.github.faults.next({ kind: "stale", route: "POST /graphql" });
  expect(await tipOf(stage, "main")).toBe(main);
  expect(await tipOf(stage, "main")).toBe(head);
});

test("a spent hour is told with a 200", async () => {
  const stage = await setStage({ rateLimit: 2 });
  const alice = stage.github.as("alice").token;
  const ask = async () =>
    stage.github.fetch("https://api.github.com/graphql", {
      method: "POST",
      headers: { authorization: `Bearer ${alice}` },
      body: JSON.stringify({ query: "{ viewer { login } }" }),
    });
  await ask();
  await ask();
  const third = await ask();
  expect([third.status, await third.json()]).toMatchObject([200, { errors: [{ type: "RATE_LIMITED" }] }]);
});
