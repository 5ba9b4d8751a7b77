import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createStage, type Stage } from "./stage.ts";

/** What becomes of an approval when head or base move, over real git, and of what people do to reviews, pull requests and the gate's own marks. */
let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
beforeEach(async () => stage.begin());
afterAll(async () => stage.close());

const as = (login: string): ReturnType<Stage["github"]["as"]> => stage.github.as(login);
const merged = (number: number): boolean => stage.repo.pulls.get(number)?.merged !== null;
const headOf = (number: number): string => stage.repo.pulls.get(number)?.head.sha ?? "";
const said = (number: number): string => stage.comments(number)[0] ?? "";
const say = async (login: string, number: number, text: string): Promise<void> => {
  stage.tick(); // GitHub's times are whole seconds, and a command of a push's own second is refused
  await as(login).comment(stage.name, number, text);
  await stage.quiet();
};
const title = (number: number): string | undefined => stage.checkRun(headOf(number))?.output.title ?? undefined;
const ready = "Ready: alice can say /merge";
const waiting = "Waiting for review: peer";
/** Somebody's push to main. */
const moveBase = async (file: string): Promise<void> => {
  stage.tick();
  await as("carol").commit(stage.name, { branch: "main", files: { [file]: `# ${file}\n` }, message: file });
};
const files = (branch: string): Record<string, string> => ({ [`${branch}.pp`]: `class ${branch} { }\n` });

/** A change that bob approved once its check was done. */
async function approved(branch: string): Promise<{ number: number; head: string }> {
  const change = await stage.propose(branch);
  await as("bob").review(stage.name, change.number, { event: "APPROVE" });
  await stage.quiet();
  stage.tick();
  return change;
}

