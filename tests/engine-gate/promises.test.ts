import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Policy } from "../../src/policy/schema.ts";
import { createStage, type Stage } from "./stage.ts";

/** What lands by itself: `/merge when ready` and everything that ends it, and a break-glass with the review that is owed for it. */
let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
beforeEach(async () => stage.begin());
afterAll(async () => stage.close());

const as = (login: string): ReturnType<Stage["github"]["as"]> => stage.github.as(login);
const merged = (number: number): string | null => stage.repo.pulls.get(number)?.merged?.sha ?? null;
const said = (number: number): string => {
  const comments = stage.comments(number);
  expect(comments).toHaveLength(1);
  // A name is written so that it calls nobody.
  return (comments[0] ?? "").replaceAll("&#64;&#8203;", "@");
};
const say = async (login: string, number: number, text: string): Promise<number> => {
  stage.tick(); // GitHub's times are whole seconds, and a command of a push's own second is refused
  const { id } = await as(login).comment(stage.name, number, text);
  await stage.quiet();
  return Number(id);
};
const approve = async (login: string, number: number): Promise<void> => {
  await as(login).review(stage.name, number, { event: "APPROVE" });
  await stage.quiet();
};

describe("/merge when ready", () => {
  it("lands by itself at the last thing it waited for: the approval came first, then the check", async () => {
    const letGo = stage.hold();
    const { number, head } = await stage.propose("first");
    await expect.poll(() => stage.judged.some((pair) => pair.endsWith(head))).toBe(true);
    await as("alice").comment(stage.name, number, "/merge when ready");
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.github.settled();
    await expect.poll(() => stage.comments(number)[0]).toContain("**alice wants this landed when it is ready**");
    letGo();
    await stage.quiet();
    expect(said(number)).toContain(`### Landed as ${merged(number)}`);
    expect(said(number)).not.toContain("ended:");
  });

  it("is ended by a push, and says so", async () => {
    const { number, head } = await stage.propose("pushed");
    await say("alice", number, "/merge when ready");
    expect(said(number)).toContain(`**alice wants this landed when it is ready**: \`${head.slice(0, 10)}\` lands by itself`);
    const next = await as("alice").commit(stage.name, { branch: "pushed", files: { "more.pp": "" }, message: "more" });
    await stage.quiet();
    expect(said(number)).toContain(`**alice said \`/merge when ready\`:** ended: ${next.slice(0, 10)} was pushed since`);
    await approve("bob", number);
    expect(merged(number)).toBeNull();
    expect(stage.checkRun(next)?.output.title).toBe("Ready: alice can say /merge");
  });

  it("is ended by more commands after it than GitHub is asked about, which says so among all their answers", async () => {
    const { number } = await stage.propose("talk");
    await say("alice", number, "/merge when ready");
    await stage.stopServer();
    for (let at = 0; at <= 100; at += 1) await as("bob").comment(stage.name, number, "/ok-to-test 1234567");
    await stage.restart();
    await stage.quiet();
    expect(said(number)).toContain(
      "**alice said `/merge when ready`:** ended: whether the comment that asked for it was edited can't be told (more than 100 comments with commands came after it); say it again",
    );
    expect(said(number).split("**bob said `/ok-to-test 1234567`:** refused: this is not from a fork")).toHaveLength(101);
    expect(stage.comments(number)[0]?.length).toBeLessThan(65_535);
    await approve("bob", number);
    expect(merged(number)).toBeNull();
  });

  it("is ended by another title, by a comment that is edited or deleted, and by a new policy, and says each", async () => {
    const { number } = await stage.propose("edited");
    await say("alice", number, "/merge when ready");
    await as("carol").editPull(stage.name, number, { title: "something else" });
    await stage.quiet();
    expect(said(number)).toContain("ended: title or description were edited since");
    const second = await say("alice", number, "/merge when ready");
    stage.tick();
    await as("alice").editComment(stage.name, second, "/merge when ready\n\nplease");
    await stage.quiet();
    expect(said(number)).toContain("ended: the comment that asked for it was edited");
    const third = await say("alice", number, "/merge when ready");
    await as("alice").deleteComment(stage.name, third);
    await stage.quiet();
    expect(said(number)).toContain("ended: the comment that asked for it was deleted");
    await say("alice", number, "/merge when ready");
    stage.policy = { landing: "exact", suggestions: "stay-eligible" };
    await as("carol").commit(stage.name, { branch: "main", files: { ".github/puppet-gate.yml": "version: 1\n" }, message: "policy" });
    await stage.quiet();
    expect(said(number)).toContain("ended: the policy changed since");
    await approve("bob", number);
    expect(merged(number)).toBeNull();
  });

  it("is ended by its author's /cancel and a writer's, and by nobody else's", async () => {
    stage.github.user("stranger");
    stage.github.collaborator(stage.name, "stranger", "read");
    const { number } = await stage.propose("cancelled");
    await say("alice", number, "/merge when ready");
    await say("stranger", number, "/cancel");
    expect(said(number)).toContain("**stranger said `/cancel`:** refused: this needs write access, and stranger has read");
    expect(said(number)).toContain("**alice wants this landed when it is ready**");
    await say("carol", number, "/cancel");
    expect(said(number)).toContain("**carol said `/cancel`:** nothing lands by itself any more");
    await say("alice", number, "/merge when ready");
    await say("alice", number, "/cancel");
    await approve("bob", number);
    expect(merged(number)).toBeNull();
    expect(said(number)).not.toContain("wants this landed");
  });
});

