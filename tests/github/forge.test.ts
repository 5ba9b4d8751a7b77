import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Effect } from "../../src/gate/decide.ts";
import type { View } from "../../src/gate/view.ts";
import { marker } from "../../src/github/words.ts";
import { openStage, type Stage } from "./stage.ts";

/** What the engine asks of GitHub besides snapshots, and what it has done there. */
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.answers.length = 0;
});

const idOf = (login: string): number => stage.github.as(login).account.id;

describe("teamMembers", () => {
  const members = (team: string): ReturnType<Stage["forge"]["teamMembers"]> => stage.forge.teamMembers(stage.origin, team);

  it("case 18: has those of the teams below, every page, and nobody who was only invited", async () => {
    const { github } = stage;
    github.team("acme/sre", { members: ["bob"], pending: ["dora"] });
    github.team("acme/sre-night", { members: ["alice"], parent: "sre" });
    expect(await members("acme/sre")).toEqual({ known: true, value: new Set([idOf("alice"), idOf("bob")]) });
    const many = Array.from({ length: 120 }, (_, n) => `p${n}`);
    for (const login of many) github.user(login);
    github.team("acme/many", { members: many });
    const found = await members("@acme/many");
    expect(found.known && found.value.size).toBe(120);
  });

  it("case 17: is asked anew each time", async () => {
    const { github } = stage;
    github.team("acme/web", { members: ["alice", "bob"] });
    await members("acme/web");
    github.removeFromTeam("acme/web", "bob");
    expect(await members("ACME/web")).toEqual({ known: true, value: new Set([idOf("alice")]) });
  });

  it("case 18: of another organisation by the App's installation there, and unknown without one", async () => {
    const { github, app } = stage;
    github.organization("globex", { carol: "admin" });
    github.team("globex/ops", { members: ["dora"] });
    expect(await members("globex/ops")).toEqual({
      known: false,
      reason: "the App is not installed in the organisation globex, so its teams can't be read: an owner of globex has to install it there",
      way: "an owner of globex: install the App there",
    });
    github.install(app, { on: "globex", permissions: { contents: "read" } });
    expect(await members("globex/ops")).toEqual({
      known: false,
      reason:
        'GitHub does not let the App see the members of globex/ops: an owner of globex has to grant it the permission "Members: read"',
      way: 'an owner of globex: grant the App "Members: read"',
    });
    github.organization("initech", { carol: "admin" });
    github.team("initech/ops", { members: ["dora"] });
    github.install(app, { on: "initech" });
    expect(await members("initech/ops")).toEqual({ known: true, value: new Set([idOf("dora")]) });
  });

  it.each([
    ["acme/nobody", "GitHub shows the App no team acme/nobody: mend its name in the policy", "an owner of the policy: mend the name of"],
    ["acme", "acme names no team: write ORGANISATION/TEAM", "an owner of the policy: write ORGANISATION/TEAM for acme"],
    ["acme/a/b", "acme/a/b names no team", "an owner of the policy: write ORGANISATION/TEAM"],
  ])("is unknown, and never empty, for %s", async (team, reason, way) => {
    const holding = (text: string): string => expect.stringContaining(text) as string;
    expect(await members(team)).toEqual({ known: false, reason: holding(reason), way: holding(way) });
  });
});

describe("openChanges", () => {
  it("tells of each what moves, in one request for each hundred, at the GraphQL address of an Enterprise Server", async () => {
    const { github, forge, origin, name, repo } = stage;
    const first = await stage.propose("open-1", { "a.pp": "class a { }\n" });
    const closed = await stage.propose("open-2", { "a.pp": "class a { }\n" });
    await github.as("alice").closePull(name, closed.number);
    await github.as("alice").request(`POST /repos/${name}/statuses/${first.head}`, { state: "failure", context: "ci" });
    await github.pulls(name, 250, { by: "alice" });
    stage.answers.length = 0;
    const open = await forge.openChanges(origin);
    expect(stage.answers).toEqual(Array.from({ length: 3 }, () => "200 POST /api/graphql"));
    expect(open).toHaveLength(251);
    expect(open.find(({ number }) => number === first.number)).toEqual({
      number: first.number,
      updatedAt: expect.stringMatching(/^\d{4}-.*Z$/u) as string,
      head: first.head,
      base: { ref: "main", tip: repo.refs.get("main") },
      checks: "FAILURE",
    });
    expect(new Set(open.map(({ number }) => number)).size).toBe(251);
  });

  it("is no shorter list where GitHub does not answer for a page", async () => {
    stage.github.faults.next({ kind: "error-before", route: "POST /graphql", status: 502 });
    const error = await stage.forge.openChanges(stage.origin).catch((thrown: unknown) => thrown);
    expect(stage.forge.explain(error)).toEqual({ text: "GitHub answered 502 to POST /api/graphql", after: 0 });
  });
});

