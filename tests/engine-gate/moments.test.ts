import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openPostgres } from "../../src/store/database.ts";
import { createStore } from "../../src/store/records.ts";
import { createStage, type Stage } from "./stage.ts";

/** The moments of an exact landing: between decision and push, in the push, and when its answer is lost. */
let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
beforeEach(async () => stage.begin());
afterAll(async () => stage.close());

const pushRoute = "git-receive-pack";
const as = (login: string): ReturnType<Stage["github"]["as"]> => stage.github.as(login);
const merged = (number: number): string | null => stage.repo.pulls.get(number)?.merged?.sha ?? null;
const said = (number: number): string => (stage.comments(number)[0] ?? "").replaceAll("&#64;&#8203;", "@");
const tip = (): string => stage.repo.refs.get("main") ?? "";
const sayMerge = async (number: number, text = "/merge"): Promise<void> => {
  stage.tick(); // GitHub's times are whole seconds, and a command of a push's own second is refused
  await as("alice").comment(stage.name, number, text);
  await stage.quiet();
};
async function approved(branch: string): Promise<{ number: number; head: string }> {
  const change = await stage.propose(branch);
  await as("bob").review(stage.name, change.number, { event: "APPROVE" });
  await stage.quiet();
  return change;
}
const inBase = async (commit: string): Promise<boolean> => {
  const { stdout } = await promisify(execFile)("git", ["-C", stage.repo.folder, "rev-list", tip()]);
  return stdout.split("\n").includes(commit);
};

describe("a base that moves in the very moment of the push", () => {
  it("case 61: refuses it and says so; said again, it lands on the new base", async () => {
    const { number, head } = await approved("forward");
    let moved = "";
    const run = async (): Promise<void> => {
      moved = await as("carol").commit(stage.name, { branch: "main", files: { "other.pp": "" }, message: "other" });
    };
    stage.github.faults.next({ kind: "meanwhile", route: pushRoute, run });
    await sayMerge(number);
    expect(said(number)).toMatch(
      /\*\*alice said `\/merge`\*\* at .*, on `[0-9a-f]{10}`: refused then: main moved from [0-9a-f]{10} to [0-9a-f]{10}, so the merge result is being checked again; say \/merge again when the check run is complete(?: and the rest is settled)?, or \/merge when ready now\./u,
    );
    expect(stage.judged).toContain(`${moved}..${head}`);
    expect(merged(number)).toBeNull();
    await sayMerge(number);
    expect(merged(number)).toBe(tip());
  });

  it("case 61: also backwards, and does not bring back what was taken out", async () => {
    const first = tip();
    const { number } = await approved("backward");
    const removed = await as("carol").commit(stage.name, { branch: "main", files: { "removed.pp": "" }, message: "removed" });
    await stage.quiet();
    const run = (): Promise<void> => as("carol").moveBranch(stage.name, "main", first);
    stage.github.faults.next({ kind: "meanwhile", route: pushRoute, run });
    await sayMerge(number);
    expect(merged(number)).toBeNull();
    expect(said(number)).toMatch(/refused then: main moved from [0-9a-f]{10} to [0-9a-f]{10}/u);
    // Said again it lands, and only what the change itself has comes with it.
    await sayMerge(number);
    expect(merged(number)).toBe(tip());
    expect(await inBase(removed)).toBe(false);
  });
});

describe("an answer that never comes", () => {
  it("case 62: after the push is found out by reading", async () => {
    const { number } = await approved("after");
    stage.github.faults.next({ kind: "dropped-after", route: pushRoute });
    await sayMerge(number);
    expect(stage.github.faults.armed()).toEqual([]);
    expect(merged(number)).toBe(tip());
    expect(said(number)).toContain("What landed is what was checked, to the byte");
  });

  it("case 62: before it is tried again, and three times in a row are told", async () => {
    const { number } = await approved("before");
    stage.github.faults.next({ kind: "error-before", route: pushRoute, status: 503, times: 3 });
    await sayMerge(number);
    expect(merged(number)).toBeNull();
    expect(said(number)).toContain("GitHub did not say whether it merged (the push ended without an answer:");
    expect(said(number)).toContain("say /merge again if it has not");
    await sayMerge(number);
    expect(merged(number)).toBe(tip());
  });
});

