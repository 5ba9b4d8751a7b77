import { Webhooks } from "@octokit/webhooks";
import { expect, test } from "vitest";
import { nameOf, openChange, repo, secret, setStage, type Stage } from "./stage.ts";

/** What Apps are told, and what can go wrong on the way. */

const payloads = (stage: Stage): Record<string, unknown>[] => stage.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);

test("every webhook is signed, numbered, and names its installation", async () => {
  const stage = await setStage();
  await openChange(stage);
  await stage.github.settled();
  const webhooks = new Webhooks({ secret });
  expect(stage.received).toHaveLength(2);
  for (const { headers, body } of stage.received) {
    expect(await webhooks.verify(body, headers["x-hub-signature-256"] ?? "")).toBe(true);
    expect(await webhooks.verify(`${body} `, headers["x-hub-signature-256"] ?? "")).toBe(false);
    expect(headers["x-github-delivery"]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(JSON.parse(body)).toMatchObject({ installation: { id: stage.installation.id }, repository: { full_name: "acme/control" } });
  }
  expect(new Set(stage.received.map(({ headers }) => headers["x-github-delivery"])).size).toBe(2);
});

interface Told {
  name: string;
  act: (stage: Stage, change: { number: number; head: string }) => Promise<unknown>;
  events: string[];
  last: object;
}

const stories: Told[] = [
  {
    name: "an approval, with its state in lower case",
    act: async ({ github }, { number }) => github.as("bob").review("acme/control", number, { event: "APPROVE", body: "Fine" }),
    events: ["pull_request_review.submitted"],
    last: { review: { state: "approved", body: "Fine", user: { login: "bob" } }, sender: { login: "bob" } },
  },
  {
    name: "a dismissal, by another than the reviewer",
    act: async ({ github }, { number }) => {
      const review = await github.as("bob").review("acme/control", number, { event: "REQUEST_CHANGES", body: "No" });
      await github.as("alice").dismissReview("acme/control", number, Number(review.id), "Yes");
    },
    events: ["pull_request_review.submitted", "pull_request_review.dismissed"],
    last: { review: { state: "dismissed", user: { login: "bob" } }, sender: { login: "alice" } },
  },
  {
    name: "a comment that somebody else edits, and that goes away",
    act: async ({ github }, { number }) => {
      const { id } = await github.as("bob").comment("acme/control", number, "/why");
      await github.as("alice").editComment("acme/control", Number(id), "/merge");
      await github.as("bob").deleteComment("acme/control", Number(id));
    },
    events: ["issue_comment.created", "issue_comment.edited", "issue_comment.deleted"],
    last: { comment: { body: "/merge", user: { login: "bob" } }, sender: { login: "bob" }, issue: { pull_request: {} } },
  },
  {
    name: "labels, one event for each that changed",
    act: async ({ github }, { number }) => {
      await github.as("alice").addLabels("acme/control", number, ["a", "b", "a"]);
      await github.as("alice").removeLabel("acme/control", number, "A");
    },
    events: ["pull_request.labeled", "pull_request.labeled", "pull_request.unlabeled"],
    last: { label: { name: "a" }, pull_request: { labels: [{ name: "b" }] } },
  },
  {
    name: "a draft, and its end",
    act: async ({ github }, { number }) => {
      await github.as("alice").setDraft("acme/control", number, true);
      await github.as("alice").setDraft("acme/control", number, false);
    },
    events: ["pull_request.converted_to_draft", "pull_request.ready_for_review"],
    last: { pull_request: { draft: false } },
  },
  {
    name: "a change of title, body and base",
    act: async ({ github }, { number }) => {
      await github.as("bob").moveBranch("acme/control", "release", "main");
      await github.as("alice").editPull("acme/control", number, { title: "New", base: "release" });
    },
    events: ["push", "pull_request.edited"],
    last: { changes: { title: { from: "Change change" }, base: { ref: { from: "main" } } }, pull_request: { base: { ref: "release" } } },
  },
  {
    name: "a force-push",
    act: async ({ github }) =>
      github.as("bob").commit("acme/control", { branch: "change", from: "main", files: { "a.txt": "1\nzwei\n3\n" }, message: "Rewritten" }),
    events: ["push", "pull_request.synchronize"],
    last: { sender: { login: "bob" }, pull_request: { user: { login: "alice" }, commits: 1 } },
  },
  {
    name: "closing and reopening",
    act: async ({ github }, { number }) => {
      await github.as("alice").closePull("acme/control", number);
      await github.as("alice").reopenPull("acme/control", number);
    },
    events: ["pull_request.closed", "pull_request.reopened"],
    last: { pull_request: { state: "open", merged: false } },
  },
  {
    name: "a removed branch, which closes its pull request",
    act: async ({ github }) => github.as("bob").moveBranch("acme/control", "change", null),
    events: ["push", "pull_request.closed"],
    last: { pull_request: { state: "closed", merged: false } },
  },
  {
    name: "a head that arrived in base by a push",
    act: async ({ github }, { head }) => github.as("bob").moveBranch("acme/control", "main", head),
    events: ["push", "pull_request.closed"],
    last: { pull_request: { merged: true, merged_by: { login: "bob" } } },
  },
  {
    name: "a check that is asked for again",
    act: async (stage, { head }) => {
      const { data } = await stage.octokit().rest.checks.create({ ...repo, name: "puppet-gate", head_sha: head, status: "in_progress" });
      await stage.octokit().rest.checks.update({ ...repo, check_run_id: data.id, conclusion: "success" });
      await stage.github.as("alice").rerequestCheck("acme/control", data.id);
    },
    events: ["check_run.created", "check_run.completed", "check_run.rerequested"],
    last: { check_run: { status: "queued", conclusion: null, pull_requests: [{ number: 1 }] }, sender: { login: "alice" } },
  },
  {
    name: "the button of a check",
    act: async (stage, { head }) => {
      const actions = [{ label: "Recheck", description: "Check again", identifier: "recheck" }];
      const { data } = await stage
        .octokit()
        .rest.checks.create({ ...repo, name: "puppet-gate", head_sha: head, conclusion: "failure", actions });
      stage.github.as("alice").pressAction("acme/control", data.id, "recheck");
    },
    events: ["check_run.created", "check_run.completed", "check_run.requested_action"],
    last: { requested_action: { identifier: "recheck" } },
  },
];

test.each(stories)("told: $name", async ({ act, events, last }) => {
  const stage = await setStage();
  const change = await openChange(stage);
  await stage.github.settled();
  stage.received.length = 0;
  await act(stage, change);
  await stage.github.settled();
  expect(stage.told()).toEqual(events);
  expect(payloads(stage).at(-1)).toMatchObject(last);
});

test("an App hears of what it subscribed to, where it is installed", async () => {
  const stage = await setStage();
  const { github } = stage;
  await github.repository("acme/other");
  const heard: string[] = [];
  const quiet = github.app({ name: "Quiet", owner: "acme", permissions: { contents: "read" }, events: ["push"], webhookSecret: secret });
  github.webhooks(quiet, async (request) => {
    heard.push(nameOf(request));
  });
  github.install(quiet, { on: "acme", repositories: ["control"] });
  await openChange(stage);
  await github.as("carol").commit("acme/other", { branch: "main", files: { a: "a" }, message: "Elsewhere" });
  await github.settled();
  expect(heard).toEqual(["ping", "installation.created", "push"]);
  expect(() => github.app({ name: "Deaf", owner: "acme", permissions: {}, events: ["push"], webhookSecret: secret })).toThrow(
    /needs the permission contents/,
  );
});

test("deliveries are doubled, lost, late and overtaken as asked, and can be sent again", async () => {
  const stage = await setStage();
  const { github } = stage;
  const { number } = await openChange(stage);
  await github.settled();
  const bob = github.as("bob");
  const say = async (words: string): Promise<void> => {
    await bob.comment("acme/control", number, words);
    await github.settled();
  };
  const bodies = (): unknown[] =>
    payloads(stage).flatMap(({ comment }) => (comment === undefined ? [] : [(comment as { body: string }).body]));

  github.faults.next({ kind: "duplicate", event: "issue_comment" });
  await say("twice");
  expect(bodies()).toEqual(["twice", "twice"]);
  const guids = stage.received.slice(-2).map(({ headers }) => headers["x-github-delivery"]);
  expect(guids[0]).toBe(guids[1]);

  github.faults.next({ kind: "lost", event: "issue_comment" });
  await say("lost");
  expect(bodies()).toEqual(["twice", "twice"]);
  const lost = github.deliveries().at(-1);
  expect(lost).toMatchObject({ event: "issue_comment", action: "created", status: 0 });
  github.redeliver(lost?.id ?? 0);
  await github.settled();
  expect(bodies()).toEqual(["twice", "twice", "lost"]);
  expect(github.deliveries().at(-1)).toMatchObject({ guid: lost?.guid, redelivery: true, status: 200 });

  github.faults.next({ kind: "late", event: "issue_comment" });
  await say("late");
  await say("meanwhile");
  expect(bodies().slice(3)).toEqual(["meanwhile"]);
  github.deliverLate();
  await github.settled();
  expect(bodies().slice(3)).toEqual(["meanwhile", "late"]);

  github.faults.next({ kind: "reordered", event: "issue_comment" });
  await say("first");
  await say("second");
  expect(bodies().slice(5)).toEqual(["second", "first"]);
  expect(github.faults.armed()).toEqual([]);
});

test("a receiver that fails is not tried again", async () => {
  const stage = await setStage();
  const { github, app } = stage;
  github.webhooks(app, async () => 503);
  await openChange(stage);
  await github.settled();
  github.webhooks(app, "http://127.0.0.1:1/");
  await github.settled();
  const [push, opened, ping] = github.deliveries().slice(-3);
  expect([push, opened]).toMatchObject([{ status: 503 }, { status: 503 }]);
  expect(ping).toMatchObject({ event: "ping", status: 0, failure: expect.stringContaining("fetch failed") });
});

test("the same seed and clock tell the same story, to the byte", async () => {
  const tell = async (): Promise<string[]> => {
    const stage = await setStage({ seed: "again", now: () => new Date("2026-03-02T09:00:00Z") });
    const { number, head } = await openChange(stage);
    await stage.github.as("bob").review("acme/control", number, { event: "APPROVE" });
    await stage.octokit().rest.pulls.merge({ ...repo, pull_number: number, sha: head });
    await stage.github.settled();
    return stage.received.map(({ headers, body }) => JSON.stringify(headers) + body);
  };
  const once = await tell();
  expect(once).toHaveLength(5);
  expect(await tell()).toEqual(once);
});
