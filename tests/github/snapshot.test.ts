import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Known, Snapshot } from "../../src/gate/facts.ts";
import type { Installation } from "../../src/demo/github/state.ts";
import { openStage, type Stage } from "./stage.ts";

/** What a snapshot says of a GitHub where things happened. */
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const read = (number: number): Promise<Snapshot> => stage.forge.snapshot(stage.origin, number);
function valueOf<T>(known: Known<T>): T {
  if (!known.known) throw new Error(known.reason);
  return known.value;
}

it("a rate limit is no unknown: nothing is said of a change until it can be asked again", async () => {
  const { github, forge } = stage;
  const { number } = await stage.propose("limited", { "a.pp": "class a { }\n" });
  github.faults.next({ kind: "secondary-limit", route: "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews", retryAfter: 37 });
  const error = await read(number).catch((thrown: unknown) => thrown);
  expect(forge.explain(error)).toEqual({
    text: `GitHub answered 403 to GET /repos/acme/control/pulls/${number}/reviews: its rate limit is reached, and it wants 37 seconds without requests`,
    after: 37,
  });
});

describe("reviews", () => {
  it("tells who dismissed one, and what it was", async () => {
    const { github, name } = stage;
    const { number, head } = await stage.propose("dismissed", { "a.pp": "class a { }\n" });
    const block = await github.as("bob").review(name, number, { event: "REQUEST_CHANGES", body: "no" });
    await github.as("alice").dismissReview(name, number, Number(block.id), "but yes");
    const fine = await github.as("bob").review(name, number, { event: "APPROVE" });
    const [first, second] = valueOf((await read(number)).reviews);
    const by = { id: github.as("alice").account.id, login: "alice", bot: false };
    expect(first).toMatchObject({
      id: block.id,
      stance: "dismissed",
      commit: head,
      dismissal: { known: true, value: { by, was: "changes-requested" } },
    });
    expect(second).toMatchObject({ id: fine.id, stance: "approved", commit: head, dismissal: null });
    expect(second?.submittedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/u);
  });

  it("does not know who dismissed one where GitHub's history can't be read", async () => {
    const { github, name } = stage;
    const { number } = await stage.propose("unread", { "a.pp": "class a { }\n" });
    const { id } = await github.as("bob").review(name, number, { event: "APPROVE" });
    await github.as("alice").dismissReview(name, number, Number(id), "again");
    github.faults.next({ kind: "error-before", route: "GET /repos/{owner}/{repo}/issues/{issue_number}/events", status: 502 });
    const snapshot = await read(number);
    const reason = `GitHub answered 502 to GET /repos/acme/control/issues/${number}/events`;
    expect(snapshot.history).toEqual({ known: false, reason });
    expect(valueOf(snapshot.reviews)[0]?.dismissal).toEqual({ known: false, reason });
  });
});

describe("history", () => {
  it("is empty of a change that only grew, and has the latest force-push and retargeting", async () => {
    const { github, name } = stage;
    const { number } = await stage.propose("moved", { "a.pp": "class a { }\n" });
    expect((await read(number)).history).toEqual({ known: true, value: { retargetedAt: null, forcePushedAt: null } });
    const alice = github.as("alice");
    await alice.commit(name, { branch: "other-base", from: "main", files: { "o.pp": "class o { }\n" }, message: "o" });
    const other = await alice.commit(name, { branch: "spare", from: "main", files: { "b.pp": "class b { }\n" }, message: "b" });
    await alice.moveBranch(name, "moved", other);
    await alice.editPull(name, number, { base: "other-base", title: "New", body: "Text" });
    const snapshot = await read(number);
    const { retargetedAt, forcePushedAt } = valueOf(snapshot.history);
    expect([retargetedAt, forcePushedAt]).toEqual([expect.stringMatching(/Z$/u), expect.stringMatching(/Z$/u)]);
    expect(snapshot).toMatchObject({ title: "New", body: "Text", base: { ref: "other-base" } });
  });
});

