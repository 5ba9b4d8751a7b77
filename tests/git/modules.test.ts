import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { ModuleSource, ResolvedModule, WantedModule } from "../../src/engine/ports/modules.ts";
import { addressOf, isAllowed } from "../../src/git/modules/address.ts";
import { createModuleResolver } from "../../src/git/modules/resolver.ts";
import { type Remote, serveGit } from "./remote.ts";

describe("which addresses a module is asked for at", () => {
  const cases: Array<[written: string, address: string | null]> = [
    ["https://github.com/acme/ntp.git", "https://github.com/acme/ntp.git"],
    ["https://github.com/acme/../evil/ntp.git", "https://github.com/evil/ntp.git"],
    ["https://github.com/acme/%2e%2e/evil/ntp.git", "https://github.com/evil/ntp.git"],
    ["git@github.com:acme/ntp.git", "https://github.com/acme/ntp.git"],
    ["ssh://git@github.com:2222/acme/ntp.git", "https://github.com/acme/ntp.git"],
    ["http://127.0.0.1:8080/ntp.git", "http://127.0.0.1:8080/ntp.git"],
    ["http://git.example.com/ntp.git", null],
    ["https://ann:secret@github.com/acme/ntp.git", null],
    ["https://ann@github.com/acme/ntp.git", null],
    ["file:///etc", null],
    ["/srv/git/ntp.git", null],
    ["../ntp", null],
    ["ext::sh -c touch% /tmp/pwned", null],
    ["git://github.com/acme/ntp.git", null],
    ["-oProxyCommand=evil", null],
    ["https://github.com/acme/ntp.git?x=1", null],
    ["https://git.example.com/acme/..%2fevil%2fntp.git", null],
    ["https://git.example.com/acme/..%5Cevil", null],
    ["https://git.example.com/acme/%252e/evil", "https://git.example.com/acme/%252e/evil"],
  ];
  test.each(cases)("%s", (written, address) => {
    expect(addressOf(written)).toBe(address);
  });

  const allowed: Array<[pattern: string, address: string, expected: boolean]> = [
    ["https://github.com/acme/*", "https://github.com/acme/ntp.git", true],
    ["https://github.com/acme/*", "https://github.com/evil/ntp.git", false],
    ["https://github.com/acme/*", "https://github.com/acme/deep/ntp.git", false],
    ["https://github.com/**", "https://github.com/acme/deep/ntp.git", true],
    ["https://github.com/acme/*", "https://github.com.evil.example/acme/ntp.git", false],
    ["https://forgeapi.puppet.com", "https://forgeapi.puppet.com", true],
    ["!https://github.com/**", "https://evil.example/x", false],
  ];
  test.each(allowed)("%s lets %s: %s", (pattern, address, expected) => {
    expect(isAllowed(address, [[pattern]])).toBe(expected);
    expect(isAllowed(address, [[pattern], ["https://nowhere.example/*"]])).toBe(false);
  });
});

