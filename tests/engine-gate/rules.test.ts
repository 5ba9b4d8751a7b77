import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { known } from "../../src/gate/facts.ts";
import type { Approvers, Requirement } from "../../src/policy/requirement.ts";
import type { Rule } from "../../src/policy/schema.ts";
import { createOctokit } from "../github-stand-in/stage.ts";
import { createStage, type Stage } from "./stage.ts";

/** What a policy asks for besides a peer, as its people meet it: others' checks, teams and owners, freezes, and a policy that only observes. */
let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
  stage.github.user("dave", { emails: ["dave@acme.example"] });
});
beforeEach(async () => {
  await stage.begin();
  stage.github.collaborator(stage.name, "dave", "write");
});
afterAll(async () => stage.close());

const as = (login: string): ReturnType<Stage["github"]["as"]> => stage.github.as(login);
const merged = (number: number): boolean => stage.repo.pulls.get(number)?.merged !== null;
const said = (number: number): string => (stage.comments(number)[0] ?? "").replaceAll("&#64;&#8203;", "@"); // a name is written so that it calls nobody
const say = async (login: string, number: number, text: string): Promise<void> => {
  stage.tick(); // GitHub's times are whole seconds, and a command of a push's own second is refused
  await as(login).comment(stage.name, number, text);
  await stage.quiet();
};
const approve = async (login: string, number: number): Promise<void> => {
  await as(login).review(stage.name, number, { event: "APPROVE" });
  await stage.quiet();
};
const title = (head: string): string | undefined => stage.checkRun(head)?.output.title ?? undefined;

const rule = (name: string, require: Requirement, mode: Rule["mode"] = "enforce"): Rule => ({ name, mode, when: "true", require });
const approvals = (from: Partial<Approvers> = {}, count = 1): Requirement => ({
  approvals: { count, from: { users: [], teams: [], permission: "write", owners: null, codeowners: null, ...from } },
});
const ci = (appId: number, workflow: string | null = null): Requirement => ({
  check: { name: "ci", appId, accept: ["success"], workflow, timeoutMinutes: 60 },
});

describe("a policy that observes", () => {
  it("says what it would have done, holds nobody up but at /merge, and lets that do what enforcing would", async () => {
    stage.policy = { mode: "observe", landing: "exact" };
    const { number, head } = await stage.propose("observed");
    await stage.quiet();
    expect(stage.checkRun(head)).toMatchObject({ conclusion: "neutral", output: { title: "Only observed: Waiting for review: peer" } });
    await say("alice", number, "/merge");
    expect(merged(number)).toBe(false);
    expect(said(number)).toContain("**alice said `/merge`:** refused, because of these rules");
    await approve("bob", number);
    expect(stage.checkRun(head)).toMatchObject({ conclusion: "success" });
    await say("alice", number, "/merge");
    expect(merged(number)).toBe(true);
  });

  it("observes a rule beside others that hold, and paths beside others", async () => {
    stage.policy = { landing: "exact", rules: [rule("peer", approvals()), rule("two", approvals({}, 2), "observe")] };
    const { number, head } = await stage.propose("ruled");
    await approve("bob", number);
    expect(title(head)).toBe("Ready: alice can say /merge");
    expect(said(number)).toContain("- observed, would be **pending**: two: would have been in the way: bob approved");
    stage.policy = { landing: "exact", observePaths: ["docs/**"] };
    const second = await stage.propose("documented");
    stage.besides.set(second.head, { paths: ["docs/a.md"] });
    await stage.quiet();
    expect(stage.checkRun(second.head)).toMatchObject({ conclusion: "neutral" });
    const third = await stage.propose("both");
    stage.besides.set(third.head, { paths: ["docs/a.md", "manifests/site.pp"] });
    await stage.quiet();
    expect(stage.checkRun(third.head)).toMatchObject({ conclusion: "action_required" });
  });
});

