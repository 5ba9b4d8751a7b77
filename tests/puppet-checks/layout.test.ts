import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { EnvironmentLayout, LayoutRequest } from "../../src/engine/ports/environment.ts";
import type { Problem } from "../../src/problem.ts";
import { findLayout } from "../../src/puppet/layout.ts";

const request: LayoutRequest = { environment: "production", modulepath: null, manifest: null, worktree: null };

const layoutOf = async (files: readonly string[], conf: string | null, asked: Partial<LayoutRequest> = {}): Promise<EnvironmentLayout> =>
  findLayout(
    {
      paths: conf === null ? files : [...files, "environment.conf"],
      read: async (path) => (path === "environment.conf" && conf !== null ? Buffer.from(conf) : null),
    },
    { ...request, ...asked },
  );

/** The module path in one line: tree folders as they are, others with their modules. */
const told = ({ modulepath }: EnvironmentLayout): string[] =>
  modulepath.map((entry) =>
    entry.in === "tree" ? entry.path : `${entry.folder} ${entry.only === null ? "all" : `[${entry.only.join(" ")}]`}`,
  );

const usual = ["manifests/site.pp", "modules/ntp/manifests/init.pp", "site-modules/role/manifests/init.pp", "site/x/manifests/init.pp"];

interface Case {
  name: string;
  files?: string[];
  conf?: string;
  asked?: Partial<LayoutRequest>;
  modulepath: string[];
  manifest?: string;
}

const cases: Case[] = [
  { name: "nothing said", modulepath: ["modules"] },
  {
    name: "a usual environment.conf",
    conf: "# ours\nmodulepath = site-modules:modules:$basemodulepath\nconfig_version = 'scripts/run.sh'\nenvironment_timeout = 0\n",
    modulepath: ["site-modules", "modules"],
  },
  {
    name: "quotation marks, dots, slashes, doubles, braces around a variable",
    conf: 'modulepath="./site-modules/:modules::${basemodulepath}:modules"\n',
    modulepath: ["site-modules", "modules"],
  },
  {
    name: "the first of two settings, and none of another section",
    conf: "[other]\nmodulepath = site\n[main]\nmodulepath = modules\nmodulepath = site\n",
    modulepath: ["modules"],
  },
  { name: "CRLF", conf: "modulepath = modules\r\nmanifest = manifests\r\n", modulepath: ["modules"] },
  { name: "folders that the tree does not have", conf: "modulepath = dist:modules\n", modulepath: ["modules"] },
  { name: "no module folder at all", files: ["manifests/site.pp"], modulepath: [] },
  {
    name: "where the server has this environment",
    conf: "modulepath = $environmentpath/$environment/site:$codedir/environments/production/modules:/etc/puppetlabs/code/environments/production/site-modules\n",
    modulepath: ["site", "modules", "site-modules"],
  },
  { name: "patterns", conf: "modulepath = s*:m?dules:*.d\n", modulepath: ["site", "site-modules", "modules"] },
  {
    name: "the root",
    files: ["ntp/manifests/init.pp", "site.pp"],
    conf: "modulepath = .\nmanifest = site.pp\n",
    modulepath: ["."],
    manifest: "site.pp",
  },
  {
    name: "a manifest of its own",
    files: [...usual, "nodes/a.pp"],
    conf: "manifest = ./nodes/\n",
    modulepath: ["modules"],
    manifest: "nodes",
  },
  {
    name: "a manifest as asked for",
    files: [...usual, "nodes/a.pp"],
    conf: "manifest = missing.pp\n",
    asked: { manifest: "nodes/a.pp" },
    modulepath: ["modules"],
    manifest: "nodes/a.pp",
  },
  {
    name: "a module path as asked for",
    conf: "modulepath = modules\n",
    asked: { modulepath: ["site-modules:./site/", "modules"] },
    modulepath: ["site-modules", "site", "modules"],
  },
  {
    name: "one asked for that only the comparison's other tree has",
    files: ["manifests/site.pp", "modules/ntp/x"],
    asked: { modulepath: ["site", "modules"], versioned: usual },
    modulepath: ["modules"],
  },
];

