import type { MergeCommit } from "../../src/engine/ports/mirror.ts";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Mirror, openMirror } from "../../src/git/mirror.ts";
import { type Remote, serveGit } from "./remote.ts";
import { type Repo, World } from "./world.ts";

/** The exact landing against git's own server. */
const TOKEN = "ghs_0123456789abcdefghijABCDEFGHIJ456789";
let world: World;
let upstream: Repo;
let remote: Remote;
let mirror: Mirror;
let base: string;
let head: string;

beforeEach(async () => {
  world = new World();
  upstream = world.repo("upstream.git");
  for (const [key, value] of [
    ["http.receivepack", "true"],
    ["receive.denyCurrentBranch", "ignore"],
    ["uploadpack.allowAnySHA1InWant", "true"],
  ] as const)
    upstream.git("config", key, value);
  upstream.commit({ a: "1\n2\n3\n4\n5\n" });
  head = upstream.branch("topic").commit({ a: "1\n2\n3\n4\nhead\n" });
  upstream.git("switch", "--quiet", "main");
  base = upstream.commit({ a: "base\n2\n3\n4\n5\n" });
  remote = await serveGit(world.folder, TOKEN);
  mirror = await openMirror({ url: `${remote.url}/upstream.git`, folder: world.path("mirror"), credentials: async () => TOKEN });
  await mirror.keep(7, [base, head]);
});
afterEach(async () => {
  await mirror.close();
  await remote.close();
  await world.end();
});

