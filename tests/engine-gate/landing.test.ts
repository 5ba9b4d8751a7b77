import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Problem } from "../../src/problem.ts";
import { createStage, type Stage } from "./stage.ts";

/** Landing, and everything that can move or fail while it happens. */
let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
beforeEach(async () => {
  await stage.begin();
  stage.policy = { landing: "api" };
});
afterAll(async () => stage.close());

const mergeRoute = "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge";
const as = (login: string): ReturnType<Stage["github"]["as"]> => stage.github.as(login);
const merged = (number: number): { sha: string } | null => stage.repo.pulls.get(number)?.merged ?? null;
/** How often a pull request was closed, by GitHub's own telling. */
const landings = (number: number): number =>
  stage.github.deliveries().filter(({ event, action, body }) => {
    if (event !== "pull_request" || action !== "closed") return false;
    const told = JSON.parse(body) as { number: number; repository: { full_name: string } };
    return told.number === number && told.repository.full_name === stage.name;
  }).length;

/** A change that bob approved. */
async function approved(branch: string): Promise<{ number: number; head: string }> {
  const change = await stage.propose(branch);
  await as("bob").review(stage.name, change.number, { event: "APPROVE" });
  await stage.quiet();
  return change;
}
const sayMerge = async (number: number): Promise<number> => {
  stage.tick(); // GitHub's times are whole seconds, and a command of a push's own second is refused
  const { id } = await as("alice").comment(stage.name, number, "/merge");
  await stage.quiet();
  return Number(id);
};
/** A turn reads everything once before it decides, and once more right before the merge. */
const beforeTheLastLook = (run: () => Promise<unknown>): void => {
  const route = "GET /repos/{owner}/{repo}/pulls/{pull_number}";
  const next = async (): Promise<void> => stage.github.faults.next({ kind: "meanwhile", route, run });
  stage.github.faults.next({ kind: "meanwhile", route: `${route}/reviews`, run: next });
};
const said = (number: number): string => stage.comments(number)[0] ?? "";