describe("checks", () => {
  it("cases 49 and 50: have the app, and the workflow file of those of Actions; without the gate's own", async () => {
    const { github, name, forge, origin } = stage;
    const { number, head } = await stage.propose("checked", { "a.pp": "class a { }\n" });
    await github.workflow(name, "alice", { path: ".github/workflows/ci.yml", head, jobs: { ci: "failure", slow: null } });
    await github.workflow(name, "alice", { path: ".github/workflows/ci.yml", head, jobs: { ci: "success" } });
    await github.workflow(name, "alice", { path: ".github/workflows/mine.yml", head, jobs: { ci: "failure" } });
    await github.as("alice").request(`POST /repos/${name}/statuses/${head}`, { state: "error", context: "jenkins" });
    await github.as("alice").request(`POST /repos/${name}/statuses/${head}`, { state: "pending", context: "puppet-gate" });
    await forge.refuseMergeGroup(origin, head); // a check run of our own
    const checks = valueOf((await read(number)).checks);
    const actions = checks.find(({ name: check }) => check === "ci")?.app ?? 0;
    const shown = checks.map(({ name: check, app, state, conclusion, workflow }) => [check, app, state, conclusion, valueOf(workflow)]);
    expect(actions).toBeGreaterThan(0);
    expect(shown.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
      ["ci", actions, "completed", "failure", ".github/workflows/mine.yml"],
      ["ci", actions, "completed", "success", ".github/workflows/ci.yml"],
      ["jenkins", null, "completed", "failure", null],
      ["puppet-gate", null, "running", null, null],
      ["slow", actions, "running", null, ".github/workflows/ci.yml"],
    ]);
  });

  it("case 53: a run that began anew is running, whatever the one before it came to", async () => {
    const { github, name } = stage;
    const { number, head } = await stage.propose("again", { "a.pp": "class a { }\n" });
    await github.workflow(name, "alice", { path: ".github/workflows/ci.yml", head, jobs: { ci: "success" } });
    await github.workflow(name, "alice", { path: ".github/workflows/ci.yml", head, jobs: { ci: null } });
    expect(valueOf((await read(number)).checks)).toMatchObject([{ name: "ci", state: "running", conclusion: null }]);
  });

  it("are unknown where one list can't be read, and never fewer", async () => {
    const { github, name } = stage;
    const { number, head } = await stage.propose("unlisted", { "a.pp": "class a { }\n" });
    await github.workflow(name, "alice", { path: ".github/workflows/ci.yml", head, jobs: { ci: "success" } });
    github.faults.next({ kind: "error-before", route: "GET /repos/{owner}/{repo}/commits/{ref}/status", status: 502 });
    expect((await read(number)).checks).toMatchObject({ known: false });
    github.faults.next({ kind: "error-before", route: "GET /repos/{owner}/{repo}/actions/runs", status: 502 });
    expect(valueOf((await read(number)).checks)).toMatchObject([{ name: "ci", workflow: { known: false } }]);
  });
});

describe("permissions that the App lacks are named, and nothing is taken for empty", () => {
  async function checksWithout(owner: string, ...lacking: string[]): Promise<Snapshot["checks"]> {
    const { github, app, forge } = stage;
    const name = `${owner}/control`;
    github.organization(owner, { carol: "admin" });
    const repo = await github.repository(name);
    const permissions = Object.fromEntries(Object.entries(app.permissions).filter(([permission]) => !lacking.includes(permission)));
    const installation = github.install(app, { on: owner, permissions }).id;
    const carol = github.as("carol");
    await carol.commit(name, { branch: "main", files: { "site.pp": "node default { }\n" }, message: "Begin" });
    const head = await carol.commit(name, { branch: "next", from: "main", files: { "a.pp": "class a { }\n" }, message: "a" });
    const { number } = await carol.openPull(name, { head: "next", title: "a" });
    await github.workflow(name, "carol", { path: ".github/workflows/ci.yml", head, jobs: { ci: "success" } });
    return (await forge.snapshot({ installation, repository: { id: repo.id, owner, name: "control" } }, number)).checks;
  }

  it("for statuses", async () => {
    const reason = expect.stringContaining('grant it "Checks: write" and "Commit statuses: read"') as string;
    const way = 'an administrator: grant the App "Checks: write" and "Commit statuses: read"';
    expect(await checksWithout("umbra", "statuses")).toEqual({ known: false, reason, way });
  });

  it("for workflow runs, of which alone the workflow comes", async () => {
    const reason = 'GitHub does not let the App see workflow runs: grant it the permission "Actions: read"';
    const way = 'an administrator: grant the App "Actions: read"';
    expect(valueOf(await checksWithout("penumbra", "actions"))).toMatchObject([{ name: "ci", workflow: { known: false, reason, way } }]);
  });
});

