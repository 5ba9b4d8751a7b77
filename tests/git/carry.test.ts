import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Carry } from "../../src/gate/facts.ts";
import { compareHeads } from "../../src/git/carry.ts";
import { makeScratch, removeScratch, type Scratch } from "../../src/git/scratch.ts";
import { findSource } from "../../src/git/source.ts";
import { type Repo, World } from "./world.ts";

/** What git itself says of a reviewed head and the one after it: nobody's word is taken for it. */
let world: World;
let repo: Repo;
let scratch: Scratch;

const lines = (...names: string[]): string => names.map((name) => `${name}\n`).join("");
const site = lines("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve");

beforeEach(async () => {
  world = new World();
  repo = world.repo();
  repo.commit({ "site.pp": site, "other.pp": "" }, "begin");
  scratch = await makeScratch(await findSource(repo.folder));
});
afterEach(async () => {
  await removeScratch(scratch);
  await world.end();
});

const oid = (name: string): string => repo.git("rev-parse", name);
/** A change of one line in `topic`, in two commits; gives the pair that was reviewed. */
function review(): { base: string; head: string } {
  repo.branch("topic", "main").commit({ "site.pp": site.replace("two", "TWO") }, "say it louder");
  repo.commit({ "new.pp": "class new { }\n" }, "and more");
  return { base: oid("main"), head: oid("topic") };
}
const onMain = (files: Record<string, string>): string => {
  repo.git("switch", "--quiet", "main");
  const sha = repo.commit(files, "somebody else's");
  repo.git("switch", "--quiet", "topic");
  return sha;
};
const onMainFirst = (files: Record<string, string>): void => {
  repo.git("switch", "--quiet", "main");
  repo.commit(files, "what base loses again");
};
const now = (): { base: string; head: string } => ({ base: oid("main"), head: oid("topic") });
const compared = (from: { base: string; head: string }): Promise<Carry> => compareHeads(scratch, from, now());