describe("an approval is kept", () => {
  it("case 35 and 36: over an amended message, and over a squash to the same tree", async () => {
    const { number } = await approved("amended");
    await as("alice").commit(stage.name, { branch: "amended", from: "main", files: files("amended"), message: "better words" });
    await stage.quiet();
    expect(title(number)).toBe(ready);
    expect(said(number)).toMatch(/bob approved [0-9a-f]{10} \(kept because only the commit message is another/u);
    const two = await stage.propose("squashed");
    await as("alice").commit(stage.name, { branch: "squashed", files: { "more.pp": "" }, message: "more" });
    await stage.quiet();
    await as("bob").review(stage.name, two.number, { event: "APPROVE" });
    await stage.quiet();
    stage.tick();
    await as("alice").commit(stage.name, {
      branch: "squashed",
      from: "main",
      files: { ...files("squashed"), "more.pp": "" },
      message: "both",
    });
    await stage.quiet();
    expect(title(two.number)).toBe(ready);
    expect(said(two.number)).toMatch(/bob approved [0-9a-f]{10} \(kept because /u);
  });

  it("case 34 and 38: over a rebase with the same patch, unless the change then does something else to the catalogs", async () => {
    const { number } = await approved("rebased");
    await moveBase("other.pp");
    await as("alice").commit(stage.name, { branch: "rebased", from: "main", files: files("rebased"), message: "rebased" });
    await stage.quiet();
    expect(title(number)).toBe(ready);
    expect(said(number)).toContain("kept because it was only rebased, without a conflict and with the same patch");
    await moveBase("third.pp");
    await stage.quiet();
    expect(title(number)).toBe(ready);
    expect(said(number)).toMatch(/main moved to [0-9a-f]{10}, and the change does the same to every catalog/u);
    stage.besides.set(headOf(number), { digest: "2".repeat(64) });
    await moveBase("fourth.pp");
    await stage.quiet();
    expect(title(number)).toBe(waiting);
    expect(said(number)).toMatch(
      /bob's approval was dropped because it was only rebased.* and main moved to [0-9a-f]{10}: with that, the change does something else to the catalogs than what was approved/u,
    );
    await say("alice", number, "/merge");
    expect(merged(number)).toBe(false);
  });

  it("case 33: over a force-push away from what was approved and back to it", async () => {
    const { number, head } = await approved("returned");
    await as("alice").commit(stage.name, { branch: "returned", files: { "evil.pp": "" }, message: "evil" });
    await stage.quiet();
    expect(title(number)).toBe(waiting);
    stage.tick();
    await as("alice").moveBranch(stage.name, "returned", head);
    await stage.quiet();
    expect(title(number)).toBe(ready);
    await say("alice", number, "/merge");
    expect(merged(number)).toBe(true);
  });
});

describe("an approval is dropped", () => {
  it("case 37: when base was merged in by hand with an edit inside", async () => {
    const { number, head } = await approved("handmade");
    await moveBase("other.pp");
    const base = stage.repo.refs.get("main") ?? "";
    const git = async (...args: string[]): Promise<string> =>
      (await promisify(execFile)("git", ["-C", stage.repo.folder, ...args])).stdout.trim();
    const evil = await as("carol").commit(stage.name, {
      branch: "scratch",
      from: "main",
      files: { ...files("handmade"), "slipped.pp": "class slipped { }\n" },
      message: "tree",
    });
    const author = ["-c", "user.name=alice", "-c", "user.email=alice@acme.example"];
    const merge = await git(...author, "commit-tree", `${evil}^{tree}`, "-p", head, "-p", base, "-m", "Merge main");
    await as("alice").moveBranch(stage.name, "handmade", merge);
    await stage.quiet();
    expect(title(number)).toBe(waiting);
    expect(said(number)).toMatch(/bob's approval was dropped because it was given for [0-9a-f]{10}, and the head is now [0-9a-f]{10}: /u);
  });

  it("when GitHub moves a review to a head that nobody saw, and when its delivery was lost and a force-push came since", async () => {
    const { number } = await approved("moved");
    stage.github.faults.next({ kind: "reviews-move" });
    const head = await as("alice").commit(stage.name, { branch: "moved", from: "main", files: { "evil.pp": "" }, message: "evil" });
    await stage.quiet();
    expect([...(stage.repo.pulls.get(number)?.reviews.values() ?? [])].map(({ commitId }) => commitId)).toEqual([head]);
    expect(title(number)).toBe(waiting);
    expect(said(number)).toMatch(/bob's approval was dropped because it was given for [0-9a-f]{10}, and the head is now/u);
    const lost = await stage.propose("lost");
    await stage.quiet();
    stage.github.faults.next({ kind: "vanished", event: "pull_request_review" });
    await as("bob").review(stage.name, lost.number, { event: "APPROVE" });
    stage.tick();
    stage.github.faults.next({ kind: "reviews-move" });
    await as("alice").commit(stage.name, { branch: "lost", from: "main", files: { "evil.pp": "" }, message: "evil" });
    await stage.quiet();
    expect(title(lost.number)).toBe(waiting);
    expect(said(lost.number)).toContain(
      "bob's approval was dropped because no delivery told for which commit it was given, and the branch was force-pushed since",
    );
    await as("bob").review(stage.name, lost.number, { event: "APPROVE" });
    await stage.quiet();
    expect(title(lost.number)).toBe(ready);
  });

  it("case 39: when the pull request goes to another branch, where the merge result is another", async () => {
    const { number } = await approved("retargeted");
    await as("carol").commit(stage.name, { branch: "release", from: "main", files: { "r.pp": "" }, message: "release" });
    await as("alice").editPull(stage.name, number, { base: "release" });
    await stage.quiet();
    expect(title(number)).toBe(waiting);
    expect(said(number)).toContain(
      "bob's approval was dropped because it was given for main, the base branch is now release, and what it adds to that, or the merge result, is another; bob can approve again after looking at what is new",
    );
    await say("alice", number, "/merge");
    expect(merged(number)).toBe(false);
  });

  it("stands where the pull request goes to a branch at the same commit, as `init lanes` has it go", async () => {
    const { number } = await approved("retargeted-alike");
    const main = await as("carol").request<{ object: { sha: string } }>(`GET /repos/${stage.name}/git/ref/heads/main`);
    await as("carol").moveBranch(stage.name, "alike", main.object.sha);
    await as("carol").editPull(stage.name, number, { base: "alike" });
    await stage.quiet();
    expect(title(number)).toBe(ready);
  });
});

describe("what people do", () => {
  it("case 21: a request for changes that the author dismissed still stands, and says who lifts it", async () => {
    const { number } = await approved("dismissed");
    const { id } = await as("carol").review(stage.name, number, { event: "REQUEST_CHANGES", body: "no" });
    await as("alice").dismissReview(stage.name, number, Number(id), "never mind");
    await stage.quiet();
    expect(title(number)).toBe("Blocked: changes requested");
    expect(said(number)).toContain(
      "carol requested changes, and alice, whose own change this is, dismissed that: carol has to approve, or request changes again",
    );
    await as("carol").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    expect(title(number)).toBe(ready);
  });

  it("case 27 and 28: converted to a draft it waits; closed it is told so, and reopened it is checked anew", async () => {
    const { number, head } = await stage.propose("paused");
    await say("alice", number, "/merge when ready");
    await as("alice").setDraft(stage.name, number, true);
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    expect(merged(number)).toBe(false);
    expect(title(number)).toBe("Draft");
    expect(said(number)).toContain("this pull request is a draft: mark it ready for review first");
    await as("alice").closePull(stage.name, number);
    await stage.quiet();
    expect(said(number)).toContain("### Closed");
    const before = stage.judged.filter((pair) => pair.endsWith(head)).length;
    await as("alice").reopenPull(stage.name, number);
    await as("alice").setDraft(stage.name, number, false);
    await stage.quiet();
    expect(stage.judged.filter((pair) => pair.endsWith(head))).toHaveLength(before + 1);
    expect(merged(number)).toBe(false);
  });

  it("removes a second comment of its own, and puts back what people did to its own words", async () => {
    const { number } = await approved("marked");
    const first = [...stage.repo.comments.values()].find((comment) => comment.number === number && comment.appId === stage.app.id);
    if (first === undefined) throw new Error("no comment of the gate");
    const id = stage.github.state.ids.next();
    stage.repo.comments.set(id, { ...first, id });
    expect(stage.comments(number)).toHaveLength(2);
    await say("carol", number, "/why");
    expect(stage.comments(number)).toHaveLength(1);
    stage.github.collaborator(stage.name, "carol", "admin");
    stage.tick();
    await as("carol").editComment(stage.name, first.id, `${first.body.split("\n")[0]}\n### All is well`);
    await stage.quiet();
    expect(said(number)).not.toContain("All is well");
  });
});