describe("a push to the change in the very moment of its landing", () => {
  /** Which commits the ledger has for landings of a change. */
  const landed = async (number: number): Promise<string[]> =>
    (await stage.ledger()).entries
      .filter(({ kind, subject }) => kind === "landed" && subject === `pull/${number}`)
      .map(({ idempotencyKey }) => idempotencyKey.split(":").at(-1) ?? "");

  it("lands what was checked, leaves what was pushed open, and tells of each when that lands too", async () => {
    const { number, head } = await approved("twice");
    const run = (): Promise<string> => as("alice").commit(stage.name, { branch: "twice", files: { "late.pp": "" }, message: "late" });
    stage.github.faults.next({ kind: "meanwhile", route: pushRoute, run });
    await sayMerge(number);
    const first = tip();
    expect(merged(number)).toBeNull();
    expect(said(number)).toContain(`\`${head.slice(0, 10)}\` landed** in \`main\` as \`${first}\`. What was pushed after it`);
    expect(said(number)).toContain(`**alice said \`/merge\`:** ${head.slice(0, 10)} landed`);
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await sayMerge(number);
    expect(merged(number)).toBe(tip());
    expect(said(number)).toContain(`### Landed as ${tip()}`);
    expect(await landed(number)).toEqual([first, tip()]);
  });

  it("is a landing all the same where another process took over before it could be kept", async () => {
    const { number, head } = await approved("taken-over");
    const { databaseUrl } = stage.config;
    if (databaseUrl === undefined) throw new Error("this needs a database that two processes can use");
    const database = await openPostgres(databaseUrl, () => undefined);
    const other = await createStore(database, () => undefined);
    const run = async (): Promise<void> => {
      await as("alice").commit(stage.name, { branch: "taken-over", files: { "late.pp": "" }, message: "late" });
      await database.query("update leases set expires_at = clock_timestamp() where name = $1", [`repository ${stage.repo.id}`]);
      await other.takeBack();
    };
    stage.github.faults.next({ kind: "meanwhile", route: pushRoute, run });
    await sayMerge(number);
    await other.close();
    expect(merged(number)).toBeNull();
    expect(await inBase(head)).toBe(true);
    expect(said(number)).toContain(`\`${head.slice(0, 10)}\` landed** in \`main\` as \`${tip()}\`. What was pushed after it`);
    expect(said(number)).toContain(`**alice said \`/merge\`:** ${head.slice(0, 10)} landed`);
    expect(said(number)).not.toContain("refused");
    expect(await landed(number)).toEqual([tip()]);
  });
});

describe("a landed tree that GitHub would not show", () => {
  it("is read by a later sweep, and until then is told to be unknown", async () => {
    const { number } = await approved("unread");
    // Right after the landing, and by every turn that comes back for it.
    stage.github.faults.next({ kind: "error-before", route: "GET /repos/{owner}/{repo}/commits/{ref}", status: 502, times: 7 });
    await sayMerge(number);
    expect(stage.github.faults.armed()).toEqual([]);
    expect(said(number)).toContain("Whether what landed is what was checked could not be learnt: GitHub answered 502");
    await stage.restart();
    await stage.quiet();
    expect(said(number)).toContain("What landed is what was checked, to the byte");
  });
});

describe("GitHub's refusal", () => {
  it("by a ruleset says what an administrator has to set", async () => {
    const { number } = await approved("ruled");
    stage.github.ruleset(stage.name, { pullRequest: { approvals: 1 }, restrictUpdates: true });
    await sayMerge(number);
    expect(merged(number)).toBeNull();
    expect(said(number)).toContain("GitHub refused the push: push declined due to repository rule violations; ");
    expect(said(number)).toContain("an administrator has to add puppet-gate to the bypass list of the ruleset named there");
  });

  it("of a workflow file says which permission the App lacks", async () => {
    await as("alice").commit(stage.name, {
      branch: "workflow",
      from: "main",
      files: { ".github/workflows/ci.yml": "on: push\n" },
      message: "ci",
    });
    const { number } = await as("alice").openPull(stage.name, { head: "workflow", title: "workflow" });
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    await sayMerge(number);
    expect(merged(number)).toBeNull();
    expect(said(number)).toContain('an administrator can grant puppet-gate "Workflows: write", or merge this one by hand');
  });
});

describe("what is read once more right before", () => {
  it("case 66: an approval that was withdrawn in between keeps it from landing, and its author reads why", async () => {
    const { number } = await approved("withdrawn");
    const route = "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews";
    const run = async (): Promise<void> => {
      await as("bob").review(stage.name, number, { event: "REQUEST_CHANGES", body: "wait" });
    };
    // The first reading decides, the second is the one right before the merge.
    stage.github.faults.next({ kind: "meanwhile", route, run: async () => stage.github.faults.next({ kind: "meanwhile", route, run }) });
    await sayMerge(number);
    expect(merged(number)).toBeNull();
    expect(said(number)).toContain("**alice said `/merge`:** refused, because of these rules");
    expect(said(number)).toContain("**fail** objections: bob requested changes");
  });

  it("case 67: an author's choice of method is GitHub's to make, and the tree is compared", async () => {
    stage.policy = { landing: "api" };
    const { number, head } = await approved("chosen");
    await sayMerge(number, "/merge rebase");
    expect(merged(number)).not.toBeNull();
    expect(said(number)).toContain("What landed is what was checked, to the byte");
    expect(await inBase(head)).toBe(false);
  });
});