describe("the organisation's policy", () => {
  const here = (): ReturnType<Stage["github"]["as"]> => stage.github.as("carol");
  /** An organisation with its control repo and a pull request in it, and with or without a policy that the App is shown. */
  async function organisation(owner: string, policy: string | null): Promise<() => Promise<Snapshot["organisation"]>> {
    const { github, app, forge } = stage;
    github.organization(owner, { carol: "admin" });
    const repo = await github.repository(`${owner}/control`);
    const commit = (name: string, branch: string, path: string, text = "class a { }\n"): Promise<string> =>
      here().commit(`${owner}/${name}`, { branch, ...(branch === "next" ? { from: "main" } : {}), files: { [path]: text }, message: "a" });
    await commit("control", "main", "site.pp");
    await commit("control", "next", "a.pp");
    if (policy !== null) {
      await github.repository(`${owner}/.github`);
      await commit(".github", "main", ".github/puppet-gate.yml", policy);
    }
    const { number } = await here().openPull(`${owner}/control`, { head: "next", title: "a" });
    const installation = github.install(app, { on: owner }).id;
    const origin = { installation, repository: { id: repo.id, owner, name: "control" } };
    return async () => (await forge.snapshot(origin, number)).organisation;
  }
  const installationOn = (owner: string): Installation => {
    const { installations, accounts } = stage.github.state;
    const found = [...installations.values()].find(({ accountId }) => accounts.get(accountId)?.login === owner);
    if (found === undefined) throw new Error(`nothing is installed on ${owner}`);
    return found;
  };

  it("that was seen and is hidden from the App is unknown, and nothing lands by the repository's own", async () => {
    const read = await organisation("stark", "version: 1\n");
    expect((await read()).known).toBe(true);
    stage.github.removeRepositories(installationOn("stark"), ".github");
    expect(await read()).toEqual({
      known: false,
      reason: 'stark/.github had a policy, and GitHub answers "not found" to it now: it was deleted, or hidden from the App',
      way: expect.stringContaining("an owner of stark: install the App on stark/.github or bring it back") as string,
    });
    stage.github.addRepositories(installationOn("stark"), ".github");
    expect(valueOf(await read())?.text).toBe("version: 1\n");
  });

  it("that was taken away in plain sight is none, and is not missed any more", async () => {
    const read = await organisation("wayne", "version: 1\n");
    expect(valueOf(await read())?.text).toBe("version: 1\n");
    await here().commit("wayne/.github", { branch: "main", files: { ".github/puppet-gate.yml": null }, message: "none" });
    expect(await read()).toEqual({ known: true, value: null });
    stage.github.removeRepositories(installationOn("wayne"), ".github");
    expect(await read()).toEqual({ known: true, value: null });
  });

  it("is asked of nobody where the server is told so, and of everybody where it is told that", async () => {
    const read = await organisation("oscorp", "version: 1\n");
    stage.policies.mode = "none";
    expect(await read()).toEqual({ known: true, value: null });
    stage.policies.mode = "required";
    expect(valueOf(await read())?.text).toBe("version: 1\n");
    const without = await organisation("tyrell", null);
    expect(await without()).toEqual({
      known: false,
      reason: "GitHub shows the App no tyrell/.github/.github/puppet-gate.yml, and ORGANISATION_POLICY=required asks for one",
      way: "an owner of tyrell: put the policy there, and install the App on tyrell/.github",
    });
    stage.policies.mode = "auto";
    expect(await without()).toEqual({ known: true, value: null });
  });

  it("is out of sight where the App has chosen repositories without its own", async () => {
    expect(await stage.forge.organisationsUnseen()).toEqual(["wayne"]);
  });

  it("is none, then what the file says, asked for by its tag, and unknown while it can't be read", async () => {
    const { github } = stage;
    const { number } = await stage.propose("policy", { "a.pp": "class a { }\n" });
    const route = "GET /repos/{owner}/{repo}/contents/{path}";
    expect((await read(number)).organisation).toEqual({ known: true, value: null });
    await github.repository("acme/.github");
    const carol = github.as("carol");
    const write = (text: string): Promise<string> =>
      carol.commit("acme/.github", { branch: "main", files: { ".github/puppet-gate.yml": text }, message: "policy" });
    await write("version: 1\n");
    const policy = { path: "acme/.github/.github/puppet-gate.yml", text: "version: 1\n" };
    expect((await read(number)).organisation).toEqual({ known: true, value: policy });
    stage.answers.length = 0;
    expect((await read(number)).organisation).toEqual({ known: true, value: policy });
    expect(stage.answers).toContain("304 GET /repos/acme/.github/contents/.github%2Fpuppet-gate.yml");
    await write("version: 1\nmode: observe\n");
    expect(valueOf((await read(number)).organisation)?.text).toBe("version: 1\nmode: observe\n");
    github.faults.next({ kind: "error-before", route, status: 503 });
    expect((await read(number)).organisation).toEqual({
      known: false,
      reason: "GitHub answered 503 to GET /repos/acme/.github/contents/.github%2Fpuppet-gate.yml",
    });
    await carol.commit("acme/.github", { branch: "main", files: { ".github/puppet-gate.yml": null }, message: "none" });
    expect((await read(number)).organisation).toEqual({ known: true, value: null });
  });
});

