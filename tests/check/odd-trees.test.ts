import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { check, checkAlone, clone, git, outcomes, reasonOf, small, write } from "./stage.ts";

const web01 = "web01.example.com";
const db01 = "db01.example.com";

/** Verdicts on repositories that are laid out in a way of their own. */
describe("a check of a small control repo", { timeout: 120_000 }, () => {
  it("case 66: checks the merge result, not the head: what base did meanwhile is no change of this one", async () => {
    const repo = clone(small, { "site/profile/templates/web.conf.erb": "listen 8080\n" });
    git(repo, "switch", "-q", "main");
    write(repo, { "data/common.yaml": "---\nprofile::motd::text: meanwhile\n" });
    git(repo, "commit", "-qam", "other");
    const ran = await checkAlone(repo, "--head", "change");
    expect(ran.report.groups.map(({ title }) => title)).toEqual(["/etc/web.conf"]);
    expect(ran.code).toBe(2);
  });

  it("does not let a submodule pass that nobody looked into", async () => {
    const repo = clone(small, {});
    git(repo, "update-index", "--add", "--cacheinfo", `160000,${git(repo, "rev-parse", "HEAD")},modules/ntp`);
    git(repo, "commit", "-qm", "submodule");
    const ran = await check(repo);
    expect(reasonOf(ran, "syntax")).toEqual({ outcome: "fail", text: expect.stringMatching(/^modules\/ntp: a submodule: /u) });
  });

  it("case 43: finds no difference where a served file's bytes move into the manifest", async () => {
    const head = String(small["site/profile/manifests/web.pp"]).replace("source => 'puppet:///modules/profile/logo'", 'content => "*\\n"');
    const ran = await checkAlone(clone(small, { "site/profile/manifests/web.pp": head }));
    expect(ran.report.groups).toEqual([]);
    expect(ran.code).toBe(0);
  });

  it("reads no object that a manifest names by what looks like a digest", async () => {
    const manifest =
      "# @summary Web\nclass profile::web {\n  notify { 'n':\n    message => { 'sha256' => 'git:zzz', 'size' => 1 },\n  }\n}\n";
    const ran = await check(clone(small, { "site/profile/manifests/web.pp": manifest }));
    expect(ran.report.groups).toContainEqual(
      expect.objectContaining({ type: "Notify", after: { message: { sha256: "git:zzz", size: 1 } } }),
    );
  });

  it("takes resolved modules from the clone's top, wherever in it one stands", async () => {
    const base = { ...small, ".gitignore": "/modules\n", Puppetfile: "mod 'acme-motd', '1.0.0'\n" };
    const repo = clone(base, { "data/common.yaml": "---\nprofile::motd::text: x\n" });
    write(repo, { "modules/motd/manifests/init.pp": "class motd { }\n" });
    expect(reasonOf(await check(join(repo, "site", "profile")), "modules").outcome).toBe("pass");
  });

  it("does not take a symlink for code", async () => {
    const repo = clone(small, {});
    symlinkSync("/etc/passwd", join(repo, "site/profile/manifests/linked.pp"));
    git(repo, "add", "-A");
    git(repo, "commit", "-qm", "link");
    const ran = await check(repo);
    expect(reasonOf(ran, "syntax")).toEqual({
      outcome: "fail",
      text: "site/profile/manifests/linked.pp: a symlink in the place of code: nobody looks behind it, so put the file itself here",
    });
  });

  it("takes uncommitted work with --head worktree, and says null for its sha", async () => {
    const repo = clone(small, {});
    write(repo, { "data/common.yaml": "---\nprofile::motd::text: uncommitted\n" });
    const [status, objects] = [git(repo, "status", "--porcelain"), git(repo, "count-objects")];
    const ran = await check(repo, "--head", "worktree");
    expect(ran.report.head).toEqual({ ref: "worktree", sha: null });
    expect(outcomes(ran)).toEqual({ [web01]: "changed", [db01]: "changed" });
    expect(git(repo, "status", "--porcelain")).toBe(status);
    expect(git(repo, "count-objects")).toBe(objects);
  });

  it("finds modules that r10k resolved beside the tree", async () => {
    const resolved = { "modules/motd/manifests/init.pp": "class motd {\n  notify { 'resolved': }\n}\n" };
    const base = { ...small, ".gitignore": "/modules\n", Puppetfile: "mod 'acme-motd', '1.0.0'\n" };
    const repo = clone(base, { "manifests/site.pp": "node default {\n  include motd\n}\n" });
    const before = await check(repo);
    expect(reasonOf(before, "modules")).toEqual({
      outcome: "unknown",
      text: "the Puppetfile names motd, not found in the module path: say under `modules.sources` in the policy where they may be fetched from, resolve them first (r10k puppetfile install), or give --modulepath",
    });
    write(repo, resolved);
    const after = await check(repo);
    expect(reasonOf(after, "modules").outcome).toBe("pass");
    expect(after.report.groups).toContainEqual(expect.objectContaining({ type: "Notify", title: "resolved", change: "added" }));
  });
});