describe("/break-glass", () => {
  const breakGlass: Policy["breakGlass"] = { users: [], teams: ["acme/on-call"], hours: 4 };
  beforeAll(() => {
    stage.github.user("dave", { emails: ["dave@acme.example"] });
    stage.github.team("acme/on-call", { members: ["alice"] });
  });
  beforeEach(() => {
    stage.policy = { landing: "exact", breakGlass };
  });

  it("is for whom the policy names, on GitHub's page, with a reason; each refusal says which it is", async () => {
    const { number } = await stage.propose("asked");
    await stage.quiet();
    await say("bob", number, "/break-glass the primary is down");
    expect(said(number)).toContain("refused: only @acme/on-call may break the glass here, and bob is not one of them");
    await say("alice", number, "/break-glass");
    expect(said(number)).toContain("refused: it needs a reason of at least 10 characters: /break-glass REASON");
    await as("alice").comment(stage.name, number, "/break-glass the primary is down", "email");
    await stage.quiet();
    expect(said(number)).toContain("refused: this came by mail, which anybody could have sent; write it on GitHub's page");
    const helper = stage.github.app({
      name: "Helper",
      owner: "acme",
      webhookSecret: "another",
      permissions: { issues: "write", pull_requests: "write" },
      events: [],
    });
    stage.github.install(helper, { on: "acme" });
    await as("alice").comment(stage.name, number, "/break-glass the primary is down", helper);
    await stage.quiet();
    expect(said(number)).toContain("refused: an app wrote this in your name; write it yourself, on GitHub's page");
    expect(merged(number)).toBeNull();
  });

  it("expires by itself, and is said to", async () => {
    const { number, head } = await stage.propose("expiring");
    stage.verdicts.set(head, {
      verdict: { outcome: "blocked", reasons: [{ rule: "compile", outcome: "fail", text: "1 node would no longer compile" }] },
    });
    await stage.quiet();
    await say("alice", number, "/break-glass the primary is down");
    expect(said(number)).toContain(
      "lands without the people who would be asked, once what was checked is in order; a peer's review is owed for it",
    );
    expect(said(number)).toContain("**fail** compile: 1 node would no longer compile");
    expect(said(number)).toContain("**alice broke the glass**");
    expect(stage.checkRun(head)).toMatchObject({ conclusion: "failure", output: { title: "Blocked: does not compile" } });
    expect(merged(number)).toBeNull();
    stage.later(4 * 60 + 1);
    await stage.restart();
    await stage.quiet();
    expect(said(number)).toMatch(/\*\*alice said `\/break-glass`:\*\* ended: it expired at \d{4}-\d\d-\d\d \d\d:\d\d UTC/u);
    expect(said(number)).not.toContain("broke the glass**");
  });

  it("is owed and barred in its own branch alone, and shown there", async () => {
    await as("carol").commit(stage.name, { branch: "release", from: "main", files: { "release.pp": "" }, message: "release" });
    const { number } = await stage.propose("urgent-main");
    const files = { "fix.pp": "class fix { }\n" };
    await as("alice").commit(stage.name, { branch: "fix", from: "release", files, message: "fix" });
    const { number: other } = await as("alice").openPull(stage.name, { head: "fix", base: "release", title: "fix" });
    await stage.quiet();
    await say("alice", number, "/break-glass the primary is down");
    expect(said(number)).toContain("nobody can break the glass for `main` again");
    await say("alice", other, "/why");
    expect(said(other)).not.toContain("A review is owed");
    await say("alice", other, "/break-glass the release is down too");
    expect(said(other)).toContain(`### Landed as ${merged(other)}`);
    expect(said(other)).toContain("nobody can break the glass for `release` again");
    expect(said(other)).not.toContain(`pull request ${number}, landed`);
  });

  it("lands without a peer, and what is owed is shown everywhere, bars the next, is paid by a peer alone, and then gone everywhere", async () => {
    const { number: waiting, head: waitingHead } = await stage.propose("waiting");
    const { number } = await stage.propose("urgent");
    stage.github.collaborator(stage.name, "dave", "write");
    await as("dave").commit(stage.name, { branch: "urgent", files: { "daves.pp": "" }, message: "help" });
    await stage.quiet();
    stage.tick();
    await say("alice", number, "/break-glass the primary is down");
    expect(said(number)).toContain(`### Landed as ${merged(number)}`);
    expect(said(number)).toContain("**A review is owed.**");
    for (const text of [said(waiting), stage.checkRun(waitingHead)?.output.summary ?? ""]) {
      expect(text).toContain(`pull request ${number}, landed by alice at`);
      expect(text).toContain("the primary is down");
    }
    await say("alice", waiting, "/break-glass this one is urgent too");
    expect(said(waiting)).toContain(
      `refused: a review is still owed for pull request ${number}, which alice landed without one (the primary is down)`,
    );
    await approve("dave", number);
    expect(said(waiting)).toContain("**A review is owed.**");
    await approve("bob", number);
    for (const text of [said(number), said(waiting), stage.checkRun(waitingHead)?.output.summary ?? ""])
      expect(text).not.toContain("A review is owed");
    expect(merged(waiting)).toBeNull();
    const { entries, evidence } = await stage.ledger();
    const told = entries.filter(({ subject }) => subject === `pull/${number}`);
    expect(told.map(({ kind }) => kind).filter((kind) => kind !== "verdict")).toEqual([
      "break-glass",
      "contributed",
      "contributed",
      "merge-intended",
      "landed",
      "debt-owed",
      "approval-received",
      "approval-bound",
      "approval-received",
      "approval-bound",
      "debt-paid",
    ]);
    expect(entries.flatMap((entry) => entry.evidence).filter((digest) => !evidence.has(digest))).toEqual([]);
    expect(new Set(entries.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(entries.length);
  });
});