describe("findLayout", () => {
  it.each(cases)("$name", async ({ files = usual, conf = null, asked = {}, modulepath, manifest = "manifests" }) => {
    const layout = await layoutOf(files, conf, asked);
    expect({ name: layout.name, manifest: layout.manifest, modulepath: told(layout) }).toEqual({
      name: "production",
      manifest,
      modulepath,
    });
  });

  it("knows the environment by another name", async () => {
    const layout = await layoutOf(usual, "modulepath = $environmentpath/testing/site\n", { environment: "testing" });
    expect([layout.name, ...told(layout)]).toEqual(["testing", "site"]);
  });
});

interface Refusal {
  name: string;
  files?: string[];
  conf?: string;
  asked?: Partial<LayoutRequest>;
  code: string;
  text: string;
  hint?: string;
}

const refusals: Refusal[] = [
  {
    name: "no manifest",
    files: ["README.md"],
    code: "no-main-manifest",
    text: "There is no main manifest: the tree has no manifests in the folder manifests (usually manifests/site.pp).",
  },
  {
    name: "an environment below the root",
    files: ["puppet/environment.conf", "puppet/manifests/site.pp", "README.md"],
    code: "environment-below-root",
    text: "The environment of this repository lies in puppet/ (its environment.conf is there), and a check takes a repository's root for it.",
    hint: "Check that folder's commits alone: `B=$(git commit-tree -m base BASE:puppet); H=$(git commit-tree -m head -p $B HEAD:puppet)`, then --base $B --head $H.",
  },
  {
    name: "one of several below the root",
    files: ["a/environment.conf", "a/manifests/site.pp", "b/environment.conf"],
    code: "no-main-manifest",
    text: "There is no main manifest: the tree has no manifests in the folder manifests (usually manifests/site.pp).",
  },
  {
    name: "a folder without manifests",
    files: ["manifests/README.md"],
    code: "no-main-manifest",
    text: "There is no main manifest: the tree has no manifests in the folder manifests (usually manifests/site.pp).",
  },
  {
    name: "a manifest that is not there",
    conf: "\nmanifest = nodes/site.pp\n",
    code: "no-main-manifest",
    text: "There is no main manifest: the tree has no nodes/site.pp (environment.conf, line 2).",
  },
  {
    name: "an asked-for one that is not there",
    asked: { manifest: "../site.pp" },
    code: "no-main-manifest",
    text: "There is no main manifest: the tree has no ../site.pp (as asked for).",
  },
  {
    name: "an absolute path",
    conf: "modulepath = modules:/opt/modules\n",
    code: "outside-the-tree",
    text: 'environment.conf, line 1: modulepath has "/opt/modules", which is outside the repository.',
    hint: "Give --modulepath modules,DIR, where DIR is a folder on this machine with those modules, or say what to take instead as `modulepath` under `compile` in .github/puppet-gate.yml, or in a file given with --config.",
  },
  {
    name: "a path upwards",
    conf: "modulepath = ../shared:modules\n",
    code: "outside-the-tree",
    text: 'environment.conf, line 1: modulepath has "../shared", which is outside the repository.',
  },
  {
    name: "a path down and upwards",
    conf: "manifest = manifests/../../x.pp\n",
    code: "outside-the-tree",
    text: 'environment.conf, line 1: manifest has "manifests/../../x.pp", which is outside the repository.',
  },
  {
    name: "another environment",
    conf: "modulepath = $environmentpath/other/modules\n",
    code: "outside-the-tree",
    text: 'environment.conf, line 1: modulepath has "$environmentpath/other/modules", which is outside the repository.',
  },
  {
    name: "another variable",
    conf: "modulepath = $vardir/modules\n",
    code: "outside-the-tree",
    text: 'environment.conf, line 1: modulepath has "$vardir/modules", which is outside the repository.',
  },
  {
    name: "a line that is none",
    conf: "modulepath = modules\nnonsense\n",
    code: "environment-conf",
    text: "environment.conf, line 2, is neither a setting (NAME = VALUE), a section, nor a comment.",
  },
  {
    name: "braces",
    conf: "modulepath = {site,modules}\n",
    code: "environment-conf",
    text: 'environment.conf, line 1: modulepath has "{site,modules}", which is not a path.',
  },
  {
    name: "a file without end",
    conf: "#".repeat(70_000),
    code: "environment-conf",
    text: "environment.conf has more than 64 KiB, and is not read.",
  },
  {
    name: "an asked-for folder that is nowhere",
    asked: { modulepath: ["modules", "missing"] },
    code: "missing-module-folder",
    text: "The module path names missing, which is no folder of the tree, and none of this machine that can be read.",
  },
  {
    name: "an asked-for folder that is nowhere on this machine",
    asked: { modulepath: ["/nonexistent/x"] },
    code: "missing-module-folder",
    text: "The module path names /nonexistent/x, which is no folder of the tree, and none of this machine that can be read.",
  },
  {
    name: "an environment.conf that is a link",
    files: [...usual, "environment.conf"],
    code: "environment-conf",
    text: "environment.conf is not a regular file of the tree: a symlink, perhaps, and links of a tree are not followed.",
  },
  {
    name: "an environment with a name that leads elsewhere",
    asked: { environment: "../x" },
    code: "environment-name",
    text: '"../x" is no name of a Puppet environment.',
  },
];