describe("freezes", () => {
  it("are told where they are advice, bind where they are binding until their end, and end by the clock alone", async () => {
    const [from, to] = [-3_600_000, 3_600_000].map((by) => new Date(Date.now() + by).toISOString());
    const freeze = { name: "launch", reason: "The new player is launched.", when: { from: from ?? "", to: to ?? "" } };
    stage.policy = { landing: "exact", freezes: [{ ...freeze, binding: false }] };
    const advised = await stage.propose("advised");
    await approve("bob", advised.number);
    expect(title(advised.head)).toBe("Ready: alice can say /merge");
    const end = `${to?.slice(0, 16).replace("T", " ")} UTC`;
    expect(said(advised.number)).toContain(`freeze launch holds until ${end}: The new player is launched.`);
    expect(said(advised.number)).toContain("It forbids nothing");
    stage.policy = { landing: "exact", freezes: [{ ...freeze, binding: true }] };
    const bound = await stage.propose("bound");
    await approve("bob", bound.number);
    expect(title(bound.head)).toMatch(/^Waiting until (?:Sun|Mon|Tue|Wed|Thu|Fri|Sat) \d\d:\d\d UTC$/u);
    await say("alice", bound.number, "/merge when ready");
    expect(merged(bound.number)).toBe(false);
    expect(said(bound.number)).toContain(`wait until ${end}`);
    stage.later(61);
    await stage.restart();
    await stage.quiet();
    expect(merged(bound.number)).toBe(true);
  });
});

describe("others' checks", () => {
  it("case 49, 52, 53 and 54: count for the App that the policy names, once they are done, and no longer when they turn red", async () => {
    const [mine, theirs] = ["CI", "Other"].map((name) =>
      stage.github.app({ name, owner: "acme", webhookSecret: "x", permissions: { checks: "write" }, events: [] }),
    );
    if (mine === undefined || theirs === undefined) throw new Error("no apps");
    for (const app of [mine, theirs]) stage.github.install(app, { on: "acme" });
    stage.policy = { landing: "exact", rules: [rule("peer", approvals()), rule("ci", ci(mine.id))] };
    const { number, head } = await stage.propose("checked");
    await approve("bob", number);
    expect(said(number)).toContain("ci: check ci was not reported on");
    expect(title(head)).toBe("Waiting for checks: ci");
    await report(theirs, head, "success");
    expect(said(number)).toContain(`a check ci of app ${theirs.id} doesn't count, because the policy asks for that of app ${mine.id}`);
    const run = await report(mine, head, null);
    expect(said(number)).toContain(`check ci of ${head.slice(0, 10)} has been running since`);
    await report(mine, head, "success", run);
    expect(title(head)).toBe("Ready: alice can say /merge");
    await report(mine, head, "failure");
    expect(title(head)).toBe("Blocked: checks failed: ci");
    await say("alice", number, "/merge");
    expect(merged(number)).toBe(false);
    expect(said(number)).toContain(`**fail** ci: check ci of ${head.slice(0, 10)} ended as failure, and the policy takes success alone`);
    await report(mine, head, "neutral");
    expect(said(number)).toContain("ended as neutral, and the policy takes success alone");
  });

  it("case 52: one that never comes is said to be missing after its time, without a webhook", async () => {
    stage.policy = { landing: "exact", rules: [rule("peer", approvals()), rule("ci", ci(4_242))] };
    const { number, head } = await stage.propose("awaited");
    await approve("bob", number);
    expect(title(head)).toBe("Waiting for checks: ci");
    stage.later(61);
    await stage.restart();
    await stage.quiet();
    expect(title(head)).toBe("Blocked: checks failed: ci");
    expect(said(number)).toContain(`check ci was not reported on ${head.slice(0, 10)} within 60 minutes: start it or push again`);
  });

  it("case 50: the workflow file counts, not the name; case 78: a check under the gate's own name is an alarm", async () => {
    stage.policy = { landing: "exact", rules: [rule("peer", approvals()), rule("ci", ci(15_368, ".github/workflows/ci.yml"))] };
    const { number, head } = await stage.propose("worked");
    await approve("bob", number);
    await stage.github.workflow(stage.name, "alice", { path: ".github/workflows/easy.yml", head, jobs: { ci: "success" } });
    await stage.quiet();
    expect(said(number)).toContain(
      "a check ci of .github/workflows/easy.yml doesn't count, because the policy asks for that of .github/workflows/ci.yml",
    );
    await stage.github.workflow(stage.name, "alice", {
      path: ".github/workflows/ci.yml",
      head,
      jobs: { ci: "success", "puppet-gate": "success" },
    });
    await stage.quiet();
    expect(said(number)).toContain("app 15368 reported a check puppet-gate that is not this gate's: it counts for nothing here");
    expect(title(head)).toBe("Ready: alice can say /merge");
  });
});

