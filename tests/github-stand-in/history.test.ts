import { expect, test } from "vitest";
import { openChange, repo, setStage, type Stage } from "./stage.ts";

/** What happened to a pull request, as events and timeline tell it, and people who change. */

interface Happened {
  name: string;
  act: (stage: Stage, number: number) => Promise<unknown>;
  events: object[];
}

const head = async ({ github }: Stage): Promise<string> =>
  github.as("bob").commit("acme/control", { branch: "change", from: "main", files: { "a.txt": "1\nzwei\n3\n" }, message: "Again" });

const stories: Happened[] = [
  {
    name: "a force-push, and a push that is none",
    act: async (stage) => {
      await head(stage);
      await stage.github.as("alice").commit("acme/control", { branch: "change", files: { b: "b" }, message: "On top" });
    },
    events: [{ event: "head_ref_force_pushed", actor: { login: "bob" }, commit_id: expect.stringMatching(/^[0-9a-f]{40}$/) }],
  },
  {
    name: "another base and title",
    act: async ({ github }, number) => {
      await github.as("bob").moveBranch("acme/control", "release", "main");
      await github.as("alice").editPull("acme/control", number, { base: "release", title: "New", body: "Words" });
    },
    events: [
      { event: "renamed", rename: { from: "Change change", to: "New" } },
      { event: "base_ref_changed", actor: { login: "alice" } },
    ],
  },
  {
    name: "a dismissal by the author",
    act: async ({ github }, number) => {
      const review = await github.as("bob").review("acme/control", number, { event: "REQUEST_CHANGES", body: "No" });
      await github.as("alice").dismissReview("acme/control", number, Number(review.id), "I know better");
    },
    events: [
      {
        event: "review_dismissed",
        actor: { login: "alice" },
        dismissed_review: { state: "changes_requested", dismissal_message: "I know better", review_id: expect.any(Number) },
      },
    ],
  },
  {
    name: "a draft and its end, closed and opened again",
    act: async ({ github }, number) => {
      await github.as("alice").setDraft("acme/control", number, true);
      await github.as("alice").setDraft("acme/control", number, false);
      await github.as("alice").closePull("acme/control", number);
      await github.as("bob").reopenPull("acme/control", number);
    },
    events: [
      { event: "convert_to_draft" },
      { event: "ready_for_review" },
      { event: "closed", commit_id: null },
      { event: "reopened", actor: { login: "bob" } },
    ],
  },
  {
    name: "labels of an App",
    act: async (stage, number) => {
      await stage.octokit().rest.issues.addLabels({ ...repo, issue_number: number, labels: ["radius/small"] });
      await stage.github.as("alice").removeLabel("acme/control", number, "radius/small");
    },
    events: [
      { event: "labeled", label: { name: "radius/small" }, performed_via_github_app: { slug: "puppet-gate" } },
      { event: "unlabeled", label: { name: "radius/small" }, performed_via_github_app: null },
    ],
  },
  {
    name: "a merge",
    act: async ({ github }, number) => github.as("bob").merge("acme/control", number),
    events: [{ event: "merged", commit_id: expect.any(String), actor: { login: "bob" } }, { event: "closed" }],
  },
];

test.each(stories)("kept: $name", async ({ act, events }) => {
  let minutes = 0;
  const stage = await setStage({ now: () => new Date(Date.UTC(2026, 2, 2, 9, minutes)) });
  const { number } = await openChange(stage);
  minutes = 7;
  await act(stage, number);
  const octokit = stage.octokit();
  const listed = await octokit.paginate(octokit.rest.issues.listEvents, { ...repo, issue_number: number, per_page: 1 });
  expect(listed).toHaveLength(events.length);
  expect(listed).toMatchObject(events.map((entry) => ({ ...entry, created_at: "2026-03-02T09:07:00Z" })));
});

test("a timeline has commits, reviews and comments between the events", async () => {
  let minutes = 0;
  const stage = await setStage({ now: () => new Date(Date.UTC(2026, 2, 2, 9, minutes++)) });
  const { number } = await openChange(stage);
  await stage.github.as("bob").comment("acme/control", number, "/why");
  await stage.github.as("bob").review("acme/control", number, { event: "APPROVE" });
  await stage.github.as("alice").closePull("acme/control", number);
  const { data } = await stage.octokit().rest.issues.listEventsForTimeline({ ...repo, issue_number: number });
  expect(data.map(({ event }) => event)).toEqual(["committed", "commented", "reviewed", "closed"]);
  expect(data[2]).toMatchObject({ state: "approved", submitted_at: expect.any(String), user: { login: "bob" } });
});

test("a login changes hands and ids do not", async () => {
  const stage = await setStage();
  const { github } = stage;
  const { number } = await openChange(stage);
  const bob = github.as("bob").account.id;
  await github.as("bob").review("acme/control", number, { event: "APPROVE" });
  github.renameUser("bob", "robert");
  const other = github.user("bob");
  const octokit = stage.octokit();
  const { data } = await octokit.rest.pulls.listReviews({ ...repo, pull_number: number });
  expect(data).toMatchObject([{ user: { login: "robert", id: bob } }]);
  expect((await octokit.rest.users.getByUsername({ username: "bob" })).data.id).toBe(other.id);
  expect((await octokit.rest.repos.getCollaboratorPermissionLevel({ ...repo, username: "bob" })).data.permission).toBe("none");
  expect((await octokit.rest.repos.getCollaboratorPermissionLevel({ ...repo, username: "robert" })).data.permission).toBe("write");
});

test("a deleted account leaves a ghost, and reviews by nobody", async () => {
  const stage = await setStage();
  const { github } = stage;
  const { number } = await openChange(stage);
  const bob = github.as("bob");
  await bob.review("acme/control", number, { event: "APPROVE" });
  await bob.comment("acme/control", number, "Fine");
  github.deleteUser("alice");
  github.deleteUser("bob");
  const octokit = stage.octokit();
  expect((await octokit.rest.pulls.listReviews({ ...repo, pull_number: number })).data).toMatchObject([{ user: null, state: "APPROVED" }]);
  expect((await octokit.rest.issues.listComments({ ...repo, issue_number: number })).data).toMatchObject([
    { user: { login: "ghost", id: 10_137 } },
  ]);
  expect((await octokit.rest.pulls.get({ ...repo, pull_number: number })).data.user).toMatchObject({ login: "ghost" });
  expect((await octokit.rest.pulls.listCommits({ ...repo, pull_number: number })).data).toMatchObject([{ author: null }]);
  await expect(octokit.rest.users.getByUsername({ username: "bob" })).rejects.toMatchObject({ status: 404 });
  await expect(bob.request("GET /user")).rejects.toMatchObject({ status: 401 });
});