const request = (more: Partial<MergeCommit> = {}): MergeCommit => ({
  base,
  head,
  message: "Say it louder (#7)\n\nBecause nobody hears.",
  author: { name: "alice", email: "1+alice@users.noreply.github.com" },
  committer: { name: "puppet-gate[bot]", email: "puppet-gate[bot]@users.noreply.github.com" },
  date: "2026-03-01T12:30:00.000Z",
  ...more,
});
const made = async (): Promise<{ commit: string; tree: string }> => {
  const merge = await mirror.makeMerge(request());
  if (merge === null) throw new Error("base and head conflict");
  return merge;
};
const tip = (): string => upstream.git("rev-parse", "main");
const hook = (name: string, script: string): void => {
  const file = join(upstream.folder, ".git", "hooks", name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
};

describe("an exact landing", () => {
  it("is the commit that was made: over the checked tree, base first, and the same each time", async () => {
    const { commit, tree } = await made();
    expect(await made()).toEqual({ commit, tree });
    expect(await mirror.push({ branch: "main", expected: base, commit })).toEqual({ kind: "merged", sha: commit });
    expect(tip()).toBe(commit);
    expect(upstream.git("log", "-1", "--format=%T %P|%an <%ae> %at|%cn <%ce> %ct|%B", "main")).toBe(
      `${tree} ${base} ${head}|alice <1+alice@users.noreply.github.com> 1772368200|` +
        `puppet-gate[bot] <puppet-gate[bot]@users.noreply.github.com> 1772368200|Say it louder (#7)\n\nBecause nobody hears.`,
    );
    expect(upstream.git("show", "main:a")).toBe("base\n2\n3\n4\nhead");
    expect(await mirror.isReachable(commit, "main")).toBe(true);
  });

  it("case 61: is refused where base moved on", async () => {
    const { commit } = await made();
    const moved = upstream.commit({ b: "" });
    expect(await mirror.push({ branch: "main", expected: base, commit })).toEqual({
      kind: "refused",
      reason: "base-moved",
      text: "the base branch is no longer where it was checked",
    });
    expect(tip()).toBe(moved);
    expect(await mirror.isReachable(commit, "main")).toBe(false);
  });

  it("is refused where base moved backwards: a push without a lease would bring the removed commits back", async () => {
    const { commit } = await made();
    upstream.git("reset", "--quiet", "--hard", "HEAD~1");
    const before = tip();
    expect(await mirror.push({ branch: "main", expected: base, commit })).toMatchObject({ kind: "refused", reason: "base-moved" });
    expect(tip()).toBe(before);
  });

  it("is refused where base moves while the push is under way", async () => {
    const { commit } = await made();
    const other = upstream.commitTree(upstream.git("rev-parse", "main^{tree}"), base);
    hook("pre-receive", `unset GIT_QUARANTINE_PATH; git update-ref refs/heads/main ${other}`);
    expect(await mirror.push({ branch: "main", expected: base, commit })).toMatchObject({ kind: "refused", reason: "base-moved" });
    expect(tip()).toBe(other);
  });

  it("says what the remote's rules say, made safe", async () => {
    const { commit } = await made();
    hook("pre-receive", `printf 'error: GH013: Repository rule violations found.\\n\\033[31m- Changes must be signed\\n' >&2; exit 1`);
    const outcome = await mirror.push({ branch: "main", expected: base, commit });
    expect(outcome).toMatchObject({ kind: "refused", reason: "other" });
    expect(outcome.kind === "refused" && outcome.text).toContain("GitHub refused the push: pre-receive hook declined");
    expect(outcome.kind === "refused" && outcome.text).toMatch(/GH013: Repository rule violations found.*Changes must be signed/u);
    expect(JSON.stringify(outcome)).not.toMatch(/\\u001b/u);
    expect(tip()).toBe(base);
  });

  it("is refused, not unclear, where the remote does not let us in; and the token is nowhere in the words", async () => {
    const { commit } = await made();
    const stranger = await openMirror({
      url: `${remote.url}/upstream.git`,
      folder: world.path("mirror"),
      credentials: async () => "wrong",
    });
    try {
      const outcome = await stranger.push({ branch: "main", expected: base, commit });
      expect(outcome).toMatchObject({ kind: "refused", reason: "other" });
      expect(JSON.stringify(outcome)).not.toContain(Buffer.from("x-access-token:wrong").toString("base64"));
    } finally {
      await stranger.close();
    }
  });

  it("is unclear where nobody answers", async () => {
    const { commit } = await made();
    await remote.close();
    expect(await mirror.push({ branch: "main", expected: base, commit })).toMatchObject({ kind: "unclear" });
    remote = await serveGit(world.folder, TOKEN);
  });

  it("makes nothing of a conflict", async () => {
    head = upstream.branch("conflict", "main~1").commit({ a: "other\n2\n3\n4\n5\n" });
    upstream.git("switch", "--quiet", "main");
    await mirror.keep(7, [head]);
    expect(await mirror.makeMerge(request())).toBeNull();
  });

  it("takes no name apart: what would end a signature or a message is left out", async () => {
    const merge = await mirror.makeMerge(request({ author: { name: "a <b>\nc", email: "<x>\u0000@y" }, message: "one\0two" }));
    await mirror.push({ branch: "main", expected: base, commit: merge?.commit ?? "" });
    expect(upstream.git("log", "-1", "--format=%an|%ae|%B", "main")).toBe("a bc|x@y|onetwo");
  });

  it("refuses a branch that is none", async () => {
    const { commit } = await made();
    await expect(mirror.push({ branch: "main --force", expected: base, commit })).rejects.toThrow("is no branch");
    await expect(mirror.push({ branch: "main", expected: "HEAD", commit })).rejects.toThrow("not a full object id");
  });
});

describe("what a mirror knows of a branch", () => {
  it("keeps commits that a branch has left, and says which are gone", async () => {
    upstream.git("branch", "--quiet", "--force", "topic", "main");
    upstream.git("config", "uploadpack.allowAnySHA1InWant", "false");
    const gone = "9".repeat(40);
    expect(await mirror.keep(7, [head, gone])).toEqual([gone]);
    expect(await mirror.compare({ base, head }, { base, head })).toEqual({ kind: "NO_CHANGE" });
  });

  it("case 70: tells a branch's own line since a commit, and where that is not behind it any more", async () => {
    const one = upstream.commit({ b: "" });
    upstream.git("merge", "--quiet", "--no-ff", "--no-edit", "topic");
    const line = await mirror.lineOf("main", base);
    expect(line).toEqual({
      tip: tip(),
      steps: [
        { sha: one, parents: [base] },
        { sha: tip(), parents: [one, head] },
      ],
    });
    expect(await mirror.lineOf("main", tip())).toEqual({ tip: tip(), steps: [] });
    upstream.git("reset", "--quiet", "--hard", base);
    upstream.commit({ c: "" });
    expect(await mirror.lineOf("main", line.tip)).toEqual({ tip: tip(), steps: null });
    expect(await mirror.lineOf("main", "9".repeat(40))).toEqual({ tip: tip(), steps: null });
  });

  it("has a patch's digest whatever base it stands on", async () => {
    const before = await mirror.patch(base, head);
    expect(before).toMatch(/^[0-9a-f]{64}$/u);
    expect(await mirror.patch(base, base)).toBeNull();
    upstream.git("switch", "--quiet", "topic");
    upstream.git("rebase", "--quiet", "main");
    const rebased = upstream.git("rev-parse", "topic");
    upstream.git("config", "uploadpack.allowAnySHA1InWant", "true");
    await mirror.keep(7, [rebased]);
    expect(await mirror.patch(base, rebased)).toBe(before);
    expect(rebased).not.toBe(head);
  });
});

describe("lanes of a rollout", () => {
  it("are asked where they are in one question, with the default branch", async () => {
    upstream.git("branch", "production_canary", base);
    expect(await mirror.heads(["production_canary", "main", "gone"])).toEqual({
      defaultBranch: "refs/heads/main",
      tip: tip(),
      tips: new Map([
        ["production_canary", base],
        ["main", tip()],
        ["gone", null],
      ]),
    });
    // One whose name another's ends with is another.
    upstream.git("branch", "old/production_lon", base);
    expect((await mirror.heads(["production_lon"])).tips.get("production_lon")).toBeNull();
  });

  it("go back, too, from where they are expected and from nowhere else", async () => {
    upstream.git("branch", "production_canary", base);
    const older = upstream.git("rev-parse", `${base}^`);
    await mirror.tipOf("main");
    const back = { branch: "production_canary", expected: base, commit: older };
    expect(await mirror.push(back)).toEqual({ kind: "merged", sha: older });
    expect(await mirror.push({ ...back, commit: tip() })).toMatchObject({ kind: "refused", reason: "base-moved" });
    expect(upstream.git("rev-parse", "production_canary")).toBe(older);
  });

  it("hear of reverts by what the messages of a step say, those of a merge's other side too", async () => {
    const direct = upstream.commit({ a: "direct\n" }, `Revert "x"\n\nThis reverts commit ${base}.`);
    upstream.git("switch", "--quiet", "-c", "revert-7");
    upstream.commit({ b: "1\n" }, `Revert "y"\n\nThis reverts commit ${direct}, reversing\nchanges made to ${base}.`);
    upstream.git("switch", "--quiet", "main");
    upstream.git("merge", "--quiet", "--no-ff", "-m", "Merge pull request #8", "revert-7");
    upstream.commit({ c: "1\n" }, `Not so: This reverts commit ${base} in the middle of a line`);
    const { steps } = await mirror.lineOf("main", base);
    expect(await Promise.all((steps ?? []).map((step) => mirror.revertsOf(step)))).toEqual([[base], [direct], []]);
  });
});
