import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Entry } from "../../src/ledger/entry.ts";
import { openDatabase, openPostgres } from "../../src/store/database.ts";
import { toNumber } from "../../src/store/executor.ts";
import { createStage, type Stage } from "./stage.ts";

/** The landing that is exact by construction, approvals that are carried, and what the ledger holds of it all in the end. */
let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
beforeEach(async () => stage.begin());
afterAll(async () => stage.close());

const as = (login: string): ReturnType<Stage["github"]["as"]> => stage.github.as(login);
const said = (number: number): string => stage.comments(number)[0] ?? "";
const git = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)("git", ["-C", stage.repo.folder, ...args])).stdout.trim();
const tip = (): string => stage.repo.refs.get("main") ?? "";
/** What the ledger is looked through for in the end: `KIND SUBJECT` by repository, with every direct push. */
const expected = new Map<number, string[]>();

async function approved(branch: string): Promise<{ number: number; head: string }> {
  const change = await stage.propose(branch);
  await as("bob").review(stage.name, change.number, { event: "APPROVE" });
  await stage.quiet();
  return change;
}
async function sayMerge(number: number): Promise<void> {
  stage.tick(); // GitHub's times are whole seconds, and a command of a push's own second is refused
  await as("alice").comment(stage.name, number, "/merge");
  await stage.quiet();
}

/** Every story of this file, or those of them that were run, left its entries behind, and nothing was told twice. */
async function ledgerHasItAll(): Promise<void> {
  await stage.stopServer();
  const { dataFolder, databaseUrl } = stage.config;
  const database = databaseUrl === undefined ? await openDatabase(dataFolder) : await openPostgres(databaseUrl, () => undefined);
  try {
    const { rows } = await database.query<{ seq: number; entry: string }>("select seq, entry from entries order by seq");
    expect(rows.map(({ seq }) => toNumber(seq))).toEqual(rows.map((_, index) => index + 1));
    const entries = rows.map(({ entry }) => JSON.parse(entry) as Entry);
    const told = (id: number): string[] => entries.filter(({ repo }) => repo === id).map(({ kind, subject }) => `${kind} ${subject}`);
    for (const [id, kinds] of expected) {
      expect(told(id)).toEqual(expect.arrayContaining(kinds));
      const pushes = (all: readonly string[]): number => all.filter((entry) => entry.startsWith("direct-push ")).length;
      expect(pushes(told(id))).toBe(pushes(kinds));
    }
    const landings = entries
      .filter(({ kind }) => kind === "landed" || kind === "landed-outside")
      .map(({ idempotencyKey }) => idempotencyKey);
    expect(new Set(landings).size).toBe(landings.length);
  } finally {
    await database.close();
  }
}