describe("named people", () => {
  it("case 17 and 18: members of a team below count until they leave it, and another organisation's team that can't be read is unknown", async () => {
    stage.github.team("acme/sre");
    stage.github.team("acme/sre-night", { parent: "sre", members: ["dave"] });
    stage.policy = { landing: "exact", rules: [rule("sre", approvals({ teams: ["acme/sre"] }))] };
    const { number, head } = await stage.propose("teamed");
    await approve("bob", number);
    expect(said(number)).toContain("bob's approval doesn't count here: bob is none of @acme/sre");
    await approve("dave", number);
    expect(title(head)).toBe("Ready: alice can say /merge");
    stage.github.removeFromTeam("acme/sre-night", "dave");
    await say("alice", number, "/merge");
    expect(merged(number)).toBe(false);
    expect(said(number)).toContain("dave's approval doesn't count here: dave is none of @acme/sre");
    stage.github.organization("other");
    stage.github.team("other/sre", { members: ["dave"] });
    stage.policy = { landing: "exact", rules: [rule("sre", approvals({ teams: ["other/sre"] }))] };
    const second = await stage.propose("foreign");
    await approve("dave", second.number);
    expect(title(second.head)).toBe("Blocked: review unknown: sre");
    expect(said(second.number)).toMatch(/dave's approval doesn't count here: .*other/u);
  });

  it("asks the owners of what changes: CODEOWNERS by path, and the affected services", async () => {
    stage.github.team("acme/web", { members: ["carol"] });
    stage.github.teamAccess("acme/web", stage.name, "write");
    stage.policy = {
      landing: "exact",
      services: [{ name: "playlist", owners: ["dave"], match: "true" }],
      rules: [rule("owners", approvals({ codeowners: "every-path" })), rule("services", approvals({ owners: "affected-services" }))],
    };
    const { number, head } = await stage.propose("owned");
    stage.besides.set(head, { paths: ["web/a.pp"], codeowners: known({ path: "CODEOWNERS", text: "* @bob\nweb/ @acme/web\n" }) });
    await approve("bob", number);
    expect(said(number)).toContain("acme/web");
    await approve("carol", number);
    expect(title(head)).toBe("Waiting for review: services");
    await approve("dave", number);
    expect(title(head)).toBe("Ready: alice can say /merge");
  });

  it("case 16: who has another name now is who they were", async () => {
    const { number, head } = await stage.propose("renamed");
    await approve("dave", number);
    const account = stage.github.as("dave").account;
    account.login = "david";
    try {
      await say("alice", number, "/merge");
      expect(merged(number)).toBe(true);
    } finally {
      account.login = "dave";
    }
    expect(head).not.toBe("");
  });
});

async function report(app: Stage["app"], head: string, conclusion: "success" | "failure" | "neutral" | null, id?: number): Promise<number> {
  const installationId = [...stage.github.state.installations.values()].find(({ appId }) => appId === app.id)?.id;
  const auth = { appId: app.id, privateKey: app.privateKey, installationId };
  const api = createOctokit({ auth, request: { fetch: stage.github.fetch } });
  const [owner = "", repo = ""] = stage.name.split("/");
  const state = conclusion === null ? { status: "in_progress" as const } : { status: "completed" as const, conclusion };
  const { data } =
    id === undefined
      ? await api.rest.checks.create({ owner, repo, name: "ci", head_sha: head, ...state })
      : await api.rest.checks.update({ owner, repo, check_run_id: id, ...state });
  await stage.quiet();
  return data.id;
}