describe("findLayout refuses", () => {
  it.each(refusals)("$name", async ({ files = usual, conf = null, asked = {}, code, text, hint }) => {
    const problem = (await layoutOf(files, conf, asked).catch((error: unknown) => error)) as Problem;
    expect([problem.code, problem.text]).toEqual([code, text]);
    expect(problem.hint).toMatch(/^[A-Z].*\.$/);
    expect(problem.hint).toBe(hint ?? problem.hint);
  });

  it("to take long over a pattern with many stars", async () => {
    const folder = `${"a".repeat(200)}b`;
    const layout = await layoutOf([...usual, `${folder}/x`], `modulepath = ${"*a".repeat(60)}*c\n`);
    expect(layout.modulepath).toEqual([]);
  });
});

describe("findLayout, in a clone", () => {
  let worktree = "";
  beforeEach(async () => {
    worktree = await realpath(await mkdtemp(join(tmpdir(), "layout-")));
    for (const folder of ["modules/apache/manifests", "modules/ntp", "modules/not-a-module", "modules/.git", "other"]) {
      await mkdir(join(worktree, folder), { recursive: true });
    }
    await writeFile(join(worktree, "modules/file"), "");
    await symlink("/etc", join(worktree, "modules/linked"));
    await symlink("modules", join(worktree, "site"));
  });
  afterEach(async () => rm(worktree, { recursive: true }));

  it("takes the modules that git does not know from the work tree, right behind the tree's own", async () => {
    const layout = await layoutOf(usual, "modulepath = modules:site-modules\n", { worktree });
    expect(told(layout)).toEqual(["modules", `${worktree}/modules [apache]`, "site-modules"]);
  });

  it("takes them where the tree has no such folder at all", async () => {
    expect(told(await layoutOf(["manifests/site.pp"], null, { worktree }))).toEqual([`${worktree}/modules [apache ntp]`]);
  });

  it("never takes what another tree has, or git's index", async () => {
    const layout = await layoutOf(["manifests/site.pp"], null, { worktree, versioned: ["modules/apache/manifests/init.pp"] });
    expect(told(layout)).toEqual([`${worktree}/modules [ntp]`]);
  });

  it("follows no link", async () => {
    expect(told(await layoutOf(["manifests/site.pp"], "modulepath = site\n", { worktree }))).toEqual([]);
  });

  it("takes folders of this machine that are asked for, relative to the clone or absolute", async () => {
    const layout = await layoutOf(usual, null, { worktree, modulepath: ["other", join(worktree, "other"), tmpdir()] });
    expect(told(layout)).toEqual([`${worktree}/other all`, `${tmpdir()} all`]);
  });

  it("takes a folder of the clone that the tree has for the tree's", async () => {
    const layout = await layoutOf(usual, null, { worktree, modulepath: [join(worktree, "modules/")] });
    expect(told(layout)).toEqual(["modules", `${worktree}/modules [apache]`]);
  });
});
