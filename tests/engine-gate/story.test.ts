import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createStage, type Stage } from "./stage.ts";

/** Whole stories: signed webhooks in over HTTP, and what people then see on GitHub. One server for the file. */
let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
beforeEach(async () => stage.begin());
afterAll(async () => stage.close());

const one = (number: number): string => {
  const comments = stage.comments(number);
  expect(comments).toHaveLength(1);
  return comments[0] ?? "";
};
const isMerged = (number: number): boolean => stage.repo.pulls.get(number)?.merged !== null;
/** Bob's work merged into alice's, as `git merge` does it on her machine: hers is the first parent. */
async function merged(ours: string, theirs: string): Promise<string> {
  const git = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)("git", ["-C", stage.repo.folder, ...args], { env: { ...process.env, ...signature } })).stdout.trim();
  const tree = await git("merge-tree", "--write-tree", ours, theirs);
  return git("commit-tree", tree, "-p", ours, "-p", theirs, "-m", "take bob's");
}
const signature = {
  GIT_AUTHOR_NAME: "alice",
  GIT_AUTHOR_EMAIL: "alice@acme.example",
  GIT_COMMITTER_NAME: "alice",
  GIT_COMMITTER_EMAIL: "alice@acme.example",
};
const as = (login: string): ReturnType<Stage["github"]["as"]> => stage.github.as(login);