describe("deliveries", () => {
  it("case 73: finds those of which an attempt failed, on every page, and has them sent again", async () => {
    const { github, app, forge, name } = stage;
    const received: string[] = [];
    let isDown = false;
    github.webhooks(app, async ({ headers }) => {
      if (isDown) throw new Error("down");
      received.push(String(headers["x-github-delivery"]));
    });
    const since = new Date(Date.now() - 60_000);
    const { number } = await stage.propose("delivered", { "a.pp": "class a { }\n" });
    await github.settled();
    expect(await forge.failedDeliveries(since)).toEqual([]);
    isDown = true;
    for (let n = 0; n < 120; n += 1) await github.as("alice").comment(name, number, `hello ${n}`);
    await github.settled();
    isDown = false;
    await github.as("alice").comment(name, number, "this one came through");
    await github.settled();
    const failed = await forge.failedDeliveries(since);
    expect(new Set(failed.map(({ guid }) => guid)).size).toBe(120);
    expect(failed.every(({ event }) => event === "issue_comment")).toBe(true);
    const [newest] = failed;
    const last = github.deliveries().findLast(({ status }) => (status ?? 0) < 200);
    expect(newest?.guid).toBe(last?.guid);
    await forge.redeliver(newest?.id ?? "");
    await github.settled();
    expect(received).toContain(newest?.guid);
    expect(await forge.failedDeliveries(new Date(Date.now() + 60_000))).toEqual([]);
    github.webhooks(app, async () => undefined);
  });
});

describe("installations", () => {
  it("are those that may act, with their repositories", async () => {
    const { github, app, forge, installation, origin } = stage;
    github.organization("hooli", { carol: "admin" });
    const asleep = github.install(app, { on: "hooli" });
    github.suspend(asleep);
    const found = await forge.installations();
    expect(found).toContain(installation.id);
    expect(found).not.toContain(asleep.id);
    expect(await forge.repositories(installation.id)).toContainEqual(origin);
  });
});

const view = (number: number, head: string, more: Partial<View> = {}): View => ({
  number,
  state: "open",
  opener: "alice",
  head,
  base: { ref: "main", sha: "a".repeat(40) },
  verdict: { outcome: "blocked", reasons: [{ rule: "peer", outcome: "pending", text: "one person must approve" }] },
  standing: "waiting",
  worse: [],
  answers: [],
  landing: null,
  observed: false,
  unblock: [],
  alarms: [],
  advice: [],
  debts: [],
  frozen: null,
  wish: null,
  glass: null,
  ...more,
});

describe("effects", () => {
  const perform = (number: number, effect: Effect): Promise<void> => stage.forge.perform(stage.origin, number, effect, null);
  const own = (number: number): string[] =>
    [...stage.repo.comments.values()]
      .filter((comment) => comment.number === number && comment.appId === stage.app.id)
      .map(({ body }) => body);

  it("leaves one comment of two that a race made", async () => {
    const { number, head } = await stage.propose("race", { "a.pp": "class a { }\n" });
    const effect: Effect = { kind: "comment", view: view(number, head) };
    await perform(number, effect);
    stage.github.faults.next({ kind: "stale", route: "GET /repos/{owner}/{repo}/issues/{issue_number}/comments" });
    await perform(number, effect);
    expect(own(number)).toHaveLength(2);
    await perform(number, effect);
    expect(own(number)).toHaveLength(1);
    expect(own(number)[0]?.startsWith(marker)).toBe(true);
  });

  it("reacts at once, and to a comment that is gone not at all", async () => {
    const { github, forge, origin, name, repo } = stage;
    const { number } = await stage.propose("reaction", { "a.pp": "class a { }\n" });
    const { id } = await github.as("alice").comment(name, number, "/why");
    await forge.react(origin, Number(id));
    await forge.react(origin, Number(id));
    expect(repo.comments.get(Number(id))?.reactions.map(({ content }) => content)).toEqual(["eyes"]);
    await github.as("alice").deleteComment(name, Number(id));
    await forge.react(origin, Number(id));
  });

  it("a change that is only observed has a check run that keeps nobody", async () => {
    const { number, head } = await stage.propose("observed", { "a.pp": "class a { }\n" });
    await perform(number, { kind: "check-run", head, pair: "x", view: view(number, head, { standing: "observed", observed: true }) });
    const run = [...stage.repo.checkRuns.values()].findLast(({ headSha }) => headSha === head);
    expect(run).toMatchObject({ status: "completed", conclusion: "neutral" });
  });

  it("case 65 and 80: says to a merge queue once that the gate takes no part in it", async () => {
    const { forge, origin, repo } = stage;
    const { head } = await stage.propose("queue", { "a.pp": "class a { }\n" });
    await forge.refuseMergeGroup(origin, head);
    await forge.refuseMergeGroup(origin, head);
    const runs = [...repo.checkRuns.values()].filter(({ headSha }) => headSha === head);
    expect(runs).toMatchObject([{ conclusion: "failure", output: { title: "No verdict: this gate does not work with a merge queue" } }]);
    expect(runs[0]?.output.summary).toContain('remove the rule "Require merge queue"');
  });
});