describe("landing", () => {
  it("case 60: a push between decision and merge is not merged, and the author reads why", async () => {
    const { number } = await approved("raced");
    let head = "";
    const run = async (): Promise<void> => {
      head = await as("alice").commit(stage.name, { branch: "raced", files: { "late.pp": "" }, message: "late" });
    };
    stage.github.faults.next({ kind: "meanwhile", route: mergeRoute, run });
    const comment = await sayMerge(number);
    expect(merged(number)).toBeNull();
    expect(said(number)).toMatch(
      /\*\*alice said `\/merge`\*\* at \S+ \S+ UTC, on `[0-9a-f]{10}`: refused then: GitHub refused the merge: Head branch was modified\. Review and try the merge again\.\n/u,
    );
    expect(stage.reactions(comment)).toContain("confused");
    expect(stage.checkRun(head)?.conclusion).toBe("action_required");
  });

  it("case 61: base that moved before the merge is checked again first", async () => {
    const { number, head } = await approved("behind");
    stage.github.faults.next({
      kind: "meanwhile",
      route: "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews",
      run: () => as("carol").commit(stage.name, { branch: "main", files: { "other.pp": "" }, message: "other" }),
    });
    await sayMerge(number);
    expect(merged(number)).toBeNull();
    expect(stage.judged.filter((pair) => pair.endsWith(head))).toHaveLength(2);
    expect(stage.checkRun(head)?.conclusion).toBe("success");
    expect(said(number)).toMatch(
      /: refused then: .*main moved from [0-9a-f]{10} to [0-9a-f]{10}, so the merge result is being checked again/u,
    );
    await sayMerge(number);
    expect(merged(number)).not.toBeNull();
  });

  it.each([
    [
      "case 60: the head",
      "topic",
      /: refused then: (?:it was written (?:before|in the same second as) the last push, of [0-9a-f]{10}; say it again|checks \(pending\): the merge result of [0-9a-f]{10} and [0-9a-f]{10} is being checked)/u,
    ],
    ["case 61: the base branch", "main", /: refused then: .*main moved from [0-9a-f]{10} to [0-9a-f]{10}/u],
  ])("%s moves between the decision and the last look before the merge", async (_name, branch, words) => {
    const { number } = await approved("topic");
    beforeTheLastLook(() => as("carol").commit(stage.name, { branch, files: { "late.pp": "" }, message: "late" }));
    await sayMerge(number);
    expect(merged(number)).toBeNull();
    expect(said(number)).toMatch(words);
    expect(stage.github.faults.armed()).toEqual([]);
  });

  it("an approval that is withdrawn between the decision and the last look stops the merge", async () => {
    const { number } = await approved("withdrawn");
    beforeTheLastLook(() => as("bob").review(stage.name, number, { event: "REQUEST_CHANGES", body: "wait" }));
    await sayMerge(number);
    expect(merged(number)).toBeNull();
    expect(said(number)).toContain("**alice said `/merge`:** refused, because of these rules");
    expect(said(number)).toContain("- **fail** objections: bob requested changes");
  });

  it("case 62: a 5xx after the merge was done is found out by reading, and the merge is not repeated", async () => {
    const { number } = await approved("after");
    stage.github.faults.next({ kind: "error-after", route: mergeRoute, status: 502 });
    const comment = await sayMerge(number);
    expect(merged(number)).not.toBeNull();
    expect(landings(number)).toBe(1);
    expect(said(number)).toContain(`### Landed as ${merged(number)?.sha}`);
    expect(said(number)).toContain("What landed is what was checked, to the byte");
    expect(stage.reactions(comment)).toEqual(["eyes", "rocket"]);
  });

  it("case 62: a 5xx before anything was done is read first, and the merge asked for again", async () => {
    const { number } = await approved("before");
    stage.github.faults.next({ kind: "error-before", route: mergeRoute, status: 503, times: 2 });
    await sayMerge(number);
    expect(merged(number)).not.toBeNull();
    expect(said(number)).toContain("What landed is what was checked, to the byte");
  });

  it("case 62: after three answers that never came the author is told, and can say it again", async () => {
    const { number } = await approved("down");
    stage.github.faults.next({ kind: "error-before", route: mergeRoute, status: 503, times: 3 });
    await sayMerge(number);
    expect(merged(number)).toBeNull();
    expect(said(number)).toContain("GitHub did not say whether it merged (GitHub answered 503 to PUT");
    await sayMerge(number);
    expect(merged(number)).not.toBeNull();
  });

  it("case 62: a merge that was done at the last try, and whose answer was lost, is still this gate's, with its tree compared", async () => {
    const { number } = await approved("lost");
    stage.github.faults.next({ kind: "error-before", route: mergeRoute, status: 503, times: 2 });
    stage.github.faults.next({ kind: "error-after", route: mergeRoute, status: 503 });
    await sayMerge(number);
    expect(said(number)).toContain(`### Landed as ${merged(number)?.sha}`);
    expect(said(number)).toContain("What landed is what was checked, to the byte");
  });

  it("case 63: somebody else's merge is recorded as that, and repeated by nobody", async () => {
    const { number } = await approved("taken");
    await as("carol").merge(stage.name, number);
    await stage.quiet();
    expect(said(number)).toMatch(/### Merged as [0-9a-f]{40} by carol, not by this gate/u);
    await sayMerge(number);
    expect(landings(number)).toBe(1);
    expect(said(number)).toContain("change (fail): this pull request is merged already");
  });

  it("case 67: merges by the way the repository allows", async () => {
    stage.repo.mergeMethods = new Set(["squash"]);
    const { number } = await approved("squashed");
    await sayMerge(number);
    expect(merged(number)).not.toBeNull();
    expect(said(number)).toContain("What landed is what was checked, to the byte");
  });

  it("case 67: explains a method that was forbidden in between, and does not guess another", async () => {
    const { number } = await approved("forbidden");
    const run = async (): Promise<void> => {
      stage.repo.mergeMethods = new Set(["rebase"]);
    };
    stage.github.faults.next({ kind: "meanwhile", route: mergeRoute, run });
    await sayMerge(number);
    expect(merged(number)).toBeNull();
    expect(said(number)).toContain("GitHub refused the merge: Merge commits are not allowed on this repository.");
  });

  it("case 68: a base that moves in the very moment of the merge is found in the landed tree, and said loudly", async () => {
    const { number } = await approved("moment");
    stage.github.faults.next({
      kind: "meanwhile",
      route: mergeRoute,
      run: () => as("carol").commit(stage.name, { branch: "main", files: { "unseen.pp": "" }, message: "unseen" }),
    });
    await sayMerge(number);
    expect(merged(number)).not.toBeNull();
    expect(said(number)).toContain("> [!CAUTION]\n> **What landed is not what was checked.**");
  });

  it("learns the landed tree later when it can't be read at once", async () => {
    const { number } = await approved("later");
    stage.github.faults.next({ kind: "error-before", route: "GET /repos/{owner}/{repo}/commits/{ref}", status: 500, times: 2 });
    await sayMerge(number);
    expect(stage.github.faults.armed()).toEqual([]);
    expect(said(number)).toContain("What landed is what was checked, to the byte");
  });
});

describe("checks that can't be done", () => {
  it("are unknown, tried again, and pass once they can", async () => {
    stage.failNext(new Problem({ code: "unreachable", text: "GitHub hung up on git.", hint: "Wait." }));
    const { number, head } = await stage.propose("flaky");
    await stage.quiet();
    expect(stage.judged.filter((pair) => pair.endsWith(head))).toHaveLength(2);
    // Nothing is shown of the second try before it tells something.
    expect([...stage.repo.checkRuns.values()].map(({ headSha, conclusion }) => [headSha, conclusion])).toEqual([[head, "action_required"]]);
    expect(said(number)).not.toContain("hung up");
  });

  it("are given up after three tries where only another base can help, with what to do, until somebody presses Re-run", async () => {
    for (let n = 0; n < 3; n += 1)
      stage.failNext(new Problem({ code: "bad-policy", text: "The policy has an unknown key `rule`.", hint: "Mend it." }));
    const { number, head } = await stage.propose("hopeless");
    await stage.quiet();
    expect(stage.checkRun(head)).toMatchObject({ conclusion: "failure", output: { title: "Blocked: could not be checked" } });
    expect(said(number)).toContain("the check could not be done: The policy has an unknown key");
    await as("alice").rerequestCheck(stage.name, stage.checkRun(head)?.id ?? 0);
    await stage.quiet();
    expect(stage.checkRun(head)?.conclusion).toBe("action_required");
  });

  it("keep what nobody foresaw from people's eyes", async () => {
    for (let n = 0; n < 3; n += 1) stage.failNext(new Error("ENOENT /srv/puppet-gate/data/mirrors/token-abc"));
    const { number, head } = await stage.propose("fault");
    await stage.quiet();
    expect(said(number)).toContain("The gate itself failed over it.");
    expect(said(number)).toContain("; it is tried again by itself");
    expect(said(number)).not.toContain("token-abc");
    // Nobody has to come and say so, however long it takes.
    for (const tries of [3, 4]) {
      stage.later(3);
      await stage.restart();
      await stage.quiet();
      expect(stage.judged.filter((pair) => pair.endsWith(head))).toHaveLength(tries);
    }
    expect(stage.checkRun(head)?.conclusion).toBe("action_required");
  });

  it("that missed a module are made again by themselves, and said to be", async () => {
    const { number, head } = await stage.propose("moduleless");
    await stage.quiet();
    const reasons = [{ rule: "modules", outcome: "unknown", text: "stdlib can't be had. Look at the network", passing: true }] as const;
    stage.verdicts.set(head, { verdict: { outcome: "unknown", reasons: [...reasons] } });
    await as("alice").comment(stage.name, number, "/recheck");
    await stage.quiet();
    expect(said(number)).toContain("stdlib can't be had. Look at the network; it is tried again by itself");
    const before = stage.judged.length;
    stage.verdicts.delete(head);
    stage.later(6);
    await stage.restart();
    await stage.quiet();
    expect(stage.judged.length).toBe(before + 1);
    expect(stage.checkRun(head)?.conclusion).toBe("action_required");
  });

  it("are ended when a newer head comes, and only that one is judged to the end", async () => {
    const letGo = stage.hold();
    const { head } = await stage.propose("hurried");
    await expect.poll(() => stage.judged.some((pair) => pair.endsWith(head))).toBe(true);
    const newer = await as("alice").commit(stage.name, { branch: "hurried", files: { "x.pp": "" }, message: "more" });
    await expect.poll(() => stage.judged.some((pair) => pair.endsWith(newer))).toBe(true);
    letGo();
    await stage.quiet();
    expect(stage.checkRun(head)).toMatchObject({
      conclusion: "cancelled",
      output: { title: "Ended: a newer head or base is checked instead" },
    });
    expect(stage.checkRun(newer)?.conclusion).toBe("action_required");
  });
});