describe("a change's way", () => {
  it("goes from opened over reviewed to landed, with one check run, one comment and true labels", async () => {
    const { number, head } = await stage.propose("first");
    await stage.quiet();
    expect(stage.checkRun(head)).toMatchObject({
      name: "puppet-gate",
      status: "completed",
      conclusion: "action_required",
      output: { title: "Waiting for review: peer" },
    });
    expect(stage.labels(number)).toEqual(["radius/small", "service/playlist"]);
    expect(one(number)).toContain("### Waiting for review: peer");
    expect(one(number)).toContain("**pending** peer: one person with write access who contributed nothing to it (not alice) must approve");

    const early = await as("alice").comment(stage.name, number, "/merge");
    await stage.quiet();
    expect(isMerged(number)).toBe(false);
    expect(stage.reactions(early.id)).toEqual(["eyes", "confused"]);
    expect(one(number)).toContain("**alice said `/merge`:** refused, because of these rules");

    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    expect(stage.checkRun(head)).toMatchObject({ conclusion: "success", output: { title: "Ready: alice can say /merge" } });
    const foreign = await as("bob").comment(stage.name, number, "/merge");
    await stage.quiet();
    expect(isMerged(number)).toBe(false);
    expect(stage.reactions(foreign.id)).toEqual(["eyes", "confused"]);
    expect(one(number)).toContain("**bob said `/merge`:** refused: only alice can land this pull request");

    const merge = await as("alice").comment(stage.name, number, "Thank you!\n\n/merge");
    await stage.quiet();
    const { sha } = stage.repo.pulls.get(number)?.merged ?? { sha: "" };
    expect(stage.reactions(merge.id)).toEqual(["eyes", "rocket"]);
    expect(one(number)).toContain(`### Landed as ${sha}`);
    expect(one(number)).toContain("What landed is what was checked, to the byte");
    expect([...stage.repo.checkRuns.values()].filter((run) => run.headSha === head)).toHaveLength(1);
    expect(stage.judged.filter((pair) => pair.endsWith(head))).toHaveLength(1);
    expect(stage.server().url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/u);
  });

  it("case 1 and 12: neither its author's nor a bot's word makes it mergeable", async () => {
    const { number, head } = await stage.propose("alone");
    await expect(as("alice").review(stage.name, number, { event: "APPROVE" })).rejects.toThrow("422");
    stage.github.user("helper[bot]", { type: "Bot" });
    stage.github.collaborator(stage.name, "helper[bot]", "write");
    await as("helper[bot]").review(stage.name, number, { event: "APPROVE" });
    await as("alice").comment(stage.name, number, "/merge");
    await stage.quiet();
    expect(isMerged(number)).toBe(false);
    expect(stage.checkRun(head)?.conclusion).toBe("action_required");
    expect(one(number)).toContain("helper&#91;bot&#93;'s approval doesn't count: a bot can't be a peer");
    expect(one(number)).toContain("one person with write access who contributed nothing to it (not alice) must approve");
  });

  it("case 2: whoever put a commit into it can't be its peer", async () => {
    const { number } = await stage.propose("together");
    const head = await as("bob").commit(stage.name, { branch: "together", files: { "more.pp": "" }, message: "help" });
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    expect(stage.checkRun(head)?.conclusion).toBe("action_required");
    expect(one(number)).toContain("bob's approval doesn't count: bob is author of");
    await as("carol").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    expect(stage.checkRun(head)?.conclusion).toBe("success");
  });

  it("case 4: who pushed somebody else's commits is known from the delivery", async () => {
    const { number } = await stage.propose("pushed");
    const author = "alice <alice@acme.example>";
    const head = await as("bob").commit(stage.name, { branch: "pushed", files: { "x.pp": "" }, message: "fix", author, committer: author });
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    expect(stage.checkRun(head)?.conclusion).toBe("action_required");
    expect(one(number)).toContain("bob's approval doesn't count: bob pushed to this change");
  });

  it("case 7: a commit that belongs to nobody blocks, and says what to do", async () => {
    const { number } = await stage.propose("nobody");
    const head = await as("alice").commit(stage.name, {
      branch: "nobody",
      files: { "x.pp": "" },
      message: "fix",
      author: "Al <al@home.example>",
    });
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await as("alice").comment(stage.name, number, "/merge");
    await stage.quiet();
    expect(isMerged(number)).toBe(false);
    expect(stage.checkRun(head)).toMatchObject({ conclusion: "failure", output: { title: "Blocked: contributors unknown" } });
    expect(one(number)).toContain("belongs to no GitHub account");
  });

  it("case 9: who wrote what came in by a merge's second parent is a contributor all the same", async () => {
    const { number, head: before } = await stage.propose("topic");
    const side = await as("bob").commit(stage.name, { branch: "side", files: { "side.pp": "" }, message: "side" });
    const head = await merged(before, side);
    await as("alice").moveBranch(stage.name, "topic", head);
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    expect(stage.checkRun(head)).toMatchObject({ conclusion: "action_required", output: { title: "Waiting for review: peer" } });
    expect(one(number)).toContain(`bob's approval doesn't count: bob is author of ${side.slice(0, 10)}`);
    await as("carol").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    expect(stage.checkRun(head)?.conclusion).toBe("success");
  });

  it("case 10: a co-author can't be its peer, whose e-mail is known from another commit or from GitHub's private address", async () => {
    // GitHub finds commits by an address on the default branch alone.
    await as("bob").commit(stage.name, { branch: "main", files: { "b.pp": "" }, message: "known" });
    const { number } = await stage.propose("pair");
    const carolId = stage.github.as("carol").account.id;
    const trailers = `Co-authored-by: Bob <bob@acme.example>\nCo-authored-by: Carol <${carolId}+carol@users.noreply.github.com>`;
    const head = await as("alice").commit(stage.name, { branch: "pair", files: { "x.pp": "" }, message: `pair\n\n${trailers}` });
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await as("carol").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    expect(stage.checkRun(head)).toMatchObject({ conclusion: "action_required", output: { title: "Waiting for review: peer" } });
    for (const login of ["bob", "carol"])
      expect(one(number)).toContain(`${login}'s approval doesn't count: ${login} is co-author of ${head.slice(0, 10)}`);
  });

  it("case 17: a reviewer who lost access no longer counts at the merge", async () => {
    const { number } = await stage.propose("access");
    stage.github.user("dave");
    stage.github.collaborator(stage.name, "dave", "write");
    await as("dave").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    stage.github.collaborator(stage.name, "dave", "read");
    await as("alice").comment(stage.name, number, "/merge");
    await stage.quiet();
    expect(isMerged(number)).toBe(false);
    expect(one(number)).toContain("dave's approval doesn't count: dave has read access, and write is needed");
  });

  it("case 19: a reviewer who then requests changes blocks", async () => {
    const { number, head } = await stage.propose("objection");
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await as("bob").review(stage.name, number, { event: "REQUEST_CHANGES", body: "wait" });
    await as("alice").comment(stage.name, number, "/merge");
    await stage.quiet();
    expect(isMerged(number)).toBe(false);
    expect(stage.checkRun(head)).toMatchObject({ conclusion: "failure", output: { title: "Blocked: changes requested" } });
  });

  it("case 27 and 28: a draft waits, a closed one is left alone, and a reopened one is checked anew", async () => {
    const { number, head } = await stage.propose("draft");
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await as("alice").setDraft(stage.name, number, true);
    await stage.quiet();
    expect(stage.checkRun(head)).toMatchObject({ conclusion: "action_required", output: { title: "Draft" } });
    await as("alice").setDraft(stage.name, number, false);
    await as("alice").closePull(stage.name, number);
    await stage.quiet();
    expect(one(number)).toContain("### Closed");
    const before = stage.judged.length;
    await as("alice").reopenPull(stage.name, number);
    await stage.quiet();
    expect(stage.judged.slice(before)).toHaveLength(1);
    expect(stage.checkRun(head)?.conclusion).toBe("success");
  });

  it("case 29: reads every page of reviews and comments", async () => {
    const { number } = await stage.propose("long");
    await as("carol").review(stage.name, number, { event: "COMMENT", body: "a remark" });
    const pull = stage.repo.pulls.get(number);
    const remark = pull?.reviews[0];
    if (pull === undefined || remark === undefined) throw new Error("there is no review");
    pull.reviews = Array.from({ length: 150 }, () => remark);
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    const talk = await as("carol").comment(stage.name, number, "talk");
    const said = stage.repo.comments.get(Number(talk.id));
    if (said === undefined) throw new Error("there is no comment");
    for (let n = 1; n <= 150; n += 1) stage.repo.comments.set(-n, { ...said, id: -n });
    await stage.quiet();
    const merge = await as("alice").comment(stage.name, number, "/merge");
    await stage.quiet();
    // Neither would be known from the first page: bob's is the 151st review, and this comment stands behind 150 others.
    expect(pull.reviews.map(({ state }) => state).indexOf("APPROVED")).toBe(150);
    expect(stage.reactions(merge.id)).toEqual(["eyes", "rocket"]);
    expect(isMerged(number)).toBe(true);
    expect(one(number)).toContain("### Landed as");
  });

  it("case 31: a push makes an approval stale and takes the labels away until the new head is judged", async () => {
    const { number } = await stage.propose("stale");
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    const letGo = stage.hold();
    const head = await as("alice").commit(stage.name, { branch: "stale", files: { "x.pp": "" }, message: "more" });
    await stage.github.settled();
    await expect.poll(() => stage.checkRun(head)?.status).toBe("in_progress");
    await expect.poll(() => stage.labels(number)).toEqual([]);
    letGo();
    await stage.quiet();
    expect(stage.checkRun(head)?.conclusion).toBe("action_required");
    expect(stage.labels(number)).toEqual(["radius/small", "service/playlist"]);
    expect(one(number)).toMatch(/bob's approval was dropped because it was given for [0-9a-f]{10}, and the head is now/u);
  });

  it("case 56: two pull requests with one head share a check run, which shows the worse of them", async () => {
    const { number, head } = await stage.propose("shared");
    await as("carol").commit(stage.name, { branch: "release", files: { "r.pp": "" }, message: "release" });
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    expect(stage.checkRun(head)?.conclusion).toBe("success");
    const second = await as("alice").openPull(stage.name, { head: "shared", base: "release", title: "the same" });
    await stage.quiet();
    expect(stage.checkRun(head)).toMatchObject({ conclusion: "action_required" });
    await as("bob").review(stage.name, second.number, { event: "APPROVE" });
    await stage.quiet();
    expect([...stage.repo.checkRuns.values()].filter((run) => run.headSha === head).map(({ conclusion }) => conclusion)).toEqual([
      "success",
      "success",
    ]);
  });

  it("checks again at the press of Re-run, with findings on changed lines as annotations, fifty a request", async () => {
    const { number, head } = await stage.propose("findings");
    const finding = { check: "lint", severity: "warning", column: 1, code: "tabs", message: "a tab", path: "findings.pp" } as const;
    const findings = Array.from({ length: 120 }, (_, n) => ({ ...finding, line: n + 1, onChangedLine: n < 110 }));
    stage.verdicts.set(head, {
      findings,
      verdict: { outcome: "blocked", reasons: [{ rule: "lint", outcome: "fail", text: "findings.pp:1: a tab" }] },
    });
    const run = stage.checkRun(head);
    await stage.quiet();
    const before = stage.judged.length;
    const shown = stage.checkRun(head);
    expect(run).toBeUndefined();
    expect(shown).toMatchObject({ conclusion: "failure", output: { title: "Blocked: linter's findings" } });
    expect(shown?.annotations).toHaveLength(110);
    await as("bob").rerequestCheck(stage.name, shown?.id ?? 0);
    await stage.quiet();
    expect(stage.judged.length).toBe(before + 1);
    expect(stage.checkRun(head)).toMatchObject({ conclusion: "failure" });
    expect(stage.checkRun(head)?.annotations).toHaveLength(110);
    expect(one(number)).toContain("Findings: 120");
  });

  it("leaves labels that a person made alone, and its own true", async () => {
    const { number, head } = await stage.propose("labelled");
    await as("alice").addLabels(stage.name, number, ["service/search", "urgent"]);
    await stage.quiet();
    await as("bob").removeLabel(stage.name, number, "radius/small");
    stage.verdicts.set(head, { radius: { nodes: 9, share: 0.5, services: ["dns"], datacentres: [], restarts: [], size: "fleet" } });
    await as("bob").rerequestCheck(stage.name, stage.checkRun(head)?.id ?? 0);
    await stage.quiet();
    expect(stage.labels(number)).toEqual(["radius/fleet", "service/dns", "service/search", "urgent"]);
  });
});

describe("deliveries", () => {
  it("case 71: a delivery that comes twice, and one that is sent again, change nothing", async () => {
    stage.github.faults.next({ kind: "duplicate", event: "issue_comment" });
    const { number } = await stage.propose("twice");
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    const merge = await as("alice").comment(stage.name, number, "/merge");
    await stage.quiet();
    expect(isMerged(number)).toBe(true);
    const body = one(number);
    for (const { id, event } of stage.github.deliveries().slice()) if (event === "issue_comment") stage.github.redeliver(id);
    await stage.quiet();
    expect(one(number)).toBe(body);
    expect(stage.reactions(merge.id)).toEqual(["eyes", "rocket"]);
  });

  it("case 72: deliveries in the wrong order come to the same", async () => {
    stage.github.faults.next({ kind: "reordered", event: "pull_request" });
    const { number, head } = await stage.propose("order");
    // What comes after the opening is told before it.
    await as("alice").editPull(stage.name, number, { title: "in order" });
    await stage.quiet();
    expect(stage.github.faults.armed()).toEqual([]);
    expect(stage.checkRun(head)?.conclusion).toBe("action_required");
    stage.github.faults.next({ kind: "late", event: "pull_request_review" });
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await as("alice").comment(stage.name, number, "/merge");
    await stage.quiet();
    // The review's delivery is late, but the review is there: whoever wakes the gate, it reads what is true.
    const { sha } = stage.repo.pulls.get(number)?.merged ?? { sha: "" };
    expect(one(number)).toContain(`### Landed as ${sha}`);
    expect(stage.checkRun(head)?.conclusion).toBe("success");
    const said = one(number);
    stage.github.deliverLate();
    await stage.quiet();
    expect(stage.github.faults.armed()).toEqual([]);
    expect(one(number)).toBe(said);
  });

  it("case 73: what a lost delivery would have told is read at the next one", async () => {
    const { number } = await stage.propose("lost");
    await stage.quiet();
    stage.github.faults.next({ kind: "lost", event: "pull_request_review" });
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await as("alice").comment(stage.name, number, "/merge");
    await stage.quiet();
    expect(isMerged(number)).toBe(true);
  });

  it("case 73: what no delivery ever tells of is found by the sweep alone", async () => {
    const { number, head } = await stage.propose("vanished");
    await as("alice").comment(stage.name, number, "/merge when ready");
    await stage.quiet();
    stage.github.faults.next({ kind: "vanished", event: "pull_request_review" });
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    expect(stage.github.faults.armed()).toEqual([]);
    expect(isMerged(number)).toBe(false);
    expect(stage.checkRun(head)?.output.title).toBe("Waiting for review: peer");
    // A start asks for a sweep, and for nothing else that would look at this change.
    await stage.restart();
    await stage.quiet();
    expect(one(number)).toContain(`### Landed as ${stage.repo.pulls.get(number)?.merged?.sha}`);
  });

  it("a /merge whose delivery was lost does not land what is pushed after it", async () => {
    const { number } = await stage.propose("old");
    await stage.quiet();
    stage.github.faults.next({ kind: "lost", event: "issue_comment" });
    await as("alice").comment(stage.name, number, "/merge");
    stage.tick();
    await as("alice").commit(stage.name, { branch: "old", files: { "x.pp": "" }, message: "more" });
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    expect(isMerged(number)).toBe(false);
    expect(one(number)).toContain("refused then: it was written before");
  });

  it("case 75: an error while reading is an unknown that blocks, and is asked again by itself", async () => {
    const { number, head } = await stage.propose("errors");
    stage.github.faults.next({
      kind: "error-before",
      route: "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews",
      status: 502,
      times: 3,
    });
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    expect(stage.github.faults.armed()).toEqual([]);
    expect(stage.checkRun(head)?.conclusion).toBe("success");
  });

  it("case 75: an unreadable list of reviews never passes for an empty one", async () => {
    const { number, head } = await stage.propose("conflict");
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await as("carol").review(stage.name, number, { event: "REQUEST_CHANGES", body: "no" });
    await stage.quiet();
    // Octokit's own pagination takes a 409 for an empty list.
    stage.github.faults.next({
      kind: "error-before",
      route: "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews",
      status: 409,
      times: 6, // as often as a turn is tried over facts that stay unknown
    });
    await as("alice").comment(stage.name, number, "/merge");
    await stage.quiet();
    expect(stage.github.faults.armed()).toEqual([]);
    expect(isMerged(number)).toBe(false);
    expect(stage.checkRun(head)).toMatchObject({ conclusion: "failure", output: { title: "Blocked: review unknown: peer +1" } });
    expect(one(number)).toContain("the reviews could not be read: GitHub answered 409 to GET");
  });
});

describe("commands", () => {
  it("answers /why and /help to anybody, in the one comment", async () => {
    const { number } = await stage.propose("asked");
    await stage.quiet();
    const why = await as("carol").comment(stage.name, number, "/why");
    await stage.quiet();
    expect(stage.reactions(why.id)).toEqual(["eyes"]);
    expect(one(number)).toContain("**carol said `/why`:** these rules are in the way");
    await as("carol").comment(stage.name, number, "/help");
    await stage.quiet();
    expect(one(number)).toContain("**carol said `/help`:** a command stands on a line of its own");
    await as("carol").comment(stage.name, number, "> /merge\n\n```\n/merge\n```");
    await stage.quiet();
    expect(one(number)).toContain("**carol said `/help`:**");
  });

  it("case 24: an edited comment does not count", async () => {
    const { number } = await stage.propose("edited");
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    const said = await as("alice").comment(stage.name, number, "hello");
    stage.tick();
    await as("alice").editComment(stage.name, Number(said.id), "/merge");
    await as("carol").comment(stage.name, number, "/why");
    await stage.quiet();
    expect(isMerged(number)).toBe(false);
    expect(stage.reactions(said.id)).toEqual(["eyes", "confused"]);
    expect(one(number)).toContain("refused: a comment that was edited doesn't count; write a new one");
  });

  it("believes the marker in no comment but its own", async () => {
    const { number } = await stage.propose("forged");
    const forged = "<!-- puppet-gate: the one comment of this pull request -->\n### Ready";
    const fake = await as("bob").comment(stage.name, number, forged);
    await as("bob").comment(stage.name, number, "/why");
    await stage.quiet();
    expect(stage.repo.comments.get(Number(fake.id))?.body).toBe(forged);
    expect(one(number)).toContain("### Waiting for review: peer");
  });
});
