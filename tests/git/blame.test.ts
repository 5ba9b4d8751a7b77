import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Mirror, openMirror } from "../../src/git/mirror.ts";
import { type Remote, serveGit } from "./remote.ts";
import { type Repo, World } from "./world.ts";

/** Who wrote a line of a release, and what takes it back, on real git. */
let world: World;
let upstream: Repo;
let remote: Remote;
let mirror: Mirror;
let good: string;

const base = { "manifests/site.pp": "class a {\n  file { '/a':\n    mode => '0644',\n  }\n}\n", Puppetfile: "mod 'nginx', '1.0.0'\n" };

beforeEach(async () => {
  world = new World();
  upstream = world.repo("upstream.git");
  good = upstream.commit(base, "begin");
  remote = await serveGit(world.folder, null);
  mirror = await openMirror({ url: `${remote.url}/upstream.git`, folder: world.path("mirror"), credentials: async () => null });
});
afterEach(async () => {
  await mirror.close();
  await remote.close();
  await world.end();
});

const blamed = async (path: string, to: string, after = good): Promise<(string | null)[] | null> => {
  await mirror.fetch(["refs/heads/main:refs/heads/main"]);
  return (await mirror.blame({ after, to }, path))?.map(({ commit }) => commit) ?? null;
};
/** A pull request of two commits, merged. */
function merged(branch: string, files: Record<string, string | null>): string {
  upstream.branch(branch).commit({ [`docs/${branch}`]: "begun\n" });
  upstream.commit(files, `work of ${branch}`);
  upstream.git("switch", "--quiet", "main");
  upstream.git("merge", "--quiet", "--no-ff", "--no-edit", branch);
  return upstream.git("rev-parse", "main");
}
const edited = (from: string, to: string): Record<string, string> => ({
  "manifests/site.pp": base["manifests/site.pp"].replace(from, to),
});

describe("who wrote a line", () => {
  it("is the commit of the branch's own line that landed it, and nobody for lines that are older", async () => {
    const first = merged("mode", edited("0644", "0600"));
    const second = upstream.commit({ "manifests/site.pp": `${edited("0644", "0600")["manifests/site.pp"]}# end\n` });
    expect(await blamed("manifests/site.pp", second)).toEqual([null, null, first, null, null, second]);
    expect(await blamed("manifests/site.pp", second, first)).toEqual([null, null, null, null, null, second]);
  });

  it("is found under a file's new name", async () => {
    const first = upstream.commit(edited("0644", "0600"));
    const second = upstream.commit({
      "manifests/site.pp": null,
      "manifests/nodes.pp": edited("0644", "0600")["manifests/site.pp"] ?? "",
    });
    expect(await blamed("manifests/nodes.pp", second)).toEqual([null, null, first, null, null]);
    expect(await blamed("manifests/site.pp", second)).toBeNull();
    expect(await mirror.changedIn({ after: good, to: second })).toEqual([
      { commit: first, paths: ["manifests/site.pp"] },
      { commit: second, paths: ["manifests/nodes.pp", "manifests/site.pp"] },
    ]);
  });

  it("is asked of files that are there, and of nothing else that a path can say", async () => {
    upstream.git("config", "core.symlinks", "true");
    const oid = upstream.blob("/etc/passwd");
    upstream.git("update-index", "--add", "--cacheinfo", `120000,${oid},link.pp`);
    upstream.git("commit", "--quiet", "-m", "a link");
    const tip = upstream.git("rev-parse", "main");
    for (const path of ["", ".", "../HEAD", "manifests", "-L", ":(glob)**", "none.pp", "link.pp", '"', '"a\\q"', "a\u202e"])
      expect(await blamed(path, tip)).toBeNull();
    expect(await blamed("Puppetfile", tip)).toEqual([null]);
  });

  it("starts nothing that the repository names, and takes its text as it is", async () => {
    const proof = world.path("it-was-started");
    writeFileSync(join(world.path("mirror"), "config"), `[core]\n\tbare = true\n[diff "evil"]\n\ttextconv = touch ${proof}\n`);
    const tip = upstream.commit({
      ".gitattributes": "* diff=evil filter=evil -text binary\n",
      "a.pp": "one\n\tboundary\nauthor nobody\n0123456789012345678901234567890123456789 1 1 1\n",
    });
    await mirror.fetch(["refs/heads/main:refs/heads/main"]);
    expect(await mirror.blame({ after: good, to: tip }, "a.pp")).toEqual(
      ["one", "\tboundary", "author nobody", "0123456789012345678901234567890123456789 1 1 1"].map((text) => ({ text, commit: tip })),
    );
    expect(existsSync(proof)).toBe(false);
  });

  it("is told with all that a merge brought as one commit", async () => {
    const first = merged("one", { "data/a.yaml": "a: 1\n" });
    const second = merged("two", { Puppetfile: "mod 'nginx', '2.0.0'\n" });
    await mirror.fetch(["refs/heads/main:refs/heads/main"]);
    expect(await mirror.changedIn({ after: good, to: second })).toEqual([
      { commit: first, paths: ["data/a.yaml", "docs/one"] },
      { commit: second, paths: ["Puppetfile", "docs/two"] },
    ]);
  });
});