describe("suggestions", () => {
  const offer = (number: number, head: string, ...items: [path: string, line: number, endLine: number, text: string][]): Promise<void> => {
    const effect = {
      kind: "suggestions" as const,
      head,
      items: items.map(([path, line, endLine, text]) => ({ path, line, endLine, text })),
    };
    return stage.forge.perform(stage.origin, number, effect, null);
  };
  const offered = async (number: number): Promise<string[]> => {
    const comments = await stage.github
      .as("alice")
      .request<{ path: string; line: number | null; start_line?: number | null; body: string }[]>(
        `GET /repos/${stage.name}/pulls/${number}/comments?per_page=100`,
      );
    return comments.map(
      ({ path, line, start_line, body }) =>
        `${path}:${start_line ?? ""}-${line} ${/```suggestion\n(?<text>[^`]*)\n```/u.exec(body)?.groups?.["text"]}`,
    );
  };
  const motd = 'class motd {\n  $a = "z"\n  $c = "c"\n}\n';

  it("are one review with a button for each, made once, and only on lines that GitHub shows", async () => {
    const { github, name } = stage;
    const { number, head } = await stage.propose("suggested", { "motd.pp": motd });
    const all: Parameters<typeof offer>[2][] = [
      ["motd.pp", 2, 2, "  $a = 'z'"],
      ["motd.pp", 2, 3, "  $a = 'z'\n  $c = 'c'"],
      ["motd.pp", 400, 400, "nowhere"],
      ["site.pp", 1, 1, "not of this change"],
      ["motd.pp", 3, 3, "  $c = '\u202ec'"],
    ];
    await offer(number, head, ...all);
    const two = ["motd.pp:-2   $a = 'z'", "motd.pp:2-3   $a = 'z'\n  $c = 'c'"];
    expect(await offered(number)).toEqual(two);
    const reviews = await github.as("alice").request<{ state: string }[]>(`GET /repos/${name}/pulls/${number}/reviews`);
    expect(reviews.map(({ state }) => state)).toEqual(["COMMENTED"]);
    await offer(number, head, ...all);
    expect(await offered(number)).toEqual(two);
  });

  it("are made again for a new head only where they do not stand any more", async () => {
    const { github, name } = stage;
    const { number, head } = await stage.propose("again", { "motd.pp": motd });
    await offer(number, head, ["motd.pp", 2, 2, "  $a = 'z'"]);
    const next = await github.as("alice").commit(name, { branch: "again", files: { "b.pp": "class b { }\n" }, message: "b" });
    await offer(number, next, ["motd.pp", 2, 2, "  $a = 'z'"]);
    expect(await offered(number)).toHaveLength(1);
    await offer(number, next, ["motd.pp", 3, 3, "  $c = 'c'"]);
    expect(await offered(number)).toHaveLength(2);
  });

  it("are at most twenty", async () => {
    const lines = Array.from({ length: 30 }, (_, n) => `$v${n} = "x"`);
    const { number, head } = await stage.propose("twenty", { "many.pp": `${lines.join("\n")}\n` });
    await offer(
      number,
      head,
      ...lines.map((line, at): Parameters<typeof offer>[2] => ["many.pp", at + 1, at + 1, line.replaceAll('"', "'")]),
    );
    expect(await offered(number)).toHaveLength(20);
  });
});

describe("labelsOf", () => {
  it("has those that a pull request has now, and is unknown of one that is not there", async () => {
    const { github, forge, origin, name } = stage;
    const { number } = await stage.propose("labelled", { "a.pp": "class a { }\n" });
    await github.as("alice").addLabels(name, number, ["rollout/solo"]);
    expect(await forge.labelsOf(origin, number)).toEqual({ known: true, value: ["rollout/solo"] });
    expect(await forge.labelsOf(origin, 9999)).toMatchObject({ known: false });
  });
});