describe("modules from git", () => {
  let folder: string;
  let remote: Remote;
  const commits: Record<string, string> = {};
  const git = (cwd: string, ...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "init.defaultBranch=main", ...args], {
      cwd,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  const commit = (work: string, name: string, text: string): void => {
    writeFileSync(join(work, "manifests/init.pp"), text);
    git(work, "add", "-A");
    git(work, "commit", "-q", "-m", `${name} of it`);
    commits[name] = git(work, "rev-parse", "HEAD");
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "puppet-gate-modules-test-"));
    const work = join(folder, "work");
    mkdirSync(join(work, "manifests"), { recursive: true });
    git(work, "init", "-q");
    symlinkSync("/etc", join(work, "etc"));
    writeFileSync(join(work, ".gitattributes"), "manifests export-ignore\n");
    commit(work, "first", "class ntp { }\n");
    git(work, "tag", "-a", "v1", "-m", "one");
    commit(work, "second", "class ntp { notify { 'two': } }\n");
    git(work, "switch", "-q", "-c", "aside");
    commit(work, "stranger", "class ntp { notify { 'evil': } }\n");
    git(work, "switch", "-q", "main");
    mkdirSync(join(folder, "served"));
    git(folder, "clone", "-q", "--bare", "work", "served/ntp.git");
    // As a fork's commit is in its parent's store: there by its id, and of no branch.
    git(join(folder, "served/ntp.git"), "update-ref", "refs/pull/7/head", commits["stranger"] ?? "");
    git(join(folder, "served/ntp.git"), "branch", "-q", "-D", "aside");
    git(join(folder, "served/ntp.git"), "config", "uploadpack.allowAnySHA1InWant", "true");
    writeFileSync(join(folder, "served/ntp.git/hooks/post-update"), "#!/bin/sh\ntouch /tmp/pwned\n", { mode: 0o755 });
    remote = await serveGit(join(folder, "served"), null);
  });
  afterAll(async () => {
    await remote.close();
    rmSync(folder, { recursive: true });
  });

  const resolver = () => createModuleResolver({ cache: join(folder, "cache"), credentials: async () => null, allowed: null });
  const wanted = (source: ModuleSource): WantedModule => ({ name: "ntp", title: "acme/ntp", line: 1, folder: "modules", source });
  const at = (point: Extract<ModuleSource, { kind: "git" }>["point"]): WantedModule =>
    wanted({ kind: "git", url: `${remote.url}/ntp.git`, point });
  const resolve = (module: WantedModule, sources = [`${remote.url}/*`]): Promise<ResolvedModule> =>
    resolver().resolve(module, null, sources);

  const found: Array<[name: string, point: Extract<ModuleSource, { kind: "git" }>["point"], commit: string, moves: boolean]> = [
    ["a tag", { kind: "tag", name: "v1" }, "first", false],
    ["a branch", { kind: "branch", name: "main" }, "second", true],
    ["a ref that is a tag", { kind: "ref", name: "v1" }, "first", false],
    ["nothing but the default branch", null, "second", true],
  ];
  test.each(found)("%s", async (_, point, name, moves) => {
    const module = await resolve(at(point));
    expect(module).toMatchObject({ ok: true, id: commits[name], moves });
    if (!module.ok) throw new Error(module.text);
    const text = git(join(folder, "work"), "show", `${commits[name]}:manifests/init.pp`);
    expect(readFileSync(join(module.folder, "ntp/manifests/init.pp"), "utf8").trim()).toBe(text);
    expect(module.files.map(({ path, mode }) => `${mode} ${path}`)).toEqual([
      "100644 .gitattributes",
      "120000 etc",
      "100644 manifests/init.pp",
    ]);
    const oid = git(join(folder, "work"), "rev-parse", `${commits[name]}:manifests/init.pp`);
    expect(module.files.at(-1)?.oid).toBe(oid);
  });

  /** A repository whose tree no work tree could hold. */
  const odd = (name: string, tree: (bare: string) => string): string => {
    const bare = join(folder, "served", `${name}.git`);
    git(folder, "init", "-q", "--bare", bare);
    git(bare, "update-ref", "refs/heads/main", git(bare, "commit-tree", "-m", name, tree(bare)));
    return `${remote.url}/${name}.git`;
  };
  const mktree = (cwd: string, lines: string | Buffer): string =>
    execFileSync("git", ["mktree", "-z"], { cwd, input: lines }).toString().trim();

  test("one blob under many names is not written out", async () => {
    const url = odd("bomb", (bare) => {
      const blob = execFileSync("git", ["hash-object", "-w", "--stdin"], { cwd: bare, input: Buffer.alloc(2 ** 20) })
        .toString()
        .trim();
      return mktree(bare, Array.from({ length: 600 }, (_, nth) => `100644 blob ${blob}\tf${nth}\0`).join(""));
    });
    const module = await resolve(wanted({ kind: "git", url, point: { kind: "branch", name: "main" } }));
    expect(module).toMatchObject({
      ok: false,
      text: expect.stringMatching(/has 600 MiB at [0-9a-f]{40}, written out; a module may have 512 MiB/),
    });
  });

  test("a submodule is named, and not fetched", async () => {
    const inside = "5".repeat(40);
    const url = odd("nested", (bare) => {
      const blob = execFileSync("git", ["hash-object", "-w", "--stdin"], { cwd: bare, input: "class nested { }\n" }).toString().trim();
      return mktree(bare, [`160000 commit ${inside}\tdata`, `100644 blob ${blob}\tinit.pp`].map((line) => `${line}\0`).join(""));
    });
    const module = { ...wanted({ kind: "git", url, point: { kind: "branch", name: "main" } }), name: "nested" };
    for (const _ of ["fetched", "from the cache"]) {
      const found = await resolve(module);
      if (!found.ok) throw new Error(found.text);
      expect(found.files.map(({ path, mode, oid }) => `${mode} ${path} ${oid.slice(0, 3)}`).toSorted()).toEqual([
        expect.stringMatching(/^100644 init\.pp /u),
        "160000 data 555",
      ]);
    }
  });

  test("a repository that takes more of the disk than one may is not kept, and one that takes less is", async () => {
    const cache = join(folder, "small-cache");
    const limited = () => createModuleResolver({ cache, credentials: async () => null, allowed: null, mostBytes: 3 * 2 ** 20 });
    const url = odd("huge", (bare) => {
      const blob = execFileSync("git", ["hash-object", "-w", "--stdin"], { cwd: bare, input: randomBytes(8 * 2 ** 20) });
      return mktree(bare, `100644 blob ${blob.toString().trim()}\thuge\0`);
    });
    const huge = wanted({ kind: "git", url, point: { kind: "branch", name: "main" } });
    const [refused, other] = await Promise.all([limited().resolve(huge, null, ["**"]), limited().resolve(at(null), null, ["**"])]);
    expect(refused).toEqual({
      ok: false,
      text: `${url} takes more than 3 MiB to fetch with all its branches and tags, which is what a module's repository may take; the fetch was ended.`,
      hint: expect.stringContaining("vendor the module"),
    });
    expect(other).toMatchObject({ ok: true, id: commits["second"] });
    expect(readdirSync(join(cache, "mirrors"))).toHaveLength(1);
  });

  test("a name that is not UTF-8 is this module's fault, and no fault of the gate", async () => {
    const url = odd("bytes", (bare) => {
      const blob = execFileSync("git", ["hash-object", "-w", "--stdin"], { cwd: bare, input: "x" }).toString().trim();
      return mktree(bare, Buffer.concat([Buffer.from(`100644 blob ${blob}\tf`), Buffer.of(0xff, 0)]));
    });
    const module = await resolve(wanted({ kind: "git", url, point: { kind: "branch", name: "main" } }));
    expect(module).toMatchObject({ ok: false, text: expect.stringContaining("a file whose name is not UTF-8") });
  });

  test("a commit of a branch is kept: asked for again, nobody is", async () => {
    const point = { kind: "commit" as const, name: commits["first"] ?? "" };
    expect(await resolve(at(point))).toMatchObject({ ok: true, id: commits["first"] });
    const before = remote.requests.length;
    expect(await resolve(at(point))).toMatchObject({ ok: true, id: commits["first"], moves: false });
    expect(remote.requests.length).toBe(before);
  });

  const refused: Array<[name: string, module: () => WantedModule, sources: string[] | undefined, text: RegExp]> = [
    [
      "a commit that no branch or tag has",
      () => at({ kind: "commit", name: commits["stranger"] ?? "" }),
      undefined,
      /no branch or tag of .* it may be anybody's, of a fork/,
    ],
    ["a commit that is nowhere", () => at({ kind: "commit", name: "0".repeat(40) }), undefined, /no branch or tag of/],
    ["a branch that is not there", () => at({ kind: "branch", name: "none" }), undefined, /has no branch or tag "none"/],
    ["a branch's name that is an option", () => at({ kind: "branch", name: "--upload-pack=evil" }), undefined, /has no branch or tag/],
    ["an address that nobody allowed", () => at(null), ["https://github.com/**"], /does not let .* be asked/],
    [
      "a repository that is not there",
      () => wanted({ kind: "git", url: `${remote.url}/none.git`, point: null }),
      undefined,
      /does not let this app read/,
    ],
    [
      "a repository whose host is away",
      () => wanted({ kind: "git", url: "http://127.0.0.1:1/none.git", point: null }),
      ["**"],
      /none\.git can't be reached/,
    ],
    [
      "a file of this machine",
      () => wanted({ kind: "git", url: "file:///etc", point: null }),
      ["**"],
      /no address that a module is fetched from/,
    ],
    ["a line that is not understood", () => wanted({ kind: "unknown", why: "it has the option `svn`" }), undefined, /option `svn`/],
  ];
  test.each(refused)("%s is refused, with a way out", async (_, module, sources, text) => {
    const unpublished = /no branch or tag of/u.test(text.source) ? { unpublished: true } : {};
    // Of all of these, only a host may be there again without anybody's doing.
    const passing = /can't be reached/u.test(text.source) ? { passing: true } : {};
    const told = { ok: false, text: expect.stringMatching(text), hint: expect.stringMatching(/\w/), ...unpublished, ...passing };
    expect(await resolve(module(), sources)).toEqual(told);
  });

  test("what came between two commits", async () => {
    const history = (from: string, to: string) => resolver().history(at(null).source, from, to);
    const [first = "", second = ""] = [commits["first"], commits["second"]];
    expect(await history(first, second)).toEqual({ ahead: 1, behind: 0, subjects: ["second of it"] });
    expect(await history(second, first)).toEqual({ ahead: 0, behind: 1, subjects: [] });
  });
});