describe("what becomes of a reviewed head", () => {
  it("case 31: another line is a change", async () => {
    const from = review();
    repo.commit({ "site.pp": site.replace("two", "ZWEI") }, "in German");
    expect(await compared(from)).toMatchObject({ kind: "changed", why: expect.stringMatching(/^commit [0-9a-f]{10} came on top of it$/u) });
  });

  it("case 33: a force-push back to the reviewed commit changes nothing", async () => {
    const from = review();
    repo.commit({ "site.pp": site }, "never mind");
    repo.git("reset", "--quiet", "--hard", from.head);
    expect(await compared(from)).toEqual({ kind: "NO_CHANGE" });
    onMain({ "other.pp": "x\n" });
    expect(await compared(from)).toEqual({ kind: "NO_CHANGE" });
  });

  it("case 37: a merge of base is not kept where base went back behind where the change began", async () => {
    const before = oid("main");
    onMainFirst({ "bad.sh": "rm -rf /srv\n" });
    const from = review();
    onMain({ "other.pp": "x\n" });
    repo.git("merge", "--quiet", "--no-edit", "main");
    expect(await compared(from)).toEqual({ kind: "CLEAN_BASE_MERGE" });
    repo.git("branch", "--force", "main", before);
    expect(await compared(from)).toMatchObject({ kind: "changed" });
  });

  it("case 34: a rebase that only moves the patch is kept", async () => {
    const from = review();
    onMain({ "site.pp": site.replace("twelve", "TWELVE"), "other.pp": "x\n" });
    repo.git("rebase", "--quiet", "main");
    expect(await compared(from)).toEqual({ kind: "TRIVIAL_REBASE" });
  });

  it("case 34: a rebase onto other lines around the patch is not", async () => {
    const from = review();
    onMain({ "site.pp": site.replace("five", "FIVE") });
    repo.git("rebase", "--quiet", "main");
    expect(await compared(from)).toEqual({ kind: "changed", why: "the patch is not the one that was reviewed" });
  });

  it("case 34: a rebase with a conflict that somebody resolved is not", async () => {
    const from = review();
    const main = onMain({ "site.pp": site.replace("two", "deux") });
    repo.git("reset", "--quiet", "--hard", "main");
    repo.commit({ "site.pp": site.replace("two", "TWO"), "new.pp": "class new { }\n" }, "say it louder");
    expect(await compared(from)).toMatchObject({ kind: "changed" });
    // The same patch by text, on a base where git would not have come to it.
    repo.git("reset", "--quiet", "--hard", main);
    expect(await compared(from)).toMatchObject({ kind: "changed" });
  });

  it("case 34: blanks are part of the patch", async () => {
    const from = review();
    onMain({ "other.pp": "x\n" });
    repo.git("rebase", "--quiet", "main");
    repo.git("reset", "--quiet", "--soft", "main");
    repo.commit({ "new.pp": "class  new { }\n" }, "and more");
    expect(await compared(from)).toEqual({ kind: "changed", why: "the patch is not the one that was reviewed" });
  });

  it("case 34: the same patch with another file slipped in beside it is not kept", async () => {
    const from = review();
    onMain({ "other.pp": "x\n" });
    repo.git("rebase", "--quiet", "main");
    repo.commit({ "other.pp": "y\n" }, "and more");
    expect(await compared(from)).toMatchObject({ kind: "changed" });
  });

  it("case 34: a mode that changes is part of the patch", async () => {
    const from = review();
    repo.git("reset", "--quiet", "--soft", "main");
    repo.git("update-index", "--chmod=+x", "new.pp");
    repo.git("commit", "--quiet", "-m", "executable");
    expect(await compared(from)).toEqual({ kind: "changed", why: "the patch is not the one that was reviewed" });
  });

  it("case 35: other words about the same content are a kind of their own", async () => {
    const from = review();
    repo.git("commit", "--quiet", "--amend", "-m", "and more, said better");
    expect(await compared(from)).toEqual({ kind: "MESSAGE_ONLY" });
  });

  it("case 35: the same commits made anew with the same words are no change", async () => {
    const from = review();
    repo.git("-c", "user.email=bob@example.com", "commit", "--quiet", "--amend", "--no-edit", "--date=2001-01-01T00:00:00Z");
    expect(oid("topic")).not.toBe(from.head);
    expect(await compared(from)).toEqual({ kind: "NO_CHANGE" });
  });

  it("case 36: a squash to the same tree on the same base is kept", async () => {
    const from = review();
    repo.git("reset", "--quiet", "--soft", "main");
    repo.git("commit", "--quiet", "-m", "say it louder, and more");
    expect(await compared(from)).toEqual({ kind: "MESSAGE_ONLY" });
  });

  it("case 37: a merge of base that git makes by itself is kept, and a second one on top of it", async () => {
    const from = review();
    onMain({ "site.pp": site.replace("twelve", "TWELVE") });
    repo.git("merge", "--quiet", "--no-edit", "main");
    expect(await compared(from)).toEqual({ kind: "CLEAN_BASE_MERGE" });
    onMain({ "other.pp": "x\n" });
    repo.git("merge", "--quiet", "--no-edit", "main");
    onMain({ "other.pp": "later\n" });
    expect(await compared(from)).toEqual({ kind: "CLEAN_BASE_MERGE" });
  });

  it("case 37: a merge of base with something slipped into it is not", async () => {
    const from = review();
    onMain({ "site.pp": site.replace("twelve", "TWELVE") });
    repo.git("merge", "--quiet", "--no-commit", "main");
    repo.commit({ "evil.pp": "class evil { }\n" }, "Merge branch 'main' into topic");
    expect(await compared(from)).toMatchObject({ kind: "changed", why: expect.stringContaining("has other files than git makes of it") });
  });

  it("case 37: a merge of base whose conflict somebody resolved is not", async () => {
    const from = review();
    onMain({ "site.pp": site.replace("two", "deux") });
    repo.git("merge", "--quiet", "-X", "ours", "--no-edit", "main");
    expect(await compared(from)).toMatchObject({ kind: "changed", why: expect.stringContaining("had conflicts that somebody resolved") });
  });

  it("case 37: a merge of anything else than base is not", async () => {
    const from = review();
    repo.branch("stranger", "main").commit({ "strange.pp": "" });
    repo.git("switch", "--quiet", "topic");
    repo.git("merge", "--quiet", "--no-edit", "stranger");
    expect(await compared(from)).toMatchObject({ kind: "changed" });
  });

  it("case 40: a merge base that moves is a change, though no byte of the head did", async () => {
    const from = review();
    repo.git("switch", "--quiet", "main");
    repo.git("merge", "--quiet", "--ff-only", "topic~1");
    expect(await compared(from)).toEqual({ kind: "changed", why: "the merge base moved, and with it what the change adds" });
  });

  it("case 39: a branch retargeted to a base without the patch's surroundings is a change", async () => {
    const from = review();
    repo.git("switch", "--quiet", "--orphan", "elsewhere");
    repo.commit({ "site.pp": "other\n" }, "another beginning");
    const to = { base: oid("elsewhere"), head: from.head };
    expect(await compareHeads(scratch, from, to)).toEqual({ kind: "changed", why: "it has no commit in common with the base branch" });
  });

  it("says of a reviewed commit that is gone that it is", async () => {
    const from = review();
    const gone = { ...from, head: "9".repeat(40) };
    expect(await compareHeads(scratch, gone, now())).toEqual({ kind: "changed", why: "the reviewed commit is no longer there" });
  });

  it("does not choose where there is more than one merge base", async () => {
    const from = review();
    repo.git("switch", "--quiet", "main");
    const [first] = [repo.commit({ "other.pp": "x\n" })];
    repo.git("merge", "--quiet", "--no-edit", "topic~1");
    repo.git("switch", "--quiet", "topic");
    repo.git("merge", "--quiet", "--no-edit", first);
    expect(await compared(from)).toMatchObject({ kind: "changed", why: expect.stringContaining("more than one merge base") });
  });
});