describe("taking back", () => {
  const request = { message: 'Revert "x"\n\nThis reverts commit y.', signature: { name: "gate[bot]", email: "g@x.example" } };
  const revert = async (bad: string, tip: string): Promise<Awaited<ReturnType<Mirror["makeRevert"]>>> => {
    await mirror.fetch(["refs/heads/main:refs/heads/main"]);
    return mirror.makeRevert({ ...request, base: tip, bad, date: "2026-11-22T12:00:00Z" });
  };
  /** What differs between two commits, where the first is in the mirror alone. */
  const differs = async (from: string, to: string): Promise<string[]> => {
    const [one, other] = [await mirror.treeOf({ ref: from, sha: from, oid: from }), await mirror.treeOf({ ref: to, sha: to, oid: to })];
    return (await mirror.changes(one, other)).map(({ path }) => path);
  };

  it("undoes a merge whole, and leaves what landed since", async () => {
    const bad = merged("bad", { ...edited("0644", "0777"), "data/a.yaml": "a: 1\n" });
    const tip = upstream.commit({ Puppetfile: "mod 'nginx', '2.0.0'\n" });
    const made = await revert(bad, tip);
    if (made.kind !== "made") throw new Error(made.kind);
    expect(await differs(made.commit, good)).toEqual(["Puppetfile"]);
    expect(await differs(made.commit, tip)).toEqual(["data/a.yaml", "docs/bad", "manifests/site.pp"]);
    expect(await revert(bad, tip)).toEqual(made);
  });

  it("says where something was built upon it", async () => {
    const bad = upstream.commit(edited("0644", "0777"));
    const tip = upstream.commit(edited("0644", "0755"));
    expect(await revert(bad, tip)).toEqual({ kind: "conflict", paths: ["manifests/site.pp"] });
  });

  it("has nothing to do where it was taken back already", async () => {
    const bad = upstream.commit(edited("0644", "0777"));
    expect(await revert(bad, upstream.commit(base))).toEqual({ kind: "nothing" });
  });

  it("takes back what took something back", async () => {
    const bad = upstream.commit(edited("0644", "0777"));
    const back = upstream.commit(base);
    const made = await revert(back, back);
    if (made.kind !== "made") throw new Error(made.kind);
    expect(await differs(made.commit, bad)).toEqual([]);
  });

  it("makes no branch that is there, and moves none", async () => {
    const bad = upstream.commit(edited("0644", "0777"));
    for (const [key, value] of [
      ["http.receivepack", "true"],
      ["receive.denyCurrentBranch", "ignore"],
    ] as const)
      upstream.git("config", key, value);
    const made = await revert(bad, bad);
    if (made.kind !== "made") throw new Error(made.kind);
    const push = { branch: "puppet-gate/revert-7", expected: "0".repeat(40), commit: made.commit };
    expect(await mirror.push(push)).toEqual({ kind: "merged", sha: made.commit });
    expect(upstream.git("rev-parse", "puppet-gate/revert-7")).toBe(made.commit);
    upstream.git("branch", "--force", "puppet-gate/revert-7", good);
    expect(await mirror.push(push)).toMatchObject({ kind: "refused", reason: "base-moved" });
    expect(upstream.git("rev-parse", "puppet-gate/revert-7")).toBe(good);
  });
});