describe("comments", () => {
  it("tells what an app wrote in a person's name, and what came by mail where it matters", async () => {
    const { github, name, app } = stage;
    const { number } = await stage.propose("talk", { "a.pp": "class a { }\n" });
    const bob = github.as("bob");
    await bob.comment(name, number, "/break-glass the building is on fire", "email");
    await bob.comment(name, number, "/break-glass the building is on fire");
    await bob.comment(name, number, "/break-glass the building is on fire", app);
    await bob.comment(name, number, "> /break-glass quoted", "email");
    const told = valueOf((await read(number)).comments).map(({ byApp, byMail }) => [byApp, byMail.known ? byMail.value : byMail.reason]);
    expect(told).toEqual([
      [false, true],
      [false, false],
      [true, false],
      [false, "it was not asked for"],
    ]);
    github.faults.next({ kind: "error-before", route: "POST /graphql", status: 502 });
    const [first] = valueOf((await read(number)).comments);
    expect(first?.byMail).toMatchObject({ known: false, reason: expect.stringContaining("GitHub answered 502") as string });
  });

  it("knows what may who gave a command", async () => {
    const { github, name } = stage;
    const { number } = await stage.propose("commands", { "a.pp": "class a { }\n" });
    github.collaborator(name, "dora", "read");
    await github.as("dora").comment(name, number, "/why");
    const { permissions } = await read(number);
    expect(permissions.get(github.as("dora").account.id)).toEqual({ known: true, value: "read" });
    expect(permissions.get(github.as("alice").account.id)).toEqual({ known: true, value: "write" });
    expect(permissions.has(github.as("bob").account.id)).toBe(false);
  });
});

describe("comments", () => {
  it("case 24: tell who edited a command, even within the second it was written, and whether it came by mail", async () => {
    const { github, name } = stage;
    const { number } = await stage.propose("edited", { "a.pp": "class a { }\n" });
    const [alice, bob] = [github.as("alice"), github.as("bob")];
    const ids = [
      await bob.comment(name, number, "Later."),
      await bob.comment(name, number, "/merge"),
      await bob.comment(name, number, "/cancel"),
    ];
    await bob.comment(name, number, "/recheck", "email");
    await alice.editComment(name, Number(ids[0]?.id), "/merge");
    await bob.editComment(name, Number(ids[1]?.id), "/merge squash");
    const comments = valueOf((await read(number)).comments);
    const by = (login: "alice" | "bob"): object => ({ id: github.as(login).account.id, login, bot: false });
    expect(comments.map(({ edited, byMail }) => [valueOf(edited), valueOf(byMail)])).toEqual([
      [{ by: by("alice"), foreign: true }, false],
      [{ by: by("bob"), foreign: false }, false],
      [null, false],
      [null, true],
    ]);
  });

  it("case 24: do not know it of a command where GitHub does not say, and ask nothing about any other", async () => {
    const { github, name } = stage;
    const { number } = await stage.propose("untold", { "a.pp": "class a { }\n" });
    await github.as("bob").comment(name, number, "Fine. /merge that?");
    await github.as("bob").comment(name, number, "/merge");
    github.faults.next({ kind: "error-before", route: "POST /graphql", status: 502 });
    const comments = valueOf((await read(number)).comments);
    expect(comments.map(({ edited }) => edited)).toMatchObject([{ known: true, value: null }, { known: false }]);
  });
});

it("is none of a repository that took the name of the one that was asked for", async () => {
  const { number } = await stage.propose("renamed", { "a.pp": "class a { }\n" });
  const { origin } = stage;
  const before = { ...origin, repository: { ...origin.repository, id: origin.repository.id + 1 } };
  await expect(stage.forge.snapshot(before, number)).rejects.toMatchObject({ code: "other-repository" });
});