describe("an exact landing", () => {
  // Read once for all: the database is open to one process at a time.
  afterAll(ledgerHasItAll);

  it("is a merge commit of base and head over the checked tree, in the author's name by the App", async () => {
    const { number, head } = await approved("exactly");
    const base = tip();
    await sayMerge(number);
    expect(stage.repo.pulls.get(number)?.merged?.sha).toBe(tip());
    expect(await git("log", "-1", "--format=%P|%an <%ae>|%cn|%s", tip())).toBe(
      `${base} ${head}|alice <${as("alice").account.id}+alice@users.noreply.127.0.0.1>|puppet-gate[bot]|exactly (#${number})`,
    );
    expect(said(number)).toContain(`### Landed as ${tip()}`);
    expect(said(number)).toContain("What landed is what was checked, to the byte");
    expected.set(stage.repo.id, [
      "approval-received pull/1",
      "approval-bound pull/1",
      "verdict pull/1",
      "contributed pull/1",
      "merge-intended pull/1",
      "landed pull/1",
    ]);
  });

  it("leaves a green check run, even where approval and /merge came in one breath", async () => {
    const { number, head } = await stage.propose("breath");
    await stage.quiet();
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await sayMerge(number);
    expect(stage.repo.pulls.get(number)?.merged?.sha).toBe(tip());
    expect(stage.checkRun(head)).toMatchObject({ conclusion: "success", output: { title: "Ready: alice can say /merge" } });
  });

  it("case 37: an approval is carried over a merge of base that git makes by itself, and it is said why", async () => {
    const { number } = await approved("carried");
    await as("carol").commit(stage.name, { branch: "main", files: { "other.pp": "" }, message: "other" });
    await as("alice").request(`PUT /repos/${stage.name}/pulls/${number}/update-branch`);
    await stage.quiet();
    expect(said(number)).toMatch(/bob approved [0-9a-f]{10} \(kept because only the base branch was merged in, as git does it by itself/u);
    await sayMerge(number);
    expect(stage.repo.pulls.get(number)?.merged?.sha).toBe(tip());
    expected.set(stage.repo.id, ["approval-kept pull/1", "landed pull/1", "direct-push branch/main"]);
  });

  it("a push into a branch without open changes is found by the sweep after a start", async () => {
    const { number } = await approved("alone");
    await sayMerge(number);
    await stage.quiet();
    expect(stage.repo.pulls.get(number)?.merged?.sha).toBe(tip());
    await as("carol").commit(stage.name, { branch: "main", files: { "unseen.pp": "" }, message: "unseen" });
    await stage.quiet();
    await stage.restart();
    await stage.quiet();
    expected.set(stage.repo.id, ["landed pull/1", "direct-push branch/main"]);
  });

  it("accounts for a push of many commits some at a time", async () => {
    const { number } = await stage.propose("before-many");
    await stage.quiet();
    for (let at = 0; at < 23; at += 1)
      await as("carol").commit(stage.name, {
        branch: "many",
        ...(at === 0 ? { from: "main" } : {}),
        files: { [`many-${at}.pp`]: "" },
        message: `${at}`,
      });
    const many = stage.repo.refs.get("many") ?? "";
    await as("carol").moveBranch(stage.name, "main", many);
    await stage.quiet();
    await as("alice").comment(stage.name, number, "/why");
    await stage.quiet();
    const { entries } = await stage.ledger();
    const found = entries.filter(({ kind, repo }) => kind === "direct-push" && repo === stage.repo.id);
    expect(found).toHaveLength(23);
    expected.set(
      stage.repo.id,
      Array.from({ length: 23 }, () => "direct-push branch/main"),
    );
  });

  it("case 63 and 70: a push around the gate and somebody else's merge are found and recorded as that, and landings of ours are not", async () => {
    const { number } = await approved("watched");
    await as("carol").commit(stage.name, { branch: "main", files: { "direct.pp": "" }, message: "direct" });
    await stage.quiet();
    await as("carol").merge(stage.name, number);
    await stage.quiet();
    stage.tick();
    const { number: next } = await approved("ours");
    await sayMerge(next);
    stage.tick();
    const { number: last } = await approved("last");
    await stage.quiet();
    expect(said(last)).toContain("Ready");
    expected.set(stage.repo.id, ["direct-push branch/main", `landed-outside pull/${number}`, `landed pull/${next}`]);
  });

  it("case 68: what landed otherwise than checked stops all merging here, until an administrator lifts that", async () => {
    stage.policy = { landing: "api" };
    const { number } = await approved("moment");
    stage.github.faults.next({
      kind: "meanwhile",
      route: "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge",
      run: () => as("carol").commit(stage.name, { branch: "main", files: { "unseen.pp": "" }, message: "unseen" }),
    });
    await sayMerge(number);
    stage.tick();
    const { number: next } = await approved("next");
    await sayMerge(next);
    expect(stage.repo.pulls.get(next)?.merged).toBeNull();
    expect(said(next)).toContain(`because of pull request ${number}: what landed is not what was checked`);
    await as("alice").comment(stage.name, next, "/unfreeze it was looked at and is harmless");
    await stage.quiet();
    await sayMerge(next);
    expect(stage.repo.pulls.get(next)?.merged).toBeNull();
    stage.github.collaborator(stage.name, "carol", "admin");
    await as("carol").comment(stage.name, next, "/unfreeze it was looked at and is harmless");
    await stage.quiet();
    await sayMerge(next);
    expect(stage.repo.pulls.get(next)?.merged).not.toBeNull();
    expected.set(stage.repo.id, [
      `tree-differs pull/${number}`,
      `frozen pull/${number}`,
      "direct-push branch/main",
      `unfrozen pull/${next}`,
      `landed pull/${next}`,
    ]);
  });

  it("lands by itself what its opener wished for, once it is approved", async () => {
    const { number } = await stage.propose("wished");
    await as("alice").comment(stage.name, number, "/merge when ready");
    await stage.quiet();
    expect(stage.repo.pulls.get(number)?.merged).toBeNull();
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    expect(stage.repo.pulls.get(number)?.merged?.sha).toBe(tip());
    expected.set(stage.repo.id, ["wish pull/1", "approval-bound pull/1", "landed pull/1"]);
  });

  it("case 58: runs nothing of a fork until somebody with write access says so for that head, and again after a push", async () => {
    stage.github.user("stranger", { emails: ["stranger@acme.example"] });
    stage.github.collaborator(stage.name, "stranger", "read");
    await stage.github.fork(stage.name, "stranger");
    const fork = `stranger/${stage.repo.name}`;
    const stranger = as("stranger");
    const head = await stranger.commit(fork, { branch: "foreign", files: { "f.pp": "" }, message: "foreign" });
    const { number } = await stranger.openPull(stage.name, { head: "stranger:foreign", title: "foreign" });
    await stage.quiet();
    const judged = (): string[] => stage.judged.filter((pair) => pair.startsWith(tip()));
    expect(judged()).toEqual([]);
    expect(said(number)).toContain(`/ok-to-test ${head.slice(0, 10)}`);
    await as("bob").comment(stage.name, number, `/ok-to-test ${head}`);
    await stage.quiet();
    expect(judged()).toEqual([`${tip()}..${head}`]);
    const next = await stranger.commit(fork, { branch: "foreign", files: { "g.pp": "" }, message: "more" });
    await stage.quiet();
    expect(judged()).toEqual([`${tip()}..${head}`]);
    expect(said(number)).toContain(`/ok-to-test ${next.slice(0, 10)}`);
    expected.set(stage.repo.id, [`trusted pull/${number}`]);
  });
});
