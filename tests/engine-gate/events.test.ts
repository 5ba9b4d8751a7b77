import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { approvals, rule } from "../gate/world.ts";
import { createStage, type Stage } from "./stage.ts";

/** Webhooks beside those of a pull request itself, and what is found when webhooks never came. */
let stage: Stage;
/** Every request to GitHub's API since the last look, `METHOD /path`. */
let asked: string[] = [];
beforeAll(async () => {
  stage = await createStage();
  const more = ["member", "membership", "team", "organization", "merge_group"];
  stage.github.organization("other");
  stage.github.install(stage.app, { on: "other" });
  for (const installation of stage.github.state.installations.values()) {
    installation.events.push(...more);
    installation.permissions = { ...installation.permissions, members: "read" };
  }
  const { fetch } = stage.github;
  const counting: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    asked.push(`${request.method} ${new URL(request.url).pathname}`);
    return fetch(request);
  };
  Object.assign(stage.github, { fetch: counting });
  await stage.restart();
});
beforeEach(async () => {
  await stage.begin();
  stage.policy = { landing: "api" };
  asked = [];
});
afterAll(async () => stage.close());

const as = (login: string): ReturnType<Stage["github"]["as"]> => stage.github.as(login);
const said = (number: number): string => stage.comments(number)[0] ?? "";
const conclusion = (head: string): string | null | undefined => stage.checkRun(head)?.conclusion;
const lose = (...events: string[]): void => {
  for (const event of events) stage.github.faults.next({ kind: "vanished", event });
};

async function approved(branch: string): Promise<{ number: number; head: string }> {
  const change = await stage.propose(branch);
  await as("bob").review(stage.name, change.number, { event: "APPROVE" });
  await stage.quiet();
  expect(conclusion(change.head)).toBe("success");
  return change;
}

describe("who may do what", () => {
  it("case 17: changes while nothing else happens, and every open change hears of it", async () => {
    const { number, head } = await approved("left");
    stage.github.collaborator(stage.name, "bob", "none");
    await stage.quiet();
    expect(conclusion(head)).toBe("action_required");
    expect(said(number)).toContain("bob's approval doesn't count");
  });

  it("changes in a team of another organisation, which another installation tells of", async () => {
    stage.github.team("other/sre", { members: ["bob"] });
    stage.policy = { landing: "api", rules: [rule("sre", approvals(1, { teams: ["other/sre"] }))] };
    const { head } = await approved("teamwork");
    stage.github.removeFromTeam("other/sre", "bob");
    await stage.quiet();
    await expect.poll(() => conclusion(head)).toBe("action_required");
  });
});

describe("what a merge queue makes", () => {
  const queued = async (): Promise<string> => {
    const head = await as("carol").commit(stage.name, { branch: "gh-readonly-queue", files: { "q.pp": "" }, message: "queue" });
    const installation = [...stage.github.state.installations.values()][0]?.id ?? 0;
    const [owner = "", name = ""] = stage.name.split("/");
    const payload = {
      action: "checks_requested",
      merge_group: { head_sha: head },
      repository: { id: stage.repo.id, name, owner: { login: owner } },
      installation: { id: installation },
    };
    await stage.github.burst(stage.app, stage.name, { count: 1, perSecond: 100, events: () => ({ event: "merge_group", payload }) });
    return head;
  };

  it("case 80: is refused on its commit, with the way out", async () => {
    const head = await queued();
    await stage.quiet();
    expect(stage.checkRun(head)).toMatchObject({ name: "puppet-gate", conclusion: "failure" });
    expect(stage.checkRun(head)?.output.summary).toMatch(/merge queue/iu);
  });

  it("case 80: is refused by the next sweep where GitHub would not take it at once", async () => {
    stage.github.faults.next({ kind: "error-before", route: "GET /repos/{owner}/{repo}/commits/{ref}/check-runs", status: 503 });
    const head = await queued();
    await stage.quiet();
    expect(stage.github.faults.armed()).toEqual([]);
    expect(stage.checkRun(head)).toBeUndefined();
    await stage.restart();
    await expect.poll(() => conclusion(head)).toBe("failure");
    await stage.quiet();
  });
});

describe("an installation", () => {
  const installation = () => {
    const account = [...stage.github.state.accounts.values()].find(({ login }) => login === "acme")?.id;
    const found = [...stage.github.state.installations.values()].find(({ accountId }) => accountId === account);
    if (found === undefined) throw new Error("the App is not installed on acme");
    return found;
  };

  it("that loses a repository is asked nothing of it any more, and catches up once it is back", async () => {
    const { number, head } = await stage.propose("blind");
    await stage.quiet();
    const [, short = ""] = stage.name.split("/");
    stage.github.removeRepositories(installation(), short);
    await stage.github.settled();
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    asked = [];
    await stage.restart();
    await stage.quiet();
    expect(asked.filter((request) => request.includes(`/${short}/`))).toEqual([]);
    expect(conclusion(head)).toBe("action_required");
    stage.github.addRepositories(installation(), short);
    await stage.quiet();
    await stage.restart(); // the stand-in's tokens know the repositories there were when they were made
    await stage.quiet();
    await expect.poll(() => conclusion(head)).toBe("success");
    installation().repositories = "all";
  });

  it("that is suspended is left alone until that ends", async () => {
    const { number, head } = await stage.propose("paused");
    await stage.quiet();
    stage.github.suspend(installation());
    await stage.quiet();
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    asked = [];
    await stage.restart();
    await stage.quiet();
    expect(asked.filter((request) => request.includes("/repos/"))).toEqual([]);
    stage.github.unsuspend(installation());
    await stage.quiet();
    await expect.poll(() => conclusion(head)).toBe("success");
  });
});

