import { expect, test } from "vitest";
import { openChange, repo, setStage, type Stage } from "./stage.ts";

/** Comments on lines, suggestions, and reviews that change afterwards. */

const suggestion = (text: string): string => `Better:\n\`\`\`suggestion\n${text}\`\`\`\n`;

/** a.txt is "1", "two", "3" at head, and was "1", "2", "3". */
const places = [
  { name: "a line of the diff", comment: { line: 2 }, expected: { line: 2, side: "RIGHT", position: 3, original_line: 2 } },
  { name: "a removed line", comment: { line: 2, side: "LEFT" as const }, expected: { line: 2, side: "LEFT", position: 2 } },
  { name: "a line of context", comment: { line: 3 }, expected: { line: 3, position: 4 } },
  { name: "several lines", comment: { start_line: 1, line: 3 }, expected: { start_line: 1, line: 3, start_side: "RIGHT" } },
  { name: "a position", comment: { position: 3 }, expected: { line: 2, side: "RIGHT" } },
];

test.each(places)("a comment stands on $name", async ({ comment, expected }) => {
  const stage = await setStage({ events: ["pull_request_review_comment"] });
  const { number, head } = await openChange(stage);
  const octokit = stage.octokit();
  await octokit.rest.pulls.createReview({
    ...repo,
    pull_number: number,
    event: "COMMENT",
    comments: [{ path: "a.txt", body: "Hm", ...comment }],
  });
  const { data } = await octokit.rest.pulls.listReviewComments({ ...repo, pull_number: number });
  expect(data).toMatchObject([{ ...expected, body: "Hm", commit_id: head, diff_hunk: expect.stringMatching(/^@@ -1,3 \+1,3 @@/) }]);
  await stage.github.settled();
  expect(stage.told().slice(-2)).toEqual(["pull_request_review.submitted", "pull_request_review_comment.created"]);
});

const nowhere = [
  {
    name: "a line outside the diff",
    comment: { path: "a.txt", line: 9 },
    words: "Pull request review thread line must be part of the diff",
  },
  { name: "a file outside the diff", comment: { path: "site.pp", line: 1 }, words: "Path could not be resolved" },
  { name: "a range backwards", comment: { path: "a.txt", line: 1, start_line: 3 }, words: "start line must precede the end line" },
  { name: "a range from outside", comment: { path: "a.txt", line: 3, start_line: 9 }, words: "must be part of the same hunk" },
];

test.each(nowhere)("a review with a comment on $name is refused as a whole", async ({ comment, words }) => {
  const stage = await setStage();
  const { number } = await openChange(stage);
  const good = { path: "a.txt", body: "Good", line: 2 };
  const comments = [good, { body: "Bad", ...comment }];
  const review = stage.octokit().rest.pulls.createReview({ ...repo, pull_number: number, event: "COMMENT", comments });
  await expect(review).rejects.toMatchObject({ status: 422, message: expect.stringContaining(words) });
  expect((await stage.octokit().rest.pulls.listReviews({ ...repo, pull_number: number })).data).toEqual([]);
});

test("a comment of its own on a line outside the diff is refused", async () => {
  const stage = await setStage();
  const { number } = await openChange(stage);
  const comment = stage.github.as("bob").commentOnLines("acme/control", number, { path: "a.txt", line: 9, body: "Where" });
  const errors = [
    { field: "pull_request_review_thread.line", message: "pull_request_review_thread.line must be part of the diff" },
    { field: "pull_request_review_thread.diff_hunk", code: "missing_field" },
  ];
  await expect(comment).rejects.toMatchObject({ status: 422, body: { message: "Validation Failed", errors } });
});

async function commitOf(stage: Stage, sha: string) {
  const { data } = await stage.octokit().rest.repos.getCommit({ ...repo, ref: sha });
  const { data: file } = await stage.octokit().rest.repos.getContent({ ...repo, path: "a.txt", ref: sha, mediaType: { format: "json" } });
  const text = "content" in file ? Buffer.from(file.content, "base64").toString("utf8") : null;
  return { ...data.commit, login: data.author?.login, committerLogin: data.committer?.login, text };
}

test("the author commits what a reviewer suggested: the reviewer is co-author", async () => {
  const stage = await setStage();
  const { number } = await openChange(stage);
  const { id } = await stage.github
    .as("bob")
    .commentOnLines("acme/control", number, { path: "a.txt", line: 2, body: suggestion("deux\ntrois\n") });
  const sha = await stage.github.as("alice").applySuggestion("acme/control", number, Number(id));
  expect(await commitOf(stage, sha)).toMatchObject({
    message: "Update a.txt\n\nCo-authored-by: bob of acme <bob@acme.example>",
    login: "alice",
    committerLogin: "web-flow",
    text: "1\ndeux\ntrois\n3\n",
  });
  const { data } = await stage.octokit().rest.pulls.listReviewComments({ ...repo, pull_number: number });
  expect(data).toMatchObject([{ line: null, original_line: 2, position: null }]);
  await expect(stage.github.as("alice").applySuggestion("acme/control", number, Number(id))).rejects.toThrow("Outdated suggestions");
  await stage.github.settled();
  expect(stage.told().slice(-2)).toEqual(["push", "pull_request.synchronize"]);
});

