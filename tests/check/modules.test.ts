import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type Remote, serveGit } from "../git/remote.ts";
import { check, clone, type Files, folder, git, outcomes, reasonOf, small } from "./stage.ts";

let top: string;
let remote: Remote;
const commits: Record<string, string> = {};

/** A module `clock` with a second commit that changes a resource and a file that it serves. */
beforeAll(async () => {
  top = mkdtempSync(join(tmpdir(), "puppet-gate-modules-check-"));
  const work = join(top, "work");
  for (const path of ["manifests", "files"]) mkdirSync(join(work, path), { recursive: true });
  git(work, "init", "-q");
  const version = (name: string, server: string): void => {
    writeFileSync(
      join(work, "manifests/init.pp"),
      `class clock {\n  notify { 'asks ${server}': }\n  file { '/etc/clock': source => 'puppet:///modules/clock/conf' }\n}\n`,
    );
    writeFileSync(join(work, "files/conf"), `server ${server}\n`);
    git(work, "add", "-A");
    git(work, "commit", "-q", "-m", `Ask ${server}`);
    commits[name] = git(work, "rev-parse", "HEAD");
  };
  version("one", "a.example");
  version("two", "b.example");
  mkdirSync(join(top, "served"));
  git(top, "clone", "-q", "--bare", "work", "served/clock.git");
  remote = await serveGit(join(top, "served"), null);
});
afterAll(async () => {
  await remote.close();
  rmSync(top, { recursive: true });
});

const puppetfile = (point: string): string => `mod 'clock',\n  git: '${remote.url}/clock.git',\n  ${point}\n`;
const base = (point: string, sources = [`${remote.url}/*`]): Files => ({
  ...small,
  "manifests/site.pp": "node 'web01.example.com' {\n  include clock\n}\nnode 'db01.example.com' {\n  include profile::motd\n}\n",
  ".github/puppet-gate.yml": `version: 1\nmodules: {sources: ${JSON.stringify(sources)}}\n`,
  Puppetfile: puppetfile(point),
});
const checked = (before: Files, after: Files) => check(clone(before, after), "--module-cache", join(top, "cache"));

describe("modules that a Puppetfile names are had from where the policy of base lets them be", () => {
  test("a changed pin is compiled with each side's own, and its own difference is shown", async () => {
    const result = await checked(base(`commit: '${commits["one"]}'`), { Puppetfile: puppetfile(`commit: '${commits["two"]}'`) });
    expect(outcomes(result)).toEqual({ "web01.example.com": "changed", "db01.example.com": "unchanged" });
    expect(reasonOf(result, "modules")).toEqual({ outcome: "pass", text: "every module that is named is there" });
    const { groups, findings, modules } = result.report;
    expect(groups.map(({ change, type, title }) => `${change} ${type}[${title}]`).toSorted()).toEqual([
      "added Notify[asks b.example]",
      "changed File[/etc/clock]",
      "removed Notify[asks a.example]",
    ]);
    expect(groups.find(({ type }) => type === "File")).toMatchObject({ before: "server a.example\n", after: "server b.example\n" });
    expect(modules).toEqual([
      {
        name: "clock",
        before: commits["one"]?.slice(0, 10),
        after: commits["two"]?.slice(0, 10),
        line: 1,
        commits: { ahead: 1, behind: 0, subjects: ["Ask b.example"] },
        files: [
          { path: "files/conf", status: "modified" },
          { path: "manifests/init.pp", status: "modified" },
        ],
        moreFiles: 0,
        published: true,
      },
    ]);
    expect(findings).toContainEqual(
      expect.objectContaining({
        check: "modules",
        path: "Puppetfile",
        line: 1,
        message: expect.stringMatching(
          /^clock .* -> .*: 1 commit more, 2 files of it change, a branch or tag of its upstream has the new commit$/,
        ),
      }),
    );
    expect(result.code).toBe(2);
  });

  test("addresses that head alone allows are not asked", async () => {
    const after = { ".github/puppet-gate.yml": `version: 1\nmodules: {sources: ["${remote.url}/*"]}\n` };
    const asked = remote.requests.length;
    const result = await checked(base("branch: 'main'", ["https://nowhere.example/*"]), after);
    expect(remote.requests.length).toBe(asked);
    expect(reasonOf(result, "modules")).toEqual({
      outcome: "unknown",
      text: expect.stringMatching(/^clock can't be had, .* the policy of base does not let .* be asked\. Add it to `modules\.sources`/),
    });
    expect(result.code).toBe(1);
  });

  test("what a module's folder in the work tree holds is not taken in its place", async () => {
    const repo = clone(
      { ...base(`commit: '${commits["one"]}'`), ".gitignore": "modules\n" },
      { "data/common.yaml": "---\nprofile::motd::text: other\n" },
    );
    mkdirSync(join(repo, "modules/clock/manifests"), { recursive: true });
    writeFileSync(join(repo, "modules/clock/manifests/init.pp"), "class clock { fail('of the work tree') }\n");
    const result = await check(repo, "--module-cache", folder());
    expect(outcomes(result)).toEqual({ "web01.example.com": "unchanged", "db01.example.com": "changed" });
  });
});