describe("a pull request from before the first webhook", () => {
  it("case 7: is found after a start, in a repository never heard of, and who pushed it is known without a new push", async () => {
    await stage.stopServer();
    await stage.begin();
    const before = stage.github.deliveries().length;
    const { number, head } = await stage.propose("before");
    // Nothing of it can be sent again.
    for (const delivery of stage.github.deliveries().slice(before)) Object.assign(delivery, { status: 200 });
    await stage.restart();
    await stage.quiet();
    await expect.poll(() => stage.comments(number)).toHaveLength(1);
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    expect(conclusion(head)).toBe("success");
  });
});

describe("a push whose delivery was lost", () => {
  it("case 7: is its pusher's all the same, who can't approve what is in it", async () => {
    const { number } = await stage.propose("hidden");
    await stage.quiet();
    lose("push", "pull_request");
    const given = { branch: "hidden", files: { "more.pp": "" }, message: "more", author: "carol <carol@acme.example>" };
    const head = await as("bob").commit(stage.name, { ...given, committer: "carol <carol@acme.example>" });
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    expect(conclusion(head)).toBe("action_required");
    expect(said(number)).toContain("bob's approval doesn't count: bob pushed to this change");
  });

  it("case 75: is asked about again when GitHub would not tell at first", async () => {
    const { number } = await stage.propose("asked");
    await stage.quiet();
    lose("push", "pull_request");
    const head = await as("alice").commit(stage.name, { branch: "asked", files: { "more.pp": "" }, message: "more" });
    stage.github.faults.next({ kind: "error-before", route: "GET /repos/{owner}/{repo}/activity", status: 502 });
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    expect(stage.github.faults.armed()).toEqual([]);
    expect(conclusion(head)).toBe("success");
  });
});

describe("a branch that came with the repository", () => {
  it("has a head whom nobody is known to have pushed: said at once, not asked again, and settled by a push", async () => {
    const { repo, name } = stage;
    lose("push");
    const head = await as("alice").commit(name, { branch: "came", from: "main", files: { "came.pp": "" }, message: "came" });
    repo.activities.splice(0); // an import has none
    asked = [];
    const { number } = await as("alice").openPull(name, { head: "came", title: "came" });
    await stage.quiet();
    expect(said(number)).toContain(`who pushed ${head.slice(0, 10)} is unknown`);
    expect(said(number)).toContain("alice: push again; or an owner of the App: redeliver the push, if its delivery failed");
    // Once as it is opened, and once as its check is done.
    expect(asked.filter((request) => request.endsWith("/activity"))).toHaveLength(2);
    const next = await as("alice").commit(name, { branch: "came", files: { "more.pp": "" }, message: "more" });
    await as("bob").review(name, number, { event: "APPROVE" });
    await stage.quiet();
    expect(conclusion(next)).toBe("success");
  });
});

describe("what GitHub would not say for once", () => {
  beforeAll(() => {
    stage.github.team("acme/sre", { members: ["bob"] });
  });

  it.each([
    ["others' checks", "GET /repos/{owner}/{repo}/commits/{ref}/check-runs"],
    ["the history", "GET /repos/{owner}/{repo}/issues/{issue_number}/events"],
    ["the organisation's policy", "GET /repos/{owner}/{repo}/contents/{path}"],
    ["a team", "GET /orgs/{org}/teams/{team_slug}/members"],
  ])("case 75: %s is asked again by itself", async (_what, route) => {
    stage.policy = { landing: "api", rules: [rule("sre", approvals(1, { teams: ["acme/sre"] }))] };
    const { number, head } = await stage.propose("retried");
    await stage.quiet();
    stage.github.faults.next({ kind: "error-before", route, status: 502 });
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    expect(stage.github.faults.armed()).toEqual([]);
    expect(conclusion(head)).toBe("success");
    // A commit may have these digits.
    expect(said(number)).not.toMatch(/\b502\b/);
  });
});

describe("a command", () => {
  it("is acknowledged at once, while another change has a long turn, and not a second time by its own", async () => {
    const long = await stage.propose("long");
    const { number } = await stage.propose("short");
    await stage.quiet();
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const isHeld = new Promise<void>((resolve) => {
      const run = async (): Promise<void> => {
        resolve();
        await held;
      };
      stage.github.faults.next({ kind: "meanwhile", route: "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews", run });
    });
    await as("bob").comment(stage.name, long.number, "/why");
    await isHeld;
    asked = [];
    const { id } = await as("alice").comment(stage.name, number, "/merge");
    await expect.poll(() => stage.reactions(id)).toEqual(["eyes"]);
    expect(asked.filter((request) => request.includes(`/pulls/${number}`))).toEqual([]);
    letGo();
    await stage.quiet();
    expect(stage.reactions(id)).toEqual(["eyes", "confused"]);
    expect(asked.filter((request) => request.startsWith("POST") && request.endsWith(`/comments/${id}/reactions`))).toHaveLength(2);
  });

  it("is acknowledged by its turn where that failed when it came in", async () => {
    const { number } = await stage.propose("missed");
    await stage.quiet();
    const route = "POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions";
    stage.github.faults.next({ kind: "error-before", route, status: 502 });
    const { id } = await as("alice").comment(stage.name, number, "/merge");
    await stage.quiet();
    expect(stage.reactions(id)).toEqual(["eyes", "confused"]);
  });
});