test("one's own suggestion has no co-author, an App's has the bot; several are one commit", async () => {
  const stage = await setStage();
  const { number } = await openChange(stage);
  const bob = stage.github.as("bob");
  const own = await bob.commentOnLines("acme/control", number, { path: "a.txt", line: 3, body: suggestion("three\n") });
  const { data: review } = await stage.octokit().rest.pulls.createReview({
    ...repo,
    pull_number: number,
    event: "COMMENT",
    comments: [{ path: "a.txt", line: 1, body: suggestion("one\n") }],
  });
  const { data: comments } = await stage.octokit().rest.pulls.listCommentsForReview({ ...repo, pull_number: number, review_id: review.id });
  const denied = stage.github.as("mallory").applySuggestion("acme/control", number, Number(own.id));
  await expect(denied).rejects.toThrow("Write access to acme/control is not granted to mallory.");
  const sha = await bob.applySuggestion("acme/control", number, Number(own.id), Number(comments[0]?.id));
  const botId = stage.github.state.accounts.get(stage.app.botId)?.id;
  expect(await commitOf(stage, sha)).toMatchObject({
    message: `Apply suggestions from code review\n\nCo-authored-by: puppet-gate[bot] <${botId}+puppet-gate[bot]@users.noreply.github.com>`,
    login: "bob",
    text: "one\ntwo\nthree\n",
  });
});

test("a comment is answered, edited by its author and removed by a writer", async () => {
  const stage = await setStage({ events: ["pull_request_review_comment"] });
  const { number } = await openChange(stage);
  stage.github.collaborator("acme/control", "mallory", "read");
  const { id } = await stage.github.as("mallory").commentOnLines("acme/control", number, { path: "a.txt", line: 2, body: "Hm" });
  const base = "/repos/acme/control/pulls";
  const answer = await stage.github.as("alice").request(`POST ${base}/${number}/comments/${id}/replies`, { body: "So?" });
  expect(answer).toMatchObject({ in_reply_to_id: id, line: 2, path: "a.txt" });
  await stage.github.as("mallory").request(`PATCH ${base}/comments/${id}`, { body: "Oh" });
  await stage.github.as("bob").request(`DELETE ${base}/comments/${id}`);
  await expect(stage.github.as("mallory").request(`DELETE ${base}/comments/${(answer as { id: number }).id}`)).rejects.toMatchObject({
    status: 403,
  });
  await stage.github.settled();
  const comments = stage.told().filter((name) => name.startsWith("pull_request_review_comment"));
  expect(comments.map((name) => name.split(".")[1])).toEqual(["created", "created", "edited", "deleted"]);
});

test("a review's words change after it was submitted, and that is told", async () => {
  const stage = await setStage();
  const { number } = await openChange(stage);
  const bob = stage.github.as("bob");
  const { id } = await bob.review("acme/control", number, { event: "APPROVE", body: "Fine" });
  await bob.editReview("acme/control", number, Number(id), "Fine, but");
  await stage.github.settled();
  expect(stage.told().at(-1)).toBe("pull_request_review.edited");
  expect(JSON.parse(stage.received.at(-1)?.body ?? "")).toMatchObject({
    changes: { body: { from: "Fine" } },
    review: { body: "Fine, but", state: "approved" },
  });
});

test("a review stays with its commit, unless it is made to move", async () => {
  const stage = await setStage();
  const { number, head } = await openChange(stage);
  await stage.github.as("bob").review("acme/control", number, { event: "APPROVE" });
  const force = async (text: string): Promise<string> =>
    stage.github.as("alice").commit("acme/control", { branch: "change", from: "main", files: { "a.txt": text }, message: "Again" });
  const commitIds = async (): Promise<unknown[]> =>
    (await stage.octokit().rest.pulls.listReviews({ ...repo, pull_number: number })).data.map(({ commit_id }) => commit_id);
  const second = await force("2\n");
  expect(await commitIds()).toEqual([head]);
  await stage.github.as("bob").review("acme/control", number, { event: "APPROVE" });
  stage.github.faults.next({ kind: "reviews-move" });
  expect(await commitIds()).toEqual([head, second]);
  const third = await force("3\n");
  expect(await commitIds()).toEqual([head, third]);
  expect(stage.github.faults.armed()).toEqual([]);
});

test("reviewers are asked for, and have answered with a review", async () => {
  const stage = await setStage();
  const { github } = stage;
  github.team("acme/sre", { members: ["bob"] });
  github.teamAccess("acme/sre", "acme/control", "write");
  const { number } = await openChange(stage);
  const alice = github.as("alice");
  await alice.requestReview("acme/control", number, { reviewers: ["bob"], team_reviewers: ["sre"] });
  const read = async () => (await stage.octokit().rest.pulls.get({ ...repo, pull_number: number })).data;
  expect(await read()).toMatchObject({ requested_reviewers: [{ login: "bob" }], requested_teams: [{ slug: "sre" }] });
  await github.as("bob").review("acme/control", number, { event: "APPROVE" });
  expect(await read()).toMatchObject({ requested_reviewers: [] });
  await expect(alice.requestReview("acme/control", number, { reviewers: ["alice"] })).rejects.toMatchObject({ status: 422 });
  await expect(alice.requestReview("acme/control", number, { reviewers: ["mallory"] })).rejects.toMatchObject({ status: 422 });
  const events = (await stage.octokit().rest.issues.listEvents({ ...repo, issue_number: number })).data;
  expect(events).toMatchObject([{ requested_reviewer: { login: "bob" } }, { requested_team: { slug: "sre" } }]);
});
